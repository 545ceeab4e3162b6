import APIModel
import Hummingbird
import Supervisor

/// The query of a request, read with care: what cannot be read is told, not ignored.
struct Query {
  private let request: Request

  init(_ request: Request) { self.request = request }

  /// A text; nil where it is missing or empty.
  func text(_ name: String) -> String? {
    request.uri.queryParameters[Substring(name)].flatMap { $0.isEmpty ? nil : String($0) }
  }

  /// A whole number.
  func number(_ name: String) throws -> Int64? {
    guard let text = text(name) else { return nil }
    guard let number = Int64(text), number >= 0 else { throw Problem.request("\(name) is not a number") }
    return number
  }

  /// `yes`, or nothing.
  func flag(_ name: String) throws -> Bool {
    guard let text = text(name) else { return false }
    guard text == "yes" else { throw Problem.request("\(name) is yes, or left out") }
    return true
  }

  /// How many items a page has: 1 to 500.
  func limit(_ usual: Int = 200) throws -> Int {
    let limit = try number("limit") ?? Int64(usual)
    guard (1...500).contains(limit) else { throw Problem.request("limit is 1 to 500") }
    return Int(limit)
  }

  /// Several of a kind, separated by commas.
  func several<Value: RawRepresentable & CaseIterable>(_ name: String, _: Value.Type) throws -> [Value]
  where Value.RawValue == String {
    try (text(name) ?? "").split(separator: ",").map { word in
      guard let value = Value(rawValue: String(word)) else { throw unknown(name, word, Value.self) }
      return value
    }
  }

  /// One of a kind.
  func one<Value: RawRepresentable & CaseIterable>(_ name: String, _: Value.Type) throws -> Value?
  where Value.RawValue == String {
    guard let text = text(name) else { return nil }
    guard let value = Value(rawValue: text) else { throw unknown(name, text[...], Value.self) }
    return value
  }

  /// A point in time: ISO 8601, or a spell back from `now` such as `90s`, `10m`, `2h`, `3d`.
  func time(_ name: String, now: Int64) throws -> Int64? {
    guard let text = text(name) else { return nil }
    if let time = LocalTime.parse(text) { return time }
    let units: [Character: Int64] = ["s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000]
    if let unit = text.last.flatMap({ units[$0] }), let count = Int64(text.dropLast()),
      (0...1_000_000).contains(count)
    {
      return now - count * unit
    }
    throw Problem.request("\(name) is no time: 2026-03-01T14:00, or 10m, 2h, 3d back from now")
  }

  private func unknown<Value: RawRepresentable & CaseIterable>(
    _ name: String, _ word: Substring, _: Value.Type
  ) -> Problem where Value.RawValue == String {
    let known = Value.allCases.map(\.rawValue).joined(separator: ", ")
    return Problem.request("\(name) has no \(LogRecord.escaped(String(word))): \(known)")
  }
}
