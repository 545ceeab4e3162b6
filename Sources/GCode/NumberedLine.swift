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

/// Writes `N42 G1 X10*cs\n` into `target` from `start` on, as `encodeNumbered` appends it; the offset behind its line feed.
///
/// The number is not negative, and `target` has room for the line and `longestFrame` bytes more.
public func writeNumbered(
  _ number: Int64, _ line: Span<UInt8>, into target: inout MutableSpan<UInt8>, at start: Int
) -> Int {
  precondition(number >= 0 && start >= 0 && target.count - start >= line.count + longestFrame)
  target[start] = ASCII.upperN
  var end = writeDecimal(UInt64(number), into: &target, at: start &+ 1)
  var sum: UInt8 = 0
  for index in start..<end { sum ^= target[index] }
  target[end] = ASCII.space
  end &+= 1
  sum ^= ASCII.space
  // There is room for all of it, as was looked at above.
  for index in 0..<line.count {
    let byte = line[unchecked: index]
    target[unchecked: end &+ index] = byte
    sum ^= byte
  }
  end &+= line.count
  target[end] = ASCII.star
  end = writeDecimal(UInt64(sum), into: &target, at: end &+ 1)
  target[end] = ASCII.lineFeed
  return end &+ 1
}

/// The most bytes that number, blank, checksum and line feed take.
public let longestFrame = 26

/// Writes a whole number in decimal; the offset behind it.
@inline(__always)
private func writeDecimal(_ number: UInt64, into target: inout MutableSpan<UInt8>, at start: Int) -> Int {
  var end = start &+ 1
  var rest = number
  while rest >= 10 {
    rest /= 10
    end &+= 1
  }
  rest = number
  var place = end
  repeat {
    place &-= 1
    target[place] = ASCII.zero &+ UInt8(truncatingIfNeeded: rest % 10)
    rest /= 10
  } while rest > 0
  return end
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
    var power: UInt64 = 10
    while digits < 19, widestNumber.magnitude >= power {
      power *= 10
      digits += 1
    }
    if widestNumber < 0 { digits += 1 }
    return max(0, characters - (1 + digits + 1) - 4)
  }
}
