import DriverInterface

/// Something that happened, numbered for everybody who watches: clients of the event stream and readers of the log.
public struct HostEvent: Equatable, Sendable, Identifiable {
  /// Its number; rises, also across restarts of the supervisor, with gaps.
  public var id: Int64
  /// When, in milliseconds since 1970.
  public var at: Int64
  /// What kind of thing.
  public var kind: Kind
  /// The machine it concerns.
  public var machine: String?
  /// The job it concerns.
  public var job: Int64?
  /// The new state, for jobs and machines.
  public var state: String?
  /// The level, for log lines.
  public var level: String?
  /// Text, or the reason of a state.
  public var message: String?
  /// For `progress`.
  public var progress: AttemptProgress?
  /// For `heaters`.
  public var heaters: [HeaterReading]?

  /// The kinds that a client can ask for by name.
  public enum Kind: String, Sendable, CaseIterable {
    /// A job's state changed.
    case job
    /// A machine's phase changed.
    case machine
    /// An attempt went on.
    case progress
    /// New temperatures.
    case heaters
    /// A line of the log.
    case log
    /// The firmware asks, or no longer asks.
    case prompt
    /// Something went wrong.
    case fault
    /// A line of the wire log.
    case wire
    /// Jobs start no more (state `on`), or again (`off`).
    case drain
    /// A serial device was plugged in or unplugged, or a machine's is in doubt.
    case device

    /// Whether only the newest one of a machine is of use: such events are not kept in the ring.
    var isLatestOnly: Bool {
      switch self {
      case .progress, .heaters, .wire: true
      case .job, .machine, .log, .prompt, .fault, .drain, .device: false
      }
    }
  }

  /// Makes an event; the hub numbers it.
  public init(
    kind: Kind, at: Int64, machine: String? = nil, job: Int64? = nil, state: String? = nil,
    level: String? = nil, message: String? = nil, progress: AttemptProgress? = nil,
    heaters: [HeaterReading]? = nil
  ) {
    self.id = 0
    self.at = at
    self.kind = kind
    self.machine = machine
    self.job = job
    self.state = state
    self.level = level
    self.message = message
    self.progress = progress
    self.heaters = heaters
  }
}

/// Which events a reader wants; nil members ask for all.
public struct EventFilter: Equatable, Sendable {
  /// Only this machine's.
  public var machine: String?
  /// Only this job's.
  public var job: Int64?
  /// Only these kinds.
  public var kinds: Set<HostEvent.Kind>?
  /// Only log lines of at least this level.
  public var level: LogLevel?

  /// Asks for everything, or for what is named.
  public init(
    machine: String? = nil, job: Int64? = nil, kinds: Set<HostEvent.Kind>? = nil, level: LogLevel? = nil
  ) {
    self.machine = machine
    self.job = job
    self.kinds = kinds
    self.level = level
  }

  /// Whether `event` is wanted. Wire lines come only to those who name them.
  public func admits(_ event: HostEvent) -> Bool {
    if let machine, event.machine != machine { return false }
    if let job, event.job != job { return false }
    if let kinds {
      guard kinds.contains(event.kind) else { return false }
    } else if event.kind == .wire {
      return false
    }
    if let level, let text = event.level, let has = LogLevel(rawValue: text), has < level { return false }
    return true
  }
}
