import Camera
import DriverInterface
import Foundation
import HostConfiguration
import JobStore
import Logging
import Notices
import Synchronization
import Testing

@testable import Outgoing
@testable import Supervisor

/// Notices from the hub to a real HTTP server, with the store in between.
@Suite(.timeLimit(.minutes(1))) struct NoticeServiceTests {
  /// A clock whose sleepers wake when it is moved past their time.
  private final class Hand: Sendable {
    private struct State {
      var now: Int64 = 1_800_000_000_000
      var sleepers: [(until: Int64, wake: CheckedContinuation<Void, Never>)] = []
      var watcher: CheckedContinuation<Void, Never>?
    }
    private let state = Mutex(State())

    var clock: HostClock {
      HostClock(
        wall: { self.state.withLock { $0.now } }, monotonic: { 0 },
        sleep: { nanoseconds in
          await withCheckedContinuation { continuation in
            let watcher = self.state.withLock { state in
              state.sleepers.append((state.now + nanoseconds / 1_000_000, continuation))
              defer { state.watcher = nil }
              return state.watcher
            }
            watcher?.resume()
          }
        })
    }

    /// Waits until somebody sleeps, then lets that time pass.
    func pass() async -> Int64 {
      while state.withLock({ $0.sleepers.isEmpty }) {
        await withCheckedContinuation { continuation in
          let isThere = state.withLock { state in
            if state.sleepers.isEmpty { state.watcher = continuation }
            return !state.sleepers.isEmpty
          }
          if isThere { continuation.resume() }
        }
      }
      let (sleeper, passed) = state.withLock { state in
        let first = state.sleepers.removeFirst()
        let passed = max(0, first.until - state.now)
        state.now = max(state.now, first.until)
        return (first.wake, passed)
      }
      sleeper.resume()
      return passed
    }

    /// Wakes all, so that tasks can end.
    func release() {
      let all = state.withLock { state in
        defer { state.sleepers = [] }
        return state.sleepers
      }
      for sleeper in all { sleeper.wake.resume() }
    }
  }

  private struct NoHost: DriverHost {
    func adopt(machine: String) async throws(HostError) -> (any DriverLink)? { nil }
    func start(_ order: DriverOrder) async throws(HostError) -> any DriverLink {
      throw HostError(code: "none", sentence: "none")
    }
    func exit(of driver: DriverIdentity) async -> DriverExit? { nil }
    func emergencyStop(machine: String) async throws(HostError) -> StopResult {
      StopResult(confirmed: false, sentence: "")
    }
  }

  private struct Stage {
    let supervisor: Supervisor
    let hub: EventHub
    let hand = Hand()
    let folder: String

    init() async throws {
      folder = "/tmp/fl-\(UInt64.random(in: 1...UInt64.max))"
      let folders = Folders(state: folder, run: folder + "/run")
      try folders.create()
      let hub = EventHub()
      self.hub = hub
      let log = Logger(label: "test") { _ in EventLogHandler(hub: hub, level: .debug) }
      supervisor = Supervisor(
        store: try await JobStore.open(folder: folder).store, host: NoHost(), hub: hub, folders: folders,
        log: log)
    }

    func run(
      _ to: Subscriptions, snapshot: @escaping @Sendable (String) async -> Snapshot? = { _ in nil }
    ) -> Task<Void, any Error> {
      let client = OutgoingClient(seconds: 10)
      let service = NoticeService(
        to, supervisor: supervisor, clock: hand.clock, log: supervisor.log,
        send: { await client.send($0) }, snapshot: snapshot, close: { await client.close() })
      return Task { try await service.run() }
    }

    /// Tells of a fault once somebody listens.
    func fault(_ text: String, besides others: Int = 0) async {
      while hub.subscriberCount == others { await Task.yield() }
      hub.publish(
        HostEvent(
          kind: .fault, at: 1_800_000_000_000, machine: "ender", state: "x.y", level: "error", message: text))
    }

    func end(_ task: Task<Void, any Error>) async {
      task.cancel()
      hub.close()
      hand.release()
      _ = try? await task.value
    }

    func remove() { try? FileManager.default.removeItem(atPath: folder) }
  }

  private func subscriptions(_ receiver: Receiver) -> Subscriptions {
    var to = Subscriptions()
    to.webhooks = [Webhook(url: receiver.address + "/hook?key=1", secret: "s", events: [.machineFault])]
    return to
  }

  @Test(
    "A fault reaches the webhook signed; after a failure it is tried again when its time has come, and is forgotten then"
  )
  func retries() async throws {
    let stage = try await Stage()
    defer { stage.remove() }
    let receiver = try await Receiver([(503, []), (200, [])])
    let task = stage.run(subscriptions(receiver))
    await stage.fault("the heater")
    let first = await receiver.next()
    #expect(first.method == "POST" && first.path == "/hook?key=1")
    #expect(first.body.contains("\"reason\":\"the heater\""))
    #expect(first.headers["X-Fabline-Signature"]?.hasPrefix("v1=") == true)
    let passed = await stage.hand.pass()
    #expect((5000...10_000).contains(passed))
    let second = await receiver.next()
    #expect(
      second.body == first.body && second.headers["X-Fabline-Delivery"] == first.headers["X-Fabline-Delivery"]
    )
    #expect(second.headers["X-Fabline-Timestamp"] != first.headers["X-Fabline-Timestamp"])
    while try await !stage.supervisor.store.deliveries().isEmpty { await Task.yield() }
    await stage.end(task)
    await receiver.close()
  }

  @Test(
    "What was not delivered is delivered after a restart; what the configuration no longer names is dropped")
  func restart() async throws {
    let stage = try await Stage()
    defer { stage.remove() }
    let receiver = try await Receiver([(500, [])])
    var task = stage.run(subscriptions(receiver))
    await stage.fault("the heater")
    let first = await receiver.next()
    while try await stage.supervisor.store.deliveries().first?.attempts != 1 { await Task.yield() }
    _ = try await stage.supervisor.store.addDelivery(target: "webhook http://old", notice: "{}", dueAt: 0)
    task.cancel()
    stage.hand.release()
    _ = try? await task.value
    task = stage.run(subscriptions(receiver))
    _ = await stage.hand.pass()
    #expect(await receiver.next().body == first.body)
    while try await !stage.supervisor.store.deliveries().isEmpty { await Task.yield() }
    await stage.end(task)
    await receiver.close()
  }

  @Test(
    "A redirection is not followed, and a refusal for good is told in the log without what the address hides")
  func redirection() async throws {
    let stage = try await Stage()
    defer { stage.remove() }
    let other = try await Receiver()
    let receiver = try await Receiver([(307, [("Location", other.address)])])
    let log = stage.hub.subscribe(EventFilter(kinds: [.log], level: .error))
    let task = stage.run(subscriptions(receiver))
    await stage.fault("the heater", besides: 1)
    _ = await receiver.next()
    for await case .event(let event) in log.deliveries {
      let message = try #require(event.message)
      #expect(message.contains("127.0.0.1") && message.contains("status 307") && !message.contains("key=1"))
      break
    }
    while try await !stage.supervisor.store.deliveries().isEmpty { await Task.yield() }
    await stage.end(task)
    await receiver.close()
    await other.close()
  }

  private func operators(_ receiver: Receiver) -> Subscriptions {
    var to = Subscriptions()
    to.server = receiver.address
    to.operators = "workshop"
    return to
  }

  @Test(
    "A fault's notification carries what the camera sees; a server that takes no attachment gets the words alone"
  )
  func picture() async throws {
    for refusal in [400, 413, 429] {
      let stage = try await Stage()
      defer { stage.remove() }
      let receiver = try await Receiver([(refusal, [])])
      let task = stage.run(operators(receiver)) { machine in
        machine == "ender" ? Snapshot(type: "image/jpeg", bytes: Array("a picture".utf8)) : nil
      }
      await stage.fault("the heater")
      let first = await receiver.next()
      #expect(first.method == "PUT" && first.path == "/workshop" && first.body == "a picture")
      #expect(first.headers["Filename"] == "ender.jpg" && first.headers["Content-Type"] == "image/jpeg")
      #expect(first.headers["Message"]?.contains("the heater") == true)
      let second = await receiver.next()
      #expect(second.method == "POST" && second.body.contains("the heater"))
      while try await !stage.supervisor.store.deliveries().isEmpty { await Task.yield() }
      stage.hand.release()
      await stage.end(task)
      await receiver.close()
    }
  }

  @Test("A camera that says nothing holds a notification up for 2 s, once, and never takes it away")
  func deadCamera() async throws {
    let stage = try await Stage()
    defer { stage.remove() }
    let receiver = try await Receiver()
    let asked = Mutex(0)
    let task = stage.run(operators(receiver)) { _ in
      asked.withLock { $0 += 1 }
      // Until it is cancelled, which no camera has to heed in time.
      try? await Task.sleep(for: .seconds(3600))
      return nil
    }
    await stage.fault("the heater")
    #expect(await stage.hand.pass() == 2000)
    let first = await receiver.next()
    #expect(first.method == "POST" && first.body.contains("the heater"))
    while try await !stage.supervisor.store.deliveries().isEmpty { await Task.yield() }
    await stage.fault("the bed")
    #expect(await receiver.next().body.contains("the bed"), "without a wait: nobody lets time pass here")
    #expect(asked.withLock { $0 } == 1)
    while try await !stage.supervisor.store.deliveries().isEmpty { await Task.yield() }
    await stage.end(task)
    await receiver.close()
  }

  @Test("The service asks the cameras of the machines' settings")
  func settings() async throws {
    struct Fixed: CameraSource {
      func picture(of camera: CameraPlace) async throws(CameraError) -> CameraPicture {
        guard camera.snapshot?.host == "cam.local" else { throw .unknown(camera.machine) }
        return CameraPicture(type: .png, bytes: Array("of cam.local".utf8))
      }
      func watch(_ camera: CameraPlace) async throws(CameraError) -> CameraWatch {
        throw .noStream(camera.machine)
      }
    }
    let stage = try await Stage()
    defer { stage.remove() }
    let receiver = try await Receiver()
    var settings = MachineRecord.Settings(name: "ender", port: "/dev/ttyFAKE")
    settings.camera = "http://cam.local/snap"
    _ = try await stage.supervisor.store.addMachine(settings, by: "kim")
    let service = NoticeService(
      operators(receiver), supervisor: stage.supervisor, cameras: Fixed(), log: stage.supervisor.log)
    let task = Task { try await service.run() }
    await stage.fault("the heater")
    let told = await receiver.next()
    #expect(told.method == "PUT" && told.body == "of cam.local" && told.headers["Filename"] == "ender.png")
    await stage.end(task)
    await receiver.close()
  }

  @Test("A secret is the first line of its file; one that cannot be read is told with its path")
  func secrets() throws {
    let path = "/tmp/fl-secret-\(UInt64.random(in: 1...UInt64.max))"
    defer { try? FileManager.default.removeItem(atPath: path) }
    var section = NoticesSection()
    section.webhooks = [.init(url: "https://a", secretFile: path, events: ["job.done"])]
    #expect { _ = try Subscriptions(section) } throws: { ($0 as? HostError)?.sentence.contains(path) == true }
    try "geheim\nmore\n".write(toFile: path, atomically: true, encoding: .utf8)
    #expect(
      try Subscriptions(section).webhooks == [Webhook(url: "https://a", secret: "geheim", events: [.jobDone])]
    )
  }
}
