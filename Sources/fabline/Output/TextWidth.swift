/// How text stands on a terminal: cells, not bytes, and nothing that could steer the terminal.
enum TextWidth {
  /// Cells that `text` takes: two for East Asian wide characters and emoji, none for joiners.
  static func cells(_ text: String) -> Int {
    text.reduce(0) { $0 + cells($1) }
  }

  /// Cells of one character.
  static func cells(_ character: Character) -> Int {
    guard let scalar = character.unicodeScalars.first else { return 0 }
    switch scalar.value {
    case 0..<0x300: return 1
    case 0x1100...0x115F, 0x2E80...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60,
      0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F900...0x1F9FF, 0x20000...0x3FFFD:
      return 2
    default: return 1
    }
  }

  /// `text` in at most `width` cells, with an ellipsis where something is left out.
  static func truncated(_ text: String, to width: Int) -> String {
    guard width > 0 else { return "" }
    guard cells(text) > width else { return text }
    var kept = ""
    var used = 0
    for character in text {
      let size = cells(character)
      guard used + size <= width - 1 else { break }
      kept.append(character)
      used += size
    }
    return kept + "…"
  }

  /// `text` in lines of at most `width` cells, broken at blanks; one line where `width` is nil, as in a pipe.
  static func wrapped(_ text: String, to width: Int?, indent: String = "") -> [String] {
    guard let width else { return [text] }
    var lines: [String] = []
    var line = ""
    for word in text.split(separator: " ") {
      let joined = line.isEmpty ? String(word) : line + " " + word
      if cells(joined) <= width || line.isEmpty || line == indent {
        line = joined
      } else {
        lines.append(line)
        line = indent + word
      }
    }
    lines.append(line)
    return lines
  }

  /// `text` filled up with blanks to `width` cells.
  static func padded(_ text: String, to width: Int, right: Bool = false) -> String {
    let blanks = String(repeating: " ", count: max(0, width - cells(text)))
    return right ? blanks + text : text + blanks
  }

  /// `text` with control characters shown as `?`: names and firmware's words come from outside and must not steer
  /// the terminal.
  static func harmless(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: isControl) else { return text }
    var shown = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      shown.append(scalar == "\t" ? " " : isControl(scalar) ? "?" : scalar)
    }
    return String(shown)
  }

  private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0..<0x20, 0x7F..<0xA0, 0x202A...0x202E, 0x2066...0x2069: true
    default: false
    }
  }
}
