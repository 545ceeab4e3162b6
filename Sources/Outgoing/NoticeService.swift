import Camera
import Foundation
import JobStore
import Logging
import Notices
import ServiceLifecycle
import Supervisor

/// Tells those outside whom the configuration names. Nothing waits for it: it follows the events as any client does, what it
/// has to deliver is kept in the store, and each request is a task of its own.
public struct NoticeService: Service {
  /// What one turn of the loop is about.
  private enum Input: Sendable {
    case event(HostEvent)
    case answered(Int64, Outcome)
    case due
  }

  private let subscriptions: Subscriptions
  private let supervisor: Supervisor
  private let clock: HostClock
  private let log: Logger
  private let send: @Sendable (OutgoingRequest) async -> Outcome
  private let snapshot: @Sendable (String) async -> Snapshot?
  private let close: @Sendable () async -> Void
  private let dead = DeadCameras()

  /// Delivers to `subscriptions` what happens at `supervisor`.
  public init(
    _ subscriptions: Subscriptions, supervisor: Supervisor, cameras: any CameraSource = NoCameras(),
    log: Logger
  ) {
    let client = OutgoingClient()
    self.init(
      subscriptions, supervisor: supervisor, clock: .system, log: log,
      send: { await client.send($0) },
      snapshot: { machine in
        guard let place = try? await supervisor.store.machine(machine).settings.cameraPlace else {
          return nil
        }
        return Snapshot(try? await cameras.picture(of: place))
      }, close: { await client.close() })
  }

  init(
    _ subscriptions: Subscriptions, supervisor: Supervisor, clock: HostClock, log: Logger,
    send: @escaping @Sendable (OutgoingRequest) async -> Outcome,
    snapshot: @escaping @Sendable (String) async -> Snapshot? = { _ in nil },
    close: @escaping @Sendable () async -> Void = {}
  ) {
    self.subscriptions = subscriptions
    self.supervisor = supervisor
    self.clock = clock
    self.log = log
    self.send = send
    self.snapshot = snapshot
    self.close = close
  }

  /// Delivers until the process is asked to end; what is left is delivered after the next start.
  public func run() async throws {
    let (inputs, input) = AsyncStream.makeStream(of: Input.self, bufferingPolicy: .bufferingNewest(4096))
    await withGracefulShutdownHandler {
      await withDiscardingTaskGroup { group in
        group.addTask { await follow(input) }
        await work(inputs, input, &group)
        group.cancelAll()
      }
    } onGracefulShutdown: {
      input.finish()
    }
    await close()
  }

  /// Hands the hub's events on; a subscription that was cut off is made again where it ended.
  private func follow(_ input: AsyncStream<Input>.Continuation) async {
    var last: Int64?
    let filter = EventFilter(kinds: [.job, .machine, .fault])
    while !Task.isCancelled {
      let subscription = supervisor.hub.subscribe(filter, after: last)
      for await case .event(let event) in subscription.deliveries {
        last = event.id
        if Notice.Event(event) != nil { input.yield(.event(event)) }
      }
      guard subscription.missed else { return }
    }
  }

  private func work(
    _ inputs: AsyncStream<Input>, _ input: AsyncStream<Input>.Continuation,
    _ group: inout DiscardingTaskGroup
  ) async {
    var queue = await waiting()
    var filter = NoticeFilter()
    var alarm: Int64?
    start(&queue, input, &group, &alarm)
    for await happened in inputs {
      switch happened {
      case .event(let event):
        if let notice = await notice(event), filter.admits(notice) { await add(notice, to: &queue) }
      case .answered(let id, let outcome): await take(id, outcome, &queue)
      case .due: alarm = nil
      }
      start(&queue, input, &group, &alarm)
    }
  }

  /// Sends what is due, and sets the alarm for what is due next.
  private func start(
    _ queue: inout DeliveryQueue, _ input: AsyncStream<Input>.Continuation,
    _ group: inout DiscardingTaskGroup,
    _ alarm: inout Int64?
  ) {
    while let delivery = queue.next(now: clock.wall()) {
      group.addTask { input.yield(.answered(delivery.id, await deliver(delivery))) }
    }
    guard let deadline = queue.nextDeadline, alarm.map({ deadline < $0 }) ?? true else { return }
    alarm = deadline
    group.addTask {
      try? await clock.sleep(max(0, deadline - clock.wall()) * 1_000_000)
      input.yield(.due)
    }
  }

  private func deliver(_ delivery: Delivery) async -> Outcome {
    guard let target = subscriptions.target(named: delivery.target) else {
      return .answered(410)
    }
    var picture: Snapshot?
    if case .ntfy = target, let machine = delivery.notice.machine { picture = await takeSnapshot(machine) }
    let outcome = await send(target.request(delivery.notice, now: clock.wall(), snapshot: picture))
    guard picture != nil, outcome.refusesPicture else { return outcome }
    return await send(target.request(delivery.notice, now: clock.wall()))
  }

  /// A picture that comes at once, or none: a notice waits for its camera 2 s, and not at all for one that was dead a minute ago.
  private func takeSnapshot(_ machine: String) async -> Snapshot? {
    guard dead.mayBeAsked(machine, now: clock.wall()) else { return nil }
    let (results, result) = AsyncStream.makeStream(of: Snapshot?.self)
    let taking = Task { [snapshot] in result.yield(await snapshot(machine)) }
    let alarm = Task { [clock] in
      try await clock.sleep(2_000_000_000)
      result.yield(nil)
    }
    defer {
      taking.cancel()
      alarm.cancel()
    }
    for await first in results {
      if first == nil { dead.note(machine, now: clock.wall()) }
      return first
    }
    return nil
  }

  private func take(_ id: Int64, _ outcome: Outcome, _ queue: inout DeliveryQueue) async {
    let answer = queue.answered(id, outcome, now: clock.wall(), chance: Double.random(in: 0...1))
    do throws(StoreError) {
      switch answer {
      case .delivered(let delivery):
        log.debug("told \(NoticeService.shown(delivery.target)): \(delivery.notice.title)")
        try await supervisor.store.removeDelivery(id)
      case .again(let delivery):
        log.info(
          "\(NoticeService.shown(delivery.target)) was not reached, it is tried again: \(outcome.words)")
        try await supervisor.store.postponeDelivery(id, attempts: delivery.attempts, dueAt: delivery.dueAt)
      case .dead(let delivery, let reason):
        log.error(
          "\(NoticeService.shown(delivery.target)) was not told that \(delivery.notice.title): \(reason)")
        try await supervisor.store.removeDelivery(id)
      case .unknown: break
      }
    } catch {
      log.error("a notice's delivery could not be noted: \(error.sentence)")
    }
  }

  private func add(_ notice: Notice, to queue: inout DeliveryQueue) async {
    guard let json = try? String(decoding: JSONEncoder().encode(notice), as: UTF8.self) else { return }
    let now = clock.wall()
    for target in subscriptions.targets(of: notice) {
      do throws(StoreError) {
        let id = try await supervisor.store.addDelivery(target: target.name, notice: json, dueAt: now)
        let delivery = Delivery(id: id, target: target.name, notice: notice, dueAt: now)
        guard let dropped = queue.add(delivery) else { continue }
        log.error("too many notices wait: \(NoticeService.shown(dropped.target)) is not told of the oldest")
        try await supervisor.store.removeDelivery(dropped.id)
      } catch {
        log.error("a notice could not be kept: \(error.sentence)")
      }
    }
  }

  /// What an earlier run left.
  private func waiting() async -> DeliveryQueue {
    var queue = DeliveryQueue()
    do throws(StoreError) {
      for record in try await supervisor.store.deliveries() {
        let notice = try? JSONDecoder().decode(Notice.self, from: Data(record.notice.utf8))
        guard let notice, subscriptions.target(named: record.target) != nil else {
          try await supervisor.store.removeDelivery(record.id)
          continue
        }
        let delivery = Delivery(
          id: record.id, target: record.target, notice: notice, attempts: record.attempts,
          dueAt: record.dueAt)
        if let dropped = queue.add(delivery) { try await supervisor.store.removeDelivery(dropped.id) }
      }
    } catch {
      log.error("the notices of before could not be read: \(error.sentence)")
    }
    return queue
  }

  /// The event with what people know the job by.
  private func notice(_ event: HostEvent) async -> Notice? {
    guard let kind = Notice.Event(event) else { return nil }
    var notice = Notice(
      id: event.id, at: event.at, event: kind, machine: event.machine, reason: event.message)
    if let number = event.job, number > 0, let job = try? await supervisor.store.job(number) {
      notice.job = Notice.Job(id: job.id, name: job.name, submitter: job.submitter)
    }
    return notice
  }

  /// A target as the log may show it: an address may hold a secret behind its host.
  static func shown(_ target: String) -> String {
    guard let scheme = target.firstRange(of: "://") else { return target }
    let host = target[scheme.upperBound...].prefix { $0 != "/" && $0 != "?" }
    return String(target[..<scheme.upperBound]) + host
  }
}

extension Snapshot {
  /// What a notification takes of a camera; servers refuse what is much larger.
  fileprivate init?(_ picture: CameraPicture?) {
    guard let picture, picture.bytes.count <= 4 << 20 else { return nil }
    self.init(type: picture.type.rawValue, bytes: picture.bytes)
  }
}

extension Outcome {
  /// The picture may be why: attachments that a server does not take are 400, 413 or 429 there, and the words alone may pass.
  fileprivate var refusesPicture: Bool {
    guard case .answered(let status, _) = self else { return false }
    return status == 400 || status == 413 || status == 415 || status == 429
  }

  fileprivate var words: String {
    switch self {
    case .answered(let status, _): "status \(status)"
    case .unreachable(let reason): reason
    }
  }
}
