import CLinux
import Glibc

/// Why a driver could not be started or watched.
public struct SpawnError: Error, Equatable, Sendable {
  /// The stable dotted code: `driver.spawn` or `driver.watch`.
  public var code: String
  /// The system's error number.
  public var errno: Int32
  /// One sentence for a person.
  public var sentence: String
}

/// How a driver ended.
public enum DriverEnd: Equatable, Sendable {
  /// It gave this status to `exit`.
  case exited(status: Int32)
  /// This signal ended it.
  case signalled(Int32)
  /// It ended; how is not known, because it is not a child of this process (an adopted driver).
  case unknown

  /// A clause for a log line.
  public var sentence: String {
    switch self {
    case .exited(let status): "ended with status \(status)"
    case .signalled(let signal): "was ended by signal \(signal)"
    case .unknown: "ended"
    }
  }
}

/// A driver as a process: started in its own session or adopted, its end seen through a pidfd.
///
/// Dropping this value does nothing to the driver, which outlives whoever started it.
public final class DriverProcess: Sendable {
  /// The process.
  public let pid: Int32
  private let pidfd: Int32

  private init(pid: Int32, pidfd: Int32) {
    self.pid = pid
    self.pidfd = pidfd
  }

  deinit { close(pidfd) }

  /// Starts a driver in its own session, with no descriptor of ours but `log`.
  ///
  /// - Parameters:
  ///   - executable: path of `fabline-driver`.
  ///   - arguments: without the program's name.
  ///   - log: a descriptor above 2 that becomes its standard error; nil for `/dev/null`.
  /// - Throws: `SpawnError` with the system's reason. The corresponding call is `posix_spawn` with `POSIX_SPAWN_SETSID`.
  public static func spawn(
    executable: String, arguments: [String], log: Int32? = nil
  ) throws(SpawnError) -> DriverProcess {
    var pointers: [UnsafeMutablePointer<CChar>?] = ([executable] + arguments).map { strdup($0) }
    pointers.append(nil)
    defer { for pointer in pointers { free(pointer) } }
    let pid = clinux_spawn(executable, pointers, nil, -1, -1, log ?? -1, CLINUX_SPAWN_OWN_SESSION)
    guard pid > 0 else {
      throw SpawnError(
        code: "driver.spawn", errno: -pid, sentence: "cannot start \(executable): \(systemWords(for: -pid))")
    }
    return try adopt(pid: pid)
  }

  /// Watches a driver that runs already, by the process number that it gave in `hello`.
  public static func adopt(pid: Int32) throws(SpawnError) -> DriverProcess {
    let pidfd = clinux_pidfd_open(pid)
    guard pidfd >= 0 else {
      throw SpawnError(
        code: "driver.watch", errno: -pidfd,
        sentence: "cannot watch process \(pid): \(systemWords(for: -pidfd))")
    }
    return DriverProcess(pid: pid, pidfd: pidfd)
  }

  /// True once the process has ended.
  public var hasEnded: Bool { UnixSocket.wait(for: Int32(POLLIN), on: pidfd, until: 0) }

  /// Sends a signal to exactly this process, never to a later one with its number. The call is `pidfd_send_signal`.
  @discardableResult
  public func signal(_ number: Int32) -> Bool { clinux_pidfd_signal(pidfd, number) == 0 }

  /// Waits for the end, on a thread of its own, and takes the status of a child. To be called once.
  public func waitForEnd() async -> DriverEnd {
    await withCheckedContinuation { continuation in
      let started = startThread {
        _ = UnixSocket.wait(for: Int32(POLLIN), on: self.pidfd, until: .max)
        continuation.resume(returning: self.takeEnd())
      }
      if !started { continuation.resume(returning: .unknown) }
    }
  }

  /// The end of a driver that `hasEnded`; `unknown` for one that is no child of ours.
  public func takeEnd() -> DriverEnd {
    var end = clinux_exit()
    guard clinux_pidfd_wait(pidfd, 0, &end) == 0, end.pid != 0 else { return .unknown }
    return end.signal != 0 ? .signalled(end.signal) : .exited(status: end.status)
  }
}
