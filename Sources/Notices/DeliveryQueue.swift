/// A notice on its way to one target.
public struct Delivery: Equatable, Sendable {
  /// Its number in the store.
  public var id: Int64
  /// The target's name.
  public var target: String
  /// What is told.
  public var notice: Notice
  /// How often it was tried.
  public var attempts: Int
  /// When it is tried next, in milliseconds since 1970.
  public var dueAt: Int64

  /// Makes a delivery.
  public init(id: Int64, target: String, notice: Notice, attempts: Int = 0, dueAt: Int64) {
    self.id = id
    self.target = target
    self.notice = notice
    self.attempts = attempts
    self.dueAt = dueAt
  }
}

/// What waits to be delivered, when each is tried, and when one is given up.
///
///     waiting --next--> in flight --answered 2xx--> gone
///        ^                   |----answered otherwise, tries left--> waiting, later
///        |                   '----refused for good, or no tries left--> gone, dead
///
/// Time comes in as milliseconds since 1970: a delivery lasts across restarts, where no other clock does. One delivery a target
/// is in flight, so that a slow receiver gets no second one and holds up nobody else. At most `capacity` wait: the oldest goes
/// where one more comes.
public struct DeliveryQueue: Sendable {
  /// How often and how long it is tried.
  public struct Patience: Equatable, Sendable {
    /// Tries in all.
    public var attempts = 12
    /// Milliseconds after the first failure; doubled after each.
    public var first: Int64 = 10_000
    /// Milliseconds at most.
    public var longest: Int64 = 3_600_000

    /// About three hours in all.
    public init() {}

    /// How long to wait after the `attempt`th failure: between half and all of it by `chance` (0 to 1), so that what failed
    /// together does not come back together.
    func pause(after attempt: Int, chance: Double) -> Int64 {
      let doubled = first << Int64(min(30, max(0, attempt - 1)))
      let whole = Double(min(longest, doubled))
      return Int64(whole * (0.5 + 0.5 * min(1, max(0, chance))))
    }
  }

  /// What an answer means.
  public enum OnAnswer: Equatable, Sendable {
    /// Forget it: it arrived.
    case delivered(Delivery)
    /// Keep it: it is tried again.
    case again(Delivery)
    /// Forget it, and say so: nobody tries again.
    case dead(Delivery, reason: String)
    /// It was dropped while it was in flight.
    case unknown
  }

  private let patience: Patience
  private let capacity: Int
  private var waiting: [Delivery] = []
  private var inFlight: [Int64: Delivery] = [:]

  /// An empty queue.
  public init(patience: Patience = Patience(), capacity: Int = 500) {
    self.patience = patience
    self.capacity = capacity
  }

  /// How many are not delivered yet.
  public var count: Int { waiting.count + inFlight.count }

  /// Takes one in; returns the oldest where there is no room for it any more.
  public mutating func add(_ delivery: Delivery) -> Delivery? {
    waiting.append(delivery)
    guard waiting.count > capacity, let oldest = waiting.indices.min(by: { waiting[$0].id < waiting[$1].id })
    else { return nil }
    return waiting.remove(at: oldest)
  }

  /// The next that is due, now in flight; nil where none is.
  public mutating func next(now: Int64) -> Delivery? {
    guard let index = nextIndex, waiting[index].dueAt <= now else { return nil }
    var delivery = waiting.remove(at: index)
    delivery.attempts += 1
    inFlight[delivery.id] = delivery
    return delivery
  }

  /// When the next is due; nil where none waits that could go.
  public var nextDeadline: Int64? { nextIndex.map { waiting[$0].dueAt } }

  /// What came of one in flight.
  public mutating func answered(_ id: Int64, _ outcome: Outcome, now: Int64, chance: Double) -> OnAnswer {
    guard var delivery = inFlight.removeValue(forKey: id) else { return .unknown }
    let failure: String
    var pause = patience.pause(after: delivery.attempts, chance: chance)
    switch outcome {
    case .answered(let status, _) where (200..<300).contains(status): return .delivered(delivery)
    case .answered(let status, let retryAfter):
      failure = "it answered with status \(status)"
      guard DeliveryQueue.mayChange(status) else { return .dead(delivery, reason: failure) }
      if let retryAfter { pause = max(pause, min(patience.longest, Int64(max(0, retryAfter)) * 1000)) }
    case .unreachable(let reason): failure = reason
    }
    guard delivery.attempts < patience.attempts else {
      return .dead(delivery, reason: "\(failure), after \(delivery.attempts) tries")
    }
    delivery.dueAt = now + pause
    waiting.append(delivery)
    return .again(delivery)
  }

  /// A receiver that refuses for good is not asked again. A redirection is a refusal: nothing leads from the address that the
  /// configuration names to another.
  private static func mayChange(_ status: Int) -> Bool {
    status >= 500 || status == 408 || status == 425 || status == 429
  }

  private var nextIndex: Int? {
    let busy = Set(inFlight.values.map(\.target))
    return waiting.indices.filter { !busy.contains(waiting[$0].target) }
      .min { (waiting[$0].dueAt, waiting[$0].id) < (waiting[$1].dueAt, waiting[$1].id) }
  }
}
