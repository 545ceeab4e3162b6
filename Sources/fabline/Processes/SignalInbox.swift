import Glibc
import Synchronization

/// The signals that end or hang up a program, as values: one thread waits for them, verbs subscribe.
///
/// A signal that nobody subscribed to does what it does by default.
final class SignalInbox: Sendable {
  /// The one inbox of the process.
  static let shared = SignalInbox()

  private struct State {
    var subscribers: [Int: AsyncStream<Int32>.Continuation] = [:]
    var next = 0
    var running = false
  }
  private let state = Mutex(State())

  /// What is taken: Ctrl-C, `kill`, a closed terminal.
  static let taken = [SIGINT, SIGTERM, SIGHUP]

  /// Blocks the signals in this thread, and so in all later ones, and starts the thread that waits for them.
  ///
  /// The corresponding calls are `pthread_sigmask` and `sigwait`.
  func start() {
    let first = state.withLock { state in
      defer { state.running = true }
      return !state.running
    }
    guard first else { return }
    var set = Self.set
    pthread_sigmask(SIG_BLOCK, &set, nil)
    var thread = pthread_t()
    pthread_create(
      &thread, nil,
      { _ in
        SignalInbox.shared.wait()
        return nil
      }, nil)
    pthread_detach(thread)
  }

  /// From now until the stream is dropped, these signals come here.
  func subscribe() -> AsyncStream<Int32> {
    let (stream, continuation) = AsyncStream<Int32>.makeStream()
    let key = state.withLock { state in
      state.next += 1
      state.subscribers[state.next] = continuation
      return state.next
    }
    continuation.onTermination = { [weak self] _ in
      _ = self?.state.withLock { $0.subscribers.removeValue(forKey: key) }
    }
    return stream
  }

  /// The taken signals as a set; a child gets them unblocked and at their defaults.
  static var set: sigset_t {
    var set = sigset_t()
    sigemptyset(&set)
    for signal in taken { sigaddset(&set, signal) }
    return set
  }

  private func wait() {
    var set = Self.set
    while true {
      var number: Int32 = 0
      guard sigwait(&set, &number) == 0 else { continue }
      let subscribers = state.withLock { Array($0.subscribers.values) }
      guard subscribers.isEmpty else {
        for subscriber in subscribers { subscriber.yield(number) }
        continue
      }
      signal(number, SIG_DFL)
      pthread_sigmask(SIG_UNBLOCK, &set, nil)
      kill(getpid(), number)
    }
  }
}
