/// `POST /api/v1/jobs`.
public struct JobRequest: Codable, Equatable, Sendable {
  /// The file's hash, or an unambiguous beginning of at least 8 digits.
  public var file: String
  /// The one machine that may print it.
  public var machine: String?
  /// The pool whose machines may print it.
  public var pool: String?
  /// How many; 1 where nothing is said.
  public var copies: Int?
  /// -10 to 10; 0 where nothing is said.
  public var priority: Int?
  /// When it should be ready, ISO 8601.
  public var due: String?
  /// The material, where not the file's.
  public var material: String?
  /// Held from the start, with this reason.
  public var hold: String?
  /// A word for the others.
  public var note: String?
  /// Wanted although the check of file against machine finds problems; never lifts a temperature limit.
  public var force: Bool?
  /// Makes a request for one copy.
  public init(file: String) { self.file = file }
}

/// The body of orders that may carry a reason.
public struct ReasonRequest: Codable, Equatable, Sendable {
  /// Why.
  public var reason: String?
  /// Makes a request.
  public init(reason: String? = nil) { self.reason = reason }
}

/// `PUT /api/v1/machines/NAME/wire-log`.
public struct WireLogRequest: Codable, Equatable, Sendable {
  /// Whether the lines to and from the firmware are written.
  public var on: Bool
  /// Makes a request.
  public init(on: Bool) { self.on = on }
}

/// `POST /api/v1/drain`; the answer is the status.
public struct DrainRequest: Codable, Equatable, Sendable {
  /// Whether running jobs finish and none start.
  public var on: Bool
  /// Makes a request.
  public init(on: Bool) { self.on = on }
}

/// `POST /api/v1/backup`.
public struct BackupRequest: Codable, Equatable, Sendable {
  /// The absolute path of the copy, on the supervisor's machine.
  public var path: String
  /// Makes a request.
  public init(path: String) { self.path = path }
}

/// The answer to `POST /api/v1/backup`.
public struct BackupModel: Codable, Equatable, Sendable {
  /// Where the copy of the database is.
  public var path: String
  /// The stored files that belong to it, as absolute paths.
  public var files: [String]
  /// Makes an answer.
  public init(path: String, files: [String]) {
    self.path = path
    self.files = files
  }
}

/// `GET /api/v1/machines/NAME/recorder`: what went over the wire last.
public struct RecorderModel: Codable, Equatable, Sendable {
  /// Oldest first.
  public var lines: [String]
  /// Makes an answer.
  public init(lines: [String]) { self.lines = lines }
}

/// What became of an emergency stop on one machine; `POST /api/v1/estop` answers with a page of them.
public struct StopModel: Codable, Equatable, Sendable {
  /// The machine.
  public var machine: String
  /// It was seen to stop.
  public var confirmed: Bool
  /// What happened and, unconfirmed, what to do.
  public var message: String?
  /// Makes an answer.
  public init(machine: String, confirmed: Bool, message: String?) {
    self.machine = machine
    self.confirmed = confirmed
    self.message = message
  }
}

/// `POST /api/v1/jobs/ID/start` and `POST /api/v1/jobs/ID/frame`.
public struct AttendRequest: Codable, Equatable, Sendable {
  /// The machine at which the person stands; nil where the job names only one.
  public var machine: String?
  /// Makes a request.
  public init(machine: String? = nil) { self.machine = machine }
}
