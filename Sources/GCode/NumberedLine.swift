/// The checksums that hosts put behind `*`.
public enum Checksum {
  /// XOR of all bytes: of `N42 G1 X10` for `N42 G1 X10*97`.
  public static func xor(_ bytes: some Sequence<UInt8>) -> UInt8 {
    var sum: UInt8 = 0
    for byte in bytes { sum ^= byte }
    return sum
  }
}

/// Appends `N42 G1 X10*cs\n` to `output` for the number 42 and the cleaned line `G1 X10`.
///
/// The number is in decimal, a negative one with its sign; the checksum covers everything before the `*`. An empty
/// line gives `N42 *cs`. Allocates only where `output` has to grow.
public func encodeNumbered(_ number: Int64, _ line: ArraySlice<UInt8>, into output: inout [UInt8]) {
  let start = output.count
  output.append(ASCII.upperN)
  appendDecimal(number, to: &output)
  output.append(ASCII.space)
  output.append(contentsOf: line)
  let sum = Checksum.xor(output[start...])
  output.append(ASCII.star)
  appendDecimal(Int64(sum), to: &output)
  output.append(ASCII.lineFeed)
}

/// Appends the line and a line feed, without number and checksum.
public func encodePlain(_ line: ArraySlice<UInt8>, into output: inout [UInt8]) {
  output.append(contentsOf: line)
  output.append(ASCII.lineFeed)
}

/// Appends a whole number in decimal.
public func appendDecimal(_ number: Int64, to output: inout [UInt8]) {
  if number < 0 { output.append(ASCII.minus) }
  let magnitude = number.magnitude
  var divisor: UInt64 = 1
  while magnitude / divisor >= 10 { divisor &*= 10 }
  while divisor > 0 {
    output.append(ASCII.zero &+ UInt8(truncatingIfNeeded: magnitude / divisor % 10))
    divisor /= 10
  }
}

/// How long a line a firmware takes, and what that leaves for the cleaned line.
public struct LineLimit: Equatable, Sendable {
  /// The longest line in characters that arrives whole, number and checksum included, the line feed not.
  ///
  /// Marlin: MAX_CMD_SIZE less one for the closing NUL.
  public var characters: Int
  /// Whether lines are sent with number and checksum.
  public var isNumbered: Bool

  /// Makes a limit.
  public init(characters: Int, isNumbered: Bool = true) {
    self.characters = characters
    self.isNumbered = isNumbered
  }

  /// Marlin's MAX_CMD_SIZE of 96.
  public static let marlin = LineLimit(characters: 95)

  /// The longest cleaned line that still fits when its number is up to `widestNumber`.
  ///
  /// `N1234567 ` and `*255` take 13 of Marlin's 95 characters and leave 82.
  public func content(widestNumber: Int64) -> Int {
    guard isNumbered else { return max(0, characters) }
    var digits = 1
    var rest = widestNumber.magnitude
    while rest >= 10 {
      rest /= 10
      digits += 1
    }
    if widestNumber < 0 { digits += 1 }
    return max(0, characters - (1 + digits + 1) - 4)
  }
}
