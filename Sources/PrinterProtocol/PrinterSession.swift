import GCode

/// The host's side of a conversation with one printer, without any input or output of its own.
///
/// Bytes, requests and the time go in; `nextAction` gives out what is to be done; `nextDeadline` says when `timeout` wants to
/// be called. Times are nanoseconds of one monotonic clock. Call `nextAction` until nil after every input.
///
///     disconnected -> opening -> handshaking -> idle <-> printing -> pausing -> paused -> resuming -> printing
///                                    |                      |  \--------\---------\----> cancelling -> idle
///                             printingNotOurs        needsAttention -> printing, cancelling
///     from anywhere: killed (a kill reply or an emergency stop; only `reset` leads on), linkLost, handshaking (the board restarted)
///     with a job and a board that opening does not reset: linkLost -> handshaking -> the phase before (`LinkGap`)
///
/// If the printer errs, `LineStream` finds out which lines it took. If the shell errs (a line supplied while `wantsLine` is
/// false), the line is dropped and the job fails, since a line of the file would be missing.
public struct PrinterSession: Sendable {
  /// What is known of the machine.
  public private(set) var configuration: SessionConfiguration
  /// What the connection and the machine are doing.
  public internal(set) var phase = SessionPhase.disconnected
  /// Why, for phases that need a reason; empty otherwise.
  public internal(set) var reason = ""
  /// The last reading of each heater.
  public internal(set) var temperatures: [Temperature] = []
  /// What the firmware remembers from line to line, followed through everything sent.
  public internal(set) var modal = ModalState()
  /// How far the running or last job is.
  public internal(set) var progress = SessionProgress()
  /// The prompt that waits for an answer.
  public internal(set) var prompt: SessionPrompt?
  /// M115's line as the firmware wrote it; empty before.
  public internal(set) var firmware = ""
  /// Capabilities that the firmware reported as 1.
  public internal(set) var capabilities: [String] = []
  /// The firmware said `Cap:EMERGENCY_PARSER:0`.
  var isWithoutEmergencyParser = false
  /// Progress of a print from SD that is not ours, in percent.
  public internal(set) var sdPercent: Int32?

  /// What the connection has shown of cable, adapter and firmware since the session began.
  public var health: LinkHealth {
    var health = stream.health
    health.resends = counted.resends
    health.damagedIn += counted.garbledReplies
    health.doubledOks = counted.strayOks
    health.asked = counted.asked
    health.resets = counted.resets
    return health
  }
  /// The firmware's quirks: as configured, or as its own words named it where that was left open.
  public var dialect: Dialect { stream.dialect }

  var counted = SessionCounters()
  var stream: LineStream
  var parser = ReplyParser()
  var planned = PlannedTime()
  var slowest = SlowestMove()
  var planner = PlannerWatch()
  let judge: LineJudge

  /// Bytes that wait to be written, from `outputStart` on.
  var output: [UInt8] = []
  var outputStart = 0
  var actions: [SessionAction] = []
  var actionsStart = 0

  var greeting: Greeting?
  var job: Job?
  /// Where the job stood when it was interrupted; nil while it runs.
  var interrupted: JobPlace?
  /// Counts what was sent besides moves: modes may be others since.
  var modesChanged: Int64 = 0
  /// Bytes of the file up to the end of the last line that was sent.
  var sentOffset: Int64 = 0
  /// The link was lost and the job is kept; nil while it is not.
  var gap: LinkGap?
  /// The port vanished since it was last opened by wish.
  var wasLost = false
  /// Seen by opening the port; nil before.
  var openingResets: Bool?
  var script: Script?
  var hands: [HandWork] = []
  /// The line of the file that was supplied and waits for bytes in the window; empty where none does.
  var waiting = WaitingLine()
  var stopWatch: StopWatch?
  /// A kill reply, or the banner after one, was seen since the firmware was last alive.
  var isKillSeen = false
  var heatWatch: HeatWatch?
  /// The heater that the heat wait in flight waits for.
  var heatWait: Heater?
  /// Choices of a prompt that the firmware has begun and not yet shown.
  var promptBegun: SessionPrompt?
  /// The firmware's last words about a line that it did not take.
  var complaint = ""
  var isResetWanted = false
  var isReporting = false

  /// When temperatures are asked for next, and whether that is due.
  var pollAt: Int64?
  var isPollDue = false
  var isCardTurn = false
  /// When the hot end goes to standby in a pause.
  var standbyAt: Int64?
  /// When hot ends and bed go off after an uncertain end or a lost link.
  var toolOffAt: Int64?
  var bedOffAt: Int64?
  /// Heaters whose time ran out while nothing could be sent.
  var isToolOverdue = false
  var isBedOverdue = false
  /// Heaters that a dead driver may have left on were not switched off yet; over with the first greeting (rule 3).
  var isCoolingOwed: Bool
  /// When a print that is not ours is asked after.
  var cardPollAt: Int64?
  var timesNotPrinting = 0
  var cardSilences = 0
  /// Times the numbers were set anew since the job began: a link on which that does not help is given up.
  var renumberings = 0
  /// The board has a card: it is asked again before each job, since a print may have been started at the machine.
  var hasCard = false
  /// When something that moves was sent last: a firmware lets its motors go some time after that.
  var movedAt: Int64 = 0
  /// A banner here would show that opening the port resets the board.
  var isOpeningAwaited = false
  /// Recognised replies and noise since the port was opened: what tells a wrong speed from a silent board.
  var goodReplies = 0
  var noiseReplies = 0

  /// Makes a session whose port is closed.
  public init(configuration: SessionConfiguration) {
    self.configuration = configuration
    stream = LineStream(configuration: configuration)
    judge = LineJudge(configuration: configuration)
    isCoolingOwed = configuration.coolsOnConnect
    modal = ModalState(extruderRule: configuration.dialect.extruderRule)
    output.reserveCapacity(4096)
    waiting.bytes.reserveCapacity(SentHistory.longestLine)
  }

  /// The firmware's buffers were measured, and nothing is in flight: the window follows them where nobody told their size.
  mutating func take(_ found: MeasuredBuffers) {
    configuration.take(found)
    stream.measured(configuration)
  }

  /// The counters.
  public var counters: SessionCounters { counted }

  /// Whether a job was started and has not ended.
  public var isJobRunning: Bool { job != nil }

  /// When `timeout` wants to be called; nil for never.
  public var nextDeadline: Int64? {
    var copy = self
    return copy.deadline()
  }

  // MARK: What to do

  /// The next thing to do, or nil.
  ///
  /// `.write` comes last, and once for each time that bytes were added: what a short write leaves over is written when the
  /// port takes more. `.flushOutput` comes before the bytes that it must not discard.
  public mutating func nextAction() -> SessionAction? {
    if actionsStart < actions.count {
      actionsStart += 1
      return actions[actionsStart - 1]
    }
    if actionsStart > 0 {
      actions.removeAll(keepingCapacity: true)
      actionsStart = 0
    }
    guard pendingOutput > 0, !isWriteGiven else { return nil }
    isWriteGiven = true
    return .write(pendingOutput)
  }
  var isWriteGiven = false

  /// Whether `nextAction` has something.
  mutating func isActing() -> Bool {
    !actions.isEmpty || !isWriteGiven && outputStart < output.count
  }

  /// Gives `.write` where that is the next action.
  mutating func takeWrite() -> Bool {
    guard actions.isEmpty, !isWriteGiven, outputStart < output.count else { return false }
    isWriteGiven = true
    return true
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
    // What was written is cleared away once in many lines: an array does not do that for nothing.
    guard outputStart == output.count, outputStart >= Self.outputKept else { return }
    output.removeAll(keepingCapacity: true)
    outputStart = 0
  }

  /// How many written bytes stay in `output` before they are cleared away; it has room for twice as many.
  private static let outputKept = 2048

  // MARK: Inside

  mutating func tell(_ event: SessionEvent) { actions.append(.event(event)) }

  mutating func enter(_ next: SessionPhase, reason why: String = "") {
    guard next != phase || why != reason else { return }
    phase = next
    reason = why
    tell(.phaseChanged(next, reason: why))
  }

  /// Bytes were added to `output`.
  mutating func outputGrew(from start: Int) {
    guard output.count > start else { return }
    isWriteGiven = false
  }

  /// Throws away what was not handed over yet.
  mutating func dropOutput() {
    output.removeAll(keepingCapacity: true)
    outputStart = 0
    isWriteGiven = false
  }
}

/// The longest of the last moves, which a firmware with a full planner may take before it has room for another.
struct SlowestMove: Sendable {
  private var longest: Int64 = 0
  private var age = 0

  /// The longest of about the last 64 moves in ns.
  var nanoseconds: Int64 { longest }

  mutating func add(_ nanoseconds: Int64) {
    age += 1
    guard nanoseconds >= longest || age > 64 else { return }
    longest = nanoseconds
    age = 0
  }
}
