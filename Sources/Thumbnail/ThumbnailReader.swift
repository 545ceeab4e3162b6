/// Finds thumbnails in a file's comments, line by line.
///
///     ; thumbnail begin 220x124 5200        PrusaSlicer, SuperSlicer, OrcaSlicer, and Cura's script for it
///     ; iVBORw0KGgoAAAANSUhEUgAA...
///     ; thumbnail end
///
/// `thumbnail_JPG` and `thumbnail_QOI` hold the other formats; Creality's slicer writes `png begin 300*300 ...`. The
/// numbers are width, height and the characters of Base64. A block counts only if all of it agrees: length, alphabet, the
/// picture's own header and the announced size. Memory is bounded by `longestBlock`, the list by `most`.
public struct ThumbnailReader: Sendable {
  /// No block with more characters is read.
  public static let longestBlock = 2 << 20
  /// No more thumbnails are kept of one file.
  public static let most = 8

  /// What was found so far, in the order of the file.
  public private(set) var found: [Thumbnail] = []
  private var block: Block?

  private struct Block {
    /// The mark that ends it.
    var end: [UInt8]
    var header: PictureHeader
    var announced: Int
    var offset: Int64
    var text: [UInt8] = []
  }

  /// Makes a reader.
  public init() {}

  /// Reads one raw line that starts and ends at these offsets of the file; lines that are no comments cost one look.
  public mutating func read(_ line: UnsafeBufferPointer<UInt8>, start: Int64, end: Int64) {
    guard let first = line.first, first == UInt8(ascii: ";") else {
      // Blocks are not interrupted by commands.
      if !line.isEmpty { block = nil }
      return
    }
    if block == nil {
      // The marks are short, the lines of a block are read without a look for them.
      if line.count < 80, found.count < Self.most { block = Self.beginning(line, next: end) }
      return
    }
    take(line, start)
  }

  private mutating func take(_ line: UnsafeBufferPointer<UInt8>, _ start: Int64) {
    guard let end = block?.end, let announced = block?.announced, let count = block?.text.count else {
      return
    }
    let content = Self.content(line[...])
    if content.elementsEqual(end) {
      if let block { finish(block, end: start) }
      block = nil
    } else if count + content.count > announced {
      block = nil
    } else {
      // In place: a copy for each line would make long blocks slow.
      block?.text.append(contentsOf: content)
    }
  }

  private mutating func finish(_ block: Block, end: Int64) {
    guard block.text.count == block.announced, let bytes = Base64.decode(block.text),
      PictureHeader(bytes) == block.header
    else { return }
    found.append(
      Thumbnail(
        type: block.header.type, width: block.header.width, height: block.header.height,
        offset: block.offset, length: Int(end - block.offset)))
  }

  /// A line without the `;` and the blanks around the rest.
  static func content<Line: BidirectionalCollection<UInt8>>(_ line: Line) -> Line.SubSequence {
    var rest = line[...]
    func isBlank(_ byte: UInt8?) -> Bool { byte == 32 || byte == 9 || byte == 13 }
    if rest.first == UInt8(ascii: ";") { rest = rest.dropFirst() }
    while isBlank(rest.first) { rest = rest.dropFirst() }
    while isBlank(rest.last) { rest = rest.dropLast() }
    return rest
  }

  private static let words: [(String, PictureType)] = [
    ("thumbnail", .png), ("thumbnail_PNG", .png), ("thumbnail_JPG", .jpeg), ("thumbnail_QOI", .qoi),
    ("png", .png), ("jpg", .jpeg),
  ]

  /// `thumbnail begin 220x124 5200`; nil for other comments and for sizes out of bounds.
  private static func beginning(_ line: UnsafeBufferPointer<UInt8>, next: Int64) -> Block? {
    let parts = content(line[...]).split(separator: 32)
    guard parts.count >= 3, parts[1].elementsEqual("begin".utf8),
      let (_, type) = words.first(where: { parts[0].elementsEqual($0.0.utf8) })
    else { return nil }
    let numbers = parts[2...].joined(separator: [32]).split { $0 < 48 || $0 > 57 }.map { number($0) }
    guard numbers.count >= 3, (1...PictureHeader.longestSide).contains(numbers[0]),
      (1...PictureHeader.longestSide).contains(numbers[1]), (1...longestBlock).contains(numbers[2])
    else { return nil }
    return Block(
      end: parts[0] + Array(" end".utf8),
      header: PictureHeader(type: type, width: numbers[0], height: numbers[1]),
      announced: numbers[2], offset: next)
  }

  private static func number(_ digits: some Sequence<UInt8>) -> Int {
    digits.reduce(0) { min($0 * 10 + Int($1 - 48), 1 << 30) }
  }
}
