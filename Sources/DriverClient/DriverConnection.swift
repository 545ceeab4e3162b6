import CLinux
import DriverInterface

/// A conversation with one driver: requests with their replies, and events.
///
/// Any number of tasks may have requests under way at once; replies find their requests by number. One thread with `poll`
/// does all reading and writing. The connection ends when it is closed, when the last reference goes, or when the driver
/// goes; then every request under way fails, and the stream of events ends.
public final class DriverConnection: Sendable {
  /// Who answered.
  public let driver: DriverIdentity
  /// The version of the interface that both ends speak.
  public let version: Int32
  /// What happens, once `subscribe` was asked. For one consumer. Ends with the connection.
  ///
  /// At most 8192 events wait for a consumer; beyond that the oldest are dropped, which shows as a gap in `sequence`.
  public let events: AsyncStream<DriverEvent>

  private let core: ConnectionCore

  private init(core: ConnectionCore, driver: DriverIdentity, version: Int32, events: AsyncStream<DriverEvent>)
  {
    self.core = core
    self.driver = driver
    self.version = version
    self.events = events
  }

  deinit { core.close() }

  /// Connects and greets.
  ///
  /// - Parameters:
  ///   - socketPath: the driver's socket.
  ///   - client: who asks, for the driver's log: `fablined 0.1`, `fabline status`.
  ///   - timeout: for connecting and greeting together.
  ///   - versions: what this end speaks.
  /// - Throws: `unreachable` where nobody listens (also for a stale socket), `refused` with code `interface.version` where
  ///   the two have no version in common, `timedOut`, `lost`, `malformed`.
  public static func connect(
    socketPath: String, client: String, timeout: Duration = .seconds(2), versions: VersionRange = .current
  ) async throws(ConnectionError) -> DriverConnection {
    let deadline = clinux_monotonic_ns() + timeout.nanoseconds
    let descriptor = try await openSocket(socketPath, deadline: deadline)
    let (events, sink) = AsyncStream<DriverEvent>.makeStream(bufferingPolicy: .bufferingNewest(8192))
    guard let core = ConnectionCore(descriptor: descriptor, events: sink) else {
      throw .unreachable(path: socketPath, errno: 11)
    }
    let left = Duration.nanoseconds(max(1_000_000, deadline - clinux_monotonic_ns()))
    let reply: DriverReply
    do {
      reply = try await core.request(.hello(versions: versions, client: client), timeout: left)
    } catch {
      core.close()
      throw error
    }
    switch reply {
    case .hello(let version, let driver):
      return DriverConnection(core: core, driver: driver, version: version, events: events)
    case .refused(let fault):
      core.close()
      throw .refused(fault)
    case .done, .status, .lines, .stopped, .link, .measured, .resumePoint:
      core.close()
      throw .malformed(.unknownValue)
    }
  }

  /// Asks, and waits for the one reply. `refused` is a reply, not an error.
  ///
  /// - Throws: `timedOut` after `timeout` (the request may still be carried out), `lost`, `closed`, `cancelled`,
  ///   `malformed`, `requestTooLarge`.
  public func request(
    _ request: DriverRequest, timeout: Duration = .seconds(10)
  ) async throws(ConnectionError) -> DriverReply {
    try await core.request(request, timeout: timeout)
  }

  /// Why the connection ended; nil while it stands.
  public var ended: ConnectionError? { core.ended }

  /// Ends the connection: requests under way fail with `closed`. The driver goes on. May be called twice.
  public func close() { core.close() }

  private static func openSocket(_ path: String, deadline: Int64) async throws(ConnectionError) -> Int32 {
    while true {
      if let descriptor = try UnixSocket.connect(to: path) { return descriptor }
      guard clinux_monotonic_ns() < deadline else { throw .timedOut }
      do { try await Task.sleep(for: .milliseconds(5)) } catch { throw .cancelled }
    }
  }
}

extension Duration {
  /// Whole nanoseconds, clamped to what Int64 holds with room for sums.
  var nanoseconds: Int64 {
    let (seconds, attoseconds) = components
    guard seconds < 1_000_000_000 else { return 1_000_000_000_000_000_000 }
    return seconds * 1_000_000_000 + attoseconds / 1_000_000_000
  }
}
