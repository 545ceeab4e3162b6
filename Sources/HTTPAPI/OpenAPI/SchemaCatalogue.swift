/// Reads the shapes of models off their own decoding, so that description and code cannot drift apart.
///
/// A model is decoded from nothing: whatever it asks for is noted with its type, and answered with an empty value. What it asks
/// for only if it is there is optional.
final class SchemaCatalogue {
  /// Objects by name.
  private(set) var objects: [String: ObjectSchema] = [:]
  /// Models that could not be read this way; a test holds it empty.
  private(set) var failures: [String] = []

  /// The shape of `type`; objects are put among the components.
  func schema(of type: any Decodable.Type) -> Schema {
    if let simple = SchemaCatalogue.simple(type) { return simple }
    if let maybe = type as? any MaybeShaped.Type { return .maybe(schema(of: maybe.wrapped)) }
    if let list = type as? any ListShaped.Type { return .list(schema(of: list.element)) }
    if let map = type as? any MapShaped.Type { return .map(schema(of: map.value)) }
    if let choice = type as? any CaseIterable.Type {
      return .choice(
        SchemaCatalogue.cases(choice).compactMap { ($0 as? any RawRepresentable)?.rawValue as? String })
    }
    let name = SchemaCatalogue.name(of: type)
    guard objects[name] == nil else { return .named(name) }
    // In place before its members are read: a model may hold a list of its own kind.
    objects[name] = ObjectSchema()
    let reading = ModelReading(catalogue: self)
    do { _ = try type.init(from: reading) } catch { failures.append("\(name): \(error)") }
    objects[name] = reading.found
    return .named(name)
  }

  /// `ItemPage<JobModel>` is called `JobModelPage`.
  static func name(of type: any Any.Type) -> String {
    let parts = String(describing: type).split(whereSeparator: { "<>".contains($0) })
    return parts.count == 2 ? "\(parts[1])Page" : String(parts.first ?? "")
  }

  /// An empty value of `type`.
  fileprivate func empty<Value: Decodable>(_ type: Value.Type) throws -> Value {
    if let choice = type as? any CaseIterable.Type, let first = SchemaCatalogue.cases(choice).first as? Value
    {
      return first
    }
    return try Value(from: ModelReading(catalogue: self))
  }

  private static func simple(_ type: any Any.Type) -> Schema? {
    if type == String.self { return .string }
    if type == Bool.self { return .boolean }
    if type == Double.self || type == Float.self { return .number }
    return type is any FixedWidthInteger.Type ? .integer : nil
  }

  private static func cases<Choice: CaseIterable>(_ type: Choice.Type) -> [Any] { type.allCases.map { $0 } }
}

/// An array, whatever it holds.
private protocol ListShaped { static var element: any Decodable.Type { get } }
extension Array: ListShaped where Element: Decodable {
  static var element: any Decodable.Type { Element.self }
}

/// Something or nothing.
private protocol MaybeShaped { static var wrapped: any Decodable.Type { get } }
extension Optional: MaybeShaped where Wrapped: Decodable {
  static var wrapped: any Decodable.Type { Wrapped.self }
}

/// A dictionary by names, whatever it holds.
private protocol MapShaped { static var value: any Decodable.Type { get } }
extension Dictionary: MapShaped where Key == String, Value: Decodable {
  static var value: any Decodable.Type { Value.self }
}

/// A decoder that has nothing, and notes what is asked of it.
private final class ModelReading: Decoder {
  let catalogue: SchemaCatalogue
  var found = ObjectSchema()
  var optional: Set<String> = []

  init(catalogue: SchemaCatalogue) { self.catalogue = catalogue }

  var codingPath: [any CodingKey] { [] }
  var userInfo: [CodingUserInfoKey: Any] { [:] }
  func container<Key: CodingKey>(keyedBy: Key.Type) -> KeyedDecodingContainer<Key> {
    KeyedDecodingContainer(Members<Key>(reading: self))
  }
  func unkeyedContainer() throws -> any UnkeyedDecodingContainer { NoItems() }
  func singleValueContainer() -> any SingleValueDecodingContainer { EmptyValue(reading: self) }

  func note(_ key: String, _ schema: Schema) {
    guard !found.members.contains(where: { $0.name == key }) else { return }
    found.members.append(.init(name: key, schema: schema, isRequired: !optional.contains(key)))
  }
}

/// Answers each question for a member.
private struct Members<Key: CodingKey>: KeyedDecodingContainerProtocol {
  let reading: ModelReading
  var codingPath: [any CodingKey] { [] }
  var allKeys: [Key] { [] }
  func contains(_ key: Key) -> Bool { true }

  /// Asked only of members that may be missing.
  func decodeNil(forKey key: Key) -> Bool {
    reading.optional.insert(key.stringValue)
    return false
  }

  func decode(_: Bool.Type, forKey key: Key) -> Bool { noted(key, .boolean, false) }
  func decode(_: String.Type, forKey key: Key) -> String { noted(key, .string, "") }
  func decode(_: Double.Type, forKey key: Key) -> Double { noted(key, .number, 0) }
  func decode(_: Float.Type, forKey key: Key) -> Float { noted(key, .number, 0) }
  func decode(_: Int.Type, forKey key: Key) -> Int { noted(key, .integer, 0) }
  func decode(_: Int8.Type, forKey key: Key) -> Int8 { noted(key, .integer, 0) }
  func decode(_: Int16.Type, forKey key: Key) -> Int16 { noted(key, .integer, 0) }
  func decode(_: Int32.Type, forKey key: Key) -> Int32 { noted(key, .integer, 0) }
  func decode(_: Int64.Type, forKey key: Key) -> Int64 { noted(key, .integer, 0) }
  func decode(_: UInt.Type, forKey key: Key) -> UInt { noted(key, .integer, 0) }
  func decode(_: UInt8.Type, forKey key: Key) -> UInt8 { noted(key, .integer, 0) }
  func decode(_: UInt16.Type, forKey key: Key) -> UInt16 { noted(key, .integer, 0) }
  func decode(_: UInt32.Type, forKey key: Key) -> UInt32 { noted(key, .integer, 0) }
  func decode(_: UInt64.Type, forKey key: Key) -> UInt64 { noted(key, .integer, 0) }
  func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
    reading.note(key.stringValue, reading.catalogue.schema(of: type))
    return try reading.catalogue.empty(type)
  }

  private func noted<Value>(_ key: Key, _ schema: Schema, _ value: Value) -> Value {
    reading.note(key.stringValue, schema)
    return value
  }

  func nestedContainer<Other: CodingKey>(keyedBy: Other.Type, forKey: Key) -> KeyedDecodingContainer<Other> {
    reading.container(keyedBy: Other.self)
  }
  func nestedUnkeyedContainer(forKey: Key) -> any UnkeyedDecodingContainer { NoItems() }
  func superDecoder() -> any Decoder { reading }
  func superDecoder(forKey: Key) -> any Decoder { reading }
}

/// A number that is 0, a text that is empty, nothing where that is possible.
private struct EmptyValue: SingleValueDecodingContainer {
  let reading: ModelReading
  var codingPath: [any CodingKey] { [] }
  func decodeNil() -> Bool { true }
  func decode(_: Bool.Type) -> Bool { false }
  func decode(_: String.Type) -> String { "" }
  func decode(_: Double.Type) -> Double { 0 }
  func decode(_: Float.Type) -> Float { 0 }
  func decode(_: Int.Type) -> Int { 0 }
  func decode(_: Int8.Type) -> Int8 { 0 }
  func decode(_: Int16.Type) -> Int16 { 0 }
  func decode(_: Int32.Type) -> Int32 { 0 }
  func decode(_: Int64.Type) -> Int64 { 0 }
  func decode(_: UInt.Type) -> UInt { 0 }
  func decode(_: UInt8.Type) -> UInt8 { 0 }
  func decode(_: UInt16.Type) -> UInt16 { 0 }
  func decode(_: UInt32.Type) -> UInt32 { 0 }
  func decode(_: UInt64.Type) -> UInt64 { 0 }
  func decode<Value: Decodable>(_ type: Value.Type) throws -> Value { try Value(from: reading) }
}

/// A list without items.
private struct NoItems: UnkeyedDecodingContainer {
  var codingPath: [any CodingKey] { [] }
  var count: Int? { 0 }
  var isAtEnd: Bool { true }
  var currentIndex: Int { 0 }
  private var ended: DecodingError {
    DecodingError.dataCorrupted(.init(codingPath: [], debugDescription: "the list has no items"))
  }
  mutating func decodeNil() throws -> Bool { throw ended }
  mutating func decode<Value: Decodable>(_: Value.Type) throws -> Value { throw ended }
  mutating func nestedContainer<Key: CodingKey>(keyedBy: Key.Type) throws -> KeyedDecodingContainer<Key> {
    throw ended
  }
  mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer { throw ended }
  mutating func superDecoder() throws -> any Decoder { throw ended }
}
