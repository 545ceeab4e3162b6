/// A log line with its fields, as journald takes it: `journalctl FABLINE_MACHINE=ender` finds a machine's lines.
///
/// The format is systemd's "Native Journal Protocol": `NAME=VALUE` and a line feed, or, where the value has line feeds, the
/// name, a line feed, the value's length as 64 bits little-endian, the value and a line feed.
public struct JournalEntry: Equatable, Sendable {
  /// Names and values in their order.
  public let fields: [(name: String, value: String)]

  /// The fields of a line.
  public init(_ record: LogRecord) {
    var fields = [
      ("MESSAGE", record.message), ("PRIORITY", "\(record.level.priority)"),
      ("SYSLOG_IDENTIFIER", "fablined"), ("FABLINE_EVENT", "\(record.id)"),
    ]
    if let machine = record.machine { fields.append(("FABLINE_MACHINE", machine)) }
    if let job = record.job { fields.append(("FABLINE_JOB", "\(job)")) }
    if let code = JournalEntry.code(in: record.message) { fields.append(("FABLINE_CODE", code)) }
    self.fields = fields
  }

  /// The bytes of the datagram.
  public var bytes: [UInt8] {
    var bytes: [UInt8] = []
    for (name, value) in fields {
      bytes += Array(name.utf8)
      let value = Array(value.utf8)
      if value.contains(0x0A) {
        bytes.append(0x0A)
        bytes += (0..<8).map { UInt8(truncatingIfNeeded: value.count >> ($0 * 8)) }
      } else {
        bytes.append(UInt8(ascii: "="))
      }
      bytes += value
      bytes.append(0x0A)
    }
    return bytes
  }

  /// By its bytes.
  public static func == (left: Self, right: Self) -> Bool { left.bytes == right.bytes }

  /// The dotted code of a fault, as it stands in braces behind the text.
  private static func code(in message: String) -> String? {
    guard message.hasSuffix("}"), let open = message.lastIndex(of: "{") else { return nil }
    return message[message.index(after: open)...].dropLast().split(separator: " ")
      .first { $0.hasPrefix("code=") }.map { String($0.dropFirst("code=".count)) }
  }
}
