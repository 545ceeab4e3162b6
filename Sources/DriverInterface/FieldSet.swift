/// The fields of a record whose tags come at most once, by tag; lists are read with `FieldReader` or `all`.
struct FieldSet {
  private var fields: [Field] = []
  /// The most elements that a list may have.
  static let longestList = 16_384

  /// Reads the whole record.
  init(_ reader: FieldReader) throws(FrameError) {
    var reader = reader
    while let field = try reader.next() {
      try fields.append(field, limit: FieldSet.longestList)
    }
  }

  /// The last field with this tag.
  subscript(tag: UInt8) -> Field? {
    var found: Field?
    for field in fields where field.tag == tag { found = field }
    return found
  }

  func integer(_ tag: UInt8) throws(FrameError) -> Int64 { try self[tag]?.integer() ?? 0 }
  func integer32(_ tag: UInt8) throws(FrameError) -> Int32 { try self[tag]?.integer32() ?? 0 }
  func unsigned(_ tag: UInt8) throws(FrameError) -> UInt64 { try self[tag]?.unsigned() ?? 0 }
  func flag(_ tag: UInt8) throws(FrameError) -> Bool { try self[tag]?.flag() ?? false }
  func double(_ tag: UInt8) throws(FrameError) -> Double { try self[tag]?.double() ?? 0 }
  func text(_ tag: UInt8) -> String { self[tag]?.text() ?? "" }
  func attempt(_ tag: UInt8) throws(FrameError) -> AttemptID { AttemptID(rawValue: try unsigned(tag)) }

  /// The record with this tag; a missing one reads as a record without fields.
  func record<Record: WireRecord>(_ tag: UInt8) throws(FrameError) -> Record {
    guard let field = self[tag] else { return try Record(from: FieldReader([], range: 0..<0)) }
    return try field.record()
  }

  /// Each text with this tag, in order.
  func texts(_ tag: UInt8) -> [String] {
    var all: [String] = []
    for field in fields where field.tag == tag { all.append(field.text()) }
    return all
  }

  /// Each record with this tag, in order.
  func records<Record: WireRecord>(_ tag: UInt8) throws(FrameError) -> [Record] {
    var all: [Record] = []
    for field in fields where field.tag == tag { all.append(try field.record()) }
    return all
  }

  /// Each field with this tag, in order.
  func all(_ tag: UInt8) -> [Field] {
    var all: [Field] = []
    for field in fields where field.tag == tag { all.append(field) }
    return all
  }

  /// The case number in field 1; a number that has no case is `unknownValue`.
  func kind<Kind: RawRepresentable>(_ type: Kind.Type) throws(FrameError) -> Kind
  where Kind.RawValue == UInt8 {
    try value(1)
  }

  /// The enumerated value with this tag, 0 where it is missing.
  func value<Value: RawRepresentable>(_ tag: UInt8) throws(FrameError) -> Value
  where Value.RawValue == UInt8 {
    let number = try self[tag]?.byte() ?? 0
    guard let value = Value(rawValue: number) else { throw .unknownValue }
    return value
  }
}

extension FieldWriter {
  /// Field 1 of a record with cases.
  mutating func kind<Kind: RawRepresentable>(_ kind: Kind) where Kind.RawValue == UInt8 {
    unsigned(1, UInt64(kind.rawValue))
  }

  /// Field 1 and the attempt in field 2.
  mutating func kind<Kind: RawRepresentable>(_ kind: Kind, _ attempt: AttemptID)
  where Kind.RawValue == UInt8 {
    self.kind(kind)
    unsigned(2, attempt.rawValue)
  }

  /// A list of texts, empty ones included.
  mutating func texts(_ tag: UInt8, _ values: [String]) {
    for value in values { text(tag, value, always: true) }
  }
}
