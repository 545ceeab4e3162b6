import Foundation
import Synchronization

/// The kernel's workers that carry bytes between the two ends of a PTY, in front of busy loops while this lives.
///
/// A byte of a PTY waits twice in each turn for a worker of the kernel at ordinary priority; on a busy core that is up to a
/// slice of 3 ms, which belongs to no host. A UART's transmitter needs none. Needs root; without it nothing changes.
/// The corresponding call is `setpriority`; the workers are those of the unbound work queues, `kworker/u…`.
final class WireWorkers: Sendable {
  /// Those that are in front now: a bench that is ended by a signal puts them back before it goes.
  private static let current = Mutex<WireWorkers?>(nil)
  private let raised = Mutex<Set<pid_t>>([])
  private let isOver = Atomic(false)

  /// Whether this process may do that at all.
  static var isAllowed: Bool { geteuid() == 0 }

  /// Puts the workers back where somebody has them in front.
  static func stopCurrent() { current.withLock { $0 }?.stop() }

  init() {
    raise()
    Self.current.withLock { $0 = self }
    Thread.detachNewThread { [self] in
      // The kernel makes new ones as it likes.
      while !isOver.load(ordering: .relaxed) {
        usleep(200_000)
        raise()
      }
    }
  }

  /// Gives them back their usual priority.
  func stop() {
    isOver.store(true, ordering: .relaxed)
    raised.withLock { raised in
      for pid in raised where Self.isWorker(pid) { setpriority(Self.process, id_t(pid), 0) }
      raised = []
    }
  }

  private static let process = __priority_which_t(PRIO_PROCESS.rawValue)

  private func raise() {
    let pids = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    raised.withLock { raised in
      guard !isOver.load(ordering: .relaxed) else { return }
      for pid in pids.compactMap({ pid_t($0) }) where !raised.contains(pid) && Self.isWorker(pid) {
        // Workers of queues with a priority of their own keep it.
        guard getpriority(Self.process, id_t(pid)) == 0 else { continue }
        if setpriority(Self.process, id_t(pid), -20) == 0 { raised.insert(pid) }
      }
    }
  }

  private static func isWorker(_ pid: pid_t) -> Bool {
    (try? String(contentsOfFile: "/proc/\(pid)/comm", encoding: .utf8))?.hasPrefix("kworker/u") ?? false
  }
}
