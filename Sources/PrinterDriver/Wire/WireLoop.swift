import CLinux
import DriverInterface
import Glibc
import PrinterProtocol
import SerialPort

/// The wire thread: one epoll loop over port, clients, bell, timer and signals, with no disk call in it.
///
/// Each turn takes what has arrived, then settles: the session's actions are carried out until none is left, lines are
/// supplied while they are wanted, clients are written to as far as they take it, and the timer is set to the next deadline.
/// Nothing here waits but `epoll_wait`.
final class WireLoop {
  /// Who waits for a reply.
  struct ReplyAddress {
    var client: UInt64
    var number: UInt32
  }

  /// A line sent by hand whose answer is being collected.
  struct ConsoleLine {
    var address: ReplyAddress
    var lines: [String] = []
  }

  /// A resume that waits until the disk has noted it.
  struct Resuming {
    var token: UInt64
    var attempt: AttemptID
    var address: ReplyAddress
    /// When it was asked, monotonic ns.
    var askedAt: Int64
  }

  enum Token {
    static let bell: UInt64 = 0
    static let timer: UInt64 = 1
    static let signals: UInt64 = 2
    static let listener: UInt64 = 3
    static let port: UInt64 = 4
    static let firstClient: UInt64 = 16
  }

  let configuration: DriverConfiguration
  let identity: DriverIdentity
  let orders: Mailbox<DiskOrder>
  let reports: Mailbox<DiskReport>
  let control: ControlSocket
  let page: ProgressPage
  let descriptors: WireDescriptors

  var session: MachineSession
  var link = LinkState()
  var ledger: AttemptLedger
  /// The lines of the attempt that has the machine.
  var source: LineSource?
  var events = EventLog()
  var words = RepeatedWords()
  var recorder = FlightRecorder()
  var clients: [UInt64: ClientChannel] = [:]
  var nextClient = Token.firstClient
  /// Something was queued for a client, or came from one, since all were written to.
  var hasClientNews = false

  /// Numbers for letters to the disk, console lines and acts.
  var nextToken: UInt64 = 1
  var staging: [UInt64: (attempt: StagedAttempt, address: ReplyAddress)] = [:]
  var startAddress: ReplyAddress?
  var startRing: ByteRing?
  var acknowledging: [UInt64: ReplyAddress] = [:]
  var resuming: Resuming?
  var looking: [UInt64: ReplyAddress] = [:]
  var measuring: Measuring?
  var performing: [UInt64: ReplyAddress] = [:]
  var framing: [UInt64: ReplyAddress] = [:]
  /// Somebody is connected.
  var isWatched = true
  var endsToTell: [UInt64: AttemptOutcome] = [:]
  var console: [UInt64: ConsoleLine] = [:]
  var stops: [ReplyAddress] = []
  var stopDeadline: Int64?

  var publication = Publication()
  var dumps = RecorderDumps()
  var ending: Ending?
  var suspension: Suspension?
  /// Whether opening the port resets the board, as far as this driver has seen.
  var openingResets: Bool?
  var isOver = false
  /// More lines may be supplied at once; the turn ended so that others get theirs.
  var wantsTurn = false
  var armedTimer: Int64 = .max
  let space = UnsafeMutableRawBufferPointer.allocate(byteCount: 4096, alignment: 16)

  init(
    configuration: DriverConfiguration, control: ControlSocket, page: ProgressPage,
    descriptors: WireDescriptors,
    orders: Mailbox<DiskOrder>, reports: Mailbox<DiskReport>, image: JournalImage
  ) {
    self.configuration = configuration
    self.control = control
    self.page = page
    self.descriptors = descriptors
    self.orders = orders
    self.reports = reports
    // Safety rule 3: whatever a dead driver left on goes off before anything else is done.
    let coolsOnConnect =
      image.open != nil || image.outcomes.contains { $0.fault?.code == "attempt.driverDied" }
    self.session = MachineSession(
      configuration: configuration.sessionConfiguration(coolsOnConnect: coolsOnConnect))
    self.ledger = AttemptLedger(image)
    var incarnation: UInt64 = 0
    _ = clinux_random(&incarnation, 8)
    identity = DriverIdentity(
      version: driverVersion, pid: getpid(), machine: configuration.machine, port: configuration.port,
      startedAt: clinux_realtime_ns() / 1_000_000, incarnation: incarnation)
  }

  deinit { space.deallocate() }

  /// Runs until the driver was told to end; the exit status.
  func run() -> Int32 {
    // The default slack of 50 µs would be added to every deadline.
    _ = clinux_set_timer_slack(1)
    // A turn of this loop takes some microseconds: asking for little at a time lets it in at once on a busy machine.
    _ = clinux_set_time_slice(100_000)
    if configuration.wireLog { turnWireLog(true) }
    link.isWished = !configuration.holdsPort
    if configuration.holdsPort { link.reason = "\(configuration.port) is left closed until it is asked for" }
    var ready = [clinux_epoll_event](repeating: clinux_epoll_event(), count: 32)
    var now = clinux_monotonic_ns()
    while !isOver {
      settle(now)
      if isOver { break }
      let count = clinux_epoll_wait(descriptors.epoll, &ready, 32, wantsTurn ? 0 : -1)
      wantsTurn = false
      now = clinux_monotonic_ns()
      guard count > 0 else { continue }
      // The port comes last: an emergency stop is on its way before the next line is.
      for index in 0..<Int(count) where ready[index].token != Token.port { take(ready[index]) }
      for index in 0..<Int(count) where ready[index].token == Token.port { takePort(ready[index], now) }
      // What came besides the port's bytes may have taken its time.
      if count > 1 || ready[0].token != Token.port { now = clinux_monotonic_ns() }
    }
    closePort()
    return 0
  }

  private func take(_ event: clinux_epoll_event) {
    switch event.token {
    case Token.bell: takeReports()
    case Token.timer:
      var expirations: UInt64 = 0
      _ = clinux_timerfd_take(descriptors.timer, &expirations)
      armedTimer = .max
    case Token.signals: takeSignals()
    case Token.listener: acceptClients()
    default: if let client = clients[event.token] { takeClient(client, event.events) }
    }
  }

  /// Everything that follows from what arrived.
  private func settle(_ now: Int64) {
    page.touch(now)
    if measuring != nil {
      goOnMeasuring(now)
    } else if armedTimer <= now || armedTimer == .max, let deadline = session.deadline(), deadline <= now {
      // The timer is never set later than the next deadline, so before it nothing is due.
      session.timeout(now: now)
    }
    keepLink(now)
    watchSupervisor(now)
    pump(now)
    giveUpStops(now)
    dumpIfDue(now)
    goOnSuspending(now)
    if ending != nil { goOnEnding(now) }
    publish(now)
    if hasClientNews { flushClients() }
    armTimer()
  }

  /// Sets the timer where a deadline is earlier than it; one that fires too early costs a turn and no more.
  private func armTimer() {
    var next = measuring == nil ? session.deadline() ?? .max : measuring?.measurement.nextDeadline ?? .max
    // One by one: `min` of more than two makes an array, on the heap and at each line.
    next = min(next, link.nextTry ?? .max)
    next = min(next, link.raiseDTRAt ?? .max)
    next = min(next, stopDeadline ?? .max)
    next = min(next, ending?.deadline ?? .max)
    next = min(next, suspensionDue ?? .max)
    next = min(next, publication.nextDue ?? .max)
    next = min(next, dumps.due ?? .max)
    guard next < armedTimer else { return }
    armedTimer = next
    _ = clinux_timerfd_set(descriptors.timer, max(1, next))
  }

  private func takeSignals() {
    var signal = clinux_signal()
    while clinux_signalfd_take(descriptors.signals, &signal) == 0 {
      // A second signal changes nothing: the safe ending goes on (safety rule 4).
      beginEnding("signal \(signal.number) from process \(signal.pid)")
    }
  }

  // MARK: - Telling

  func token() -> UInt64 {
    defer { nextToken += 1 }
    return nextToken
  }

  /// Gives an event its number and hands it to all who listen.
  func emit(_ kind: DriverEventKind) {
    let frame = events.append(kind, at: clinux_realtime_ns() / 1_000_000)
    hasClientNews = true
    for client in clients.values { client.sendEvent(frame, sequence: events.last) }
  }

  func reply(_ address: ReplyAddress?, _ reply: DriverReply) {
    guard let address else { return }
    hasClientNews = true
    clients[address.client]?.send(.reply(number: address.number, reply))
  }

  /// A line for standard error, by way of the disk thread; lost where that one is far behind.
  func log(_ words: String) {
    _ = orders.offer(.log(at: clinux_realtime_ns() / 1_000_000, words))
  }

  func tell(_ fault: Fault) {
    log("\(fault.code): \(fault.sentence)")
    emit(.fault(fault))
  }
}
