/// Numbers as G-code writes them: an optional sign, digits, at most one point; never an exponent, since `E` is an axis.
///
/// `-.5`, `+1` and `1.` are numbers; `.`, `-` and the empty text are not. Whatever the digits, the result is finite:
/// it is held within ±`limit`, so that arithmetic on it neither traps nor leaves the numbers.
public enum DecimalNumber {
  /// The largest magnitude that reading returns; whole numbers up to it are exact.
  public static let limit: Double = 1e15

  /// The number that fills all of `bytes`, or nil.
  public static func read(_ bytes: ArraySlice<UInt8>) -> Double? {
    bytes.withUnsafeBufferPointer { bytes in
      var position = 0
      let value = read(bytes, &position)
      return position == bytes.count ? value : nil
    }
  }

  /// The number at `position`, which moves behind it; nil, with `position` unmoved, where none stands there.
  @inline(__always)
  static func read(_ bytes: UnsafeBufferPointer<UInt8>, _ position: inout Int) -> Double? {
    var index = position
    var isNegative = false
    if index < bytes.count, bytes[index] == ASCII.minus || bytes[index] == ASCII.plus {
      isNegative = bytes[index] == ASCII.minus
      index &+= 1
    }
    let first = index
    var mantissa: UInt64 = 0
    var places = 0
    while index < bytes.count, ASCII.isDigit(bytes[index]) {
      mantissa = mantissa &* 10 &+ UInt64(bytes[index] &- ASCII.zero)
      index &+= 1
    }
    var count = index &- first
    if index < bytes.count, bytes[index] == ASCII.point {
      index &+= 1
      let point = index
      while index < bytes.count, ASCII.isDigit(bytes[index]) {
        mantissa = mantissa &* 10 &+ UInt64(bytes[index] &- ASCII.zero)
        index &+= 1
      }
      places = index &- point
      count &+= places
    }
    guard count > 0 else { return nil }
    position = index
    // As many digits as surely fit, which is what files have; and they make less than `limit`.
    let value =
      count <= 15
      ? Double(mantissa) / powerOfTen(places) : longValue(UnsafeBufferPointer(rebasing: bytes[first..<index]))
    return isNegative ? -value : value
  }

  /// The value of more digits than are put together unseen.
  private static func longValue(_ bytes: UnsafeBufferPointer<UInt8>) -> Double {
    var digits = Digits()
    var isFraction = false
    for byte in bytes {
      if byte == ASCII.point {
        isFraction = true
      } else if isFraction {
        digits.addFraction(byte &- ASCII.zero)
      } else {
        digits.addWhole(byte &- ASCII.zero)
      }
    }
    return digits.value
  }

  /// The digits read so far as `mantissa` / 10^`places`.
  private struct Digits {
    var mantissa: UInt64 = 0
    var places = 0
    var isTooLarge = false

    /// 18 digits fit; a whole part with more is beyond `limit` anyway.
    static let full: UInt64 = 100_000_000_000_000_000

    @inline(__always)
    mutating func addWhole(_ digit: UInt8) {
      if mantissa >= Self.full { isTooLarge = true } else { mantissa = mantissa &* 10 &+ UInt64(digit) }
    }

    /// Digits of the fraction beyond the 18th place are too small to matter.
    @inline(__always)
    mutating func addFraction(_ digit: UInt8) {
      guard mantissa < Self.full, places < 18 else { return }
      mantissa = mantissa &* 10 &+ UInt64(digit)
      places &+= 1
    }

    @inline(__always)
    var value: Double {
      if isTooLarge { return DecimalNumber.limit }
      return min(Double(mantissa) / DecimalNumber.powerOfTen(places), DecimalNumber.limit)
    }
  }

  /// 10 to the power of 0 to 18, each exact as a Double.
  @inline(__always)
  private static func powerOfTen(_ exponent: Int) -> Double {
    switch exponent {
    case 0: 1
    case 1: 10
    case 2: 100
    case 3: 1000
    case 4: 10_000
    case 5: 100_000
    case 6: 1_000_000
    default: largePowerOfTen(exponent)
    }
  }

  private static func largePowerOfTen(_ exponent: Int) -> Double {
    var power: Double = 1
    for _ in 0..<exponent { power *= 10 }
    return power
  }
}
