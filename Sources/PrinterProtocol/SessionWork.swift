import GCode

/// What the session is in the middle of; values of `PrinterSession`, each with the events that end it.

/// The greeting of a board. Ends with `connected`, with a print that is not ours, or with a fault.
struct Greeting: Equatable, Sendable {
  enum Step: Equatable, Sendable {
    /// The port has just been opened: a banner may come. Leads to `askCard`.
    case banner
    /// M27, unnumbered: is a print from SD running? Leads to `number`, or to a print that is not ours.
    case askCard
    /// `N0 M110`, unnumbered to the stream. Leads to `identify`, or ends a mere renumbering.
    case number
    /// M115. Leads to `measure`.
    case identify
    /// M105. Leads to `report`, or ends the greeting.
    case measure
    /// M155. Ends the greeting.
    case report
  }

  var step: Step
  /// When the banner counts as over, or as missing.
  var bannerAt: Int64?
  /// Lines sent without an answer.
  var tries = 0
  /// Banners seen, and numberings that did not take: a board that restarts again and again is given up.
  var restarts = 0
  /// What came in answer to M27 could not be read, so that it is asked again.
  var isDoubtful = false
  /// Only the numbers are set anew; the machine is known.
  var isRenumbering = false
}

/// Lines that the session sends on its own account, one after the other.
struct Script: Equatable, Sendable {
  enum Purpose: Equatable, Sendable {
    /// M400 and M114. Leads to `pauseTail`.
    case pauseHead
    /// Retract, lift, park, hold. Ends in `paused`.
    case pauseTail
    /// Heat, prime, return. Ends in `printing`.
    case resume
    /// The safe ending. Ends the job.
    case cancel
    /// M27 before the first line: has somebody started a print at the machine? Leads to the first line.
    case check
    /// The machine's own lines before a job. Leads to the first line.
    case start
    /// The machine's own lines behind a job. Leads to `finish`.
    case end
    /// M400 and M105 behind the last line of the file. Ends the job as done.
    case finish
    /// Heaters off or to standby; ends in nothing.
    case cool
  }

  var purpose: Purpose
  var lines: [[UInt8]]
  /// The next line to send.
  var next = 0
  /// Lines sent and not acknowledged.
  var inFlight = 0
  /// The last line is M114, and only its report shows that the lines before it are done.
  var awaitsPosition = false

  var isOver: Bool { next == lines.count && inFlight == 0 && !awaitsPosition }
}

/// A line or act by hand.
struct HandWork: Equatable, Sendable {
  var token: UInt64
  var lines: [[UInt8]]
  var next = 0
  var inFlight = 0
}

/// A running job.
struct Job: Sendable {
  let token: UInt64
  /// The firmware line number before its first line: what is older in the history is not this job's.
  var numberBefore: Int64 = 0
  /// The line from which on lines may not have moved when the history began to be kept.
  var openFrom = LineAnchor()
  /// No print from the card runs, or the board has none.
  var isChecked = false
  /// The machine's own lines before and behind the job were begun, or there are none.
  var isStarted = false
  var isEndBegun = false
  /// More lines may come from the file.
  var isSourceOpen = true
  /// Where the last supplied line ends.
  var suppliedLine: Int64 = 0
  var suppliedOffset: Int64 = 0
  /// A line of the file that a person is asked about.
  var held: HeldLine?
  /// Lines that were sent before the link was lost and not taken: they go out before any other.
  var untaken: [UntakenLine] = []
  /// How the job ends when the safe ending is over; nil while it is not ending.
  var ending: Ending?
  /// What a resume has to bring back.
  var parked: Parked?
  /// Why a person is needed.
  var attention: Attention?
  /// The phase to go back to when a person is needed no longer.
  var attentionFrom = SessionPhase.printing
  /// A pause was asked for while a person was needed.
  var pauseAsked = false
}

/// A line of the file that the window has no bytes for yet. One buffer, used again and again.
struct WaitingLine: Sendable {
  var bytes: [UInt8] = []
  var command = Command()
  var fileLine: Int64 = 0
  var endOffset: Int64 = 0

  var isEmpty: Bool { bytes.isEmpty }

  mutating func hold(_ line: Span<UInt8>, _ command: Command, fileLine: Int64, endOffset: Int64) {
    bytes.removeAll(keepingCapacity: true)
    line.withUnsafeBufferPointer { bytes.append(contentsOf: $0) }
    self.command = command
    self.fileLine = fileLine
    self.endOffset = endOffset
  }

  mutating func clear() { bytes.removeAll(keepingCapacity: true) }
}

struct HeldLine: Equatable, Sendable {
  var line: [UInt8]
  var fileLine: Int64
  var endOffset: Int64
  /// A person said that it shall go.
  var isApproved = false
}

struct Ending: Equatable, Sendable {
  var end: JobEnd
  var fault: SessionFault?
}

/// Why a job waits for a person.
enum Attention: Equatable, Sendable {
  /// The firmware waits in a line that is in flight; over when that line is acknowledged.
  case line
  /// The firmware said `paused`; over when it says `resumed`.
  case paused
  /// The firmware asks a question.
  case prompt
  /// A heater does not warm up; over by `resume`.
  case heat
  /// The session asks about a line of the file.
  case held
}

/// Where and how the machine was when it paused.
struct Parked: Sendable {
  var state: ModalState
  var hasPosition = false
  var isRetracted = false
  var isLifted = false
}

/// A heat-up that is watched for its rise.
struct HeatWatch: Equatable, Sendable {
  var heater: Heater
  /// The temperature from which a rise of 2 °C is counted, and since when.
  var reference: Double
  var since: Int64
}

/// An emergency stop that waits for its confirmation.
struct StopWatch: Equatable, Sendable {
  var deadline: Int64
  /// When M112 is sent once more, in case it was damaged.
  var againAt: Int64
}
