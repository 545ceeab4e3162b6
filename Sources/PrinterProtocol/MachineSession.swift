import GCode

/// The host's side of a conversation with one machine of whatever family, as the driver's loop sees it.
///
/// A sum of the families' sessions with one surface: inputs and the time go in, `nextAction` gives out what is to be done and
/// `nextDeadline` when `timeout` wants to be called. Which family it is follows from the configured dialect; under `auto` from
/// what the machine says first:
///
///     listening -> grbl      `Grbl 1.1h [...`, `GrblHAL 1.1f [...`, or a complaint as only GRBL makes it
///               -> declined  `// Klipper state: ...`, `FIRMWARE_NAME:Klipper`
///               -> printer   anything else, once it is greeted
public struct MachineSession: Sendable {
  /// Which session speaks.
  enum Family: Equatable, Sendable {
    /// A Marlin-like printer.
    case printer
    /// GRBL and grblHAL.
    case grbl
    /// Klipper: nothing is sent.
    case declined
  }

  /// What is known of the machine.
  public private(set) var configuration: SessionConfiguration
  var family: Family
  /// Both are values of which only one speaks; side by side, since taking one out of a sum would copy it for each line.
  var printer: PrinterSession
  var grbl: GrblSession
  /// What came so far does not tell the family.
  var isListening = false
  private var recogniser = FirmwareRecogniser()
  /// Where a GRBL's next line lies; used again and again.
  private var lineSpace: [UInt8] = []

  /// Makes a session whose port is closed.
  public init(configuration: SessionConfiguration) {
    self.configuration = configuration
    printer = PrinterSession(configuration: configuration)
    grbl = GrblSession(configuration: configuration)
    family = Self.family(of: configuration)
  }

  private static func family(of configuration: SessionConfiguration) -> Family {
    switch configuration.dialect.name {
    case Dialect.grbl.name, Dialect.grblHAL.name: .grbl
    case Dialect.klipper.name: .declined
    // Lasers and CNC machines speak GRBL, and 0x18 is the first thing that they are told.
    case Dialect.auto.name where configuration.machineClass != .printer: .grbl
    default: .printer
    }
  }

  private var isAutomatic: Bool { configuration.dialect.name == Dialect.auto.name }
  private var isGrbl: Bool { family == .grbl }

  // MARK: To read

  /// What the connection and the machine are doing.
  public var phase: SessionPhase { isGrbl ? grbl.phase : printer.phase }
  /// Why, for phases that need a reason; empty otherwise.
  public var reason: String { isGrbl ? grbl.reason : printer.reason }
  /// The last reading of each heater; empty for machines without heaters.
  public var temperatures: [Temperature] { isGrbl ? [] : printer.temperatures }
  /// What the firmware remembers from line to line; for GRBL the reported work position.
  public var modal: ModalState { isGrbl ? grbl.modal : printer.modal }
  /// How far the running or last job is.
  public var progress: SessionProgress { isGrbl ? grbl.progress : printer.progress }
  /// The prompt that waits for an answer.
  public var prompt: SessionPrompt? { isGrbl ? grbl.prompt : printer.prompt }
  /// The firmware's name as it gave it; empty before.
  public var firmware: String { isGrbl ? grbl.firmware : printer.firmware }
  /// Capabilities that the firmware reported.
  public var capabilities: [String] { isGrbl ? [] : printer.capabilities }
  /// Progress of a print from SD that is not ours, in percent.
  public var sdPercent: Int32? { isGrbl ? nil : printer.sdPercent }
  /// The counters.
  public var counters: SessionCounters { isGrbl ? grbl.counters : printer.counters }
  /// What the connection has shown of cable, adapter and firmware.
  public var health: LinkHealth { isGrbl ? grbl.health : printer.health }
  /// Whether a job was started and has not ended.
  public var isJobRunning: Bool { isGrbl ? grbl.isJobRunning : printer.isJobRunning }
  /// Whether a job is kept although its link is lost.
  public var isJobKept: Bool { !isGrbl && printer.isJobKept }
  /// Whether opening the port is known not to reset the board; what is not known counts as resetting.
  public var opensWithoutReset: Bool { !isGrbl && printer.opensWithoutReset }
  /// Whether heaters should have been switched off by now, which only the port can tell the board.
  public var isCoolingOverdue: Bool { !isGrbl && (printer.isToolOverdue || printer.isBedOverdue) }
  /// When `timeout` wants to be called; nil for never.
  public var nextDeadline: Int64? { isGrbl ? grbl.nextDeadline : printer.nextDeadline }
  /// What a GRBL told of its settings and offsets; nil for other families.
  public var grblReadings: (settings: GrblSettings, offsets: GrblOffsets, status: GrblStatus?)? {
    isGrbl ? (grbl.settings, grbl.offsets, grbl.status) : nil
  }

  // MARK: What to do

  /// The next thing to do, or nil.
  public mutating func nextAction() -> SessionAction? { isGrbl ? grbl.nextAction() : printer.nextAction() }

  /// How many bytes wait to be written.
  public var pendingOutput: Int { isGrbl ? grbl.pendingOutput : printer.pendingOutput }

  /// Lends the bytes that wait to be written.
  public func withPendingOutput<R>(_ body: (UnsafeBufferPointer<UInt8>) -> R) -> R {
    isGrbl ? grbl.withPendingOutput(body) : printer.withPendingOutput(body)
  }

  /// `count` of the waiting bytes were written to the port at `now`.
  public mutating func wrote(_ count: Int, now: Int64) {
    if isGrbl { grbl.wrote(count, now: now) } else { printer.wrote(count, now: now) }
  }

  // MARK: The link

  /// The port is being opened or waited for.
  public mutating func linkOpening(now: Int64) {
    if isGrbl { grbl.linkOpening(now: now) } else { printer.linkOpening(now: now) }
  }

  /// The port is open at the right speed; its input was flushed once, unless this is a reopening.
  public mutating func linkOpened(now: Int64) {
    // A job that is kept knows whom it talks to.
    if isJobKept { return printer.linkOpened(now: now) }
    recogniser.reset()
    if isAutomatic, configuration.machineClass == .printer {
      // A GRBL that was met before is reset first, whatever it does; anything else is listened to anew.
      if family != .grbl || grbl.firmware.isEmpty { family = .printer }
      isListening = family == .printer
    }
    switch family {
    case .printer: printer.linkOpened(now: now)
    case .grbl: grbl.linkOpened(now: now)
    case .declined: decline(now: now)
    }
  }

  /// The port vanished or failed; `reason` names the port and what happened.
  public mutating func linkLost(reason: String, now: Int64) {
    isListening = false
    if isGrbl { grbl.linkLost(reason: reason, now: now) } else { printer.linkLost(reason: reason, now: now) }
  }

  /// The port was closed on request; a running job ends uncertain.
  public mutating func linkClosed(now: Int64) {
    isListening = false
    if isGrbl { grbl.linkClosed(now: now) } else { printer.linkClosed(now: now) }
  }

  /// Bytes came in.
  public mutating func receive(_ bytes: Span<UInt8>, now: Int64) {
    if isListening, let finding = recogniser.read(bytes) { return recognised(finding, bytes, now: now) }
    switch family {
    case .grbl: grbl.receive(bytes, now: now)
    case .printer:
      printer.receive(bytes, now: now)
      if isListening, printer.phase != .handshaking { isListening = false }
    case .declined: break
    }
  }

  /// Bytes came in.
  public mutating func receive(_ bytes: ArraySlice<UInt8>, now: Int64) { receive(bytes.span, now: now) }

  private mutating func recognised(_ finding: FirmwareRecogniser.Finding, _ bytes: Span<UInt8>, now: Int64) {
    isListening = false
    switch finding {
    case .grbl:
      family = .grbl
      grbl.linkOpened(now: now)
      // Its banner is in these bytes: the reset that was just written brings it once more.
      grbl.advance(now: now)
    case .klipper: decline(now: now)
    }
  }

  private mutating func decline(now: Int64) {
    family = .declined
    printer.loseLink(.klipper, now: now)
    printer.actions.append(.closeLink)
  }

  /// The clock reached `nextDeadline`; harmless when called earlier or later.
  public mutating func timeout(now: Int64) {
    if isGrbl { grbl.timeout(now: now) } else { printer.timeout(now: now) }
  }

  /// The firmware's buffers were measured: they count from here where nobody told their size. Only at rest.
  public mutating func take(_ found: MeasuredBuffers) {
    guard isPrinterAtRest else { return }
    configuration.take(found)
    printer.take(found)
  }

  // MARK: The job

  /// Starts a job; its lines are asked for by `wantsLine`.
  public mutating func startJob(_ start: JobStart, now: Int64) throws(SessionRefusal) {
    if isGrbl { return try grbl.startJob(start, now: now) }
    guard configuration.machineClass == .printer else {
      throw SessionRefusal(
        code: "machine.class", sentence: "a laser or a CNC machine is driven only where it speaks GRBL")
    }
    try printer.startJob(start, now: now)
  }

  /// Whether the next line of the file may be supplied now.
  public var wantsLine: Bool { isGrbl ? grbl.wantsLine : printer.wantsLine }

  /// Supplies the next line of the file, cleaned of comments and blanks; an empty one only moves the place in the file.
  public mutating func supply(line: ArraySlice<UInt8>, fileLine: Int64, endOffset: Int64, now: Int64) {
    supply(line: line.span, fileLine: fileLine, endOffset: endOffset, now: now)
  }

  /// Supplies the next line of the file, cleaned of comments and blanks; an empty one only moves the place in the file.
  public mutating func supply(line: Span<UInt8>, fileLine: Int64, endOffset: Int64, now: Int64) {
    if isGrbl {
      lineSpace.removeAll(keepingCapacity: true)
      line.withUnsafeBufferPointer { lineSpace.append(contentsOf: $0) }
      grbl.supply(line: lineSpace[...], fileLine: fileLine, endOffset: endOffset, now: now)
    } else {
      printer.supply(line: line, fileLine: fileLine, endOffset: endOffset, now: now)
    }
  }

  /// Notes a layer mark of the slicer's comments.
  public mutating func note(_ mark: LayerMark) {
    if isGrbl { grbl.note(mark) } else { printer.note(mark) }
  }

  /// The file has no more lines.
  public mutating func endOfFile(now: Int64) {
    if isGrbl { grbl.endOfFile(now: now) } else { printer.endOfFile(now: now) }
  }

  /// The file cannot be read on; the job fails with this fault after the safe ending.
  public mutating func sourceFailed(_ fault: SessionFault, now: Int64) {
    if isGrbl { grbl.sourceFailed(fault, now: now) } else { printer.sourceFailed(fault, now: now) }
  }

  /// Pauses the running job: in order, or by `!`.
  public mutating func pause(now: Int64) throws(SessionRefusal) {
    if isGrbl { try grbl.pause(now: now) } else { try printer.pause(now: now) }
  }

  /// Goes on with a paused job.
  public mutating func resume(now: Int64) throws(SessionRefusal) {
    if isGrbl { try grbl.resume(now: now) } else { try printer.resume(now: now) }
  }

  /// Ends the running job by the safe ending, or by 0x18.
  public mutating func cancel(now: Int64) throws(SessionRefusal) {
    if isGrbl { try grbl.cancel(now: now) } else { try printer.cancel(now: now) }
  }

  // MARK: By hand

  /// Sends one line by hand where safety rule 9 permits it; its answer comes as events with `token`.
  public mutating func send(line: ArraySlice<UInt8>, token: UInt64, now: Int64) throws(SessionRefusal) {
    if isGrbl {
      try grbl.send(line: line, token: token, now: now)
    } else {
      try printer.send(line: line, token: token, now: now)
    }
  }

  /// Does a manual act; `.answered` with `token` follows when it is done.
  public mutating func act(_ act: SessionAct, token: UInt64, now: Int64) throws(SessionRefusal) {
    if isGrbl {
      try grbl.act(act, token: token, now: now)
    } else {
      try printer.act(act, token: token, now: now)
    }
  }

  /// Answers the prompt or the wait for a person.
  public mutating func answer(choice: Int32?, now: Int64) throws(SessionRefusal) {
    if isGrbl {
      try grbl.answer(choice: choice, now: now)
    } else {
      try printer.answer(choice: choice, now: now)
    }
  }

  /// Stops the machine at once; `stopConfirmed` or `stopUnconfirmed` follows.
  public mutating func emergencyStop(now: Int64) {
    if isGrbl { grbl.emergencyStop(now: now) } else { printer.emergencyStop(now: now) }
  }

  /// Leaves the killed state.
  public mutating func reset(now: Int64) throws(SessionRefusal) {
    if isGrbl { try grbl.reset(now: now) } else { try printer.reset(now: now) }
  }

  // MARK: Lasers and spindles

  /// Nobody is connected who watches: where that lasts 10 s, a laser pauses (safety rule 17). Harmless when repeated.
  public mutating func supervisorGone(now: Int64) { if isGrbl { grbl.supervisorGone(now: now) } }

  /// Somebody watches again; what was paused waits for a person's word.
  public mutating func supervisorBack(now: Int64) { if isGrbl { grbl.supervisorBack(now: now) } }

  /// Work zero of G54 here, for the axes named in `axes` (letters of `XYZ`, empty for all). Sends `G10 L20 P1`.
  public mutating func zero(axes: String, token: UInt64, now: Int64) throws(SessionRefusal) {
    guard isGrbl else { throw Self.notGrbl }
    try grbl.zero(axes: axes, token: token, now: now)
  }

  /// Traces the bounds with the beam off; answered when the machine rests.
  public mutating func frame(_ bounds: FrameBounds, token: UInt64, now: Int64) throws(SessionRefusal) {
    guard isGrbl else { throw Self.notGrbl }
    try grbl.frame(bounds, token: token, now: now)
  }

  /// Unlocks after an alarm. Sends `$X`.
  public mutating func unlock(token: UInt64, now: Int64) throws(SessionRefusal) {
    guard isGrbl else { throw Self.notGrbl }
    try grbl.unlock(token: token, now: now)
  }

  /// Homes. Sends `$H`.
  public mutating func homeCycle(token: UInt64, now: Int64) throws(SessionRefusal) {
    guard isGrbl else { throw Self.notGrbl }
    try grbl.homeCycle(token: token, now: now)
  }

  private static let notGrbl = SessionRefusal(
    code: "machine.notGrbl", sentence: "only a laser or a CNC machine that speaks GRBL does this")
}
