import DriverInterface
import Synchronization

@testable import Supervisor

/// A driver without a machine: does what it is asked at once, and keeps what it was asked.
final class FakeDriver: Sendable {
  struct State {
    var status: DriverStatus
    var events: [DriverEvent] = []
    var links: [Int: AsyncStream<DriverEvent>.Continuation] = [:]
    var subscribed: Set<Int> = []
    var nextLink = 0
    var requests: [DriverRequest] = []
    var isDead = false
    var lines: [String] = []
    var recorder = ["1.0 > M105", "1.1 < ok"]
    /// What it answers to a line by hand; others are echoed.
    var answers: [String: [String]] = [:]
    var measurement = BufferMeasurement()
    var report = LinkReport()
  }

  let state: Mutex<State>
  /// What it refuses, and with what.
  let refuses: Mutex<@Sendable (DriverRequest) -> Fault?>

  init(machine: String, incarnation: UInt64 = 1, phase: MachinePhase = .idle, pid: Int32 = 4000) {
    let identity = DriverIdentity(
      version: "fake", pid: pid, machine: machine, port: "/dev/null", startedAt: 0, incarnation: incarnation)
    state = Mutex(State(status: DriverStatus(identity: identity, phase: phase)))
    refuses = Mutex { _ in nil }
  }

  var identity: DriverIdentity { state.withLock { $0.status.identity } }
  var requests: [DriverRequest] { state.withLock { $0.requests } }
  var status: DriverStatus { state.withLock { $0.status } }
  var isDead: Bool { state.withLock { $0.isDead } }

  /// Changes what it says of itself without an event.
  func set(_ change: (inout DriverStatus) -> Void) { state.withLock { change(&$0.status) } }

  func refuse(_ rule: @escaping @Sendable (DriverRequest) -> Fault?) { refuses.withLock { $0 = rule } }

  /// Something happens.
  func emit(_ kinds: DriverEventKind...) {
    state.withLock { state in for kind in kinds { emit(kind, in: &state) } }
  }

  /// The running attempt ends.
  func finish(_ kind: OutcomeKind, fault: Fault? = nil, acknowledged: Int64 = 100) {
    state.withLock { finish(kind, fault: fault, acknowledged: acknowledged, in: &$0) }
  }

  /// The process is gone, and every conversation with it.
  func die() {
    let links = state.withLock { state in
      state.isDead = true
      defer { state.links = [:] }
      return Array(state.links.values)
    }
    for link in links { link.finish() }
  }

  func connect() -> FakeLink {
    let (events, continuation) = AsyncStream.makeStream(of: DriverEvent.self)
    let number = state.withLock { state in
      state.nextLink += 1
      state.links[state.nextLink] = continuation
      return state.nextLink
    }
    return FakeLink(driver: identity, events: events, number: number, fake: self)
  }

  func disconnect(_ number: Int) {
    state.withLock { $0.links.removeValue(forKey: number) }?.finish()
  }

  func answer(_ request: DriverRequest, from link: Int) throws(HostError) -> DriverReply {
    let fault = refuses.withLock { $0 }(request)
    let reply: DriverReply? = state.withLock { state in
      guard !state.isDead, state.links[link] != nil else { return nil }
      state.requests.append(request)
      if let fault { return .refused(fault) }
      return carryOut(request, from: link, in: &state)
    }
    guard let reply else { throw HostError(code: "driver.connectionLost", sentence: "the driver ended") }
    if case .end = request, fault == nil { die() }
    return reply
  }

  private func carryOut(_ request: DriverRequest, from link: Int, in state: inout State) -> DriverReply {
    switch request {
    case .status:
      state.status.lastEvent = state.events.last?.sequence ?? 0
      return .status(state.status)
    case .subscribe(let after):
      for event in state.events where event.sequence > after { state.links[link]?.yield(event) }
      state.subscribed.insert(link)
    case .stage(let staged): state.status.staged.append(staged.attempt)
    case .start(let attempt):
      guard state.status.staged.contains(attempt) else { return .refused(FakeDriver.unknown) }
      state.status.staged.removeAll { $0 == attempt }
      let job = state.requests.compactMap { request in
        if case .stage(let staged) = request, staged.attempt == attempt { staged.job } else { nil }
      }.last
      state.status.running = AttemptProgress(attempt: attempt, job: job ?? 0, name: "part")
      state.status.phase = .printing
      emit(.started(attempt, job: job ?? 0), in: &state)
      emit(.phase(.printing, reason: ""), in: &state)
    case .withdraw(let attempt):
      guard state.status.staged.contains(attempt) else { return .refused(FakeDriver.unknown) }
      state.status.staged.removeAll { $0 == attempt }
    case .acknowledgeOutcome(let attempt): state.status.outcomes.removeAll { $0.progress.attempt == attempt }
    case .pause: change(.paused, "asked", in: &state)
    case .resume: change(.printing, "", in: &state)
    case .cancel:
      finish(
        .cancelled, fault: Fault(code: "job.cancelled", sentence: "cancelled", scope: .job), acknowledged: 10,
        in: &state)
    case .disconnect: change(.disconnected, "asked", in: &state)
    case .connect: change(.idle, "", in: &state)
    case .recorder: return .lines(state.recorder)
    case .send(let line): return .lines(state.answers[line] ?? ["echo:\(line)"])
    case .act(.measure): return .measured(state.measurement)
    case .linkReport: return .link(state.report)
    case .resumePoint: return .resumePoint(nil)
    case .hello, .answer, .act, .emergencyStop, .reset, .wireLog, .end, .unlock, .homeCycle, .suspend: break
    }
    return .done
  }

  private static let unknown = Fault(code: "attempt.unknown", sentence: "not known here", scope: .job)

  private func change(_ phase: MachinePhase, _ reason: String, in state: inout State) {
    state.status.phase = phase
    emit(.phase(phase, reason: reason), in: &state)
  }

  private func finish(_ kind: OutcomeKind, fault: Fault?, acknowledged: Int64, in state: inout State) {
    guard var progress = state.status.running else { return }
    progress.acknowledged = acknowledged
    let outcome = AttemptOutcome(kind: kind, progress: progress, fault: fault, endedAt: 1_750_000_100_000)
    state.status.running = nil
    state.status.outcomes.append(outcome)
    state.status.phase = .idle
    emit(.ended(outcome), in: &state)
    emit(.phase(.idle, reason: ""), in: &state)
  }

  private func emit(_ kind: DriverEventKind, in state: inout State) {
    let event = DriverEvent(
      sequence: (state.events.last?.sequence ?? 0) + 1, at: 1_750_000_000_000, kind: kind)
    state.events.append(event)
    for number in state.subscribed { state.links[number]?.yield(event) }
  }
}

/// One conversation with a fake driver.
struct FakeLink: DriverLink {
  let driver: DriverIdentity
  let events: AsyncStream<DriverEvent>
  let number: Int
  let fake: FakeDriver

  func request(_ request: DriverRequest, timeout: Duration) async throws(HostError) -> DriverReply {
    try fake.answer(request, from: number)
  }

  func close() { fake.disconnect(number) }
}

/// Where fake drivers come from.
final class FakeHost: DriverHost {
  struct State {
    var living: [String: FakeDriver] = [:]
    var started: [DriverOrder] = []
    var startFault: HostError?
    var adoptFault: HostError?
    var next: UInt64 = 100
  }

  let state = Mutex(State())

  /// A driver that lives already.
  func put(_ driver: FakeDriver) { state.withLock { $0.living[driver.identity.machine] = driver } }

  func driver(_ machine: String) -> FakeDriver? { state.withLock { $0.living[machine] } }

  var starts: Int { state.withLock { $0.started.count } }

  var orders: [DriverOrder] { state.withLock { $0.started } }

  func failStarts(_ error: HostError?) { state.withLock { $0.startFault = error } }

  func failAdoptions(_ error: HostError?) { state.withLock { $0.adoptFault = error } }

  func adopt(machine: String) async throws(HostError) -> (any DriverLink)? {
    if let fault = state.withLock({ $0.adoptFault }) { throw fault }
    guard let driver = driver(machine), !driver.isDead else { return nil }
    return driver.connect()
  }

  func start(_ order: DriverOrder) async throws(HostError) -> any DriverLink {
    let result: Result<FakeDriver, HostError> = state.withLock { state in
      state.started.append(order)
      if let fault = state.startFault { return .failure(fault) }
      state.next += 1
      let driver = FakeDriver(machine: order.machine, incarnation: state.next, pid: Int32(state.next))
      state.living[order.machine] = driver
      return .success(driver)
    }
    return try result.get().connect()
  }

  func exit(of driver: DriverIdentity) async -> DriverExit? {
    guard let living = self.driver(driver.machine), !living.isDead else {
      return DriverExit(signal: 9, lastLines: ["the last word"])
    }
    return nil
  }

  func emergencyStop(machine: String) async throws(HostError) -> StopResult {
    guard let living = driver(machine), !living.isDead else {
      throw HostError(code: "driver.unreachable", sentence: "no driver answers")
    }
    return StopResult(confirmed: true, sentence: "confirmed")
  }
}
