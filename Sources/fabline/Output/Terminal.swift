import Glibc

/// What the process writes to: a terminal of some width, or a pipe or file, where nothing is redrawn, cut or coloured.
struct Terminal: Equatable, Sendable {
  /// The descriptor is a terminal that can redraw a line.
  var isTerminal: Bool
  /// Its cells; nil in a pipe.
  var width: Int?
  /// Colours are welcome.
  var colour: Bool
  /// Characters beyond ASCII can be shown.
  var unicode: Bool

  /// Looks at `descriptor`: `isatty`, `TIOCGWINSZ`, `COLUMNS`, `TERM`, `NO_COLOR` (no-color.org), the locale's encoding.
  static func look(
    at descriptor: Int32, environment: (String) -> String? = RunFolder.environment
  ) -> Terminal {
    let dumb = environment("TERM") == "dumb"
    let terminal = isatty(descriptor) == 1
    let plain = environment("NO_COLOR").map { !$0.isEmpty } ?? false
    return Terminal(
      isTerminal: terminal && !dumb,
      width: terminal ? width(of: descriptor) ?? environment("COLUMNS").flatMap(Int.init) ?? 80 : nil,
      colour: terminal && !dumb && !plain,
      unicode: isUnicode(environment))
  }

  /// A pipe.
  static let pipe = Terminal(isTerminal: false, width: nil, colour: false, unicode: true)

  private static func width(of descriptor: Int32) -> Int? {
    var size = winsize()
    guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
    return Int(size.ws_col)
  }

  private static func isUnicode(_ environment: (String) -> String?) -> Bool {
    for name in ["LC_ALL", "LC_CTYPE", "LANG"] {
      guard let value = environment(name), !value.isEmpty else { continue }
      let lower = value.lowercased()
      return lower.contains("utf-8") || lower.contains("utf8")
    }
    return false
  }
}

/// The few colours that carry meaning.
enum Colour: String, Sendable {
  case bold = "1"
  case dim = "2"
  case red = "31"
  case green = "32"
  case yellow = "33"
  case cyan = "36"

  /// `text` in this colour where `on`.
  func paint(_ text: String, on: Bool) -> String {
    on ? "\u{1B}[\(rawValue)m\(text)\u{1B}[0m" : text
  }
}
