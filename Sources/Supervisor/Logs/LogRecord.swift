/// One line of the log, as it stands in the file and as it is read back.
///
///     2026-03-01T14:05:09.042+01:00 notice 1042 machine=ender job=12 printing bracket.gcode {attempt=00c0ffee}
///
/// Machine and job stand on every line, `-` where there is none. What comes from firmware or clients cannot break the line or
/// play another one: control characters are escaped.
public struct LogRecord: Equatable, Sendable {
  /// The event's number.
  public var id: Int64
  /// When, in milliseconds since 1970.
  public var at: Int64
  /// How grave.
  public var level: LogLevel
  /// The machine it concerns.
  public var machine: String?
  /// The job it concerns.
  public var job: Int64?
  /// The text, with what else is known in braces behind it.
  public var message: String

  /// Makes a line.
  public init(id: Int64, at: Int64, level: LogLevel, machine: String?, job: Int64?, message: String) {
    self.id = id
    self.at = at
    self.level = level
    self.machine = machine
    self.job = job
    self.message = message
  }

  /// The line without its line feed.
  public var line: String {
    let place = "machine=\(machine.map { LogRecord.word($0) } ?? "-") job=\(job.map(String.init) ?? "-")"
    return "\(LocalTime.iso8601(at)) \(level.rawValue) \(id) \(place) \(LogRecord.escaped(message))"
  }

  /// Reads a line back; nil for one that is not ours or torn.
  public init?(line: Substring) {
    let fields = line.split(separator: " ", maxSplits: 5, omittingEmptySubsequences: false)
    guard fields.count == 6, let at = LocalTime.parse(String(fields[0])),
      let level = LogLevel(rawValue: String(fields[1])), let id = Int64(fields[2]),
      fields[3].hasPrefix("machine="), fields[4].hasPrefix("job=")
    else { return nil }
    let machine = fields[3].dropFirst("machine=".count)
    self.init(
      id: id, at: at, level: level, machine: machine == "-" ? nil : String(machine),
      job: Int64(fields[4].dropFirst("job=".count)), message: String(fields[5]))
  }

  /// The longest text that a line takes, in characters; what is beyond is cut and said to be.
  static let longest = 2000

  /// The text with control characters, and whatever turns writing around, as `\u{…}`, cut to a bounded length.
  public static func escaped(_ text: String) -> String {
    var result = ""
    var size = 0
    for scalar in text.unicodeScalars {
      guard size < longest else { return result + " …(cut)" }
      switch scalar.value {
      case 0x0A: result += "\\n"
      case 0x0D: result += "\\r"
      case 0x09: result += "\\t"
      case 0..<0x20, 0x7F..<0xA0, 0x2028, 0x2029, 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069, 0xFEFF:
        result += "\\u{" + String(scalar.value, radix: 16) + "}"
      default: result.unicodeScalars.append(scalar)
      }
      size += 1
    }
    return result
  }

  /// A text that stays one word: blanks become underscores.
  static func word(_ text: String) -> String {
    let clean = escaped(text)
    return clean.isEmpty ? "-" : String(clean.map { $0.isWhitespace ? "_" : $0 })
  }
}
