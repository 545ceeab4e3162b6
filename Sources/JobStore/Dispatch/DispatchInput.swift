/// Everything that a dispatch decision depends on; nothing else is looked at.
public struct DispatchInput: Equatable, Sendable {
  /// Every job that has not ended, in any order.
  public var jobs: [JobCandidate]
  /// Every machine, in any order.
  public var machines: [MachineFacts]
  /// What each submitter has had lately, in any order; missing submitters have had nothing.
  public var use: [SubmitterUse]
  /// In milliseconds since 1970.
  public var now: Int64
  /// The numbers behind the order.
  public var policy: DispatchPolicy
  /// Who asked that nothing more starts; nil while jobs are given out.
  public var drainedBy: String?

  /// Makes an input.
  public init(
    jobs: [JobCandidate], machines: [MachineFacts], use: [SubmitterUse] = [], now: Int64,
    policy: DispatchPolicy = DispatchPolicy()
  ) {
    self.jobs = jobs
    self.machines = machines
    self.use = use
    self.now = now
    self.policy = policy
  }
}

/// The numbers behind the order of jobs.
public struct DispatchPolicy: Equatable, Sendable {
  /// A job rises by one priority for each of these spells that passed since its submitter was last served on a machine
  /// that could have taken it, in milliseconds; for who has had more than the average, for each `memory` instead. 12 hours:
  /// a day's wait is worth two steps, and the whole range of priorities is outwaited in ten days.
  public var patience: Int64 = 12 * 3_600_000
  /// How far back machine time counts for the fair share, in milliseconds. 7 days.
  public var memory: Int64 = 7 * 86_400_000
  /// How long a copy counts where nobody knows its time, in milliseconds. 1 hour.
  public var unknownDuration: Int64 = 3_600_000

  /// Makes the policy with the usual numbers.
  public init() {}
}

/// A job as dispatch sees it.
public struct JobCandidate: Equatable, Sendable {
  /// Its number.
  public var id: Int64
  /// The file's name, for sentences.
  public var name: String
  /// The one machine that may print it.
  public var machine: String?
  /// The pool whose machines may print it.
  public var pool: String?
  /// Higher goes first.
  public var priority: Int
  /// In milliseconds since 1970.
  public var due: Int64?
  /// Who submitted it.
  public var submitter: String
  /// In milliseconds since 1970.
  public var createdAt: Int64
  /// Goes right before this job, while that one waits too.
  public var goesBefore: Int64?
  /// Why it waits for a person.
  public var hold: String?
  /// Why it takes no more machines although it is not held: a copy failed, it is being cancelled, every copy is in work.
  public var stopped: String?
  /// Who asked that no job starts on any machine; set by `dispatch` from its input.
  var drainedBy: String?
  /// The copies that nobody printed or prints, lowest first.
  public var copiesLeft: [Int]
  /// What its file asks of a machine.
  public var needs: JobNeeds

  /// Makes a candidate of one copy with no needs.
  public init(
    id: Int64, name: String = "", machine: String? = nil, pool: String? = nil, priority: Int = 0,
    due: Int64? = nil, submitter: String, createdAt: Int64, copiesLeft: [Int] = [1],
    needs: JobNeeds = JobNeeds()
  ) {
    self.id = id
    self.name = name
    self.machine = machine
    self.pool = pool
    self.priority = priority
    self.due = due
    self.submitter = submitter
    self.createdAt = createdAt
    self.copiesLeft = copiesLeft
    self.needs = needs
  }

  /// Makes a candidate from what is stored.
  public init(job: JobRecord, file: StoredFacts) {
    self.init(
      id: job.id, name: job.name, machine: job.machine, pool: job.pool, priority: job.priority, due: job.due,
      submitter: job.submitter, createdAt: job.createdAt, copiesLeft: job.copiesLeft,
      needs: JobNeeds(job: job, file: file))
    goesBefore = job.goesBefore
    hold = job.hold?.reason
    stopped = job.stopReason
  }
}

/// What a file asks of a machine; nil or empty where it says nothing, and then nothing is compared.
public struct JobNeeds: Equatable, Sendable {
  /// Material per tool.
  public var materials: [String?] = []
  /// Nozzle per tool, mm.
  public var nozzles: [Double?] = []
  /// Extents X, Y, Z in mm.
  public var extents: [Double] = []
  /// The machine's model.
  public var model: String?
  /// Highest hot-end target, °C.
  public var toolTemperature: Double?
  /// Highest bed target, °C.
  public var bedTemperature: Double?
  /// The slicer's time for one copy, ms.
  public var duration: Int64?
  /// Mismatch codes that a person accepted: `material`, `nozzle`, `size`, `model`, `tools`. Temperatures cannot be.
  public var accepted: Set<String> = []

  /// Makes needs that ask for nothing.
  public init() {}

  /// Reads the needs of a stored job.
  public init(job: JobRecord, file: StoredFacts) {
    self.init(file: file, material: job.material)
    accepted = Set(job.accepted)
  }

  /// Reads the needs of a file; `material` stands for that of T0.
  public init(file: StoredFacts, material: String?) {
    materials = file.materials.map { $0.isEmpty ? nil : $0 }
    if let material {
      if materials.isEmpty { materials = [material] } else { materials[0] = material }
    }
    nozzles = file.nozzles.map { $0 > 0 ? $0 : nil }
    extents = file.extents ?? []
    model = file.printerModel
    toolTemperature = file.toolTemperature
    bedTemperature = file.bedTemperature
    duration = file.seconds.map { $0 * 1000 }
  }
}

/// A machine as dispatch sees it: settings, bed, and what its driver says now.
public struct MachineFacts: Equatable, Sendable {
  /// What the driver and its machine do, as far as a start depends on it.
  public enum Activity: Equatable, Sendable {
    /// Connected with nothing to do.
    case idle
    /// Connected and at work or asking something; the words go into the sentence (`is paused`, `waits for an answer`).
    case occupied(String)
    /// Not to be had: no driver, no port, no link, killed; the words go into the sentence.
    case away(String)
  }

  /// Its name.
  public var name: String
  /// Its class.
  public var kind: MachineRecord.Kind
  /// Its pool.
  public var pool: String?
  /// Why a person disabled it.
  public var disabled: String?
  /// What it does.
  public var activity: Activity
  /// Its bed.
  public var bed: MachineRecord.Bed
  /// It may start: a person said so since power-on, or it starts alone.
  public var ready: Bool
  /// Its tools, T0 first.
  public var tools: [MachineRecord.Tool]
  /// Its model.
  public var model: String?
  /// Travel in mm: X, Y, Z.
  public var volume: [Double]
  /// Highest hot-end temperature, °C.
  public var maxTool: Double
  /// Highest bed temperature, °C.
  public var maxBed: Double
  /// The start that a person gave there; lasers and mills start nothing else (safety.md rule 8).
  public var attendance: Attendance?
  /// The job whose attempt runs there.
  public var running: Int64?
  /// The job whose attempt is staged there.
  public var staged: Int64?

  /// Takes what is stored, and adds what is live.
  public init(machine: MachineRecord, activity: Activity, running: Int64? = nil, staged: Int64? = nil) {
    name = machine.settings.name
    kind = machine.settings.kind
    pool = machine.settings.pool
    disabled = machine.disabled
    self.activity = activity
    bed = machine.bed
    ready = machine.mayStart
    attendance = machine.attendance
    tools = machine.settings.tools
    model = machine.settings.model
    volume = machine.settings.volume
    maxTool = machine.settings.maxTool
    maxBed = machine.settings.maxBed
    self.running = running
    self.staged = staged
  }
}

/// What one submitter has had lately.
public struct SubmitterUse: Equatable, Sendable {
  /// Who.
  public var submitter: String
  /// Machine time in the policy's memory, in milliseconds; a copy that runs counts with at least its estimate.
  public var machineTime: Int64
  /// When a copy was last started for them on each machine, in milliseconds since 1970.
  public var lastServed: [String: Int64]

  /// Makes a use.
  public init(submitter: String, machineTime: Int64, lastServed: [String: Int64] = [:]) {
    self.submitter = submitter
    self.machineTime = machineTime
    self.lastServed = lastServed
  }
}
