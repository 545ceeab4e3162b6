/// Reads the urgent commands out of the byte stream while the bytes arrive, long before anybody reads the line.
///
///     start --N, digits, blanks--> M --108, 112 or 410--> spelled, whatever follows --end of line--> raised
///                                  M --876--> S --digit--> answered --end of line--> raised
///     anything else: the line is of no interest until it ends
struct EmergencyParser: Sendable {
  private enum State: Sendable {
    case start
    case number
    case code(Int)
    case spelled(Int)
    case prompt
    case choice
    case answered(UInt8)
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

  mutating func see(_ byte: UInt8) {
    if byte == 10 || byte == 13 {
      raise()
      state = .start
      return
    }
    let isBlank = byte == UInt8(ascii: " ")
    switch state {
    case .start:
      if byte == UInt8(ascii: "M") {
        state = .code(0)
      } else if byte == UInt8(ascii: "N") {
        state = .number
      } else if !isBlank {
        state = .ignore
      }
    case .number:
      if byte == UInt8(ascii: "M") {
        state = .code(0)
      } else if !isDigit(byte), !isBlank, byte != UInt8(ascii: "-") {
        state = .ignore
      }
    case .code(let code):
      if isDigit(byte) {
        state = next(code * 10 + Int(byte - UInt8(ascii: "0")))
      } else if !isBlank || code > 0 {
        state = .ignore
      }
    case .prompt:
      if byte == UInt8(ascii: "S") {
        state = .choice
      } else if !isBlank {
        state = .ignore
      }
    case .choice:
      if isDigit(byte) {
        state = .answered(byte - UInt8(ascii: "0"))
      } else if !isBlank {
        state = .ignore
      }
    case .spelled, .answered, .ignore: break
    }
  }

  /// After three digits it is clear whether the line matters; what follows is not looked at.
  private func next(_ code: Int) -> State {
    switch code {
    case 108, 112, 410: .spelled(code)
    case 876: .prompt
    case 100...: .ignore
    default: .code(code)
    }
  }

  private mutating func raise() {
    switch state {
    case .spelled(108): breaksWaits = true
    case .spelled(112): kills = true
    case .spelled: stopsMotion = true
    case .answered(let choice): promptAnswer = choice
    default: break
    }
  }
}

func isDigit(_ byte: UInt8) -> Bool {
  byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
}
