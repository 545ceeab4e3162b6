import Foundation

/// Something that somebody outside wants to hear of.
public struct Notice: Codable, Equatable, Sendable {
  /// What happened, as webhooks name it and as the configuration asks for it.
  public enum Event: String, Codable, Sendable, CaseIterable {
    /// Submitted, or let go on.
    case jobQueued = "job.queued"
    /// Waits for a person before it starts.
    case jobHeld = "job.held"
    /// A machine prints it.
    case jobPrinting = "job.printing"
    /// Paused.
    case jobPaused = "job.paused"
    /// A machine stopped in it and asks a person.
    case jobNeedsAttention = "job.needsAttention"
    /// Every copy is printed.
    case jobDone = "job.done"
    /// Stopped at a line.
    case jobFailed = "job.failed"
    /// Ended by a person.
    case jobCancelled = "job.cancelled"
    /// Nobody knows what the machine did.
    case jobUncertain = "job.uncertain"
    /// Something went wrong at a machine.
    case machineFault = "machine.fault"
    /// A machine lost its link.
    case machineLinkLost = "machine.linkLost"
    /// A machine was stopped and waits to be reset.
    case machineKilled = "machine.killed"
  }

  /// The job concerned.
  public struct Job: Codable, Equatable, Sendable {
    /// Its number.
    public var id: Int64
    /// The file's name.
    public var name: String
    /// Who submitted it.
    public var submitter: String

    /// Names a job.
    public init(id: Int64, name: String, submitter: String) {
      self.id = id
      self.name = name
      self.submitter = submitter
    }
  }

  /// The event's number; rises, and names the same notice to every receiver.
  public var id: Int64
  /// When, in milliseconds since 1970.
  public var at: Int64
  /// What.
  public var event: Event
  /// The machine concerned.
  public var machine: String?
  /// The job concerned.
  public var job: Job?
  /// Why, in the supervisor's words.
  public var reason: String?

  /// Makes a notice.
  public init(
    id: Int64, at: Int64, event: Event, machine: String? = nil, job: Job? = nil, reason: String? = nil
  ) {
    self.id = id
    self.at = at
    self.event = event
    self.machine = machine
    self.job = job
    self.reason = reason
  }

  /// A line for a person who sees nothing else.
  public var title: String {
    let part = job.map { "\($0.name) (job \($0.id))" } ?? "a job"
    let place = machine ?? "a machine"
    let there = machine.map { " on \($0)" } ?? ""
    return switch event {
    case .jobQueued: "\(part) is queued"
    case .jobHeld: "\(part) is held"
    case .jobPrinting: "\(part) prints\(there)"
    case .jobPaused: "\(part) is paused\(there)"
    case .jobNeedsAttention: "\(part) needs a person\(there)"
    case .jobDone: "\(part) is printed\(there)"
    case .jobFailed: "\(part) failed\(there)"
    case .jobCancelled: "\(part) was cancelled"
    case .jobUncertain: "\(part) is uncertain\(there)"
    case .machineFault: "\(place) has a fault"
    case .machineLinkLost: "\(place) lost its link"
    case .machineKilled: "\(place) was stopped"
    }
  }

  /// What to do where there is no reason to read.
  public var text: String {
    if let reason, !reason.isEmpty { return reason }
    return switch event {
    case .jobDone: "Take the part off, then say that the machine is ready."
    case .jobUncertain: "Look at the machine, then say what became of it."
    case .jobNeedsAttention: "The machine waits."
    default: title
    }
  }

  /// How much it presses, 1 to 5 as ntfy counts.
  public var priority: Int {
    switch event {
    case .jobNeedsAttention, .jobFailed, .jobUncertain, .machineLinkLost: 4
    case .machineFault, .machineKilled: 5
    case .jobQueued, .jobHeld, .jobPrinting, .jobPaused, .jobDone, .jobCancelled: 3
    }
  }

  /// Words that ntfy shows as a small picture.
  public var tag: String {
    switch event {
    case .jobDone: "white_check_mark"
    case .jobFailed, .jobUncertain, .machineFault, .machineLinkLost, .machineKilled: "rotating_light"
    case .jobNeedsAttention: "raising_hand"
    case .jobQueued, .jobHeld, .jobPrinting, .jobPaused, .jobCancelled: "printer"
    }
  }
}
