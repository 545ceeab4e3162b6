import GCode

/// The host's side of a conversation with one machine of whatever family, as the driver's loop sees it.
///
/// A sum of the families' sessions with one surface: inputs and the time go in, `nextAction` gives out what is to be done and
/// `nextDeadline` when `timeout` wants to be called. Which family it is follows from the configured dialect.
public struct MachineSession: Sendable {
  /// What is known of the machine.
  public let configuration: SessionConfiguration
  var printer: PrinterSession

  /// Makes a session whose port is closed.
  public init(configuration: SessionConfiguration) {
    self.configuration = configuration
    printer = PrinterSession(configuration: configuration)
  }

  // MARK: To read

  /// What the connection and the machine are doing.
  public var phase: SessionPhase { printer.phase }
  /// Why, for phases that need a reason; empty otherwise.
  public var reason: String { printer.reason }
  /// The last reading of each heater; empty for machines without heaters.
  public var temperatures: [Temperature] { printer.temperatures }
  /// What the firmware remembers from line to line, followed through everything sent.
  public var modal: ModalState { printer.modal }
  /// How far the running or last job is.
  public var progress: SessionProgress { printer.progress }
  /// The prompt that waits for an answer.
  public var prompt: SessionPrompt? { printer.prompt }
  /// The firmware's name as it gave it; empty before.
  public var firmware: String { printer.firmware }
  /// Capabilities that the firmware reported.
  public var capabilities: [String] { printer.capabilities }
  /// Progress of a print from SD that is not ours, in percent.
  public var sdPercent: Int32? { printer.sdPercent }
  /// The counters.
  public var counters: SessionCounters { printer.counters }
  /// Whether a job was started and has not ended.
  public var isJobRunning: Bool { printer.isJobRunning }
  /// When `timeout` wants to be called; nil for never.
  public var nextDeadline: Int64? { printer.nextDeadline }

  // MARK: What to do

  /// The next thing to do, or nil.
  public mutating func nextAction() -> SessionAction? { printer.nextAction() }

  /// How many bytes wait to be written.
  public var pendingOutput: Int { printer.pendingOutput }

  /// Lends the bytes that wait to be written.
  public func withPendingOutput<R>(_ body: (UnsafeBufferPointer<UInt8>) -> R) -> R {
    printer.withPendingOutput(body)
  }

  /// `count` of the waiting bytes were written to the port at `now`.
  public mutating func wrote(_ count: Int, now: Int64) { printer.wrote(count, now: now) }

  // MARK: The link

  /// The port is being opened or waited for.
  public mutating func linkOpening(now: Int64) { printer.linkOpening(now: now) }

  /// The port is open at the right speed; its input was flushed once, unless this is a reopening.
  public mutating func linkOpened(now: Int64) { printer.linkOpened(now: now) }

  /// The port vanished or failed; `reason` names the port and what happened.
  public mutating func linkLost(reason: String, now: Int64) { printer.linkLost(reason: reason, now: now) }

  /// The port was closed on request; a running job ends uncertain.
  public mutating func linkClosed(now: Int64) { printer.linkClosed(now: now) }

  /// Bytes came in.
  public mutating func receive(_ bytes: Span<UInt8>, now: Int64) { printer.receive(bytes, now: now) }

  /// Bytes came in.
  public mutating func receive(_ bytes: ArraySlice<UInt8>, now: Int64) { receive(bytes.span, now: now) }

  /// The clock reached `nextDeadline`; harmless when called earlier or later.
  public mutating func timeout(now: Int64) { printer.timeout(now: now) }

  // MARK: The job

  /// Starts a job; its lines are asked for by `wantsLine`.
  public mutating func startJob(_ start: JobStart, now: Int64) throws(SessionRefusal) {
    try printer.startJob(start, now: now)
  }

  /// Whether the next line of the file may be supplied now.
  public var wantsLine: Bool { printer.wantsLine }

  /// Supplies the next line of the file, cleaned of comments and blanks; an empty one only moves the place in the file.
  public mutating func supply(line: ArraySlice<UInt8>, fileLine: Int64, endOffset: Int64, now: Int64) {
    printer.supply(line: line, fileLine: fileLine, endOffset: endOffset, now: now)
  }

  /// Notes a layer mark of the slicer's comments.
  public mutating func note(_ mark: LayerMark) { printer.note(mark) }

  /// The file has no more lines.
  public mutating func endOfFile(now: Int64) { printer.endOfFile(now: now) }

  /// The file cannot be read on; the job fails with this fault after the safe ending.
  public mutating func sourceFailed(_ fault: SessionFault, now: Int64) {
    printer.sourceFailed(fault, now: now)
  }

  /// Pauses the running job in order.
  public mutating func pause(now: Int64) throws(SessionRefusal) { try printer.pause(now: now) }

  /// Goes on with a paused job.
  public mutating func resume(now: Int64) throws(SessionRefusal) { try printer.resume(now: now) }

  /// Ends the running job by the safe ending.
  public mutating func cancel(now: Int64) throws(SessionRefusal) { try printer.cancel(now: now) }

  // MARK: By hand

  /// Sends one line by hand where safety rule 9 permits it; its answer comes as events with `token`.
  public mutating func send(line: ArraySlice<UInt8>, token: UInt64, now: Int64) throws(SessionRefusal) {
    try printer.send(line: line, token: token, now: now)
  }

  /// Does a manual act; `.answered` with `token` follows when it is done.
  public mutating func act(_ act: SessionAct, token: UInt64, now: Int64) throws(SessionRefusal) {
    try printer.act(act, token: token, now: now)
  }

  /// Answers the prompt or the wait for a person.
  public mutating func answer(choice: Int32?, now: Int64) throws(SessionRefusal) {
    try printer.answer(choice: choice, now: now)
  }

  /// Stops the machine at once; `stopConfirmed` or `stopUnconfirmed` follows.
  public mutating func emergencyStop(now: Int64) { printer.emergencyStop(now: now) }

  /// Leaves the killed state.
  public mutating func reset(now: Int64) throws(SessionRefusal) { try printer.reset(now: now) }

  // MARK: Lasers and spindles

  /// The supervisor is gone since 10 s: a laser pauses, since nobody watches over it any more (safety rule 17).
  public mutating func supervisorGone(now: Int64) {}

  /// The supervisor is back; what was paused waits for a person's word.
  public mutating func supervisorBack(now: Int64) {}
}
