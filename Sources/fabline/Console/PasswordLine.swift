/// A password as it is typed: nothing of it is shown, the last character can be taken back, and Ctrl-C ends it.
struct PasswordLine: Equatable, Sendable {
  /// What came of a byte.
  enum Step: Equatable, Sendable {
    /// More is to come.
    case more
    /// Return was pressed.
    case done
    /// Ctrl-C, or Ctrl-D with nothing typed.
    case cancelled
  }

  /// What was typed so far, as UTF-8.
  private(set) var bytes: [UInt8] = []

  /// Takes a byte of the terminal.
  mutating func type(_ byte: UInt8) -> Step {
    switch byte {
    case 0x0A, 0x0D: return .done
    case 0x03: return .cancelled
    case 0x04 where bytes.isEmpty: return .cancelled
    case 0x08, 0x7F:
      // A character has up to four bytes: the following ones go with the first.
      while let last = bytes.popLast(), last & 0xC0 == 0x80 {}
    case 0x15: bytes = []
    case 0x20...: if bytes.count < 1024 { bytes.append(byte) }
    default: break
    }
    return .more
  }

  /// The text; nil for what is no text.
  var text: String? { String(validating: bytes, as: UTF8.self) }
}
