import GCode

/// The host's side of a conversation with one GRBL or grblHAL, without any input or output of its own.
///
/// Bytes, requests and the time go in; `nextAction` gives out what is to be done; `nextDeadline` says when `timeout` wants to
/// be called. Call `nextAction` until nil after every input.
///
///     disconnected -> opening -> handshaking -> idle <-> printing <-> pausing -> paused -> resuming -> printing
///                                    |                      |  \--------\---------\------> cancelling -> handshaking
///                     needsAttention (locked by an alarm)  needsAttention (M0, M6, door) -> resuming, cancelling
///     idle -> printing without a job (a frame is traced) -> idle
///     from anywhere: killed (an emergency stop, or an alarm that only a reset ends), linkLost, handshaking (it restarted)
///
/// Lines are sent by character counting: an `ok` or `error:N` frees the bytes of the oldest line in flight. There is no checksum
/// and no line number, so a missing answer is looked for with `$G`, whose `[GC:…]` comes behind the answers to all before it.
/// Every way out of a job but its end goes through 0x18: nothing else is sure to switch a beam or a spindle off.
///
/// If the firmware errs, the job ends there with the reason. If the shell errs (a line supplied while `wantsLine` is false), the
/// line is dropped and the job fails.
public struct GrblSession: Sendable {
  /// What is known of the machine.
  public let configuration: SessionConfiguration
  /// What the connection and the machine are doing.
  public internal(set) var phase = SessionPhase.disconnected
  /// Why, for phases that need a reason; empty otherwise.
  public internal(set) var reason = ""
  /// Where the machine is in work coordinates, and what else the driver shows.
  public internal(set) var modal = ModalState()
  /// How far the running or last job is.
  public internal(set) var progress = SessionProgress()
  /// The prompt that waits for an answer.
  public internal(set) var prompt: SessionPrompt?
  /// The firmware's name and version as it gave them; empty before.
  public internal(set) var firmware = ""
  /// What was read of the settings in this session.
  public internal(set) var settings = GrblSettings()
  /// What was read of the offsets in this session.
  public internal(set) var offsets = GrblOffsets()
  /// The last status report; nil before the first.
  public internal(set) var status: GrblStatus?
  /// The firmware's differences; grblHAL once its banner was seen.
  public internal(set) var dialect: GrblDialect

  var counted = SessionCounters()
  var watched = LinkHealth()
  /// Since when the machine stands still although more of the file waits.
  var dryAt: Int64?
  var parser = GrblReplyParser()
  var ledger = GrblLedger()
  /// What all lines sent lead to.
  var followed = GrblModal()
  /// The line before: a lost line feed may not join the next one to it unnoticed.
  var lastBlock: GrblBlock?
  var doubt = GrblDoubt()
  var track = GrblTrack()
  /// Reports in a row that showed the machine where no line leads.
  var strays = 0
  /// Questions by `$G` in flight, oldest first.
  var probes: [GrblProbe] = []
  var probeTries = 0
  /// When the `ok` of such a question came last.
  var probeAnsweredAt: Int64 = .min
  /// When a line came that could not be read.
  var damagedAt: Int64 = .min
  /// Answers were missing: where the machine must come to rest before more is sent, and the first line concerned.
  var verification: GrblVerification?

  var output: [UInt8] = []
  var outputStart = 0
  var actions: [SessionAction] = []
  var actionsStart = 0
  var isWriteGiven = false

  var greeting: GrblGreeting?
  var job: GrblJob?
  var held: GrblHeld?
  var heldLine: [UInt8] = []
  var script: GrblScript?
  var hands: [GrblHand] = []
  /// A jog by hand was accepted and is not known to rest.
  var isJogging = false
  var stop: GrblStop?
  /// The line in flight must stay alone.
  var isAlone = false

  /// When `?` is sent next, when it was sent last and when first without an answer, and how many stay without.
  var statusAt: Int64?
  var questionAt: Int64 = 0
  var statusAskedAt: Int64 = 0
  /// When the question was asked that the last report answered.
  var reportAskedAt: Int64 = .min
  var isStatusDue = false
  var unanswered = 0
  /// When bytes came last, when an answer came last, when the last line has arrived at the firmware.
  var heardAt: Int64 = 0
  var creditedAt: Int64 = 0
  var settledAt: Int64 = 0
  /// Machine = work + this, as last reported.
  var workOffset = GrblPoint()
  /// Status reports in a row that showed the same finding.
  var repeats = 0
  /// The question behind the last line before a stop or the end was asked.
  var isDrained = false
  /// Where the machine stood still with everything sent behind it; nil once something more is sent.
  var restingPlace: GrblPoint?

  /// When a hold that a pause asked for must be complete.
  var holdAt: Int64?
  /// When a laser pauses for want of a supervisor.
  var supervisorAt: Int64?
  /// The offsets before `$C`, to be compared behind it.
  var offsetsBeforeCheck: GrblOffsets?
  /// Zero was set in this session.
  var hasZero = false
  /// Why no job may start until zero is set again.
  var startObstacle: SessionRefusal?
  var isHomed = false
  /// The locking alarm's code, once seen.
  var alarmCode: Int32?
  var goodReplies = 0
  var noiseReplies = 0

  /// Makes a session whose port is closed.
  public init(configuration: SessionConfiguration) {
    self.configuration = configuration
    dialect = configuration.dialect.name == GrblDialect.grblHAL.name ? .grblHAL : .grbl
    output.reserveCapacity(1024)
    heldLine.reserveCapacity(256)
  }

  /// What the connection has shown; round trips are those of `?`, which waits for no move.
  public var health: LinkHealth {
    var health = watched
    health.lines = counted.linesSent
    health.damagedIn = counted.garbledReplies
    health.doubledOks = counted.strayOks
    health.asked = counted.asked
    health.resets = counted.resets
    return health
  }

  /// The counters.
  public var counters: SessionCounters { counted }

  /// Whether a job was started and has not ended.
  public var isJobRunning: Bool { job != nil }

  /// What the machine is: as configured, or by its laser mode where it is configured as a printer.
  public var machineClass: MachineClass {
    guard configuration.machineClass == .printer else { return configuration.machineClass }
    return settings.laserMode == true ? .laser : .cnc
  }

  /// How many bytes may be in flight.
  public var window: Int {
    if let buffer = configuration.receiveBuffer { return max(16, buffer - 1) }
    guard let buffer = settings.receiveBuffer else { return dialect.window }
    return max(16, min(dialect.widestWindow, Int(buffer) - 1))
  }

  /// When `timeout` wants to be called; nil for never.
  public var nextDeadline: Int64? {
    var earliest: Int64?
    func consider(_ time: Int64?) {
      guard let time else { return }
      earliest = min(earliest ?? time, time)
    }
    consider(statusAt)
    consider(greeting?.deadline)
    consider(stop?.deadline)
    consider(holdAt)
    consider(supervisorAt)
    return earliest
  }

  // MARK: What to do

  /// The next thing to do, or nil. `.write` comes last, `.flushOutput` before the bytes that it must not discard.
  public mutating func nextAction() -> SessionAction? {
    if actionsStart < actions.count {
      actionsStart += 1
      return actions[actionsStart - 1]
    }
    actions.removeAll(keepingCapacity: true)
    actionsStart = 0
    guard pendingOutput > 0, !isWriteGiven else { return nil }
    isWriteGiven = true
    return .write(pendingOutput)
  }

  /// How many bytes wait to be written.
  public var pendingOutput: Int { output.count - outputStart }

  /// Lends the bytes that wait to be written.
  public func withPendingOutput<R>(_ body: (UnsafeBufferPointer<UInt8>) -> R) -> R {
    output.withUnsafeBufferPointer { body(UnsafeBufferPointer(rebasing: $0[outputStart...])) }
  }

  /// `count` of the waiting bytes were written to the port at `now`.
  public mutating func wrote(_ count: Int, now: Int64) {
    outputStart = min(output.count, outputStart + max(0, count))
    counted.bytesSent += Int64(max(0, count))
    guard outputStart == output.count else { return }
    output.removeAll(keepingCapacity: true)
    outputStart = 0
  }

  // MARK: Inside

  mutating func tell(_ event: SessionEvent) { actions.append(.event(event)) }

  mutating func enter(_ next: SessionPhase, reason why: String = "") {
    guard next != phase || why != reason else { return }
    phase = next
    reason = why
    tell(.phaseChanged(next, reason: why))
  }

  mutating func setPrompt(_ next: SessionPrompt?) {
    guard next != prompt else { return }
    prompt = next
    tell(.prompt(next))
  }

  /// Throws away what was not handed over yet.
  mutating func dropOutput() {
    output.removeAll(keepingCapacity: true)
    outputStart = 0
    isWriteGiven = false
  }
}
