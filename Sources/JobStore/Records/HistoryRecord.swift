/// One row of history: who did or saw what, when, and why. Written in the transaction of the change itself.
public struct HistoryRecord: Equatable, Sendable {
  /// Its number, rising.
  public var id: Int64
  /// In milliseconds since 1970.
  public var at: Int64
  /// A user's name, `fablined`, or `driver NAME`.
  public var who: String
  /// `submitted`, `held`, `released`, `staged`, `started`, `done`, ...
  public var what: String
  /// Why, or what exactly.
  public var why: String?
  /// The job it concerns.
  public var job: Int64?
  /// The machine it concerns.
  public var machine: String?
  /// The attempt it concerns.
  public var attempt: String?
}

/// Which rows of history to list.
public struct HistoryQuery: Equatable, Sendable {
  /// Only of this job.
  public var job: Int64?
  /// Only of this machine.
  public var machine: String?
  /// Only above this number.
  public var after: Int64 = 0
  /// At most this many.
  public var limit: Int = 200

  /// Makes a query for everything.
  public init(job: Int64? = nil, machine: String? = nil) {
    self.job = job
    self.machine = machine
  }
}

/// One row of the event ring: what the supervisor told its listeners.
public struct EventRecord: Equatable, Sendable {
  /// Its number, rising, given by the caller or, when 0, by the store.
  public var id: Int64
  /// In milliseconds since 1970.
  public var at: Int64
  /// `job`, `machine`, `log`, `fault`, `prompt`, ...
  public var kind: String
  /// For log rows: `debug`, `info`, `notice`, `warning`, `error`.
  public var level: String?
  /// The machine it concerns.
  public var machine: String?
  /// The job it concerns.
  public var job: Int64?
  /// New state, where one changed.
  public var state: String?
  /// Text.
  public var message: String?

  /// Makes an event.
  public init(
    id: Int64 = 0, at: Int64, kind: String, level: String? = nil, machine: String? = nil, job: Int64? = nil,
    state: String? = nil, message: String? = nil
  ) {
    self.id = id
    self.at = at
    self.kind = kind
    self.level = level
    self.machine = machine
    self.job = job
    self.state = state
    self.message = message
  }
}

/// Which events to list.
public struct EventQuery: Equatable, Sendable {
  /// Only above this number.
  public var after: Int64 = 0
  /// Only of this machine.
  public var machine: String?
  /// Only of this job.
  public var job: Int64?
  /// Only these kinds; empty for all.
  public var kinds: Set<String> = []
  /// Only these levels; empty for all.
  public var levels: Set<String> = []
  /// Only from this time on, in milliseconds since 1970.
  public var since: Int64?
  /// At most this many; with `newest`, the newest of them, still in rising order.
  public var limit: Int = 500
  /// Takes the newest rows instead of the oldest.
  public var newest: Bool = false

  /// Makes a query for everything.
  public init() {}
}
