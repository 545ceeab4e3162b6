/// Writes RGBA pixels as PNG: each line as differences from the pixel before, packed by runs of equal bytes with the fixed codes.
///
/// Small rather than tight; made for thumbnails with plain backgrounds. ISO/IEC 15948; RFC 1950, RFC 1951.
public enum PNGEncoder {
  static let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]

  /// The file; `pixels` has four bytes for each of `width` times `height`.
  public static func encode(_ pixels: [UInt8], width: Int, height: Int) -> [UInt8] {
    var file = signature
    file += chunk("IHDR", bigEndian(UInt32(width)) + bigEndian(UInt32(height)) + [8, 6, 0, 0, 0])
    file += chunk("IDAT", zlib(filtered(pixels, stride: width * 4)))
    file += chunk("IEND", [])
    return file
  }

  /// Filter 1: each byte less the one of the pixel to its left.
  private static func filtered(_ pixels: [UInt8], stride: Int) -> [UInt8] {
    var lines: [UInt8] = []
    lines.reserveCapacity(pixels.count + pixels.count / max(stride, 1))
    for start in Swift.stride(from: 0, to: pixels.count - stride + 1, by: max(stride, 1)) {
      lines.append(1)
      for index in start..<start + stride {
        lines.append(index < start + 4 ? pixels[index] : pixels[index] &- pixels[index - 4])
      }
    }
    return lines
  }

  private static func zlib(_ bytes: [UInt8]) -> [UInt8] {
    var output = BitWriter()
    output.put(1, 1)
    output.put(1, 2)
    var index = 0
    while index < bytes.count {
      output.literal(Int(bytes[index]))
      var run = 0
      while index + 1 + run < bytes.count, run < 258, bytes[index + 1 + run] == bytes[index] { run += 1 }
      if run >= 3 { output.run(run) } else { run = 0 }
      index += 1 + run
    }
    output.literal(256)
    return [0x78, 0x01] + output.finish() + bigEndian(adler(bytes))
  }

  private static func adler(_ bytes: [UInt8]) -> UInt32 {
    var (low, high): (UInt32, UInt32) = (1, 0)
    for byte in bytes {
      low = (low + UInt32(byte)) % 65521
      high = (high + low) % 65521
    }
    return high << 16 | low
  }

  private static func chunk(_ name: String, _ content: [UInt8]) -> [UInt8] {
    let body = Array(name.utf8) + content
    return bigEndian(UInt32(content.count)) + body + bigEndian(checksum(body))
  }

  /// CRC-32 as ISO 3309 has it.
  static func checksum(_ bytes: [UInt8]) -> UInt32 {
    ~bytes.reduce(~0) { remainder, byte in
      remainder >> 8 ^ remainders[Int(UInt8(truncatingIfNeeded: remainder) ^ byte)]
    }
  }

  private static let remainders: [UInt32] = (0..<256).map { start in
    (0..<8).reduce(UInt32(start)) { value, _ in value & 1 == 1 ? 0xEDB8_8320 ^ value >> 1 : value >> 1 }
  }

  private static func bigEndian(_ number: UInt32) -> [UInt8] {
    [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: number >> $0) }
  }
}

/// Bits from the least significant one on, with the fixed Huffman codes of RFC 1951, section 3.2.6.
private struct BitWriter {
  private var bytes: [UInt8] = []
  private var bits: UInt32 = 0
  private var count: UInt32 = 0

  mutating func put(_ value: UInt32, _ length: UInt32) {
    bits |= value << count
    count += length
    while count >= 8 {
      bytes.append(UInt8(truncatingIfNeeded: bits))
      bits >>= 8
      count -= 8
    }
  }

  /// Codes go out from their most significant bit on.
  private mutating func code(_ code: UInt32, _ length: UInt32) {
    var turned: UInt32 = 0
    for bit in 0..<length { turned |= (code >> bit & 1) << (length - 1 - bit) }
    put(turned, length)
  }

  /// A byte, the end (256), or the class of a length.
  mutating func literal(_ symbol: Int) {
    switch symbol {
    case ..<144: code(UInt32(symbol + 0x30), 8)
    case ..<256: code(UInt32(symbol - 144 + 0x190), 9)
    case ..<280: code(UInt32(symbol - 256), 7)
    default: code(UInt32(symbol - 280 + 0xC0), 8)
    }
  }

  /// The byte before, 3 to 258 times.
  mutating func run(_ length: Int) {
    var base = 3
    var index = 0
    // 258 has a class of its own.
    if length == 258 { index = 28 }
    while index < 27, length >= base + (1 << Self.extraBits[index]) {
      base += 1 << Self.extraBits[index]
      index += 1
    }
    literal(257 + index)
    if length < 258 { put(UInt32(length - base), UInt32(Self.extraBits[index])) }
    code(0, 5)
  }

  /// The bits behind the classes of lengths 257 to 284.
  private static let extraBits = [
    0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5,
  ]

  mutating func finish() -> [UInt8] {
    if count > 0 { put(0, 8 - count) }
    return bytes
  }
}
