import Testing

/// What was waited for did not come.
struct TooLate: Error, CustomStringConvertible {
  var description: String
}

/// Waiting for what other processes do: asked again and again until a deadline, which is far beyond what it takes.
enum Deadline {
  /// Asks until there is an answer; throws `TooLate` with the state that `explain` gives.
  @discardableResult
  static func wait<Found>(
    seconds: Double = 120, for what: String, explain: () -> String = { "" },
    _ ask: () async throws -> Found?
  ) async throws -> Found {
    let end = ContinuousClock.now + .seconds(seconds)
    while ContinuousClock.now < end {
      if let found = try await ask() { return found }
      try await Task.sleep(for: .milliseconds(20))
    }
    throw TooLate(description: "no \(what) within \(seconds) s\n\(explain())")
  }
}
