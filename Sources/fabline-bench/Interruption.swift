import Dispatch
import Foundation

/// Ctrl-C in the middle of a measurement: whatever it has started ends with it, drivers in sessions of their own included.
enum Interruption {
  static let signals = [SIGINT, SIGTERM, SIGHUP]

  /// Watches for the rest of the program; what it gives must be kept.
  static func watch() -> [any DispatchSourceSignal] {
    signals.map { number in
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler {
        WireWorkers.stopCurrent()
        end()
        CrashStage.removeAll()
        exit(128 + number)
      }
      source.resume()
      return source
    }
  }

  /// Asks all children to end, and those that do not in two seconds no longer.
  private static func end() {
    for pid in children() { kill(pid, SIGTERM) }
    let deadline = Date().addingTimeInterval(2)
    while Date() < deadline {
      // Orphans of the ended become ours only now.
      let left = children()
      if left.isEmpty { return }
      for pid in left {
        var status: Int32 = 0
        if waitpid(pid, &status, WNOHANG) == 0 { kill(pid, SIGTERM) }
      }
      usleep(50_000)
    }
    for pid in children() { kill(pid, SIGKILL) }
  }

  private static func children() -> [pid_t] {
    let entries = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    return entries.compactMap { pid_t($0) }.filter { DriverProcesses.parent(of: $0) == getpid() }
  }
}
