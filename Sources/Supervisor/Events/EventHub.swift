import Logging
import Synchronization

/// Numbers events, keeps the last ones in a ring, and hands them to whoever subscribed.
///
/// Everything is bounded: the ring, and what waits for each subscriber. A subscriber that does not keep up is cut off and
/// told so (`EventSubscription.missed`); it may come back with the last number that it saw. Progress and temperatures are kept
/// only as the newest one of each machine.
///
/// Publishing never waits and may be done from any thread.
public final class EventHub: Sendable {
  private struct Subscriber {
    var filter: EventFilter
    var continuation: AsyncStream<EventDelivery>.Continuation
    var missed: MissedFlag
  }

  private struct State {
    var numbers: EventNumbers
    var ring: EventRing
    var newest: [String: HostEvent] = [:]
    var subscribers: [Int: Subscriber] = [:]
    var nextSubscriber = 0
    var isClosed = false
  }

  private let state: Mutex<State>
  private let waiting: Int
  private let writer: LogWriter?
  /// How many may subscribe at once; whoever lets clients in asks.
  public let subscriberLimit: Int

  /// A hub whose ring holds `capacity` events and where at most `waiting` wait for one subscriber. `numbersPath` names the
  /// small file that keeps numbers rising across restarts; `writer` gets the log lines.
  public init(
    capacity: Int = 2000, waiting: Int = 500, subscribers: Int = 64, numbersPath: String? = nil,
    writer: LogWriter? = nil
  ) {
    self.subscriberLimit = subscribers
    self.waiting = waiting
    self.writer = writer
    let numbers = EventNumbers(path: numbersPath)
    state = Mutex(State(numbers: numbers, ring: EventRing(capacity: capacity, forgotten: numbers.last)))
  }

  /// Numbers `event`, keeps it and hands it on.
  @discardableResult
  public func publish(_ event: HostEvent) -> Int64 {
    let (id, tooSlow) = state.withLock { publish(event, in: &$0) }
    for continuation in tooSlow { continuation.finish() }
    return id
  }

  /// Publishes a log line and writes it.
  public func log(_ level: LogLevel, _ message: String, machine: String? = nil, job: Int64? = nil) {
    let text = LogRecord.escaped(message)
    var event = HostEvent(
      kind: .log, at: LocalTime.now(), machine: machine, job: job, level: level.rawValue, message: text)
    let tooSlow = state.withLock { state in
      let (id, tooSlow) = publish(event, in: &state)
      event.id = id
      writer?.append(LogRecord(id: id, at: event.at, level: level, machine: machine, job: job, message: text))
      return tooSlow
    }
    for continuation in tooSlow { continuation.finish() }
  }

  /// The highest number given out so far.
  public var last: Int64 { state.withLock { $0.numbers.last } }

  /// Events above `after` that are still held and that `filter` admits, then all that follow. `after` nil begins now.
  public func subscribe(_ filter: EventFilter, after: Int64? = nil) -> EventSubscription {
    let missed = MissedFlag()
    let entry = state.withLock { state in register(filter, after, missed, in: &state) }
    entry.continuation.onTermination = { [weak self] _ in self?.remove(entry.number) }
    return EventSubscription(
      deliveries: entry.stream, gap: entry.gap, missedFlag: missed, continuation: entry.continuation)
  }

  /// Ends all subscriptions; later ones end at once.
  public func close() {
    let open = state.withLock { state in
      state.isClosed = true
      defer { state.subscribers = [:] }
      return Array(state.subscribers.values)
    }
    for subscriber in open { subscriber.continuation.finish() }
  }

  /// How many subscribe now.
  public var subscriberCount: Int { state.withLock { $0.subscribers.count } }

  /// Whether somebody watches the wire of `machine`.
  public func wantsWire(of machine: String) -> Bool {
    state.withLock { state in
      state.subscribers.values.contains {
        $0.filter.kinds?.contains(.wire) == true && ($0.filter.machine ?? machine) == machine
      }
    }
  }

  /// Returns the number, and the streams to end once the lock is free: their end calls back here.
  private func publish(
    _ event: HostEvent, in state: inout State
  ) -> (Int64, [AsyncStream<EventDelivery>.Continuation]) {
    var event = event
    event.id = state.numbers.take()
    keep(event, in: &state)
    var tooSlow: [AsyncStream<EventDelivery>.Continuation] = []
    for (number, subscriber) in state.subscribers where subscriber.filter.admits(event) {
      guard case .dropped = subscriber.continuation.yield(.event(event)) else { continue }
      subscriber.missed.set()
      tooSlow.append(subscriber.continuation)
      state.subscribers[number] = nil
    }
    return (event.id, tooSlow)
  }

  private func keep(_ event: HostEvent, in state: inout State) {
    guard !event.kind.isLatestOnly else {
      if event.kind != .wire { state.newest["\(event.kind) \(event.machine ?? "")"] = event }
      return
    }
    state.ring.keep(event)
  }

  /// A new subscriber's number and stream.
  private struct Entry {
    var number: Int
    var gap: EventGap?
    var stream: AsyncStream<EventDelivery>
    var continuation: AsyncStream<EventDelivery>.Continuation
  }

  /// What is held for the subscriber goes into its stream at once; beyond that there is room for `waiting`, and no more.
  private func register(
    _ filter: EventFilter, _ after: Int64?, _ missed: MissedFlag, in state: inout State
  ) -> Entry {
    var gap: EventGap?
    var held: [HostEvent] = []
    if let after {
      if after < state.ring.forgotten { gap = EventGap(after: after, upTo: state.ring.forgotten) }
      held = state.ring.events(above: after, where: filter.admits)
      held += state.newest.values.filter { $0.id > after && filter.admits($0) }
    }
    let (stream, continuation) = AsyncStream.makeStream(
      of: EventDelivery.self, bufferingPolicy: .bufferingOldest(held.count + waiting))
    for event in held.sorted(by: { $0.id < $1.id }) { continuation.yield(.event(event)) }
    guard !state.isClosed else {
      continuation.finish()
      return Entry(number: -1, gap: gap, stream: stream, continuation: continuation)
    }
    state.nextSubscriber += 1
    state.subscribers[state.nextSubscriber] = Subscriber(
      filter: filter, continuation: continuation, missed: missed)
    return Entry(number: state.nextSubscriber, gap: gap, stream: stream, continuation: continuation)
  }

  private func remove(_ number: Int) {
    // The continuation dies outside the lock: its end calls back here.
    let gone = state.withLock { $0.subscribers.removeValue(forKey: number) }
    withExtendedLifetime(gone) {}
  }
}

/// Numbers that the hub no longer holds.
public struct EventGap: Equatable, Sendable {
  /// The last number that the subscriber had seen.
  public var after: Int64
  /// The last one that is gone.
  public var upTo: Int64
}

/// What comes to a subscriber.
public enum EventDelivery: Equatable, Sendable {
  /// Something happened.
  case event(HostEvent)
  /// Nothing happened, and somebody asked for a sign of life.
  case beat
}

/// What one subscriber gets.
public struct EventSubscription: Sendable {
  /// The events, in order; ends with the hub, or when the subscriber is too slow.
  public let deliveries: AsyncStream<EventDelivery>
  /// What cannot be given any more, where some was asked for.
  public let gap: EventGap?
  let missedFlag: MissedFlag
  let continuation: AsyncStream<EventDelivery>.Continuation

  /// Whether the subscription ended because its reader did not keep up.
  public var missed: Bool { missedFlag.isSet }

  /// Puts a sign of life behind what waits.
  public func beat() { continuation.yield(.beat) }

  /// Ends the subscription.
  public func end() { continuation.finish() }
}

/// Set once, read after the stream has ended.
final class MissedFlag: Sendable {
  private let flag = Mutex(false)
  var isSet: Bool { flag.withLock { $0 } }
  func set() { flag.withLock { $0 = true } }
}
