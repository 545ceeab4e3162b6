/// What the connection and the machine are doing; the same cases as the driver's interface shows.
public enum SessionPhase: UInt8, Sendable {
  /// The port is closed, on request.
  case disconnected = 0
  /// The port is being opened, or waited for.
  case opening = 1
  /// The firmware is being greeted.
  case handshaking = 2
  /// Connected, nothing to do.
  case idle = 3
  /// Streaming a job.
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

/// How a job ended.
public enum JobEnd: UInt8, Sendable {
  /// Every line acknowledged and the motion finished.
  case done = 0
  /// Stopped at a line, with a fault.
  case failed = 1
  /// Ended on a person's word.
  case cancelled = 2
  /// What the machine executed is not known; a person decides.
  case uncertain = 3
}

/// One heater's reading, in °C.
public struct Temperature: Equatable, Sendable {
  /// Which heater.
  public var heater: Heater
  /// Measured.
  public var current: Double
  /// Asked for; 0 is off.
  public var target: Double

  /// Makes a reading.
  public init(heater: Heater, current: Double, target: Double) {
    self.heater = heater
    self.current = current
    self.target = target
  }
}

/// A heater that reports name.
public enum Heater: Equatable, Sendable {
  /// A hot end, from 0.
  case tool(Int32)
  /// The bed.
  case bed
  /// The chamber.
  case chamber

  /// `T0`, `T1`, …, `B`, `C`.
  public var name: String {
    switch self {
    case .tool(let number): "T" + String(number)
    case .bed: "B"
    case .chamber: "C"
    }
  }
}

/// What the firmware, or the session on its own account, asks of a person.
public struct SessionPrompt: Equatable, Sendable {
  /// The words.
  public var text: String
  /// The choices in order; empty: any answer continues.
  public var choices: [String]

  /// Makes a prompt.
  public init(text: String, choices: [String]) {
    self.text = text
    self.choices = choices
  }
}

/// How far the running job is: the last line of the file that the firmware acknowledged, and what it took.
///
/// These are the anchors by which a firmware line number is mapped back to a line of the file.
public struct SessionProgress: Equatable, Sendable {
  /// The last line of the file (1-based) that was acknowledged; 0 before the first.
  public var fileLine: Int64 = 0
  /// Bytes of the file up to the end of that line.
  public var byteOffset: Int64 = 0
  /// The firmware line number that carried it.
  public var lineNumber: Int64 = 0
  /// Lines of the file acknowledged.
  public var acknowledged: Int64 = 0
  /// Lines of this job sent again.
  public var resends: Int64 = 0
  /// The last line of the file that was written to the port, acknowledged or not.
  public var sentFileLine: Int64 = 0
  /// The firmware line number of the last line written.
  public var sentLineNumber: Int64 = 0

  /// Makes progress at the start.
  public init() {}
}

/// Counters since the session began.
public struct SessionCounters: Equatable, Sendable {
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
  /// Times the session had to ask because an answer stayed out.
  public var asked: Int64 = 0
  /// `ok`s that belonged to no line in flight.
  public var strayOks: Int64 = 0
  /// Firmware resets seen.
  public var resets: Int64 = 0

  /// Makes counters at zero.
  public init() {}
}

/// What is told of a job when it starts.
public struct JobStart: Equatable, Sendable {
  /// A number by which events name it; the session gives it no meaning.
  public var token: UInt64

  /// Makes a start.
  public init(token: UInt64) { self.token = token }
}
