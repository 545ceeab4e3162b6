/// What dispatch decided, and why not otherwise.
public struct DispatchPlan: Equatable, Sendable {
  /// What to stage and start now, in the order of decision; at most one a machine.
  public var assignments: [Assignment]
  /// For every job and every machine that it may run on and was not given: why not now. Sorted by job, then machine.
  public var refusals: [Refusal]
  /// Job numbers in the order in which they would be served now; those that wait for a person are not in it.
  public var order: [Int64]

  /// Makes a plan.
  public init(assignments: [Assignment] = [], refusals: [Refusal] = [], order: [Int64] = []) {
    self.assignments = assignments
    self.refusals = refusals
    self.order = order
  }

  /// One copy for one machine.
  public struct Assignment: Equatable, Sendable {
    /// The job.
    public var job: Int64
    /// The machine.
    public var machine: String
    /// Which copy.
    public var copy: Int

    /// Makes an assignment.
    public init(job: Int64, machine: String, copy: Int) {
      self.job = job
      self.machine = machine
      self.copy = copy
    }
  }

  /// Why one machine does not take one job now.
  public struct Refusal: Equatable, Sendable {
    /// The job.
    public var job: Int64
    /// The machine; nil where the reason lies in the job alone or no machine is named so.
    public var machine: String?
    /// All reasons, the first to be dealt with first; never empty.
    public var obstacles: [Obstacle]

    /// Makes a refusal.
    public init(job: Int64, machine: String?, obstacles: [Obstacle]) {
      self.job = job
      self.machine = machine
      self.obstacles = obstacles
    }

    /// The first reason's code.
    public var code: String { obstacles.first?.code ?? "" }
    /// All reasons in one clause: `the bed is not clear: job 11's part lies there, and PETG is not loaded in T0 (PLA is)`.
    public var sentence: String { obstacles.clause }
  }

  /// The refusals of one job.
  public func refusals(of job: Int64) -> [Refusal] { refusals.filter { $0.job == job } }

  /// One sentence on one job: `prn-3: PETG is not loaded in T0 (PLA is); prn-4: the bed is not clear: ...`. What concerns
  /// the job alone (a hold) is said once, in front.
  public func summary(of job: Int64) -> String {
    let starts = assignments.filter { $0.job == job }.map { "\($0.machine): starts now" }
    let refusals = refusals(of: job)
    var said: [String] = []
    for obstacle in refusals.flatMap(\.obstacles) where obstacle.concernsJobAlone {
      if !said.contains(obstacle.sentence) { said.append(obstacle.sentence) }
    }
    let reasons = refusals.compactMap { refusal -> String? in
      let rest = refusal.obstacles.filter { !$0.concernsJobAlone }
      guard let machine = refusal.machine, !rest.isEmpty else { return nil }
      return "\(machine): \(rest.clause)"
    }
    return (said + starts + reasons).joined(separator: "; ")
  }
}

/// One reason why a machine does not take a job now.
public enum Obstacle: Equatable, Sendable {
  /// The job waits for a person.
  case hold(String)
  /// The job takes no more machines.
  case stopped(String)
  /// A person asked that running jobs finish and none start.
  case draining(by: String)
  /// No machine has the name, or no machine is in the pool; the sentence says which.
  case noMachine(String)
  /// A laser or mill, and nobody pressed start there for this job (safety.md rule 8).
  case unattended(MachineRecord.Kind, job: Int64)
  /// The bed is not clear: the job whose part lies there, where known.
  case bed(MachineRecord.Bed.State, job: Int64?, reason: String?)
  /// Nobody said that the machine may start (safety.md rule 6).
  case notReady
  /// A person disabled it.
  case disabled(String)
  /// No driver, no port, no link.
  case disconnected(String)
  /// It prints another job, or has one staged.
  case busy(job: Int64?, String)
  /// The file has more tools than the machine.
  case tools(wanted: Int, there: Int)
  /// Another material is loaded.
  case material(wanted: String, loaded: String, tool: Int)
  /// Another nozzle is mounted.
  case nozzle(wanted: Double, mounted: Double, tool: Int)
  /// The part does not fit: axis, millimetres of the file and of the machine.
  case size(axis: String, wanted: Double, there: Double)
  /// It was sliced for another model.
  case model(wanted: String, there: String)
  /// It heats above the machine's limit: heater, °C of the file and of the machine.
  case temperature(heater: String, wanted: Double, limit: Double)
  /// Another job goes first on this machine, and why.
  case ahead(job: Int64, because: Precedence)
  /// The job's last copy went to another machine.
  case elsewhere(machine: String)
}

/// By which rule one job goes before another; the first rule that tells them apart.
public enum Precedence: Equatable, Sendable {
  /// A person put it there, or it goes right before a job that is in front.
  case placed
  /// Its priority, with what its submitter's wait added; and the other's.
  case priority(Int, over: Int)
  /// It is due, and earlier.
  case due
  /// Its submitter has had less machine time lately: hours of both.
  case fairShare(submitter: String, hours: Double, over: Double)
  /// Its submitter was served longer ago.
  case servedLongerAgo(submitter: String)
  /// It came first.
  case age
}
