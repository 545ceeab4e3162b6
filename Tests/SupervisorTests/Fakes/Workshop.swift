import DriverInterface
import Foundation
import JobStore
import Logging
import Testing

@testable import Supervisor

/// A supervisor with a store in memory, fake drivers, and time that stands still.
final class Workshop: Sendable {
  let folder: TemporaryFolder
  let store: JobStore
  let host = FakeHost()
  let clock = ManualClock()
  let devices = FakeDevices()

  /// In memory reader and writer are one queue; only on disk they are two.
  init(onDisk: Bool = false) async throws {
    folder = try TemporaryFolder()
    let clock = clock
    let now: @Sendable () -> Int64 = { clock.hostClock.wall() }
    store =
      onDisk
      ? try await JobStore.open(folder: folder.path, now: now).store
      : try await JobStore.inMemory(folder: folder.path, now: now)
    try Folders(state: folder.path, run: folder.path + "/run").create()
  }

  /// One that does not run yet.
  func supervisor(departure: @escaping @Sendable () async -> Departure = { .handOver }) -> Supervisor {
    let hub = EventHub()
    let log = Logger(label: "test") { _ in EventLogHandler(hub: hub, level: .debug) }
    return Supervisor(
      store: store, host: host, hub: hub, folders: Folders(state: folder.path, run: folder.path + "/run"),
      clock: clock.hostClock, log: log, devices: devices, departure: departure)
  }

  /// A supervisor that runs for the time of `body`. Several one after the other share store and drivers, as after a kill.
  @discardableResult
  func supervise<Value: Sendable>(
    departure: @escaping @Sendable () async -> Departure = { .handOver },
    _ body: @Sendable (Supervisor) async throws -> Value
  ) async throws -> Value {
    let supervisor = supervisor(departure: departure)
    let run = Task { try await supervisor.run() }
    do {
      let value = try await body(supervisor)
      run.cancel()
      try await run.value
      return value
    } catch {
      run.cancel()
      try? await run.value
      throw error
    }
  }

  /// A machine with a bed that is clear, ready to start; its driver is idle.
  func addMachine(_ name: String = "ender", startsAlone: Bool = true) async throws {
    var settings = MachineRecord.Settings(name: name, port: "/dev/ttyFAKE")
    settings.startsAlone = startsAlone
    settings.pool = "all"
    _ = try await store.addMachine(settings, by: "ann")
  }

  /// A laser with GRBL and a driver that answers as one, idle.
  @discardableResult
  func addLaser(
    _ name: String = "k40", _ change: (inout MachineRecord.Settings) -> Void = { _ in }
  ) async throws -> FakeDriver {
    var settings = MachineRecord.Settings(name: name, port: "/dev/ttyFAKE")
    settings.kind = .laser
    settings.dialect = "grbl"
    settings.startsAlone = true
    change(&settings)
    _ = try await store.addMachine(settings, by: "ann")
    let driver = FakeDriver(machine: name)
    driver.state.withLock {
      $0.answers = [
        "$$": ["$30=1000", "$32=1", "ok"], "$G": ["[GC:G0 G55 G17 G21 G90 G94 M5 M9 T0 F0 S0]"],
        "$#": [
          "[G54:1.000,2.000,3.000]", "[G55:10.000,20.000,-5.000]", "[G92:1.000,0.000,0.000]", "[TLO:0.000]",
        ],
      ]
    }
    host.put(driver)
    return driver
  }

  /// A job of one small file.
  func addJob(
    copies: Int = 1, machine: String = "ender", by: String = "ann",
    text: String = "G28\nM104 S200\nG1 X10 Y10 E1 F1500\nM104 S0\n"
  ) async throws -> JobRecord {
    let file = try await takeIn(text, by: by)
    return try await store.submit(JobSubmission(file: file, machine: machine, copies: copies), by: by).job
  }

  /// Stores a file; its hash.
  func takeIn(_ text: String, by: String = "ann") async throws -> String {
    try await store.takeIn(
      AsyncStream<[UInt8]> { continuation in
        continuation.yield(Array(text.utf8))
        continuation.finish()
      }, name: "part.gcode", by: by
    ).file.hash
  }
}

extension Supervisor {
  /// Waits for the first event after `after` that `isIt` accepts, however long ago it happened.
  @discardableResult
  func event(after: Int64 = 0, where isIt: @Sendable (HostEvent) -> Bool) async throws -> HostEvent {
    for await delivery in hub.subscribe(EventFilter(), after: after).deliveries {
      if case .event(let event) = delivery, isIt(event) { return event }
    }
    throw Missing()
  }

  /// Waits until `job` is said to be in `state`.
  @discardableResult
  func job(_ job: Int64, is state: String, after: Int64 = 0) async throws -> HostEvent {
    try await event(after: after) { $0.kind == .job && $0.job == job && $0.state == state }
  }

  /// Waits until a machine's driver is attached.
  @discardableResult
  func attached(_ machine: String = "ender", after: Int64 = 0) async throws -> HostEvent {
    try await event(after: after) { $0.kind == .machine && $0.machine == machine && $0.state != "noDriver" }
  }

  struct Missing: Error {}
}

/// A folder that goes away with the value.
final class TemporaryFolder: Sendable {
  let path: String

  init() throws {
    path = FileManager.default.temporaryDirectory.path + "/fabline-\(UInt64.random(in: 1...UInt64.max))"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }
}

extension Workshop {
  /// Waits until something in the store is so; the store has no events of its own.
  func until(_ isSo: @Sendable () async throws -> Bool) async throws {
    while !(try await isSo()) {
      try Task.checkCancellation()
      await Task.yield()
    }
  }
}

extension FakeDriver {
  /// How many outcomes were acknowledged.
  var acknowledged: Int { requests.filter { $0.word == "acknowledge" }.count }

  /// Waits until the driver is so.
  func was(_ isSo: @Sendable (FakeDriver) -> Bool) async throws {
    while !isSo(self) {
      try Task.checkCancellation()
      await Task.yield()
    }
  }
}

extension DriverRequest {
  /// Its name, to compare sequences of requests.
  var word: String? {
    switch self {
    case .status: "status"
    case .subscribe: "subscribe"
    case .stage: "stage"
    case .start: "start"
    case .withdraw: "withdraw"
    case .acknowledgeOutcome: "acknowledge"
    case .pause: "pause"
    case .resume: "resume"
    case .cancel: "cancel"
    case .end: "end"
    case .suspend: "suspend"
    case .hello, .answer, .send, .act, .emergencyStop, .reset, .disconnect, .connect, .wireLog, .recorder,
      .linkReport, .unlock, .homeCycle, .resumePoint:
      nil
    }
  }
}
