import JobStore
import Logging
import ServiceLifecycle

/// Tells the service manager how the supervisor does: ready, what prints, that it lives, that it ends.
///
/// A sign of life is sent only after the supervisor, the keeper of each machine, and the store's reader and writer have
/// answered: one of them that hangs is noticed, and the process is started anew while the drivers print on. The same loop
/// keeps the host from shutting down while something prints.
public struct LifeSigns: Service {
  private let supervisor: Supervisor
  private let notifier: ServiceNotifier
  private let serving: AsyncStream<Void>
  private let log: Logger

  /// Speaks to `notifier` from the moment on at which `serving` says that the API is there.
  public init(
    supervisor: Supervisor, notifier: ServiceNotifier, serving: AsyncStream<Void>, log: Logger
  ) {
    self.supervisor = supervisor
    self.notifier = notifier
    self.serving = serving
    self.log = log
  }

  /// Three signs in the time in which one is wanted; the status is never older than five seconds.
  var pause: Int64 { min(5_000_000_000, (notifier.watchdog ?? .max) / 3) }

  /// Speaks until the process is asked to end.
  public func run() async throws {
    await cancelWhenGracefulShutdown { await speak() }
    notifier.send("STOPPING=1", "STATUS=ends; drivers go on")
    await supervisor.leave()
    await supervisor.inhibitor.release()
  }

  private func speak() async {
    for await _ in serving { break }
    var isReady = false
    var told = ""
    while !Task.isCancelled {
      if let pulse = await beat() {
        let status = "STATUS=" + pulse.sentence
        if !isReady { notifier.send("READY=1", status) }
        if notifier.watchdog != nil { notifier.send("WATCHDOG=1") }
        if isReady, told != status { notifier.send(status) }
        isReady = true
        told = status
        await supervisor.inhibitor.hold(pulse.isWorking ? pulse.sentence : nil)
      }
      try? await Task.sleep(for: .nanoseconds(pause))
    }
  }

  /// Everybody's answer; nil where somebody cannot do his work, and then no sign is sent.
  private func beat() async -> Pulse? {
    do {
      return try await supervisor.pulse()
    } catch {
      // Whoever is told to end is asked no more.
      guard !Task.isCancelled else { return nil }
      log.error("no sign of life: \(Supervisor.sentence(of: error))")
      return nil
    }
  }
}
