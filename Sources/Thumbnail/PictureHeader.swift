/// The formats in which slicers write thumbnails.
public enum PictureType: String, Sendable, CaseIterable {
  /// Portable Network Graphics, ISO/IEC 15948.
  case png
  /// JPEG, ITU-T T.81.
  case jpeg
  /// The Quite OK Image format, version 1.0.
  case qoi
}

/// What a picture's own first bytes say of it.
public struct PictureHeader: Equatable, Sendable {
  /// No thumbnail is wider or higher, in pixels.
  public static let longestSide = 2048

  /// The format.
  public var type: PictureType
  /// Pixels.
  public var width: Int
  /// Pixels.
  public var height: Int

  /// Reads the header of a whole picture; nil where it is none of the three, is cut short, or is larger than `longestSide`.
  ///
  /// The picture is not unpacked: a header costs nothing, whatever it promises.
  public init?(_ bytes: [UInt8]) {
    guard let (type, width, height) = Self.png(bytes) ?? Self.jpeg(bytes) ?? Self.qoi(bytes) else {
      return nil
    }
    guard (1...Self.longestSide).contains(width), (1...Self.longestSide).contains(height) else { return nil }
    (self.type, self.width, self.height) = (type, width, height)
  }

  private typealias Facts = (type: PictureType, width: Int, height: Int)

  /// Signature, IHDR first, IEND last.
  private static func png(_ bytes: [UInt8]) -> Facts? {
    guard bytes.count >= 45, bytes.starts(with: PNGEncoder.signature),
      number(bytes, 8, 4) == 13, bytes[12..<16].elementsEqual("IHDR".utf8),
      bytes[(bytes.count - 8)..<(bytes.count - 4)].elementsEqual("IEND".utf8)
    else { return nil }
    return (.png, number(bytes, 16, 4), number(bytes, 20, 4))
  }

  /// From SOI over the segments to the frame header (SOF), EOI last.
  private static func jpeg(_ bytes: [UInt8]) -> Facts? {
    guard bytes.count >= 12, bytes.starts(with: [0xFF, 0xD8]), bytes.suffix(2).elementsEqual([0xFF, 0xD9])
    else { return nil }
    var place = 2
    while place + 9 < bytes.count, bytes[place] == 0xFF {
      let marker = bytes[place + 1]
      // DHT, JPG and DAC lie among the frame headers' numbers.
      if (0xC0...0xCF).contains(marker), ![0xC4, 0xC8, 0xCC].contains(marker) {
        return (.jpeg, number(bytes, place + 7, 2), number(bytes, place + 5, 2))
      }
      let length = number(bytes, place + 2, 2)
      guard length >= 2 else { return nil }
      place += 2 + length
    }
    return nil
  }

  private static func qoi(_ bytes: [UInt8]) -> Facts? {
    guard bytes.count >= 22, bytes.starts(with: "qoif".utf8), (3...4).contains(bytes[12]), bytes[13] < 2,
      bytes.suffix(8).elementsEqual([0, 0, 0, 0, 0, 0, 0, 1])
    else { return nil }
    return (.qoi, number(bytes, 4, 4), number(bytes, 8, 4))
  }

  private static func number(_ bytes: [UInt8], _ start: Int, _ count: Int) -> Int {
    bytes[start..<start + count].reduce(0) { $0 << 8 | Int($1) }
  }
}
