import DriverInterface

/// A conversation with one driver, as the supervisor needs it: the seam where tests put a driver of their own.
public protocol DriverLink: Sendable {
  /// Who answered.
  var driver: DriverIdentity { get }
  /// What happens, once `subscribe` was asked; ends with the conversation.
  var events: AsyncStream<DriverEvent> { get }
  /// Asks and waits for the one reply; `refused` is a reply.
  func request(_ request: DriverRequest, timeout: Duration) async throws(HostError) -> DriverReply
  /// Ends the conversation; the driver goes on.
  func close()
}

/// Where drivers come from: the system's processes, or a test's.
public protocol DriverHost: Sendable {
  /// The conversation with a living driver of `machine`; nil where none listens. Throws where one listens and does not talk.
  func adopt(machine: String) async throws(HostError) -> (any DriverLink)?
  /// Starts a driver and waits until it talks.
  func start(_ order: DriverOrder) async throws(HostError) -> any DriverLink
  /// How this driver's process ended; nil where it is still there after a moment's wait.
  func exit(of driver: DriverIdentity) async -> DriverExit?
  /// Stops a machine at once, past everything else that goes on between the supervisor and its driver.
  func emergencyStop(machine: String) async throws(HostError) -> StopResult
}

/// What became of an emergency stop.
public struct StopResult: Equatable, Sendable {
  /// The machine was seen to stop.
  public var confirmed: Bool
  /// What happened and, unconfirmed, what to do.
  public var sentence: String

  /// Makes a result.
  public init(confirmed: Bool, sentence: String) {
    self.confirmed = confirmed
    self.sentence = sentence
  }
}

/// How a driver's process ended.
public struct DriverExit: Equatable, Sendable {
  /// The exit status, where it is known: only of drivers that this supervisor started.
  public var status: Int32?
  /// The signal that ended it, where one did and that is known.
  public var signal: Int32?
  /// The last lines of its log, oldest first.
  public var lastLines: [String]

  /// Makes an end.
  public init(status: Int32? = nil, signal: Int32? = nil, lastLines: [String] = []) {
    self.status = status
    self.signal = signal
    self.lastLines = lastLines
  }

  /// One sentence, with the last line that the driver wrote.
  public var sentence: String {
    let how =
      if let signal {
        "the driver was ended by signal \(signal)\(DriverExit.name(of: signal).map { " (\($0))" } ?? "")"
      } else if let status {
        "the driver exited with status \(status)"
      } else {
        "the driver ended"
      }
    guard let last = lastLines.last else { return how }
    return "\(how); its last words: \(LogRecord.escaped(last))"
  }

  private static func name(of signal: Int32) -> String? {
    let names: [Int32: String] = [
      1: "SIGHUP", 2: "SIGINT", 4: "SIGILL", 5: "SIGTRAP", 6: "SIGABRT", 7: "SIGBUS", 8: "SIGFPE",
      9: "SIGKILL",
      11: "SIGSEGV", 13: "SIGPIPE", 15: "SIGTERM",
    ]
    return names[signal]
  }
}
