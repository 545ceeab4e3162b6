/// A picture that a slicer put into a file's comments: where it stands, and what it is.
public struct Thumbnail: Equatable, Sendable {
  /// The format in the file.
  public var type: PictureType
  /// Pixels.
  public var width: Int
  /// Pixels.
  public var height: Int
  /// The offset in bytes of the first line of Base64.
  public var offset: Int64
  /// The length in bytes of those lines, endings included.
  public var length: Int

  /// Makes a thumbnail.
  public init(type: PictureType, width: Int, height: Int, offset: Int64, length: Int) {
    self.type = type
    self.width = width
    self.height = height
    self.offset = offset
    self.length = length
  }

  /// The picture in the lines that stand at `offset`; nil where they are no longer what was found there.
  public func picture(in lines: [UInt8]) -> [UInt8]? {
    var text: [UInt8] = []
    text.reserveCapacity(lines.count)
    for line in lines.split(whereSeparator: { $0 == 10 || $0 == 13 }) {
      text += ThumbnailReader.content(line)
    }
    guard let bytes = Base64.decode(text),
      PictureHeader(bytes) == PictureHeader(type: type, width: width, height: height)
    else { return nil }
    return bytes
  }
}

extension PictureHeader {
  init(type: PictureType, width: Int, height: Int) {
    (self.type, self.width, self.height) = (type, width, height)
  }
}
