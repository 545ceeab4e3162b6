import GCode

/// Where a job and its machine are, for the page that outlives the driver: plain numbers, nothing to retain.
public struct SessionPlace: Equatable, Sendable {
  /// How far the job is.
  public var progress = SessionProgress()
  /// The layer from 1; 0 before the first.
  public var layer: Int32 = 0
  /// Where the last line leads to, in mm.
  public var position = Position()
  /// In mm/min; 0 where unknown.
  public var feedrate: Double = 0
  /// The active tool.
  public var tool: Int32 = 0
  /// The active tool's target in °C; 0 is off or unknown.
  public var toolTarget: Double = 0
  /// The bed's target in °C; 0 is off or unknown.
  public var bedTarget: Double = 0
  /// The part fan, 0 to 255.
  public var fan: Double = 0
  /// Coordinates are relative.
  public var isRelative = false
  /// The extruder's coordinate is relative.
  public var isExtruderRelative = false
  /// Lengths are inches.
  public var isInch = false
  /// The axes known to be homed.
  public var homed: Axes = []
  /// The axes whose position is known.
  public var known: Axes = []
  /// Bytes of the file up to the end of the last line that was sent.
  public var sentOffset: Int64 = 0
  /// The firmware line number behind which the lines in flight are; not before the job's first.
  public var base: Int64 = 0
  /// The highest firmware line number given out.
  public var highest: Int64 = 0
  /// Bit i: line number `base` + 1 + i is one of the file's.
  public var fileBits: UInt64 = 0
  /// The first acknowledged line that may not have moved.
  public var openFrom = LineAnchor()
  /// Lines of the file go out and nothing else does: a successor may go on from here.
  public var isStreaming = false
  /// The head is parked for a pause.
  public var isParked = false
  /// Paused, and nothing but polls goes out: a successor may keep the pause.
  public var isPaused = false
  /// Lines that are not the file's go out.
  public var script = RunningScript.none
  /// What opening the port does to the board: 0 not known, 1 nothing, 2 a reset.
  public var openingResets: UInt8 = 0

  /// Where a job is by its progress and by what the firmware remembers.
  public init(_ progress: SessionProgress, _ modal: inout ModalState) {
    self.progress = progress
    layer = modal.layer.map { $0 &+ 1 } ?? 0
    position = modal.position
    feedrate = modal.feedrate ?? 0
    tool = modal.tool
    toolTarget = modal.activeTarget()
    bedTarget = modal.bedTarget ?? 0
    fan = modal.partFan()
    isRelative = modal.isRelative
    isExtruderRelative = modal.extrudesRelatively()
    isInch = modal.isInch
    homed = modal.homed
    known = modal.known
  }
}

/// Which of its own lines a session is sending.
public enum RunningScript: UInt8, Sendable {
  /// None.
  case none = 0
  /// The machine's lines before a job.
  case start
  /// The machine's lines behind a job.
  case end
  /// Retract, lift, park.
  case pause
  /// Heat, prime, return.
  case resume
  /// The safe ending.
  case cancel
  /// The wait for the last moves.
  case finish
}

/// A pause, for the page that outlives the driver: what a resume has to bring back.
public struct PausePlace: Sendable {
  /// What the firmware remembered before.
  public var modal: ModalState
  /// The filament was drawn back.
  public var isRetracted: Bool
  /// The head was lifted or parked.
  public var isLifted: Bool
  /// When the hot end goes to standby; nil where it did.
  public var standbyAt: Int64?
  /// Why it is paused; empty where a person asked for it.
  public var reason: String
  /// Where the head stands.
  public var position: Position

  /// Makes a pause.
  public init(
    modal: ModalState, isRetracted: Bool, isLifted: Bool, standbyAt: Int64?, reason: String,
    position: Position
  ) {
    self.modal = modal
    self.position = position
    self.isRetracted = isRetracted
    self.isLifted = isLifted
    self.standbyAt = standbyAt
    self.reason = reason
  }
}

/// What changes when something is sent that is no step of the file.
public struct Sendings: Equatable, Sendable {
  /// The highest firmware line number given out.
  public var highest: Int64 = -1
  /// How often something but a move was sent.
  public var modes: Int64 = -1
  /// What the machine does.
  public var phase = SessionPhase.disconnected

  /// Makes the value of a session that sent nothing.
  public init() {}

  init(highest: Int64, modes: Int64, phase: SessionPhase) {
    self.highest = highest
    self.modes = modes
    self.phase = phase
  }
}

/// What a loop asks at every turn.
///
/// These are `mutating` though they change nothing: a session is a large value, and only so is it looked at where it lies. A
/// getter of a value that a class holds copies all of it first, some four thousand instructions each time.
extension PrinterSession {
  /// The same as `wantsLine`.
  public mutating func isLineWanted() -> Bool {
    // Room comes first: without it nothing else has to be looked at, and it is asked for behind each line.
    guard phase == .printing, stream.hasRoom(), !isPollDue, job?.canTakeLine() == true else { return false }
    guard script == nil, greeting == nil, waiting.isEmpty else { return false }
    return hands.isEmpty || !isHandDue
  }

  /// The same as `nextDeadline`.
  public mutating func deadline() -> Int64? {
    var earliest = stream.dueAt() ?? .max
    earliest = min(earliest, pollAt ?? .max)
    earliest = min(earliest, greeting?.bannerAt ?? .max)
    earliest = min(earliest, standbyAt ?? .max)
    earliest = min(earliest, toolOffAt ?? .max)
    earliest = min(earliest, bedOffAt ?? .max)
    earliest = min(earliest, cardPollAt ?? .max)
    earliest = min(earliest, stopWatch?.deadline ?? .max)
    earliest = min(earliest, stopWatch?.againAt ?? .max)
    earliest = min(earliest, gap?.due ?? .max)
    return earliest == .max ? nil : earliest
  }

  /// The same as `progress`.
  public mutating func currentProgress() -> SessionProgress { progress }

  /// Whether nothing was sent and nothing acknowledged since these two were taken.
  mutating func isStill(at told: SessionProgress, _ sent: Sendings) -> Bool {
    stream.highest == sent.highest && progress == told && modesChanged == sent.modes && phase == sent.phase
  }

  /// Where the job and the machine are.
  public mutating func place() -> SessionPlace {
    var place = SessionPlace(progress, &modal)
    place.sentOffset = sentOffset
    place.highest = stream.highest
    place.base = max(progress.lineNumber, job?.numberBefore ?? 0)
    if place.highest - place.base <= 64 {
      var number = place.highest
      while number > place.base {
        place.fileBits = place.fileBits << 1 | (stream.history.isOfFile(number) ? 1 : 0)
        number -= 1
      }
    }
    place.openFrom = firstOpenLine()
    place.isStreaming =
      phase == .printing && script == nil && hands.isEmpty && greeting == nil && gap == nil
      && stream.isNumbering && stream.reportsCarryTemperatures && job?.isPlain() == true
    place.isParked = job?.parked?.isLifted == true
    if phase != .printing || script != nil { noteRest(&place) }
    place.openingResets = openingResets.map { $0 ? 2 : 1 } ?? 0
    return place
  }

  /// What else a successor has to know where not only lines of the file go out.
  private mutating func noteRest(_ place: inout SessionPlace) {
    place.script = runningScript()
    guard phase == .paused, script == nil, hands.isEmpty, greeting == nil, gap == nil, stream.isNumbering,
      stream.reportsCarryTemperatures, job?.isPlain() == true, job?.parked != nil
    else { return }
    place.isPaused = true
    // All of the file's lines are answered; how many polls there were since does not matter.
    place.base = max(place.base, stream.highestRetired)
    place.fileBits = 0
  }

  private mutating func runningScript() -> RunningScript {
    switch phase {
    case .pausing: return .pause
    case .resuming: return .resume
    case .cancelling: return .cancel
    default: break
    }
    switch script?.purpose {
    case .start: return .start
    case .end: return .end
    case .pauseHead, .pauseTail: return .pause
    case .resume: return .resume
    case .cancel: return .cancel
    case .finish: return .finish
    case .check, .cool, nil: return .none
    }
  }

  /// The pause that the job is in; nil where it is in none.
  public mutating func pausePlace() -> PausePlace? {
    guard phase == .paused, let parked = job?.parked else { return nil }
    return PausePlace(
      modal: parked.state, isRetracted: parked.isRetracted, isLifted: parked.isLifted, standbyAt: standbyAt,
      reason: reason, position: modal.position)
  }

  /// Looks back over a planner's and a queue's length of numbers; the polls among them make it a little less.
  private mutating func firstOpenLine() -> LineAnchor {
    let before = job?.numberBefore ?? 0
    var number = max(progress.lineNumber - 79, before + 1)
    guard number >= stream.history.oldest else { return job?.openFrom ?? LineAnchor() }
    if number == before + 1 { return job?.openFrom ?? LineAnchor() }
    while number <= progress.lineNumber {
      if stream.history.isOfFile(number), let facts = stream.history.facts(of: number) {
        return LineAnchor(fileLine: facts.fileLine, byteOffset: facts.endOffset, lineNumber: number)
      }
      number += 1
    }
    return LineAnchor(
      fileLine: progress.fileLine, byteOffset: progress.byteOffset, lineNumber: progress.lineNumber)
  }

  /// For how many ns blocking commands have held up the stream since the session began.
  public mutating func heldUp(_ now: Int64) -> Int64 { stream.heldUp(now: now) }

  /// What a page has to keep up with besides progress.
  public mutating func sendings() -> Sendings {
    Sendings(highest: stream.highest, modes: modesChanged, phase: phase)
  }

  /// The same as `withPendingOutput`. (Of one type: a generic one is called through its type's table from another module.)
  public mutating func lendOutput(_ body: (UnsafeBufferPointer<UInt8>) -> Void) {
    output.withUnsafeBufferPointer { body(UnsafeBufferPointer(rebasing: $0[outputStart...])) }
  }
}

extension PrinterSession {
  /// Whether nothing of a person's or of the session's own is being done; polls do not count.
  var isResting: Bool { phase == .idle && job == nil && hands.isEmpty && script == nil && greeting == nil }
}

extension Job {
  /// Whether nothing but lines of its file is to be sent.
  ///
  /// By patterns: comparing an optional of such a value with nil copies it first.
  mutating func isPlain() -> Bool {
    if case .some = held { return false }
    if case .some = ending { return false }
    return isStarted && untaken.isEmpty
  }

  /// Whether its source may give the next line.
  mutating func canTakeLine() -> Bool { isSourceOpen && isStarted && held == nil && untaken.isEmpty }
}

extension LineStream {
  /// The same as `deadline`.
  mutating func dueAt() -> Int64? { deadline }
}

extension MachineSession {
  /// Whether a printer is connected and does nothing but answer polls, so that the port may be used for something else.
  public var isPrinterAtRest: Bool { family == .printer && !isListening && printer.isResting }

  /// The same as `wantsLine`, without a copy of the session.
  public mutating func isLineWanted() -> Bool {
    family == .grbl ? grbl.wantsLine : printer.isLineWanted()
  }

  /// The same as `nextDeadline`, without a copy of the session.
  public mutating func deadline() -> Int64? {
    family == .grbl ? grbl.nextDeadline : printer.deadline()
  }

  /// The same as `progress`, without a copy of the session.
  public mutating func currentProgress() -> SessionProgress {
    family == .grbl ? grbl.progress : printer.progress
  }

  /// Whether nothing was sent and nothing acknowledged since these two were taken.
  public mutating func isStill(at told: SessionProgress, _ sent: Sendings) -> Bool {
    guard family == .grbl else { return printer.isStill(at: told, sent) }
    return grbl.progress == told && sent == Sendings()
  }

  /// The last line of the file that was acknowledged: `progress.fileLine`, without a copy of the session.
  public mutating func fileLineDone() -> Int64 {
    family == .grbl ? grbl.progress.fileLine : printer.progress.fileLine
  }

  /// The layer and how many there are, without a copy of the session; nil before they are known.
  public mutating func layers() -> (now: Int32?, all: Int32?) {
    guard family == .grbl else { return (printer.modal.layer, printer.modal.layerCount) }
    let modal = grbl.modal
    return (modal.layer, modal.layerCount)
  }

  /// Whether `nextAction` has something; false saves the call.
  public mutating func isActing() -> Bool { family == .grbl || printer.isActing() }

  /// Whether the next action is `.write`, which is given by that; what is left to `nextAction` is rare.
  public mutating func takeWrite() -> Bool { family != .grbl && printer.takeWrite() }

  /// What a page has to keep up with besides progress.
  public mutating func sendings() -> Sendings { family == .grbl ? Sendings() : printer.sendings() }

  /// For how many ns blocking commands have held up the stream; 0 where nothing is recovered by it.
  public mutating func heldUp(_ now: Int64) -> Int64 { family == .grbl ? 0 : printer.heldUp(now) }

  /// The pause that a printer's job is in; nil where it is in none.
  public mutating func pausePlace() -> PausePlace? { family == .grbl ? nil : printer.pausePlace() }

  /// Where the job and the machine are.
  public mutating func place() -> SessionPlace { family == .grbl ? grblPlace() : printer.place() }

  /// Apart, so that a printer's place is handed through without a copy.
  @inline(never)
  private mutating func grblPlace() -> SessionPlace {
    var modal = grbl.modal
    return SessionPlace(grbl.progress, &modal)
  }

  /// The same as `withPendingOutput`, without a copy of the session.
  public mutating func lendOutput(_ body: (UnsafeBufferPointer<UInt8>) -> Void) {
    if family == .grbl { grbl.withPendingOutput(body) } else { printer.lendOutput(body) }
  }
}
