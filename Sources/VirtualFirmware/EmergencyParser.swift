/// Reads the urgent commands out of the byte stream while the bytes arrive, long before anybody reads the line.
///
///     start of line --N, digits, spaces--> M --digits--> end of line: what was spelled is raised
///     anything else --> the line is of no interest until it ends
struct EmergencyParser: Sendable {
  private enum State: Sendable {
    case start
    case number
    case code
    case answer(UInt8)
    case ignore
  }

  /// `M108` was seen: waits for heat and for a person end.
  var breaksWaits = false
  /// `M112` was seen.
  var kills = false
  /// `M410` was seen.
  var stopsMotion = false
  /// `M876 S` was seen with this digit.
  var promptAnswer: UInt8?

  private var state = State.start
  private var code = 0

  mutating func see(_ byte: UInt8) {
    let endsLine = byte == 10 || byte == 13
    switch state {
    case .start:
      if byte == UInt8(ascii: "M") {
        state = .code
        code = 0
      } else if byte == UInt8(ascii: "N") {
        state = .number
      } else if byte != UInt8(ascii: " ") && !endsLine {
        state = .ignore
      }
    case .number:
      if byte == UInt8(ascii: "M") {
        state = .code
        code = 0
      } else if endsLine {
        state = .start
      } else if !isDigit(byte) && byte != UInt8(ascii: " ") && byte != UInt8(ascii: "-") {
        state = .ignore
      }
    case .code:
      if isDigit(byte), code < 10_000 {
        code = code * 10 + Int(byte - UInt8(ascii: "0"))
      } else if code == 876 && (byte == UInt8(ascii: " ") || byte == UInt8(ascii: "S")) {
        state = .answer(0)
      } else if endsLine || byte == UInt8(ascii: "*") || byte == UInt8(ascii: " ") {
        raise()
        state = endsLine ? .start : .ignore
      } else {
        state = .ignore
      }
    case .answer:
      if isDigit(byte) {
        promptAnswer = byte - UInt8(ascii: "0")
        state = .ignore
      } else if endsLine {
        state = .start
      }
    case .ignore:
      if endsLine { state = .start }
    }
  }

  private mutating func raise() {
    switch code {
    case 108: breaksWaits = true
    case 112: kills = true
    case 410: stopsMotion = true
    default: break
    }
  }
}

func isDigit(_ byte: UInt8) -> Bool {
  byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
}
