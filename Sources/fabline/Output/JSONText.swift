import APIModel
import FoundationEssentials

/// JSON as the API speaks it: camelCase members, absent where there is no value.
enum JSONText {
  /// Encodes with sorted keys, so that the same answer is the same text.
  static func encode<Value: Encodable>(_ value: Value, pretty: Bool) throws(Failure) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting =
      pretty
      ? [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted] : [.sortedKeys, .withoutEscapingSlashes]
    do {
      return String(decoding: try encoder.encode(value), as: UTF8.self)
    } catch {
      throw Failure(
        code: "internal.json", sentence: "an answer could not be written as JSON: \(error)",
        status: .internalError)
    }
  }

  /// Decodes what the supervisor answered.
  static func decode<Value: Decodable>(_ type: Value.Type, _ bytes: [UInt8]) throws(Failure) -> Value {
    do {
      return try JSONDecoder().decode(type, from: Data(bytes))
    } catch {
      throw Failure(
        code: "supervisor.answer",
        sentence: "the supervisor's answer could not be read (is it of another version?): \(error)",
        status: .internalError)
    }
  }

  /// The problem document of an error answer, or one made from the status where the body is none.
  static func problem(status: Int, _ bytes: [UInt8]) -> Problem {
    if let problem = try? JSONDecoder().decode(Problem.self, from: Data(bytes)) { return problem }
    let words = String(decoding: bytes.prefix(200), as: UTF8.self)
    return Problem(
      code: "supervisor.status", title: "HTTP \(status)", status: status,
      detail: words.isEmpty ? "the supervisor answered with HTTP status \(status)" : words)
  }
}
