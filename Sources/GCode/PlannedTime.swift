/// How long, at most, a machine still works on what was sent to it.
///
/// Two bounds are kept and the smaller one counts: what was added since the planner was last seen empty, less the time
/// that has passed; and the sum of the last `capacity` moves, since a planner holds no more than that and an `ok` for
/// a later one proves that the earlier ones are done. Times are nanoseconds of a monotonic clock. Never allocates.
public struct PlannedTime: Sendable {
  /// How many moves may wait in the firmware: its planner's blocks and its command buffer.
  public let capacity: Int
  private var recent = InlineArray<64, Int64>(repeating: 0)
  private var next = 0
  private var recentSum: Int64 = 0
  private var emptyBy: Int64 = .min

  /// Makes an empty planner for up to `capacity` moves, held within 1 to 64.
  public init(capacity: Int = 40) {
    self.capacity = max(1, min(64, capacity))
  }

  /// Notes that a command was sent.
  public mutating func add(_ expectation: Expectation, now: Int64) {
    guard let seconds = expectation.mostSeconds, seconds > 0 else { return }
    add(Self.nanoseconds(seconds), now: now)
  }

  /// Notes that a command was sent that takes `own` nanoseconds at most.
  public mutating func add(_ own: Int64, now: Int64) {
    guard own > 0 else { return }
    let others = recentSum &- recent[next]
    let byCapacity = Self.sum(now, others)
    emptyBy = Self.sum(min(max(emptyBy, now), byCapacity), own)
    recentSum = others &+ own
    recent[next] = own
    next = next &+ 1 == capacity ? 0 : next &+ 1
  }

  /// The nanoseconds until the planner is surely empty; 0 when it should be.
  public func remaining(now: Int64) -> Int64 {
    emptyBy <= now ? 0 : emptyBy &- max(now, 0)
  }

  /// When the answer to a command sent now is due at the latest, without any time for the link; nil for an open end.
  ///
  /// Ask before `add`.
  public func due(_ expectation: Expectation, now: Int64) -> Int64? {
    guard let own = expectation.mostSeconds else { return nil }
    return Self.sum(max(emptyBy, now), Self.nanoseconds(own))
  }

  /// Notes that the planner is known to be empty: the answer to M400 came, or the firmware was reset.
  public mutating func emptied() {
    recent = InlineArray(repeating: 0)
    recentSum = 0
    emptyBy = .min
  }

  /// Seconds as nanoseconds, held below a century so that 64 of them can be added.
  public static func nanoseconds(_ seconds: Double) -> Int64 {
    guard seconds > 0 else { return 0 }
    return Int64(min(seconds, 1e8) * 1e9)
  }

  private static func sum(_ a: Int64, _ b: Int64) -> Int64 {
    let (sum, overflow) = a.addingReportingOverflow(b)
    return overflow ? .max : sum
  }
}
