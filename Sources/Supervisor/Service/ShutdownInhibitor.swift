import Glibc
import Logging

/// Keeps the host from shutting down and from sleeping while something prints, by a lock of logind.
///
/// The lock is held by `systemd-inhibit` as a child that lives as long as its input is open: it falls with this process,
/// however that ends. Where there is no logind, or it does not allow the lock, that is told once and everything else goes on:
/// root can always shut down in spite of a lock, and then jobs are parked (see `HostManager`).
public actor ShutdownInhibitor {
  private enum State {
    /// Nothing prints.
    case released
    /// Asked for.
    case taking(SystemProgram)
    /// logind gave it.
    case held(SystemProgram)
    /// It cannot be had; tried again at this time (monotonic nanoseconds).
    case refused(String, again: Int64)
  }

  private let program: String?
  private let isWanted: Bool
  private let clock: HostClock
  private let log: Logger
  private var state = State.released
  private var told: String?

  /// Looks for `systemd-inhibit` in the folders of `path`; nil never takes a lock.
  public init(path: String?, clock: HostClock = .system, log: Logger) {
    program = path.flatMap { SystemProgram.find("systemd-inhibit", path: $0) }
    isWanted = path != nil
    self.clock = clock
    self.log = log
  }

  /// Whether the host is kept up, in words; nil where nothing prints.
  public var words: String? {
    switch state {
    case .released: nil
    case .taking: "is asked to wait for what prints"
    case .held: "waits for what prints, and so does sleep"
    case .refused(let why, _): "does not wait for what prints: \(why)"
    }
  }

  /// Takes the lock, saying why; nil gives it back. To be called again and again: a lock that was lost is taken anew.
  func hold(_ why: String?) {
    guard isWanted else { return }
    guard let why else { return release() }
    switch state {
    case .taking, .held: return
    case .refused(_, let again) where clock.monotonic() < again: return
    case .released, .refused: take(why)
    }
  }

  /// Gives the lock back.
  func release() {
    switch state {
    case .taking(let child), .held(let child): close(child.input)
    case .released, .refused: break
    }
    state = .released
  }

  private func take(_ why: String) {
    guard let program else { return refuse("systemd-inhibit is not installed") }
    let arguments = [
      "--what=shutdown:sleep", "--who=Fabline", "--why=\(why)", "--mode=block", "/bin/sh", "-c",
      "echo held; exec cat >/dev/null",
    ]
    guard let child = SystemProgram.start(program, arguments) else {
      return refuse("\(program) cannot be started")
    }
    state = .taking(child)
    SystemProgram.onThread { [weak self] in
      var said: [UInt8] = []
      _ = child.read(within: -1) { piece in
        said += piece
        if said.starts(with: Array("held\n".utf8)) { Task { [weak self] in await self?.given(child.pid) } }
      }
      child.bury()
      let words = String(decoding: said, as: UTF8.self)
      Task { [weak self] in await self?.ended(child.pid, words) }
    }
  }

  private func given(_ pid: Int32) {
    guard case .taking(let child) = state, child.pid == pid else { return }
    state = .held(child)
    told = nil
    log.info("the host does not shut down or sleep while something prints")
  }

  /// The child ended although its input is open: it was refused the lock, or logind went away.
  private func ended(_ pid: Int32, _ said: String) {
    switch state {
    case .taking(let child) where child.pid == pid:
      close(child.input)
      let line = said.split(separator: "\n").last.map(String.init)
      refuse(line.map { LogRecord.escaped($0) } ?? "systemd-inhibit ended at once")
    case .held(let child) where child.pid == pid:
      close(child.input)
      refuse("logind took its word back")
    case .taking, .held, .released, .refused: break
    }
  }

  private func refuse(_ why: String) {
    state = .refused(why, again: clock.monotonic() + 60_000_000_000)
    guard told != why else { return }
    told = why
    log.notice("a shutdown of the host does not wait for what prints: \(why)")
  }
}
