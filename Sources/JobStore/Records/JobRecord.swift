/// A job: a file, how often, where, for whom, with its attempts.
public struct JobRecord: Equatable, Sendable {
  /// Its number, from 1, never reused.
  public var id: Int64
  /// The file's SHA-256.
  public var file: String
  /// The file's name at submission.
  public var name: String
  /// The one machine that may print it.
  public var machine: String?
  /// The pool whose machines may print it; exactly one of `machine` and `pool` is set.
  public var pool: String?
  /// How many to print.
  public var copies: Int
  /// -10 to 10; higher goes first.
  public var priority: Int
  /// When it should be ready, in milliseconds since 1970.
  public var due: Int64?
  /// The material asked for in T0, which overrides the file's.
  public var material: String?
  /// Who submitted it.
  public var submitter: String
  /// A word for the others.
  public var note: String?
  /// Why it waits for a person, where it does.
  public var hold: Hold?
  /// A person ended it.
  public var cancellation: Cancellation?
  /// Mismatch codes that a person accepted by releasing it.
  public var accepted: [String]
  /// Who wants it although the check of file against machine finds problems; a temperature limit holds all the same.
  public var forcedBy: String?
  /// The job that it goes right before, while that one waits.
  public var goesBefore: Int64?
  /// In milliseconds since 1970.
  public var createdAt: Int64
  /// Its tries, oldest first.
  public var attempts: [AttemptRecord]

  /// The state, derived from all of the above.
  public var state: State {
    State.derived(
      copies: copies, held: hold != nil, cancelled: cancellation != nil, attempts: attempts.map(\.standing))
  }
  /// How many copies are printed.
  public var copiesDone: Int { attempts.count(where: { $0.state == .done }) }
  /// The copies that are neither printed nor in work, lowest first; empty where the job starts no more of them.
  public var copiesLeft: [Int] {
    let taken = Set(attempts.filter { $0.state == .done || $0.state.isOpen }.map(\.copy))
    let wanted = max(0, copies - taken.count)
    return Array((1...max(1, copies)).lazy.filter { !taken.contains($0) }.prefix(wanted))
  }
  /// Why no further copy starts although the job is not held; nil where one may.
  public var stopReason: String? {
    if cancellation != nil { return "the job is cancelled" }
    if let bad = attempts.first(where: { !$0.settled && $0.state.endedBadly }) {
      return "copy \(bad.copy) \(bad.state.words) on \(bad.machine); the rest waits for `fabline retry`"
    }
    if copiesLeft.isEmpty { return "every copy is printed or in work" }
    return nil
  }
  /// Attempts that a driver holds: staged, printing, paused or in need of attention.
  public var openAttempts: [AttemptRecord] { attempts.filter(\.state.isOpen) }
  /// When the first copy started.
  public var startedAt: Int64? { attempts.compactMap(\.startedAt).min() }
  /// When the job ended; nil while it has not.
  public var endedAt: Int64? {
    guard state.isEnded else { return nil }
    return [attempts.compactMap(\.endedAt).max(), cancellation?.at].compactMap { $0 }.max()
  }
  /// Why it is held, failed, cancelled, uncertain or in need of attention; nil where there is nothing to say.
  public var reason: String? {
    switch state {
    case .held: hold?.reason
    case .cancelled: cancellation?.reason ?? attempts.last { $0.state == .cancelled }?.reason
    case .queued, .done: nil
    case .printing: attempts.last { $0.state == .failed && !$0.settled }?.reason
    case .paused: attempts.last { $0.state == .paused }?.reason
    case .needsAttention: attempts.last { $0.state == .needsAttention }?.reason
    case .failed: attempts.last { $0.state == .failed && !$0.settled }?.reason
    case .uncertain: attempts.last { $0.state == .uncertain && !$0.settled }?.reason
    }
  }
}

extension JobRecord {
  /// Why a job waits for a person, and by whose word.
  public struct Hold: Equatable, Sendable {
    /// Who made it wait.
    public enum Kind: String, Sendable, CaseIterable {
      /// A person.
      case person
      /// The file does not fit the machine (safety.md rule 7).
      case mismatch
      /// The machine could not go on and nothing was printed (safety.md rule 12).
      case machine
      /// The stored file is gone or changed.
      case file
      /// The file does something that a person has to allow (safety.md rule 9), or the check of file against machine found
      /// a problem.
      case question
    }
    /// Who made it wait.
    public var kind: Kind
    /// One sentence.
    public var reason: String
    /// Whose word.
    public var by: String
    /// In milliseconds since 1970.
    public var at: Int64

    /// Makes a hold.
    public init(kind: Kind, reason: String, by: String, at: Int64) {
      self.kind = kind
      self.reason = reason
      self.by = by
      self.at = at
    }
  }

  /// A person's word that ends the job.
  public struct Cancellation: Equatable, Sendable {
    /// One sentence.
    public var reason: String?
    /// Whose word.
    public var by: String
    /// In milliseconds since 1970.
    public var at: Int64

    /// Makes a cancellation.
    public init(reason: String?, by: String, at: Int64) {
      self.reason = reason
      self.by = by
      self.at = at
    }
  }
}

/// What a person submits.
public struct JobSubmission: Equatable, Sendable {
  /// The stored file's SHA-256.
  public var file: String
  /// The machine; nil to use `pool`.
  public var machine: String?
  /// The pool; with both nil the only machine or the only pool is taken, if there is one.
  public var pool: String?
  /// 1 to 10000.
  public var copies: Int
  /// -10 to 10.
  public var priority: Int
  /// In milliseconds since 1970.
  public var due: Int64?
  /// The material, where not the file's.
  public var material: String?
  /// Why it waits for a person from the start.
  public var hold: String?
  /// A word for the others.
  public var note: String?
  /// Wanted although the check of file against machine finds problems; never lifts a temperature limit.
  public var force = false

  /// Makes a submission of one copy.
  public init(file: String, machine: String? = nil, pool: String? = nil, copies: Int = 1, priority: Int = 0) {
    self.file = file
    self.machine = machine
    self.pool = pool
    self.copies = copies
    self.priority = priority
  }
}

/// What to change in a waiting job: nil leaves it as it is.
public struct JobEdit: Equatable, Sendable {
  /// -10 to 10.
  public var priority: Int?
  /// In milliseconds since 1970; `.some(nil)` takes the date away.
  public var due: Int64??
  /// Never below what is printed or in work.
  public var copies: Int?
  /// A word for the others; an empty one takes it away.
  public var note: String?
  /// Another machine; the job leaves its pool.
  public var machine: String?
  /// Another pool; the job leaves its machine.
  public var pool: String?
  /// Another material.
  public var material: String?
  /// Goes right before this job; 0 takes that back.
  public var before: Int64?

  /// Makes an edit that changes nothing.
  public init() {}
}

/// A key that makes a repeated submission find the job of the first.
public struct IdempotencyKey: Equatable, Sendable {
  /// The client's key, 1 to 255 characters.
  public var key: String
  /// A digest of the whole request: another one under the same key is an error.
  public var fingerprint: String

  /// Makes a key.
  public init(key: String, fingerprint: String) {
    self.key = key
    self.fingerprint = fingerprint
  }
}

/// The result of a submission.
public struct SubmissionResult: Equatable, Sendable {
  /// The job.
  public var job: JobRecord
  /// The key came before: this is the job of that time.
  public var repeated: Bool

  /// Makes a result.
  public init(job: JobRecord, repeated: Bool) {
    self.job = job
    self.repeated = repeated
  }
}

/// What the drivers have to be told after a person's word was recorded.
public struct JobOrders: Equatable, Sendable {
  /// The job as it is now.
  public var job: JobRecord
  /// Staged attempts to withdraw; report back with `attemptWithdrawn` or, where they had started, `attemptStarted`.
  public var withdraw: [AttemptRecord]
  /// Running attempts to cancel; report back with `attemptEnded`.
  public var cancel: [AttemptRecord]

  /// Makes orders.
  public init(job: JobRecord, withdraw: [AttemptRecord] = [], cancel: [AttemptRecord] = []) {
    self.job = job
    self.withdraw = withdraw
    self.cancel = cancel
  }
}

/// Which jobs to list.
public struct JobQuery: Equatable, Sendable {
  /// Only these states; empty for all.
  public var states: Set<JobRecord.State> = []
  /// Only jobs that name this machine or had an attempt there.
  public var machine: String?
  /// Only this submitter's.
  public var submitter: String?
  /// Only above this number.
  public var after: Int64 = 0
  /// At most this many.
  public var limit: Int = 200

  /// Makes a query for all jobs.
  public init() {}
}
