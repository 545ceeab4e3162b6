/// The shape of a JSON value, as JSON Schema 2020-12 tells it.
indirect enum Schema: Equatable, Sendable {
  case string
  case integer
  case number
  case boolean
  /// One of these texts.
  case choice([String])
  case list(Schema)
  /// An object with any keys and values of one shape.
  case map(Schema)
  /// A value or `null`.
  case maybe(Schema)
  /// An object that stands among the components under its name.
  case named(String)

  /// As the document writes it.
  var json: JSONValue {
    switch self {
    case .string: ["type": "string"]
    case .integer: ["type": "integer"]
    case .number: ["type": "number"]
    case .boolean: ["type": "boolean"]
    case .choice(let words): ["type": "string", "enum": .list(words.map { .text($0) })]
    case .list(let item): ["type": "array", "items": item.json]
    case .map(let value): ["type": "object", "additionalProperties": value.json]
    case .maybe(let value): ["anyOf": [value.json, ["type": "null"]]]
    case .named(let name): ["$ref": .text("#/components/schemas/\(name)")]
    }
  }
}

/// An object's members.
struct ObjectSchema: Equatable, Sendable {
  struct Member: Equatable, Sendable {
    var name: String
    var schema: Schema
    var isRequired: Bool
  }
  var members: [Member] = []

  var json: JSONValue {
    var properties: [String: JSONValue] = [:]
    for member in members { properties[member.name] = member.schema.json }
    var object: [String: JSONValue] = ["type": "object", "properties": .object(properties)]
    let required = members.filter(\.isRequired).map { JSONValue.text($0.name) }
    if !required.isEmpty { object["required"] = .list(required) }
    return .object(object)
  }
}
