import GCode

/// The host's side of a conversation with one printer, without any input or output of its own.
///
/// Bytes, requests and the time go in; `nextAction` gives out what is to be done; `nextDeadline` says when `timeout` wants to
/// be called. Times are nanoseconds of one monotonic clock. Call `nextAction` until nil after every input.
public struct PrinterSession: Sendable {
  /// What is known of the machine.
  public let configuration: SessionConfiguration
  /// What the connection and the machine are doing.
  public private(set) var phase = SessionPhase.disconnected
  /// Why, for phases that need a reason; empty otherwise.
  public private(set) var reason = ""
  /// The last reading of each heater.
  public private(set) var temperatures: [Temperature] = []
  /// What the firmware remembers from line to line, followed through everything sent.
  public private(set) var modal = ModalState()
  /// How far the running or last job is.
  public private(set) var progress = SessionProgress()
  /// The counters.
  public private(set) var counters = SessionCounters()
  /// The prompt that waits for an answer.
  public private(set) var prompt: SessionPrompt?
  /// M115's line as the firmware wrote it; empty before.
  public private(set) var firmware = ""
  /// Capabilities that the firmware reported as 1.
  public private(set) var capabilities: [String] = []
  /// Progress of a print from SD that is not ours, in percent.
  public private(set) var sdPercent: Int32?
  /// Whether a job was started and has not ended.
  public private(set) var isJobRunning = false
  /// When `timeout` wants to be called; nil for never.
  public private(set) var nextDeadline: Int64?

  /// Makes a session whose port is closed.
  public init(configuration: SessionConfiguration) {
    self.configuration = configuration
  }

  // MARK: The link

  /// The port is being opened or waited for.
  public mutating func linkOpening(now: Int64) {}
  /// The port is open at the right speed; its input was flushed once, unless this is a reopening.
  public mutating func linkOpened(now: Int64) {}
  /// The port vanished or failed; `reason` names the port and what happened.
  public mutating func linkLost(reason: String, now: Int64) {}
  /// The port was closed on request; a running job ends uncertain.
  public mutating func linkClosed(now: Int64) {}
  /// Bytes came in.
  public mutating func receive(_ bytes: Span<UInt8>, now: Int64) {}
  /// Bytes came in.
  public mutating func receive(_ bytes: ArraySlice<UInt8>, now: Int64) {}
  /// The clock reached `nextDeadline`; harmless when called earlier or later.
  public mutating func timeout(now: Int64) {}

  // MARK: What to do

  /// The next thing to do, or nil. `.write` is given again until `wrote` has taken everything.
  public mutating func nextAction() -> SessionAction? { nil }
  /// How many bytes wait to be written.
  public var pendingOutput: Int { 0 }
  /// Lends the bytes that wait to be written.
  public func withPendingOutput<R>(_ body: (UnsafeBufferPointer<UInt8>) -> R) -> R {
    body(UnsafeBufferPointer(start: nil, count: 0))
  }
  /// `count` of the waiting bytes were written to the port at `now`.
  public mutating func wrote(_ count: Int, now: Int64) {}

  // MARK: The job

  /// Starts a job; its lines are asked for by `wantsLine`.
  public mutating func startJob(_ start: JobStart, now: Int64) throws(SessionRefusal) {}
  /// Whether the next line of the file may be supplied now.
  public var wantsLine: Bool { false }
  /// Supplies the next line of the file, cleaned of comments and blanks; an empty one only moves the place in the file.
  ///
  /// `fileLine` counts from 1, `endOffset` is the offset of the byte behind the line's end.
  public mutating func supply(
    line: ArraySlice<UInt8>, fileLine: Int64, endOffset: Int64, now: Int64
  ) {}
  /// Notes a layer mark of the slicer's comments.
  public mutating func note(_ mark: LayerMark) {}
  /// The file has no more lines.
  public mutating func endOfFile(now: Int64) {}
  /// The file cannot be read on; the job fails with this fault after the safe ending.
  public mutating func sourceFailed(_ fault: SessionFault, now: Int64) {}
  /// Pauses after the lines that are already with the firmware.
  public mutating func pause(now: Int64) throws(SessionRefusal) {}
  /// Goes on with a paused job, or with one that needs attention.
  public mutating func resume(now: Int64) throws(SessionRefusal) {}
  /// Ends the running or paused job by the safe ending.
  public mutating func cancel(now: Int64) throws(SessionRefusal) {}

  // MARK: By hand

  /// Sends one line by hand where safety rule 9 permits it; its answer comes as events with `token`.
  public mutating func send(line: ArraySlice<UInt8>, token: UInt64, now: Int64) throws(SessionRefusal) {}
  /// Does a manual act; `.answered` with `token` follows when it is done.
  public mutating func act(_ act: SessionAct, token: UInt64, now: Int64) throws(SessionRefusal) {}
  /// Answers the prompt or the wait for a person. Sends `M876` with the choice, or `M108` for nil.
  public mutating func answer(choice: Int32?, now: Int64) throws(SessionRefusal) {}
  /// Stops the machine at once. Sends `M112`, unnumbered.
  public mutating func emergencyStop(now: Int64) {}
  /// Leaves the killed state: DTR pulse where the board resets by it, else `M999`, then a new greeting.
  public mutating func reset(now: Int64) throws(SessionRefusal) {}
}
