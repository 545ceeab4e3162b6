/// What stands above a part of a form: which field it is, and for a file under which name and of which type.
///
/// All of it is a client's word: a name is never a path. RFC 7578 section 4.
public struct PartHeader: Equatable, Sendable {
  /// The field's name, as bytes of UTF-8.
  public var name: [UInt8]
  /// The file's name as bytes, not yet judged; nil where the part is a plain field.
  public var filename: [UInt8]?
  /// The media type as it was written; nil where none was.
  public var type: [UInt8]?

  /// Puts them together.
  public init(name: [UInt8], filename: [UInt8]? = nil, type: [UInt8]? = nil) {
    self.name = name
    self.filename = filename
    self.type = type
  }

  /// Reads a block of header lines that end in CRLF each.
  init(block: [UInt8]) throws(MultipartError) {
    self.init(name: [])
    var hasName = false
    var start = 0
    while start < block.count {
      let end = try PartHeader.lineEnd(block, start)
      let line = block[start..<end]
      start = end + 2
      guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > line.startIndex,
        line[..<colon].allSatisfy(isToken)
      else { throw .headers }
      var words = HeaderWords(line[(colon + 1)...])
      if line[..<colon].isWord("content-disposition") {
        hasName = try readDisposition(&words)
      } else if line[..<colon].isWord("content-type") {
        type = words.rest
      } else if line[..<colon].isWord("content-transfer-encoding") {
        let encoding = words.rest[...]
        let plain = encoding.isWord("binary") || encoding.isWord("8bit") || encoding.isWord("7bit")
        guard plain else { throw .encoded }
      }
    }
    guard hasName else { throw .nameless }
  }

  /// Where the line from `start` ends; a CR or LF that stands alone is no end.
  private static func lineEnd(_ block: [UInt8], _ start: Int) throws(MultipartError) -> Int {
    var index = start
    while index < block.count {
      if block[index] == 13, index + 1 < block.count, block[index + 1] == 10 { return index }
      guard block[index] >= 32 || block[index] == 9 else { throw .headers }
      index += 1
    }
    throw .headers
  }

  /// Whether it is of a form and names the field.
  private mutating func readDisposition(_ words: inout HeaderWords) throws(MultipartError) -> Bool {
    guard words.token()[...].isWord("form-data") else { throw .headers }
    var hasName = false
    var extended: [UInt8]?
    while let (key, value) = try words.parameter() {
      if key[...].isWord("name") {
        name = value
        hasName = !value.isEmpty
      } else if key[...].isWord("filename") {
        filename = value
      } else if key[...].isWord("filename*") {
        extended = HeaderWords.extended(value)
      }
    }
    // Older clients write what is not ASCII in this way alone, or beside a poorer name.
    if let extended { filename = extended }
    return hasName
  }
}
