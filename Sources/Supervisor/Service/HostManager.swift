/// Why this process is asked to end.
public enum Departure: Equatable, Sendable {
  /// A restart, an upgrade, a person's `stop`: drivers print on, and the next supervisor takes them over.
  case handOver
  /// The host, or the user's session with everything in it, goes down: jobs are parked and written down.
  case hostGoesDown
}

/// The service manager, asked once, when this process is told to end.
///
/// SIGTERM looks the same for both. systemd's own word decides: `is-system-running` says `stopping` from the moment on at which
/// shutdown.target is wanted, also where logind is not asked (`systemctl isolate`, `poweroff --force` once). The unit is
/// ordered after dbus.service, so that the question can be asked while that one still runs. Without an answer within two
/// seconds drivers are handed over: parking a print that could have gone on costs more than SIGTERM to a driver, by which
/// each ends safely on its own.
public struct HostManager: Sendable {
  private let program: String?
  private let isUsers: Bool

  /// Looks for `systemctl` in `PATH`; `MANAGERPID` is set where a user's own manager started this process.
  public init(environment: [String: String]) {
    program = SystemProgram.find("systemctl", path: environment["PATH"] ?? "/usr/bin:/bin")
    isUsers = environment["MANAGERPID"] != nil
  }

  /// What is going on.
  public func departure() async -> Departure {
    guard let program else { return .handOver }
    if await isStopping(program, []) { return .hostGoesDown }
    guard isUsers else { return .handOver }
    // The end of a session takes every process of it along.
    return await isStopping(program, ["--user"]) ? .hostGoesDown : .handOver
  }

  private func isStopping(_ program: String, _ options: [String]) async -> Bool {
    let answer = await SystemProgram.ask(program, options + ["is-system-running"], milliseconds: 2000)
    return answer?.split(whereSeparator: \.isNewline).first == "stopping"
  }
}
