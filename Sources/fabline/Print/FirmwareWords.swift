/// What the firmware says during a print, without what it says again and again.
struct FirmwareWords: Equatable, Sendable {
  private var unknown: Set<String> = []

  /// What a person should read of a message; nil for nothing. A command that the firmware does not know is said once.
  mutating func note(_ message: String) -> String? {
    let head = "Unknown command: \""
    guard let start = message.ranges(of: head).first?.upperBound else { return message }
    let command = String(message[start...].prefix { $0 != " " && $0 != "\"" })
    guard unknown.insert(command).inserted else { return nil }
    return "the firmware does not know \(command)"
  }
}
