import DriverInterface
import JobStore
import Logging

/// Keeps one machine's driver: adopts a living one or starts one, takes in what it says, and starts it again when it dies.
///
/// Everything that comes from the driver goes through one loop in the order in which it came, so that the store sees it in
/// that order. What people ask goes to the driver at once, past that loop. The driver is the truth about the machine: nothing
/// here guesses what it does.
actor MachineKeeper {
  let name: String
  let surroundings: Surroundings
  let log: Logger
  var settings: MachineRecord.Settings

  /// The conversation; nil without a driver.
  var link: (any DriverLink)?
  /// What the driver said last, kept up by its events.
  var status: DriverStatus?
  /// Why there is no driver.
  var absence: String? = "its driver is being started"
  /// Its temperatures of the last quarter of an hour.
  var temperatures = TemperatureHistory()
  /// How far its events were taken in.
  var seen: SeenEvents?
  var seenIsWritten = true
  /// The highest sequence when the driver was attached: what comes up to it is the past, which `status` already tells.
  var past: Int64 = 0
  /// The first event that came as it happened.
  var liveFrom: Int64?
  /// How many events of the past came.
  var replayed = 0
  /// What happened before the driver was attached has been taken in.
  var hasCaughtUp = false
  /// Outcomes that could not be stored yet.
  var unrecorded: [AttemptOutcome] = []
  /// When progress was last stored, monotonic nanoseconds.
  var progressStored: Int64 = 0
  /// A job is being handed over: what the store and the driver say differs for good reason.
  var isHandingOver = false
  /// Who asked for the pause or the resumption that comes next.
  var askedBy: String?
  /// The driver was told to end.
  var isEnding = false
  /// The host goes down: no driver is started any more.
  var isParked = false
  /// The driver runs with settings that are no longer those of the machine.
  var isStale = false
  /// A driver of this machine had its port open in this supervisor's time, or a person wants it open: the next may open it too.
  var mayOpen: Bool
  /// What has become of its port.
  var port: MachinePort
  /// It was plugged in while no driver talked: the next one is told to open the port.
  var owesOpening = false
  /// It printed from its card when it was unplugged.
  var printedFromCard = false
  /// A person connected it, and it was not unplugged since.
  private(set) var hasPersonsWord = false
  /// The port was opened, and whether that reset the board was not looked at yet.
  var openedAnew = false
  var messages = TokenBucket(capacity: 20, perSecond: 2)

  private var policy = RestartPolicy()
  private var mutePause: Int64 = 0
  private var run: Task<Void, Never>?
  private var bell: AsyncStream<Void>.Continuation?
  private var inputs: AsyncStream<Input>.Continuation?

  /// What the keeper's loop takes in.
  enum Input: Sendable {
    case event(DriverEvent)
    case tick
  }

  /// Keeps a machine; `mayOpen` where a person has just added it and so means it to be opened.
  init(
    settings: MachineRecord.Settings, surroundings: Surroundings, port: MachinePort, mayOpen: Bool = false
  ) {
    self.port = port
    self.name = settings.name
    self.settings = settings
    self.mayOpen = mayOpen
    self.surroundings = surroundings
    var log = surroundings.log
    log[metadataKey: "machine"] = .string(settings.name)
    self.log = log
  }

  /// Begins; to be called once.
  func begin() {
    guard run == nil else { return }
    run = Task { await keep() }
  }

  /// Lets go of the driver, which goes on; or ends it, where its machine goes away.
  func end(endingDriver: Bool) async {
    if endingDriver, let link {
      isEnding = true
      _ = try? await link.request(.end(force: false), timeout: .seconds(5))
    }
    run?.cancel()
    link?.close()
    await run?.value
    writeSeen()
  }

  /// Time has passed: things that could not be done are tried again, progress is stored.
  func tick() {
    inputs?.yield(.tick)
    BoundedLog.cut(surroundings.folders.driverLog(name), limit: 4 << 20)
  }

  /// A person wants a driver that was given up to be tried again.
  func tryAgain() {
    policy.forgive()
    bell?.yield()
  }

  /// A person wants the port opened.
  func allowOpening(byPerson: Bool = true) {
    mayOpen = true
    if byPerson {
      hasPersonsWord = true
      printedFromCard = false
    }
  }

  /// It was unplugged: what a person said of it is past. A laser or mill that comes back is only shown.
  func takeWordBack() {
    hasPersonsWord = false
    if settings.kind != .printer { mayOpen = false }
  }

  /// Whether a driver talks to us.
  var isAttached: Bool { link != nil }

  // MARK: - The loop

  private func keep() async {
    surroundings.makeFolder(of: name)
    while !Task.isCancelled, !isParked {
      do throws(HostError) {
        let link = try await findDriver()
        await serve(link)
        guard !Task.isCancelled, !isParked else { break }
        await driverWent(link)
      } catch {
        guard !Task.isCancelled else { break }
        if error.code == MachineKeeper.mute {
          await driverIsMute(error.sentence)
        } else {
          await driverFailed(error.sentence)
        }
      }
    }
  }

  /// A driver lives and does not talk to us: it may well print, so it is neither replaced nor given up.
  private static let mute = "driver.mute"

  private func findDriver() async throws(HostError) -> any DriverLink {
    let living: (any DriverLink)?
    do {
      living = try await surroundings.host.adopt(machine: name)
    } catch {
      throw HostError(code: MachineKeeper.mute, sentence: error.sentence)
    }
    mutePause = 0
    if let living {
      log.info("adopted the driver, pid \(living.driver.pid), which runs since \(since(living.driver))")
      return living
    }
    let order = try await order()
    let started = try await surroundings.host.start(order)
    surroundings.write(fingerprint: order.fingerprint, of: name)
    isStale = false
    log.info("started a driver, pid \(started.driver.pid), for \(port.path) at \(settings.baud) baud")
    return started
  }

  /// What the next driver is started with, by the settings, by what is known of the board, and by what people want of the port.
  func order() async throws(HostError) -> DriverOrder {
    let store = surroundings.store
    do throws(StoreError) {
      let machine = try await store.machine(name)
      let board = KnownBoard(machine, try await store.profile(ofMachine: name))
      // After a print of ours that was cut short the first act is switching off: the port is opened for that.
      let isIdle = try await store.openAttempts(machine: name).isEmpty
      let isAwaited = port.state == .gone && settings.kind != .printer && !hasPersonsWord
      let isStart = (!mayOpen || isAwaited) && isIdle
      let hold = PortHold(machine, isStart: isStart, port: port)
      if let hold { log.notice("the port is left alone: \(hold.sentence(name))") }
      return DriverOrder(
        settings, folders: surroundings.folders, port: port, board: board, holdsPort: hold != nil)
    } catch {
      throw HostError(code: error.code.rawValue, sentence: error.sentence)
    }
  }

  /// Attaches, then takes in events and ticks until the driver goes.
  private func serve(_ link: any DriverLink) async {
    let (stream, inputs) = AsyncStream.makeStream(of: Input.self, bufferingPolicy: .bufferingNewest(8192))
    let events = link.events
    let forward = Task {
      for await event in events { inputs.yield(.event(event)) }
      inputs.finish()
    }
    defer {
      forward.cancel()
      inputs.finish()
      self.inputs = nil
      detach()
    }
    do throws(HostError) {
      try await attach(link)
    } catch {
      log.error("the driver does not talk as it should: \(error.sentence)")
      link.close()
      return
    }
    self.inputs = inputs
    for await input in stream {
      guard !Task.isCancelled else { return }
      switch input {
      case .event(let event): await take(event)
      case .tick: await passTime()
      }
    }
  }

  private func detach() {
    writeSeen()
    link = nil
    status = nil
    surroundings.changed()
  }

  /// The conversation ended: the driver ended, or only the connection did.
  private func driverWent(_ link: any DriverLink) async {
    absence = "its driver ended"
    guard let exit = await surroundings.host.exit(of: link.driver) else {
      log.warning("the connection to the driver, pid \(link.driver.pid), was lost; it is made again")
      await pause(RestartPolicy().shortest)
      return
    }
    if isEnding {
      isEnding = false
      log.info("the driver ended as it was told")
      return
    }
    await driverFailed(exit.sentence)
  }

  private func driverIsMute(_ sentence: String) async {
    absence = "its driver lives and does not talk: \(sentence)"
    mutePause = min(30_000_000_000, max(1_000_000_000, 2 * mutePause))
    log.error("\(absence ?? ""); it is tried again in \(mutePause / 1_000_000_000) s")
    publishMachine(state: "noDriver", reason: absence)
    await pause(mutePause)
  }

  private func driverFailed(_ sentence: String) async {
    absence = sentence
    switch policy.died(at: surroundings.clock.monotonic()) {
    case .restart(let nanoseconds):
      log.error("\(sentence); it is started again in \(Double(nanoseconds / 100_000_000) / 10) s")
      publishMachine(state: "noDriver", reason: sentence)
      await pause(nanoseconds)
    case .giveUp:
      await giveUp(sentence)
    }
  }

  /// Three deaths in a minute: everything off, and no more drivers until a person says so (safety.md rule 3).
  private func giveUp(_ sentence: String) async {
    let off = await switchOff()
    absence =
      "its driver died three times within a minute (\(sentence)); \(off) "
      + "`fabline connect \(name)` tries again"
    log.error("\(absence ?? "")")
    publishMachine(state: "noDriver", reason: absence)
    surroundings.publish(
      HostEvent(
        kind: .fault, at: surroundings.clock.wall(), machine: name, state: "driver.gaveUp",
        level: LogLevel.error.rawValue, message: absence))
    await abandonAttempts("its driver died three times within a minute")
    surroundings.changed()
    let (stream, bell) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    self.bell = bell
    for await _ in stream { break }
    self.bell = nil
  }

  /// Waits, or until somebody rings.
  private func pause(_ nanoseconds: Int64) async {
    let (stream, bell) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    self.bell = bell
    let clock = surroundings.clock
    let timer = Task {
      try? await clock.sleep(nanoseconds)
      bell.yield()
    }
    for await _ in stream { break }
    timer.cancel()
    self.bell = nil
  }

  private func since(_ driver: DriverIdentity) -> String { LocalTime.iso8601(driver.startedAt) }

  func writeSeen() {
    guard let seen, !seenIsWritten else { return }
    seen.write(surroundings.seenPath(name))
    seenIsWritten = true
  }

  func publishMachine(state: String, reason: String?) {
    surroundings.publish(
      HostEvent(
        kind: .machine, at: surroundings.clock.wall(), machine: name, state: state, message: reason))
    surroundings.changed()
  }
}
