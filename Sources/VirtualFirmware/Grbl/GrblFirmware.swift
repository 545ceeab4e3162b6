/// A GRBL controller in virtual time: a laser or mill of which the host's bytes go in and the firmware's come out.
///
/// Sans-IO, driven like `VirtualFirmware`: `receive` when the host has written, `run(until:)` to let time pass,
/// `takeOutput` for what has left by now, `nextDeadline` to know how long to sleep. Times are nanoseconds on one
/// monotonic clock. Three things go on at once, as on the board: interrupts pick realtime bytes off the line as they
/// arrive; the motors run by themselves on what has been cut for them; the CPU reads lines, plans, and waits.
///
///     off --power--> booting --boot time--> running --0x18, alarm--> running (a soft start, the position kept)
///                                              |
///                                              +--fault `silent`--> hung --reset--> booting
public struct GrblFirmware: Sendable {
  enum Life: Sendable, Equatable {
    case off
    case booting(until: Int64)
    case running
    case hung
  }

  /// What the firmware is.
  public let profile: GrblProfile
  /// What it did; heaters and extruders stay at zero.
  public internal(set) var record = ExecutionRecord()
  /// What came out of the laser or spindle.
  public internal(set) var beam = GrblBeam()
  /// Lines answered with `error:`.
  public internal(set) var errors: Int64 = 0
  /// Realtime bytes that arrived, by what they ask for.
  public internal(set) var asked = GrblRealtimeCounts()
  /// The last alarm's code, 0 when there was none since power-on.
  public internal(set) var lastAlarm: UInt8 = 0
  /// The board resets when the host opens the port, as those with DTR wired to reset do.
  public var resetsOnOpen = false
  /// The host set the right speed; while false, both directions carry garbage.
  public var hostSpeedMatches = true
  /// Machine Z, mm, at which a probe moving down touches; nil where it never does.
  public var probeTouchesAt: Double?

  var life = Life.off
  /// Up to when the CPU has worked.
  var clock: Int64 = 0
  var wake: Int64?
  var lastRun: Int64 = 0
  var stalledUntil: Int64 = 0
  var rx: GrblReceiver
  var tx: TransmitLine
  var memory: GrblMemory
  var planner: GrblPlanner
  var stepper = GrblStepper()
  var stepControl: GrblStepControl = []
  var output = GrblOutput()
  var interpreter = GrblInterpreter()
  var state = GrblState.idle
  var suspend: GrblSuspend = []
  var suspension: GrblSuspension?
  var stopOverride = GrblStopOverride.none
  var flags: GrblFlags = []
  var overrides = GrblPendingOverrides()
  var pendingAlarm: UInt8 = 0
  /// Only a reset is listened to.
  var isStuck = false
  var aborted = false
  /// A move went beyond the travel: the machine stops before the alarm comes.
  var softLimitHit = false
  var flood = false
  /// Which way the spindle's direction pin points.
  var pinDirection = GrblSpindle.off
  var isAsleep = false
  /// grblHAL: no report has been given since the start.
  var isFreshlyStarted = false
  /// grblHAL: a report is to say whether the machine is homed.
  var tellsHomed = false
  /// The planner was emptied by a command that waits for that.
  var stoppedOnPurpose = true
  var probeFound = false
  var probePlace = GrblVector.zero
  var lineReader = GrblLineReader()
  /// Of the line that is being worked on.
  var parts: [GrblPart] = []
  var partIndex = 0
  /// When the part that takes a fixed time is over.
  var partEnds: Int64?
  var stickyError: UInt8 = 0
  var offsetsDueIn = 0
  var overridesDueIn = 0
  var faults: FaultPlan
  var random: Randomness
  var noise = SerialNoise()
  var hostPresent = true
  var events: [FirmwareEvent] = []
  var reply: [UInt8] = []
  let paced: Bool

  /// A firmware that has long been up, or with `coldStart` one that boots at `now` and says so.
  ///
  /// With `blankMemory` its EEPROM was never written, which it says before its banner.
  public init(
    profile: GrblProfile, faults: FaultPlan = FaultPlan(), seed: UInt64 = 1, paced: Bool = true,
    coldStart: Bool = false, blankMemory: Bool = false, now: Int64 = 0
  ) {
    var profile = profile
    if !paced {
      profile.lineCost = 0
      profile.motionCost = 0
    }
    let byteTime = paced ? 10_000_000_000 / profile.baud : 0
    self.profile = profile
    self.paced = paced
    self.faults = faults
    random = Randomness(seed: seed)
    rx = GrblReceiver(capacity: profile.receiveBuffer, byteTime: byteTime)
    tx = TransmitLine(byteTime: byteTime, buffer: profile.transmitBuffer)
    memory = GrblMemory(settings: profile.settings)
    memory.isBlank = blankMemory
    memory.startupIsBlank = blankMemory
    planner = GrblPlanner(capacity: profile.plannerBlocks)
    clock = now
    loadOutput()
    interpreter.workOffset = memory.offsets[0]
    if memory.settings.homing { state = .alarm }
    life = coldStart ? .booting(until: now + profile.bootTime) : .running
  }

  // MARK: The host's side

  /// The host has written these bytes at `now`; they arrive at the speed of the line.
  public mutating func receive(_ bytes: UnsafeBufferPointer<UInt8>, now: Int64) {
    for byte in bytes { receiveByte(byte, now: now) }
    wake = earlierOf(wake, rx.nextNotable)
  }

  /// The host has written these bytes at `now`.
  public mutating func receive(_ bytes: [UInt8], now: Int64) {
    for byte in bytes { receiveByte(byte, now: now) }
    wake = earlierOf(wake, rx.nextNotable)
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
    beam.setHost(true, at: now)
    if resetsOnOpen { reset(now: now) }
  }

  /// The host has closed the port or died; the machine goes on with what it has.
  public mutating func hostClosed(now: Int64) {
    hostPresent = false
    beam.setHost(false, at: now)
  }

  /// The controller starts anew, as at power-on: the EEPROM and nothing else survives.
  public mutating func reset(now: Int64) {
    clock = max(clock, now)
    record.resets += 1
    _ = stepper.advance(to: clock, beam: &beam)
    stepper.kill(at: clock, beam: &beam)
    beam.setPower(0, at: clock)
    rx.clear()
    tx.clear()
    stalledUntil = 0
    lineReader = GrblLineReader()
    state = .idle
    clearRun()
    stepper.setPosition(.zero)
    planner.reset(at: .zero)
    interpreter = GrblInterpreter()
    life = .booting(until: clock + profile.bootTime)
    wake = clock
  }

  /// A limit switch is hit while the machine moves by itself.
  public mutating func pressLimit(now: Int64) {
    run(until: now)
    guard memory.settings.hardLimits, state != .alarm, pendingAlarm == 0, life == .running else { return }
    softReset(at: now)
    pendingAlarm = 1
    wake = clock
  }

  /// Brings the counters up to `now`.
  public mutating func settle(now: Int64) {
    beam.settle(at: now)
    record.overruns = rx.overruns + rx.unheard
  }

  // MARK: What can be read

  /// When something happens by itself next: a byte leaves or the CPU wakes; nil when only the host can go on.
  public var nextDeadline: Int64? { earlierOf(tx.nextLeave, wake) }

  /// As `nextDeadline`, but bytes of one stretch count only when the last has left.
  public var nextMilestone: Int64? { earlierOf(tx.stretchEnd, wake) }

  /// A command is under way that ends by itself, or a reply is on the wire: time may be skipped without losing anything.
  public var isBusy: Bool {
    if lastRun < stalledUntil { return false }
    if tx.nextLeave != nil { return true }
    guard life == .running else { return false }
    return rx.nextNotable != nil || clock > lastRun || stepper.isRunning || partEnds != nil
  }

  /// No move is planned or under way.
  public var isStandingStill: Bool { planner.isEmpty && !stepper.isRunning }

  /// Where the motors stand at the time of the last run, mm.
  public var machinePosition: (x: Double, y: Double, z: Double) {
    let place = stepper.position(at: lastRun) / memory.settings.stepsPerMillimetre
    return (place.x, place.y, place.z)
  }

  /// Bytes that arrived while the EEPROM was being written, and are lost.
  public var bytesLostToMemory: Int64 { rx.unheard }

  /// What a numbered setting holds, nil where there is none of that number.
  public func setting(_ number: Int) -> Double? { memory.settings.value(number) }
}

/// The earlier of two times, either of which may never come.
func earlierOf(_ one: Int64?, _ other: Int64?) -> Int64? {
  guard let one else { return other }
  guard let other else { return one }
  return min(one, other)
}
