/// The answer to one request.
public enum DriverReply: Equatable, Sendable {
  /// The agreed version and who the driver is.
  case hello(version: Int32, driver: DriverIdentity)
  /// Done, or accepted where it takes time (pause, cancel, reset: events tell the rest).
  case done
  /// Refused or failed, with the reason.
  case refused(Fault)
  /// The answer to `status`.
  case status(DriverStatus)
  /// The answer to `recorder`, `send`: lines as text, oldest first.
  case lines([String])
  /// The answer to `emergencyStop`: `confirmed` when a kill reply or a banner was seen within a second.
  case stopped(confirmed: Bool, sentence: String)
  /// The answer to `linkReport`.
  case link(LinkReport)
  /// The answer to the act `measure`.
  case measured(BufferMeasurement)
  /// The answer to `resumePoint`: where that attempt stands or was interrupted; nil where nothing is known of it any more.
  case resumePoint(ResumePoint?)
}

/// Who a driver is; constant while the process lives.
public struct DriverIdentity: Equatable, Sendable {
  /// The program's version.
  public var version: String
  /// The process.
  public var pid: Int32
  /// The machine's name.
  public var machine: String
  /// The port's path.
  public var port: String
  /// When the process started, in milliseconds since 1970.
  public var startedAt: Int64
  /// Drawn at start: event sequences are comparable only within one.
  public var incarnation: UInt64

  /// Makes an identity.
  public init(
    version: String, pid: Int32, machine: String, port: String, startedAt: Int64, incarnation: UInt64
  ) {
    self.version = version
    self.pid = pid
    self.machine = machine
    self.port = port
    self.startedAt = startedAt
    self.incarnation = incarnation
  }
}

/// What the connection and the machine are doing.
public enum MachinePhase: UInt8, Sendable {
  /// The port is closed, on request.
  case disconnected = 0
  /// The port is being opened, or waited for.
  case opening = 1
  /// The firmware is being greeted.
  case handshaking = 2
  /// Connected, nothing to do.
  case idle = 3
  /// Streaming an attempt.
  case printing = 4
  /// Stopping in order.
  case pausing = 5
  /// Parked; heaters by policy.
  case paused = 6
  /// Heating, unparking.
  case resuming = 7
  /// The safe ending runs.
  case cancelling = 8
  /// The firmware parked or asks something, or a heat-up does not rise: a person is needed.
  case needsAttention = 9
  /// The firmware was killed or stopped: only `reset` leads on.
  case killed = 10
  /// The port vanished or answers no longer.
  case linkLost = 11
  /// A print from SD or LCD runs that is not ours.
  case printingNotOurs = 12
}

/// One heater's reading, in °C.
public struct HeaterReading: Equatable, Sendable {
  /// `T0`, `T1`, …, `B`, `C`.
  public var name: String
  /// Measured.
  public var current: Double
  /// Asked for; 0 is off.
  public var target: Double

  /// Makes a reading.
  public init(name: String, current: Double, target: Double) {
    self.name = name
    self.current = current
    self.target = target
  }
}

/// How far an attempt is.
public struct AttemptProgress: Equatable, Sendable {
  /// The try.
  public var attempt: AttemptID
  /// Its job; 0 for a direct print.
  public var job: JobID
  /// The name a person knows the file by.
  public var name: String
  /// The last line of the file (1-based) that the firmware acknowledged.
  public var fileLine: Int64
  /// Bytes of the file up to the end of that line.
  public var byteOffset: Int64
  /// The file's size in bytes.
  public var size: Int64
  /// The firmware line number of that line.
  public var lineNumber: Int64
  /// Commands acknowledged.
  public var acknowledged: Int64
  /// Lines sent again.
  public var resends: Int64
  /// Layer by the slicer's comments or Z, 1-based; 0 before the first.
  public var layer: Int32
  /// Layers in all, where known.
  public var layers: Int32?
  /// Seconds since the start, pauses included.
  public var elapsed: Int64
  /// Seconds left: from M73, the slicer's estimate or the bytes so far; nil where nothing is known.
  public var remaining: Int64?

  /// Makes a progress value.
  public init(
    attempt: AttemptID, job: JobID, name: String, fileLine: Int64 = 0, byteOffset: Int64 = 0, size: Int64 = 0,
    lineNumber: Int64 = 0, acknowledged: Int64 = 0, resends: Int64 = 0, layer: Int32 = 0,
    layers: Int32? = nil, elapsed: Int64 = 0, remaining: Int64? = nil
  ) {
    self.attempt = attempt
    self.job = job
    self.name = name
    self.fileLine = fileLine
    self.byteOffset = byteOffset
    self.size = size
    self.lineNumber = lineNumber
    self.acknowledged = acknowledged
    self.resends = resends
    self.layer = layer
    self.layers = layers
    self.elapsed = elapsed
    self.remaining = remaining
  }
}

/// How an attempt ended.
public enum OutcomeKind: UInt8, Sendable {
  /// Every line acknowledged and the motion finished.
  case done = 0
  /// Stopped at a line, with a fault.
  case failed = 1
  /// Ended on a person's word.
  case cancelled = 2
  /// What the machine executed is not known; a person decides.
  case uncertain = 3
}

/// An attempt's end, kept by the driver until it is acknowledged.
public struct AttemptOutcome: Equatable, Sendable {
  /// Which of the four ends.
  public var kind: OutcomeKind
  /// Where it stood.
  public var progress: AttemptProgress
  /// Why, for all but `done`.
  public var fault: Fault?
  /// When, in milliseconds since 1970.
  public var endedAt: Int64

  /// Makes an outcome.
  public init(kind: OutcomeKind, progress: AttemptProgress, fault: Fault?, endedAt: Int64) {
    self.kind = kind
    self.progress = progress
    self.fault = fault
    self.endedAt = endedAt
  }
}

/// What the firmware asks of a person.
public struct FirmwarePrompt: Equatable, Sendable {
  /// The firmware's words.
  public var text: String
  /// Its choices, in order; the index answers with M876. Empty: any answer continues (M108).
  public var choices: [String]

  /// Makes a prompt.
  public init(text: String, choices: [String]) {
    self.text = text
    self.choices = choices
  }
}

/// Counters since the driver started.
public struct LinkCounters: Equatable, Sendable {
  /// Lines sent, resends and polls included.
  public var linesSent: Int64 = 0
  /// Bytes sent.
  public var bytesSent: Int64 = 0
  /// Bytes received.
  public var bytesReceived: Int64 = 0
  /// Resend incidents.
  public var resends: Int64 = 0
  /// Replies that could not be read.
  public var garbledReplies: Int64 = 0
  /// Times the driver had to ask because an answer stayed out.
  public var asked: Int64 = 0
  /// Firmware resets seen.
  public var resets: Int64 = 0

  /// Makes counters at zero.
  public init() {}
}

/// Everything a driver knows, at one moment.
public struct DriverStatus: Equatable, Sendable {
  /// Who answers.
  public var identity: DriverIdentity
  /// What the machine does.
  public var phase: MachinePhase
  /// Why it is in this phase, for the phases that need a reason; empty otherwise.
  public var reason: String
  /// The running attempt.
  public var running: AttemptProgress?
  /// Attempts staged and not started, in order.
  public var staged: [AttemptID]
  /// Ended attempts that nobody acknowledged yet, oldest first.
  public var outcomes: [AttemptOutcome]
  /// The last reading of each heater.
  public var heaters: [HeaterReading]
  /// X, Y, Z, E as last known from the stream, in mm; empty when unknown.
  public var position: [Double]
  /// Letters of the axes known to be homed.
  public var homed: String
  /// `FIRMWARE_NAME` and its kin from M115, as the firmware wrote it.
  public var firmware: String
  /// Capabilities that the firmware reported as 1.
  public var capabilities: [String]
  /// The prompt that waits for an answer.
  public var prompt: FirmwarePrompt?
  /// The speed asked for and the speed the adapter granted, in baud; 0 while closed.
  public var baudAsked: Int32
  /// What the adapter granted.
  public var baudGranted: Int32
  /// Progress of a print from SD that is not ours, in percent.
  public var sdPercent: Int32?
  /// The counters.
  public var counters: LinkCounters
  /// The highest event sequence given out.
  public var lastEvent: Int64

  /// Makes a status of a driver that just started.
  public init(identity: DriverIdentity, phase: MachinePhase) {
    self.identity = identity
    self.phase = phase
    self.reason = ""
    self.running = nil
    self.staged = []
    self.outcomes = []
    self.heaters = []
    self.position = []
    self.homed = ""
    self.firmware = ""
    self.capabilities = []
    self.prompt = nil
    self.baudAsked = 0
    self.baudGranted = 0
    self.sdPercent = nil
    self.counters = LinkCounters()
    self.lastEvent = 0
  }
}
