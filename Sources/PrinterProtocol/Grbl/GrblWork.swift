/// What a `GrblSession` is in the middle of; values, each with the events that end it.

/// Greeting a GRBL, or reading it again. Ends with `connected`, or with a fault.
struct GrblGreeting: Equatable, Sendable {
  enum Step: Equatable, Sendable {
    /// 0x18 was sent: a banner is due. Leads to `quiet`.
    case banner
    /// The rest of the banner. Leads to `build`.
    case quiet
    /// `$I`. Leads to `settings`.
    case build
    /// `$$`. Leads to `offsets`.
    case settings
    /// `$#`. Leads to `modes`.
    case offsets
    /// `$G`. Leads to `state`, or ends a mere reading.
    case modes
    /// `?`. Ends the greeting.
    case state
  }

  var step: Step
  /// When the step counts as unanswered.
  var deadline: Int64
  /// Resets and lines without an answer.
  var tries = 0
  /// The machine is known; only what may have changed is read again.
  var isReading = false
  /// The line of this step is on its way.
  var isSent = false
}

/// A running job.
struct GrblJob: Sendable {
  /// What the job does.
  enum Stage: Equatable, Sendable {
    /// The session's own questions are waited for, and the machine's rest. Leads to `streaming`, or to `draining` where the
    /// file has ended meanwhile.
    case starting
    /// Lines go out.
    case streaming
    /// Everything sent is waited for, then the aim.
    case draining(Aim)
    /// A person is asked, or has paused; what to do with the answer.
    case asking(Aim)
  }

  /// Reports at its start that did not tell where the machine is.
  var placelessReports = 0

  /// What the machine stands still for.
  enum Aim: Equatable, Sendable {
    /// M6.
    case toolChange(Int32?)
    /// M0.
    case stop
    /// The end of the file.
    case finish
    /// A person's pause of a mill: raised, its spindle off.
    case pause
  }

  let token: UInt64
  var stage = Stage.starting
  var isSourceOpen = true
  var suppliedLine: Int64 = 0
  var suppliedOffset: Int64 = 0
  /// M3 was sent and no M5 since: a beam that stays on at a standstill, or a spindle.
  var hasConstantBeam = false
  /// Any M3 was sent.
  var usedConstant = false
  /// What turned when the machine was stopped for a person, to be brought back.
  var parked: GrblParked?

  /// The file goes on, or its end is waited for.
  mutating func goOn() { stage = isSourceOpen ? .streaming : .draining(.finish) }
}

/// How it stood when a person was asked.
struct GrblParked: Equatable, Sendable {
  var spindle: GrblBlock.Spindle
  var speed: Double
  /// Z in work coordinates, in mm; nil where it was not lifted.
  var z: Double?
}

/// A line of the file that waits for room, or for the wire to be empty.
struct GrblHeld: Equatable, Sendable {
  var fileLine: Int64
  var endOffset: Int64
  var needsEmptyWire: Bool
}

/// Lines of the session's own, each sent when the one before is answered.
struct GrblScript: Equatable, Sendable {
  enum Purpose: Equatable, Sendable {
    /// Lift and switch off before a person is asked. Leads to the prompt.
    case park
    /// On, dwell, down. Leads back to streaming.
    case unpark
    /// Switch off behind the last line. Ends the job as done.
    case finish
  }

  var purpose: Purpose
  var lines: [[UInt8]]
  var next = 0
  var isInFlight = false
  /// A jog was sent: until it rests, GRBL refuses every other line.
  var isMoving = false
}

/// A line or act by hand.
struct GrblHand: Equatable, Sendable {
  var token: UInt64
  var lines: [[UInt8]]
  var next = 0
  var isInFlight = false
  /// The line that was sent last is a jog.
  var isJog = false
  /// What the machine remembers may be another afterwards.
  var changesSettings = false
  /// It homes: nothing is answered meanwhile.
  var isHoming = false
  /// It is answered when the machine rests, and no act comes between.
  var isTrace = false
  /// The answer that waits for the machine to rest.
  var resting: Resting?

  /// What is answered at rest.
  struct Resting: Equatable, Sendable {
    var fault: SessionFault?
  }
}

/// Stopping for good: a hold where it pays to keep the position, then 0x18.
struct GrblStop: Equatable, Sendable {
  enum Step: Equatable, Sendable {
    /// `!` was sent; Hold:0 is due.
    case holding
    /// 0x18 was sent; a banner is due.
    case resetting(tries: Int)
  }

  var step: Step
  var deadline: Int64
  var end: JobEnd
  var fault: SessionFault?
  /// An emergency stop: confirmed by the banner, and the machine stays stopped until a person resets it.
  var isEmergency = false
}

/// What is not certain of the answers since the ledger was last known to be right.
struct GrblDoubt: Equatable, Sendable {
  /// Something came that may have been an answer and could not be read.
  var hasUnreadAnswer = false
}

/// What has to be shown before missing answers are taken for lost ones.
struct GrblVerification: Equatable, Sendable {
  var expected: GrblModal
  var fileLine: Int64
}

/// A question by `$G` that is under way.
struct GrblProbe: Equatable, Sendable {
  var sentAt: Int64
  /// When it should have been answered, if the machine does nothing.
  var deadline: Int64
  /// What the lines before it lead to; more may follow it before it is answered.
  var expected: GrblModal
  /// `[GC:…]` came; its `ok` is due.
  var isAnswered = false
}
