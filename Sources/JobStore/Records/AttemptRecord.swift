/// One try at printing one copy of a job on one machine.
public struct AttemptRecord: Equatable, Sendable {
  /// 16 lower-case hexadecimal digits, never reused.
  public var id: String
  /// The job.
  public var job: Int64
  /// The machine's name.
  public var machine: String
  /// Which copy, from 1.
  public var copy: Int
  /// Where it stands.
  public var state: State
  /// A person has decided about its bad end (`retry`, `cancel`): it no longer shapes the job's state.
  public var settled: Bool
  /// Why it needs attention, failed, was cancelled or is uncertain.
  public var reason: String?
  /// The fault's dotted code.
  public var code: String?
  /// The line of the file (1-based) that the fault concerns.
  public var fileLine: Int64?
  /// The last progress written down; seconds old while it runs.
  public var progress: Progress?
  /// When the row was committed, in milliseconds since 1970.
  public var stagedAt: Int64
  /// When the order to start it was committed.
  public var orderedAt: Int64?
  /// When it started.
  public var startedAt: Int64?
  /// When it ended.
  public var endedAt: Int64?

  /// The attempt that it goes on with, where it recovers one.
  public var recovers: String?
  /// The SHA-256 of the file made for it, where it is not the job's.
  public var file: String?

  /// What the job's state depends on.
  public var standing: Standing { Standing(state: state, settled: settled) }

  /// The part of an attempt that a job's state depends on.
  public struct Standing: Hashable, Sendable {
    /// Where it stands.
    public var state: State
    /// A person has decided about its end.
    public var settled: Bool

    /// Makes a standing.
    public init(state: State, settled: Bool = false) {
      self.state = state
      self.settled = settled
    }
  }

  /// Where an attempt stands.
  public enum State: String, Sendable, CaseIterable {
    /// Committed; a driver may hold the file open. Leads to `printing`, `withdrawn`, or an end.
    case staged
    /// Runs. Leads to `paused`, `needsAttention` or an end.
    case printing
    /// Parked. Leads to `printing`, `needsAttention` or an end.
    case paused
    /// Waits for a person at the machine. Leads to `printing`, `paused` or an end.
    case needsAttention
    /// Printed. Final.
    case done
    /// Stopped at a line. Final.
    case failed
    /// Ended by a person. Final.
    case cancelled
    /// Not known. Leads to a known end when the driver is found again.
    case uncertain
    /// Taken back before it started. Final.
    case withdrawn

    /// Staged or running: it takes the machine and the copy.
    public var isOpen: Bool { self == .staged || isRunning }
    /// Ended without a printed copy, so that a person has to decide.
    public var endedBadly: Bool {
      switch self {
      case .failed, .cancelled, .uncertain: true
      case .staged, .printing, .paused, .needsAttention, .done, .withdrawn: false
      }
    }
    /// The state in a sentence with a copy before it.
    var words: String {
      switch self {
      case .staged: "is staged"
      case .printing: "prints"
      case .paused: "is paused"
      case .needsAttention: "needs attention"
      case .done: "is printed"
      case .failed: "failed"
      case .cancelled: "was cancelled"
      case .uncertain: "is uncertain"
      case .withdrawn: "was withdrawn"
      }
    }
    /// Started and not ended.
    public var isRunning: Bool {
      switch self {
      case .printing, .paused, .needsAttention: true
      case .staged, .done, .failed, .cancelled, .uncertain, .withdrawn: false
      }
    }
  }

  /// How far an attempt was when it was last written down.
  public struct Progress: Equatable, Sendable {
    /// The last acknowledged line of the file, 1-based.
    public var fileLine: Int64
    /// Bytes of the file up to the end of that line.
    public var byteOffset: Int64
    /// The firmware line number of that line.
    public var lineNumber: Int64
    /// Commands acknowledged.
    public var acknowledged: Int64
    /// Lines sent again.
    public var resends: Int64
    /// Layer, 1-based; 0 before the first.
    public var layer: Int64
    /// Seconds since the start.
    public var elapsed: Int64
    /// Seconds left, where known.
    public var remaining: Int64?

    /// Makes a progress value.
    public init(
      fileLine: Int64 = 0, byteOffset: Int64 = 0, lineNumber: Int64 = 0, acknowledged: Int64 = 0,
      resends: Int64 = 0, layer: Int64 = 0, elapsed: Int64 = 0, remaining: Int64? = nil
    ) {
      self.fileLine = fileLine
      self.byteOffset = byteOffset
      self.lineNumber = lineNumber
      self.acknowledged = acknowledged
      self.resends = resends
      self.layer = layer
      self.elapsed = elapsed
      self.remaining = remaining
    }
  }
}

/// How an attempt ended, as its driver or the supervisor tells it.
public struct AttemptEnd: Equatable, Sendable {
  /// The four ends.
  public enum Kind: String, Sendable, CaseIterable {
    /// Every line acknowledged.
    case done
    /// Stopped at a line.
    case failed
    /// Ended by a person.
    case cancelled
    /// Not known.
    case uncertain
  }
  /// Which end.
  public var kind: Kind
  /// When, in milliseconds since 1970.
  public var at: Int64
  /// Why, for all but `done`.
  public var reason: String?
  /// The fault's dotted code.
  public var code: String?
  /// The line of the file that the fault concerns.
  public var fileLine: Int64?
  /// Where it stood.
  public var progress: AttemptRecord.Progress?
  /// False only where it is certain that nothing was extruded: then the bed is what it was before the start.
  public var mayHaveExtruded: Bool
  /// Instead of failing, the job goes back to the queue and waits for a person with this reason (safety.md rule 12).
  public var holdReason: String?

  /// Makes an end.
  public init(
    _ kind: Kind, at: Int64, reason: String? = nil, code: String? = nil, fileLine: Int64? = nil,
    progress: AttemptRecord.Progress? = nil, mayHaveExtruded: Bool = true, holdReason: String? = nil
  ) {
    self.kind = kind
    self.at = at
    self.reason = reason
    self.code = code
    self.fileLine = fileLine
    self.progress = progress
    self.mayHaveExtruded = mayHaveExtruded
    self.holdReason = holdReason
  }
}
