/// Builds one record: a sequence of fields, each a tag byte, a length and a value.
///
/// Lengths and integers are variable-length: seven bits a byte, lowest first, the high bit says "more follows". Signed
/// integers are folded (0, -1, 1, -2, …) so that small ones are short. Doubles are eight bytes, lowest first; text is UTF-8.
/// A field at its zero value is left out unless the caller says `always`, so a record costs what it says.
struct FieldWriter {
  /// The record so far.
  private(set) var bytes: [UInt8] = []

  /// An empty record with room for most: an array that grows byte by byte is copied half a dozen times on the way.
  init() { bytes.reserveCapacity(96) }

  mutating func unsigned(_ tag: UInt8, _ value: UInt64, always: Bool = false) {
    guard value != 0 || always else { return }
    bytes.append(tag)
    bytes.append(UInt8(FieldWriter.width(of: value)))
    appendVariable(value)
  }

  mutating func integer(_ tag: UInt8, _ value: Int64, always: Bool = false) {
    unsigned(tag, UInt64(bitPattern: (value << 1) ^ (value >> 63)), always: always)
  }

  mutating func integer(_ tag: UInt8, _ value: Int32, always: Bool = false) {
    integer(tag, Int64(value), always: always)
  }

  mutating func integer(_ tag: UInt8, optional value: Int64?) {
    if let value { integer(tag, value, always: true) }
  }

  mutating func integer(_ tag: UInt8, optional value: Int32?) {
    if let value { integer(tag, Int64(value), always: true) }
  }

  mutating func flag(_ tag: UInt8, _ value: Bool) {
    unsigned(tag, value ? 1 : 0)
  }

  mutating func double(_ tag: UInt8, _ value: Double, always: Bool = false) {
    guard value.bitPattern != 0 || always else { return }
    bytes.append(tag)
    bytes.append(8)
    var rest = value.bitPattern
    for _ in 0..<8 {
      bytes.append(UInt8(truncatingIfNeeded: rest))
      rest >>= 8
    }
  }

  mutating func text(_ tag: UInt8, _ value: String, always: Bool = false) {
    guard !value.isEmpty || always else { return }
    let utf8 = value.utf8
    bytes.append(tag)
    appendVariable(UInt64(utf8.count))
    bytes.append(contentsOf: utf8)
  }

  mutating func record(_ tag: UInt8, _ value: some WireRecord) {
    var inner = FieldWriter()
    value.write(to: &inner)
    bytes.append(tag)
    appendVariable(UInt64(inner.bytes.count))
    bytes.append(contentsOf: inner.bytes)
  }

  private mutating func appendVariable(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(truncatingIfNeeded: rest))
  }

  private static func width(of value: UInt64) -> Int {
    value == 0 ? 1 : (64 - value.leadingZeroBitCount + 6) / 7
  }
}

/// A value that travels as a record of fields.
///
/// A reader skips tags it does not know and takes the zero value for a field that is missing, so that a field can be added
/// without a new version; a tag is never used again for something else.
protocol WireRecord {
  func write(to writer: inout FieldWriter)
  init(from reader: FieldReader) throws(FrameError)
}
