/// Waiting for something that tells nobody when it happens.
enum Polling {
  /// Asks every few milliseconds until the answer is not nil or `seconds` have passed.
  static func until<Found>(seconds: Double, _ ask: () async throws -> Found?) async throws -> Found? {
    let end = ContinuousClock.now + .seconds(seconds)
    while true {
      if let found = try await ask() { return found }
      guard ContinuousClock.now < end else { return nil }
      try await Task.sleep(for: .milliseconds(20))
    }
  }
}
