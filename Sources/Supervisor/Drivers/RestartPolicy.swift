/// When a driver that ended is started again: soon at first, later each time, and no more after three deaths in a minute
/// (safety.md rule 3).
///
/// Times are monotonic nanoseconds given by the caller; nothing here waits.
struct RestartPolicy: Equatable, Sendable {
  /// What follows an end.
  enum Decision: Equatable, Sendable {
    /// Start again after this many nanoseconds.
    case restart(after: Int64)
    /// Start no more until a person says so.
    case giveUp
  }

  /// This many deaths within `window` end the restarts.
  var deaths = 3
  /// Nanoseconds.
  var window: Int64 = 60_000_000_000
  /// The first pause, in nanoseconds.
  var shortest: Int64 = 500_000_000
  /// The longest, in nanoseconds.
  var longest: Int64 = 30_000_000_000

  private var times: [Int64] = []
  private var pause: Int64 = 0

  init() {}

  /// A driver ended without having been asked to.
  mutating func died(at now: Int64) -> Decision {
    times = times.filter { now - $0 < window } + [now]
    guard times.count < deaths else { return .giveUp }
    pause = times.count == 1 ? shortest : min(longest, pause * 2)
    return .restart(after: pause)
  }

  /// A person wants it tried again.
  mutating func forgive() {
    times = []
    pause = 0
  }
}
