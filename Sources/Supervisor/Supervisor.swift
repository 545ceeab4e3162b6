import DeviceDiscovery
import DriverInterface
import JobStore
import Logging
import ServiceLifecycle

/// The truth about intent: which job next, on which machine, for whom. Keeps one driver for each machine.
///
/// What people ask goes through here; what machines do is told by their drivers and taken in by their keepers. Whatever has
/// to last is in the store before a driver hears of it, so that this process may be killed at any moment.
public actor Supervisor: Service {
  /// The queue's memory.
  public nonisolated let store: JobStore
  /// The events for whoever watches.
  public nonisolated let hub: EventHub
  /// Its folders.
  public nonisolated let folders: Folders
  /// When it was made, in milliseconds since 1970.
  public nonisolated let startedAt: Int64
  /// The log's past.
  public nonisolated let archive: LogArchive
  /// Keeps the host up while something prints.
  public nonisolated let inhibitor: ShutdownInhibitor
  nonisolated let surroundings: Surroundings
  nonisolated let log: Logger
  nonisolated let departure: @Sendable () async -> Departure
  /// Asked to end: no job starts any more.
  var isLeaving = false
  /// Every machine of the store has its keeper.
  private(set) var isKeeping = false
  /// When a backup may be due next, monotonic nanoseconds.
  var nextBackupLook: Int64 = 0

  nonisolated let deviceSource: any DeviceSource

  var keepers: [String: MachineKeeper] = [:]
  /// The serial ports that are there.
  var deviceList = DeviceList([])
  var hasLooked = false
  /// The machines of the store are kept; who waits for that.
  var hasStarted = false
  var awaitingStart: [CheckedContinuation<Void, Never>] = []
  /// What has become of each machine's port.
  var ports: [String: MachinePort] = [:]
  /// Hand-overs under way, by machine.
  var handOvers: [String: Task<Void, Never>] = [:]
  /// Machines that refused a job are not tried again before this time (monotonic nanoseconds), with the pause that led there.
  var resting: [String: (until: Int64, pause: Int64)] = [:]
  /// Who was shown the bounds of which job, monotonic nanoseconds.
  var boundsSeen: [Sight: Int64] = [:]
  private nonisolated let bell: AsyncStream<Void>.Continuation
  private nonisolated let changes: AsyncStream<Void>

  /// Puts a supervisor together; `run` begins its work. `departure` tells, once it is asked to end, whether the host goes
  /// down; `inhibitor` nil never keeps the host up.
  public init(
    store: JobStore, host: any DriverHost, hub: EventHub, folders: Folders, clock: HostClock = .system,
    log: Logger,
    archive: LogArchive? = nil, devices: any DeviceSource = NoDevices(), inhibitor: ShutdownInhibitor? = nil,
    departure: @escaping @Sendable () async -> Departure = { .handOver }
  ) {
    self.store = store
    self.hub = hub
    self.folders = folders
    self.log = log
    self.startedAt = clock.wall()
    self.deviceSource = devices
    self.archive = archive ?? LogArchive(path: folders.log)
    self.inhibitor = inhibitor ?? ShutdownInhibitor(path: nil, log: log)
    self.departure = departure
    let (changes, bell) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    self.changes = changes
    self.bell = bell
    self.surroundings = Surroundings(
      store: store, host: host, hub: hub, folders: folders, clock: clock, log: log, changed: { bell.yield() })
  }

  /// Keeps the machines and gives them jobs until the process is asked to end. Drivers go on then.
  public func run() async throws {
    try await start()
    let ticking = Task { [surroundings] in
      while !Task.isCancelled {
        try? await surroundings.clock.sleep(3_000_000_000)
        await self.tick()
      }
    }
    let following = Task { await followDevices() }
    await withGracefulShutdownHandler {
      for await _ in changes {
        guard !Task.isCancelled else { break }
        await dispatchOnce()
      }
    } onGracefulShutdown: { [bell] in
      bell.finish()
    }
    ticking.cancel()
    following.cancel()
    await leave()
    await stop()
  }

  /// Takes the machines from the store and begins to keep them. `run` does it; tests may.
  func start() async throws {
    defer { tellStarted() }
    for file in try await store.adoptFiles() {
      log.warning("a stored file without a record was registered: \(file.name), \(file.hash.prefix(12))")
    }
    if store.damage != nil { try await findMachines() }
    await judgePorts()
    for machine in try await store.machines() { await keep(machine.settings) }
    isKeeping = true
    bell.yield()
  }

  /// Lets go of all drivers.
  func stop() async {
    for task in handOvers.values { task.cancel() }
    for task in handOvers.values { await task.value }
    let all = keepers
    keepers = [:]
    await withTaskGroup { group in
      for keeper in all.values { group.addTask { await keeper.end(endingDriver: false) } }
    }
    hub.close()
  }

  /// Begins to keep a machine; one that is kept already is left alone: it may have been added while this one started.
  func keep(_ settings: MachineRecord.Settings, mayOpen: Bool = false) async {
    guard keepers[settings.name] == nil else { return }
    let keeper = MachineKeeper(
      settings: settings, surroundings: surroundings, port: ports[settings.name] ?? .typed(settings.port),
      mayOpen: mayOpen)
    keepers[settings.name] = keeper
    await keeper.begin()
  }

  private func tick() async {
    for keeper in keepers.values { await keeper.tick() }
    bell.yield()
    await backUpIfDue()
  }

  /// Something changed that may let a job start.
  nonisolated func changed() { bell.yield() }

  /// The keeper of a machine that exists.
  func keeper(_ name: String) async throws -> MachineKeeper {
    guard let keeper = keepers[name] else {
      let record = try await store.machine(name)
      throw HostError(
        code: "machine.noDriver", sentence: "\(record.name) is not kept yet: try again in a moment.")
    }
    return keeper
  }

  nonisolated func publishJob(_ job: JobRecord) {
    hub.publish(
      HostEvent(
        kind: .job, at: surroundings.clock.wall(), machine: job.openAttempts.first?.machine ?? job.machine,
        job: job.id, state: job.state.rawValue, message: job.reason))
    bell.yield()
  }

  nonisolated func note(_ text: String, by: String, machine: String? = nil, job: Int64? = nil) {
    var metadata: Logger.Metadata = ["by": "\(by)"]
    if let machine { metadata["machine"] = "\(machine)" }
    if let job { metadata["job"] = "\(job)" }
    log.info("\(text)", metadata: metadata)
  }
}
