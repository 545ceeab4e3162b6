/// The bytes that G-code gives a meaning to.
enum ASCII {
  static let nul: UInt8 = 0
  static let tab: UInt8 = 9
  static let lineFeed: UInt8 = 10
  static let carriageReturn: UInt8 = 13
  static let space: UInt8 = 32
  static let quote: UInt8 = 34
  static let openParenthesis: UInt8 = 40
  static let closeParenthesis: UInt8 = 41
  static let star: UInt8 = 42
  static let plus: UInt8 = 43
  static let comma: UInt8 = 44
  static let minus: UInt8 = 45
  static let point: UInt8 = 46
  static let zero: UInt8 = 48
  static let nine: UInt8 = 57
  static let colon: UInt8 = 58
  static let semicolon: UInt8 = 59
  static let equals: UInt8 = 61
  static let upperA: UInt8 = 65
  static let upperE: UInt8 = 69
  static let upperG: UInt8 = 71
  static let upperM: UInt8 = 77
  static let upperN: UInt8 = 78
  static let upperT: UInt8 = 84
  static let upperZ: UInt8 = 90

  /// Whether a byte is a space or a tab, the only blanks that a host may drop at a line's ends.
  @inline(__always)
  static func isBlank(_ byte: UInt8) -> Bool { byte == space || byte == tab }

  /// Whether a byte is one of `0` to `9`.
  @inline(__always)
  static func isDigit(_ byte: UInt8) -> Bool { byte &- zero < 10 }

  /// The upper-case letter for a letter of either case; other bytes stay as they are.
  @inline(__always)
  static func upper(_ byte: UInt8) -> UInt8 { byte &- 97 < 26 ? byte &- 32 : byte }
}
