/// Who acts, how that is known, and from where.
public struct AuditActor: Equatable, Sendable {
  /// The person's name.
  public var name: String
  /// `unix`, `session`, `token NAME`, `nobody`.
  public var via: String
  /// The address at the other end; nil on the Unix socket.
  public var address: String?

  /// Makes an actor.
  public init(name: String, via: String, address: String? = nil) {
    self.name = name
    self.via = via
    self.address = address
  }
}

/// One row of the audit log: who did what, when, from where, to what, and whether it was allowed.
public struct AuditRecord: Equatable, Sendable {
  /// What came of it.
  public enum Outcome: String, CaseIterable, Sendable {
    /// It was done.
    case done
    /// It was not allowed.
    case refused
    /// It was allowed, and did not succeed.
    case failed
  }

  /// Its number, rising; 0 until it is stored.
  public var id: Int64 = 0
  /// In milliseconds since 1970.
  public var at: Int64
  /// Who, how and from where.
  public var actor: AuditActor
  /// `sign-in`, `user added`, …, or method and path of a request.
  public var what: String
  /// The account, job, machine, … that it was done to.
  public var target: String?
  /// What came of it.
  public var outcome: Outcome
  /// What exactly, or why not.
  public var detail: String?

  /// Makes a row.
  public init(
    at: Int64, actor: AuditActor, what: String, target: String? = nil, outcome: Outcome, detail: String? = nil
  ) {
    self.at = at
    self.actor = actor
    self.what = what
    self.target = target
    self.outcome = outcome
    self.detail = detail
  }
}

/// Which rows of the audit log to list.
public struct AuditQuery: Equatable, Sendable {
  /// Only this person's.
  public var who: String?
  /// Only from this time on, in milliseconds since 1970.
  public var since: Int64?
  /// Only below this number: the list goes from the newest to the oldest.
  public var before: Int64?
  /// At most this many.
  public var limit = 200

  /// Makes a query for everything.
  public init() {}
}
