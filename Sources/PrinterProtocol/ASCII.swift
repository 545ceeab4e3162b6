/// The bytes that the wire gives a meaning to.
enum ASCII {
  static let tab: UInt8 = 9
  static let lineFeed: UInt8 = 10
  static let carriageReturn: UInt8 = 13
  static let space: UInt8 = 32
  static let quote: UInt8 = 34
  static let star: UInt8 = 42
  static let minus: UInt8 = 45
  static let point: UInt8 = 46
  static let slash: UInt8 = 47
  static let zero: UInt8 = 48
  static let colon: UInt8 = 58
  static let upperN: UInt8 = 78

  @inline(__always)
  static func isDigit(_ byte: UInt8) -> Bool { byte &- zero < 10 }

  @inline(__always)
  static func lower(_ byte: UInt8) -> UInt8 { byte &- 65 < 26 ? byte | 32 : byte }
}
