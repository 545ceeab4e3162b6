/// A printer's controller in virtual time: the host's bytes go in, the firmware's come out, each with its time.
///
/// Sans-IO: no clock, no descriptor. Whoever drives it calls `receive` when the host has written, `run(until:)` to let
/// time pass, `takeOutput` for what has left by now, and sleeps until `nextDeadline`. Times are nanoseconds on one
/// monotonic clock. The CPU is modelled by `clock`: what it does takes time (the UART's writes block, as on the boards),
/// and meanwhile received bytes pile up in the ring and overflow.
///
///     off --powerOn--> booting --boot time--> running --M112, heater fault--> killed --reset--> booting
///                                                |
///                                                +--fault `silent`--> hung --reset--> booting
public struct VirtualFirmware: Sendable {
  enum Life: Sendable, Equatable {
    case off
    case booting(until: Int64)
    case running
    case killed
    case hung
  }

  /// What the firmware is.
  public let profile: FirmwareProfile
  /// What it did.
  public internal(set) var record = ExecutionRecord()
  /// The board resets when the host opens the port, as boards with DTR wired to reset do.
  public var resetsOnOpen = false
  /// The host set the right speed; while false, both directions carry garbage.
  public var hostSpeedMatches = true

  var life = Life.off
  /// Up to when the CPU has worked.
  var clock: Int64 = 0
  /// When it has something to do again; nil while it waits for the host alone.
  var wake: Int64?
  var activity = Activity.idle
  /// Since when the CPU has waited, and whether it took bytes from the ring meanwhile.
  var idleSince: Int64 = 0
  var readsWhileIdle = false
  /// A line was rejected and said so; ring and resend come next.
  var owesResend = false
  /// It refuses what it reads (`AfterKill.refusal`).
  var isHalted = false
  /// What each line is answered with (`AfterHeaterFault.fatal`).
  var fatalWords: StaticString?
  /// It boots to wait for its button (`AfterKill.restartAndWait`).
  var waitsForButton = false
  /// The line that is being executed in parts has had its `ok`.
  var lineIsAcknowledged = false
  /// The line just read was damaged on its way.
  var lineIsDamaged = false
  /// When the last byte was read.
  var lastByteRead: Int64 = 0
  /// Bad lines that may still be read in this turn of the loop.
  var badLinesLeft = 1
  /// Up to when it was asked to run.
  var lastRun: Int64 = 0
  /// The CPU stands still by a fault until then.
  var stalledUntil: Int64 = 0
  var queue: CommandQueue
  var reader: LineReader
  var rx: ReceiveLine
  var tx: TransmitLine
  var emergency: EmergencyParser?
  var planner: Planner
  var hotEnd: Heater
  var bed: Heater
  var modes = Modes()
  var reports = Reports()
  var card: CardPrint
  var faults: FaultPlan
  var noise = SerialNoise()
  var random: Randomness
  var hostPresent = true
  var heatersUnattendedSince: Int64?
  var events: [FirmwareEvent] = []
  /// The line being executed and its parts.
  var line: [UInt8] = []
  var words: CommandWords
  /// The reply being put together.
  var reply: [UInt8] = []
  /// Pace of UART and CPU; false takes no time for either.
  let paced: Bool

  /// A firmware that has long been up, or with `coldStart` one that boots at `now` and says so.
  public init(
    profile: FirmwareProfile, faults: FaultPlan = FaultPlan(), seed: UInt64 = 1, paced: Bool = true,
    coldStart: Bool = false, printingFromCard: Bool = false, now: Int64 = 0
  ) {
    var profile = profile
    if printingFromCard { profile.sdCard = true }
    if !paced {
      profile.byteCost = 0
      profile.commandCost = 0
      profile.axisCost = 0
      profile.motionCost = 0
      profile.lookaheadCost = 0
      profile.stepCost = 0
      profile.loopCost = 0
      profile.advancedOkCost = 0
      profile.reportCost = 0
      profile.rejectionCost = 0
    }
    // A USB port has no speed of its own: a megabyte a second.
    let byteTime = paced ? profile.flowControl ? 1_000 : 10_000_000_000 / max(profile.baud, 1) : 0
    self.profile = profile
    self.paced = paced
    self.faults = faults
    random = Randomness(seed: seed)
    queue = CommandQueue(profile)
    reader = LineReader(profile)
    rx = ReceiveLine(profile, byteTime: byteTime)
    tx = TransmitLine(byteTime: byteTime, buffer: profile.transmitBuffer)
    planner = Planner(profile)
    hotEnd = Heater(profile.hotEnd)
    bed = Heater(profile.bed)
    words = CommandWords([], rules: profile.lineRules)
    card = CardPrint(running: printingFromCard)
    if profile.emergencyParser { emergency = EmergencyParser() }
    if faults.noPower {
      hotEnd.isBroken = true
      bed.isBroken = true
    }
    clock = now
    startModes()
    life = coldStart ? .booting(until: now + profile.bootTime) : .running
    if printingFromCard { hotEnd.setTarget(200, now: now) }
  }

  // MARK: The host's side

  /// The host has written these bytes at `now`; they arrive at the speed of the line.
  public mutating func receive(_ bytes: UnsafeBufferPointer<UInt8>, now: Int64) {
    for byte in bytes { receiveByte(byte, now: now) }
    wake = earlier(wake, rx.stretchEnd)
  }

  /// The host has written these bytes at `now`.
  public mutating func receive(_ bytes: [UInt8], now: Int64) {
    for byte in bytes { receiveByte(byte, now: now) }
    wake = earlier(wake, rx.stretchEnd)
  }

  /// Appends to `sink` what has left the firmware by `now`.
  public mutating func takeOutput(upTo now: Int64, into sink: inout [UInt8]) {
    let before = sink.count
    tx.take(upTo: now, into: &sink)
    if hostSpeedMatches { return }
    for index in before..<sink.count { sink[index] = UInt8(truncatingIfNeeded: random.next()) }
  }

  /// Keep every executed line for `takeExecuted`; off at first, because nobody may be there to take them.
  public var keepsExecuted: Bool {
    get { record.keepsLog }
    set { record.keepsLog = newValue }
  }

  /// The executed lines since the last call, oldest first; empty unless `keepsExecuted`.
  public mutating func takeExecuted() -> [ExecutedLine] { record.takeLog() }

  /// What happens to the cable or the board next, oldest first.
  public mutating func nextEvent() -> FirmwareEvent? {
    events.isEmpty ? nil : events.removeFirst()
  }

  /// A host has opened the port.
  public mutating func hostOpened(now: Int64) {
    hostPresent = true
    noteHeaters(now: now)
    if resetsOnOpen { reset(now: now) }
  }

  /// The host has closed the port or died.
  public mutating func hostClosed(now: Int64) {
    hostPresent = false
    noteHeaters(now: now)
  }

  /// The controller starts anew: all state but the metal's warmth is lost.
  public mutating func reset(now: Int64) {
    tx.clear()
    restart(now: now)
  }

  /// A reset by the firmware itself: what it has said is still on its way.
  mutating func restart(now: Int64) {
    clock = max(clock, now)
    record.resets += 1
    record.killed = false
    noteHighest(now: clock)
    rx.clear()
    queue.removeAll()
    reader = LineReader(profile)
    planner = Planner(profile)
    hotEnd.resetController()
    bed.resetController()
    if profile.emergencyParser { emergency = EmergencyParser() }
    reports = Reports()
    card = CardPrint(running: false)
    activity = .idle
    readsWhileIdle = false
    owesResend = false
    isHalted = false
    fatalWords = nil
    lineIsAcknowledged = false
    stalledUntil = 0
    startModes()
    life = .booting(until: clock + profile.bootTime)
    noteHeaters(now: clock)
  }

  /// Brings counters and highest temperatures up to `now`.
  public mutating func settle(now: Int64) {
    noteHighest(now: now)
    let since = heatersUnattendedSince
    if let since {
      record.heatersOnAfterHostGone += max(0, now - since)
      heatersUnattendedSince = now
    }
    record.overruns = rx.overruns
  }

  // MARK: What can be read

  /// When something happens by itself next: a byte leaves or the CPU wakes; nil when only the host can go on.
  public var nextDeadline: Int64? {
    switch (tx.nextLeave, wake) {
    case (let leave?, let wake?): min(leave, wake)
    case (let leave?, nil): leave
    case (nil, let wake): wake
    }
  }

  /// As `nextDeadline`, but bytes of one stretch count only when the last has arrived or left.
  ///
  /// Nothing is lost by waking at milestones alone: what came before is worked out with its own times.
  public var nextMilestone: Int64? {
    earlier(tx.stretchEnd, wake)
  }

  /// The firmware waits for a heater: how long is nobody's decision.
  public var isHeating: Bool {
    if case .heat = activity { return life == .running }
    return false
  }

  /// A command is under way that ends by itself, or a reply is on the wire: time may be skipped without losing anything.
  ///
  /// False while a fault makes it stand still and while it boots: that is time which a host is meant to feel.
  public var isBusy: Bool {
    if lastRun < stalledUntil { return false }
    if tx.nextLeave != nil { return true }
    if life == .running, rx.nextArrival != nil || clock > lastRun { return true }
    switch life {
    case .off, .booting, .killed, .hung: return false
    case .running: break
    }
    switch activity {
    case .idle: return !queue.isEmpty
    case .user: return false
    default: return true
    }
  }

  /// Temperature of the hot end, °C.
  public var hotEndTemperature: Double { hotEnd.temperature }
  /// Target of the hot end, °C.
  public var hotEndTarget: Double { hotEnd.target }
  /// Temperature of the bed, °C.
  public var bedTemperature: Double { bed.temperature }
  /// Target of the bed, °C.
  public var bedTarget: Double { bed.target }
  /// Number of the last line taken.
  public var lastLineNumber: Int32 { reader.lastNumber }
  /// No move is planned or under way.
  public var isStandingStill: Bool { planner.isEmpty }
}

/// What the world does to the printer, for the program to act on.
public enum FirmwareEvent: Sendable, Equatable {
  /// The cable is out for so long, ns.
  case unplugged(duration: Int64)
  /// The controller has reset by itself.
  case reset
}
