/// The states of a job, as a person understands them.
public enum JobState: String, Codable, Sendable, CaseIterable {
  /// Waits for its turn.
  case queued
  /// Waits for a person: held by one, or by a mismatch with the machine.
  case held
  /// A machine prints it.
  case printing
  /// Paused on a machine.
  case paused
  /// A machine stopped in it and asks a person.
  case needsAttention
  /// Every copy is printed.
  case done
  /// Stopped at a line, with a reason; `retry` queues it again.
  case failed
  /// Ended on a person's word.
  case cancelled
  /// What the machine did is not known; a person decides.
  case uncertain
}

/// A job: a file, how often, where, for whom.
public struct JobModel: Codable, Equatable, Sendable, Identifiable {
  /// Its number.
  public var id: Int64
  /// The file's name.
  public var name: String
  /// The file's SHA-256, in lower-case hex.
  public var file: String
  /// The state.
  public var state: JobState
  /// The machine asked for, if one was.
  public var machine: String?
  /// The pool asked for, if one was.
  public var pool: String?
  /// How many to print.
  public var copies: Int
  /// How many are printed.
  public var copiesDone: Int
  /// Higher goes first; 0 is usual.
  public var priority: Int
  /// Its place among those that wait, from 1; nil where nothing of it waits.
  public var place: Int?
  /// The job before which a person put it.
  public var before: Int64?
  /// When it should be ready, ISO 8601.
  public var due: String?
  /// The material it needs.
  public var material: String?
  /// Who submitted it.
  public var submitter: String
  /// A word for the others.
  public var note: String?
  /// Why it is held, failed, uncertain or in need of attention.
  public var reason: String?
  /// When it was submitted, ISO 8601 with milliseconds.
  public var createdAt: String
  /// When its first copy started.
  public var startedAt: String?
  /// When it ended.
  public var endedAt: String?
  /// Submitted with `force`, or released after a check: the check of file against machine only forbids what is too hot.
  public var forced: Bool?
  /// The slicer's estimate for one copy, in seconds.
  public var estimatedSeconds: Int?
  /// Its tries, oldest first; the running ones carry progress.
  public var attempts: [AttemptModel]

  /// Makes a queued job.
  public init(id: Int64, name: String, file: String, submitter: String, createdAt: String) {
    self.id = id
    self.name = name
    self.file = file
    self.state = .queued
    self.copies = 1
    self.copiesDone = 0
    self.priority = 0
    self.submitter = submitter
    self.createdAt = createdAt
    self.attempts = []
  }
}

/// One try at printing one copy.
public struct AttemptModel: Codable, Equatable, Sendable, Identifiable {
  /// 16 hexadecimal digits.
  public var id: String
  /// The machine.
  public var machine: String
  /// `staged`, `printing`, `paused`, `needsAttention`, `done`, `failed`, `cancelled`, `uncertain`, `withdrawn`.
  public var state: String
  /// Which copy it is, from 1.
  public var copy: Int
  /// ISO 8601.
  public var startedAt: String?
  /// ISO 8601.
  public var endedAt: String?
  /// Why it ended, for all but done.
  public var reason: String?
  /// The fault's code, for all but done.
  public var code: String?
  /// How far it is or was.
  public var progress: ProgressModel?

  /// Makes a staged attempt.
  public init(id: String, machine: String, state: String, copy: Int) {
    self.id = id
    self.machine = machine
    self.state = state
    self.copy = copy
  }
}

/// How far an attempt is.
public struct ProgressModel: Codable, Equatable, Sendable {
  /// Last acknowledged line of the file.
  public var line: Int64
  /// Lines of the file, where known.
  public var lines: Int64?
  /// Bytes acknowledged.
  public var bytes: Int64
  /// The file's size.
  public var size: Int64
  /// 0 to 1, by bytes.
  public var fraction: Double
  /// Layer, 1-based.
  public var layer: Int?
  /// Layers in all.
  public var layers: Int?
  /// Seconds since the start.
  public var elapsed: Int64
  /// Seconds left.
  public var remaining: Int64?
  /// Lines sent again.
  public var resends: Int64

  /// Makes a progress value.
  public init(line: Int64, bytes: Int64, size: Int64, elapsed: Int64, resends: Int64) {
    self.line = line
    self.bytes = bytes
    self.size = size
    self.fraction = size > 0 ? Double(bytes) / Double(size) : 0
    self.elapsed = elapsed
    self.resends = resends
  }
}

/// One line of a job's or a machine's history: who did or saw what, when, and why.
public struct HistoryModel: Codable, Equatable, Sendable {
  /// ISO 8601 with milliseconds.
  public var at: String
  /// Who: a user's name, or `fablined`, or `driver NAME`.
  public var who: String
  /// What: `submitted`, `held`, `released`, `started`, `done`, …
  public var what: String
  /// Why, or on which machine.
  public var why: String?
  /// The job it concerns, in a machine's history.
  public var job: Int64?
  /// The machine it concerns, in a job's history.
  public var machine: String?

  /// Makes a line.
  public init(at: String, who: String, what: String, why: String? = nil) {
    self.at = at
    self.who = who
    self.what = what
    self.why = why
  }
}

/// What to change in a job: absent members stay as they are.
public struct JobChange: Codable, Sendable {
  /// New priority.
  public var priority: Int?
  /// New due date, ISO 8601.
  public var due: String?
  /// New number of copies, never below what is printed or running.
  public var copies: Int?
  /// New note.
  public var note: String?
  /// New machine.
  public var machine: String?
  /// Goes right before this job.
  public var before: Int64?
  /// Makes a change that changes nothing.
  public init() {}
}

/// Why a job does not start now.
public struct WhyModel: Codable, Equatable, Sendable {
  /// The job.
  public var job: Int64
  /// One sentence.
  public var summary: String
  /// Per machine that could take it, the reason why not now.
  public var machines: [MachineReason]
  /// Makes an answer.
  public init(job: Int64, summary: String, machines: [MachineReason]) {
    self.job = job
    self.summary = summary
    self.machines = machines
  }
}

/// One machine's reason.
public struct MachineReason: Codable, Equatable, Sendable {
  /// The machine.
  public var machine: String
  /// Stable word: `bed`, `busy`, `material`, `nozzle`, `size`, `model`, `disabled`, `disconnected`, `notReady`, `ahead`, …
  public var code: String
  /// One sentence.
  public var reason: String
  /// Makes a reason.
  public init(machine: String, code: String, reason: String) {
    self.machine = machine
    self.code = code
    self.reason = reason
  }
}
