/// Reads the fields of one record, in the order they were written.
struct FieldReader {
  private let bytes: [UInt8]
  private var position: Int
  private let end: Int

  /// A reader over the record that lies in `range` of `bytes`; the array is shared, not copied.
  init(_ bytes: [UInt8], range: Range<Int>) {
    self.bytes = bytes
    self.position = range.lowerBound
    self.end = range.upperBound
  }

  /// The next field, or nil at the record's end.
  mutating func next() throws(FrameError) -> Field? {
    guard position < end else { return nil }
    let tag = bytes[position]
    position += 1
    let length = try variable()
    guard length <= UInt64(end - position) else { throw .truncatedField }
    let start = position
    position += Int(length)
    return Field(tag: tag, bytes: bytes, range: start..<position)
  }

  /// One number of seven bits a byte.
  fileprivate mutating func variable() throws(FrameError) -> UInt64 {
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while position < end {
      let byte = bytes[position]
      position += 1
      guard shift < 63 || (shift == 63 && byte <= 1) else { throw .malformedNumber }
      value |= UInt64(byte & 0x7F) << shift
      if byte & 0x80 == 0 { return value }
      shift += 7
    }
    throw .truncatedField
  }

  fileprivate var atEnd: Bool { position == end }
}

/// One field: its tag and where its value lies.
struct Field {
  let tag: UInt8
  fileprivate let bytes: [UInt8]
  fileprivate let range: Range<Int>

  fileprivate init(tag: UInt8, bytes: [UInt8], range: Range<Int>) {
    self.tag = tag
    self.bytes = bytes
    self.range = range
  }

  func unsigned() throws(FrameError) -> UInt64 {
    var reader = FieldReader(bytes, range: range)
    let value = try reader.variable()
    guard reader.atEnd else { throw .malformedNumber }
    return value
  }

  func unsigned32() throws(FrameError) -> UInt32 {
    guard let value = UInt32(exactly: try unsigned()) else { throw .malformedNumber }
    return value
  }

  func integer() throws(FrameError) -> Int64 {
    let folded = try unsigned()
    return Int64(bitPattern: folded >> 1) ^ -Int64(bitPattern: folded & 1)
  }

  func integer32() throws(FrameError) -> Int32 {
    guard let value = Int32(exactly: try integer()) else { throw .malformedNumber }
    return value
  }

  func byte() throws(FrameError) -> UInt8 {
    guard let value = UInt8(exactly: try unsigned()) else { throw .malformedNumber }
    return value
  }

  func flag() throws(FrameError) -> Bool { try unsigned() != 0 }

  func double() throws(FrameError) -> Double {
    guard range.count == 8 else { throw .malformedNumber }
    var bits: UInt64 = 0
    for index in range.reversed() { bits = bits << 8 | UInt64(bytes[index]) }
    return Double(bitPattern: bits)
  }

  /// The value as text; bytes that are not UTF-8 come out as U+FFFD.
  func text() -> String { String(decoding: bytes[range], as: UTF8.self) }

  func record<Record: WireRecord>(_ type: Record.Type = Record.self) throws(FrameError) -> Record {
    try Record(from: FieldReader(bytes, range: range))
  }
}

extension Array {
  /// Appends an element of a list from the wire; a list longer than `limit` is refused, so that memory stays bounded.
  mutating func append(_ element: Element, limit: Int) throws(FrameError) {
    guard count < limit else { throw .tooManyElements }
    append(element)
  }
}
