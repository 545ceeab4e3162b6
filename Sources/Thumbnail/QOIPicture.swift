/// A picture in the Quite OK Image format, unpacked.
public struct QOIPicture: Equatable, Sendable {
  /// Pixels.
  public var width: Int
  /// Pixels.
  public var height: Int
  /// Four bytes a pixel: red, green, blue, opacity.
  public var pixels: [UInt8]

  /// Unpacks a file; nil where it is none, or ends before its last pixel.
  ///
  /// The corresponding document is "The Quite OK Image Format", version 1.0.
  public init?(_ bytes: [UInt8]) {
    guard let header = PictureHeader(bytes), header.type == .qoi else { return nil }
    width = header.width
    height = header.height
    pixels = []
    let size = width * height * 4
    pixels.reserveCapacity(size)
    var stream = Stream(bytes: bytes, place: 14, end: bytes.count - 8)
    while pixels.count < size {
      guard let (pixel, count) = stream.next(), pixels.count + count * 4 <= size else { return nil }
      for _ in 0..<count { pixels += [pixel.red, pixel.green, pixel.blue, pixel.alpha] }
    }
  }

  private struct Pixel {
    var red: UInt8 = 0
    var green: UInt8 = 0
    var blue: UInt8 = 0
    var alpha: UInt8 = 255

    var slot: Int { (Int(red) * 3 + Int(green) * 5 + Int(blue) * 7 + Int(alpha) * 11) & 63 }
  }

  private struct Stream {
    let bytes: [UInt8]
    var place: Int
    let end: Int
    var pixel = Pixel()
    var seen = [Pixel](repeating: Pixel(alpha: 0), count: 64)

    init(bytes: [UInt8], place: Int, end: Int) {
      (self.bytes, self.place, self.end) = (bytes, place, end)
    }

    private mutating func byte() -> UInt8? {
      guard place < end else { return nil }
      place += 1
      return bytes[place - 1]
    }

    /// The next pixel and how often it stands there.
    mutating func next() -> (Pixel, Int)? {
      guard let tag = byte() else { return nil }
      if tag < 0xFE, tag >> 6 == 3 { return (pixel, Int(tag & 63) + 1) }
      guard change(tag) else { return nil }
      seen[pixel.slot] = pixel
      return (pixel, 1)
    }

    private mutating func change(_ tag: UInt8) -> Bool {
      switch (tag, tag >> 6) {
      case (0xFE, _), (0xFF, _):
        guard let red = byte(), let green = byte(), let blue = byte() else { return false }
        (pixel.red, pixel.green, pixel.blue) = (red, green, blue)
        if tag == 0xFF {
          guard let alpha = byte() else { return false }
          pixel.alpha = alpha
        }
      case (_, 0): pixel = seen[Int(tag)]
      case (_, 1): shift(red: (tag >> 4 & 3) &- 2, green: (tag >> 2 & 3) &- 2, blue: (tag & 3) &- 2)
      default:
        guard let more = byte() else { return false }
        let green = (tag & 63) &- 32
        shift(red: green &+ (more >> 4) &- 8, green: green, blue: green &+ (more & 15) &- 8)
      }
      return true
    }

    private mutating func shift(red: UInt8, green: UInt8, blue: UInt8) {
      pixel.red &+= red
      pixel.green &+= green
      pixel.blue &+= blue
    }
  }
}
