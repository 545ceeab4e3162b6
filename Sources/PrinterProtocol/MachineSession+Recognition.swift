/// Tells from what a machine says which family its firmware belongs to, line by line.
struct FirmwareRecogniser: Sendable {
  /// What was recognised.
  enum Finding: Equatable, Sendable {
    /// GRBL or grblHAL.
    case grbl
    /// Klipper's pseudo-terminal.
    case klipper
  }

  private var line: [UInt8] = []
  private static let longest = 120

  init() {}

  /// Reads bytes; the first line that tells decides.
  mutating func read(_ bytes: Span<UInt8>) -> Finding? {
    for index in 0..<bytes.count {
      let byte = bytes[index]
      guard byte == ASCII.lineFeed || byte == ASCII.carriageReturn else {
        if line.count < Self.longest { line.append(byte) }
        continue
      }
      let finding = judge()
      line.removeAll(keepingCapacity: true)
      if let finding { return finding }
    }
    return nil
  }

  mutating func reset() { line.removeAll(keepingCapacity: true) }

  private func judge() -> Finding? {
    guard line.count > 3 else { return nil }
    if begins("Grbl ", at: 0) || begins("GrblHAL ", at: 0) { return .grbl }
    // Only GRBL's complaints are bare numbers; Marlin writes `Error:` and words.
    if begins("error:", at: 0), line.count > 6, line.count < 10, line[6...].allSatisfy({ ASCII.isDigit($0) })
    {
      return .grbl
    }
    if begins("<", at: 0), line[line.count - 1] == UInt8(ascii: ">"), contains("|MPos:") || contains("|WPos:")
    {
      return .grbl
    }
    if begins("// Klipper state", at: 0) || contains("FIRMWARE_NAME:Klipper") { return .klipper }
    if begins("// Unknown command:\"M27\"", at: 0) { return .klipper }
    return nil
  }

  private func begins(_ text: StaticString, at start: Int) -> Bool {
    guard line.count - start >= text.utf8CodeUnitCount else { return false }
    for index in 0..<text.utf8CodeUnitCount where line[start + index] != text.utf8Start[index] {
      return false
    }
    return true
  }

  private func contains(_ text: StaticString) -> Bool {
    guard line.count >= text.utf8CodeUnitCount else { return false }
    for start in 0...(line.count - text.utf8CodeUnitCount) where begins(text, at: start) { return true }
    return false
  }
}

extension SessionFault {
  /// Why Klipper is declined.
  static let klipper = SessionFault(
    code: "firmware.klipper",
    sentence:
      "the port belongs to Klipper, which is a host itself and drives its printer alone: submit the job to it (Moonraker, Mainsail, Fluidd) instead",
    scope: .connection)
}
