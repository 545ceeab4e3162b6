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
  return target.withUnsafeMutableBytes { target in
    line.withUnsafeBytes { line in writeFrame(UInt64(number), around: line, into: target, at: start) }
  }
}

/// The most bytes that number, blank, checksum and line feed take.
public let longestFrame = 26

/// Writes number, line and checksum eight bytes at a time.
///
/// The one place where a line is handled as raw memory, since it is copied and summed for each line sent. Nothing is written
/// outside of the line's length and `longestFrame`, for which the caller has looked: a number is stored as eight bytes and a
/// checksum as four, of which the later ones are written over.
@inline(__always)
private func writeFrame(
  _ number: UInt64, around line: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer,
  at start: Int
) -> Int {
  target[start] = ASCII.upperN
  var (end, sum) = writeDecimal(number, into: target, at: start &+ 1)
  target[end] = ASCII.space
  end &+= 1
  sum ^= UInt64(ASCII.upperN ^ ASCII.space)
  sum ^= copy(line, into: target, at: end)
  end &+= line.count
  // A sum of bytes, however they were put together: the eight of the word are folded into one.
  sum ^= sum >> 32
  sum ^= sum >> 16
  sum ^= sum >> 8
  target[end] = ASCII.star
  end = writeSum(UInt32(truncatingIfNeeded: sum & 0xFF), into: target, at: end &+ 1)
  target[end] = ASCII.lineFeed
  return end &+ 1
}

/// Copies a line; the XOR of its bytes, spread over a word.
@inline(__always)
private func copy(
  _ line: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer, at start: Int
) -> UInt64 {
  var sum: UInt64 = 0
  var index = 0
  while index &+ 8 <= line.count {
    let word = line.loadUnaligned(fromByteOffset: index, as: UInt64.self)
    target.storeBytes(of: word, toByteOffset: start &+ index, as: UInt64.self)
    sum ^= word
    index &+= 8
  }
  while index < line.count {
    let byte = line[index]
    target[start &+ index] = byte
    sum ^= UInt64(byte)
    index &+= 1
  }
  return sum
}

/// Writes a whole number in decimal; the offset behind it, and the XOR of its digits, spread over a word.
@inline(__always)
private func writeDecimal(
  _ number: UInt64, into target: UnsafeMutableRawBufferPointer, at start: Int
) -> (end: Int, sum: UInt64) {
  guard number < 100_000_000 else { return writeLongDecimal(number, into: target, at: start) }
  // The last digit goes in first and is moved on by those before it.
  var word: UInt64 = 0
  var rest = UInt32(truncatingIfNeeded: number)
  var end = start
  repeat {
    let tens = rest / 10
    word = word << 8 | UInt64(UInt32(ASCII.zero) &+ rest &- tens &* 10)
    rest = tens
    end &+= 1
  } while rest > 0
  target.storeBytes(of: word.littleEndian, toByteOffset: start, as: UInt64.self)
  return (end, word)
}

/// Writes a checksum in decimal; the offset behind it.
@inline(__always)
private func writeSum(_ sum: UInt32, into target: UnsafeMutableRawBufferPointer, at start: Int) -> Int {
  var word: UInt32 = 0
  var rest = sum
  var end = start
  repeat {
    let tens = rest / 10
    word = word << 8 | (UInt32(ASCII.zero) &+ rest &- tens &* 10)
    rest = tens
    end &+= 1
  } while rest > 0
  target.storeBytes(of: word.littleEndian, toByteOffset: start, as: UInt32.self)
  return end
}

/// The same for a number of more than eight digits.
private func writeLongDecimal(
  _ number: UInt64, into target: UnsafeMutableRawBufferPointer, at start: Int
) -> (end: Int, sum: UInt64) {
  var end = start
  var rest = number
  repeat {
    rest /= 10
    end += 1
  } while rest > 0
  rest = number
  var sum: UInt64 = 0
  for place in (start..<end).reversed() {
    let digit = ASCII.zero + UInt8(truncatingIfNeeded: rest % 10)
    target[place] = digit
    sum ^= UInt64(digit)
    rest /= 10
  }
  return (end, sum)
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
