import Glibc
import Synchronization

/// The signals that end or hang up a program, as values: a handler passes their numbers through a pipe to a thread, verbs
/// subscribe.
///
/// Not `sigwait` with blocked signals: the runtime's main thread waits in `sigsuspend` with nothing blocked. A signal that
/// nobody subscribed to does what it does by default; one that was ignored from the start (`nohup`) stays ignored.
final class SignalInbox: Sendable {
  /// The one inbox of the process.
  static let shared = SignalInbox()
  /// The write end of the pipe; all that the handler touches.
  private static let pipe = Atomic<Int32>(-1)

  private struct State {
    var subscribers: [Int: AsyncStream<Int32>.Continuation] = [:]
    var next = 0
  }
  private let state = Mutex(State())

  /// What is taken: Ctrl-C, `kill`, a closed terminal.
  static let taken = [SIGINT, SIGTERM, SIGHUP]

  /// Puts the handlers in place and starts the thread; to be called once, before anything else. The call is `signal`.
  func start() {
    var ends: [Int32] = [-1, -1]
    guard Glibc.pipe(&ends) == 0 else { return }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    Self.pipe.store(ends[1], ordering: .sequentiallyConsistent)
    for number in Self.taken {
      let before = signal(number) { number in
        var byte = UInt8(truncatingIfNeeded: number)
        let kept = errno
        _ = write(SignalInbox.pipe.load(ordering: .relaxed), &byte, 1)
        errno = kept
      }
      if Self.isIgnored(before) { signal(number, SIG_IGN) }
    }
    let reading = Unmanaged.passRetained(Reading(descriptor: ends[0], inbox: self))
    var thread = pthread_t()
    pthread_create(
      &thread, nil,
      { argument in
        guard let argument else { return nil }
        Unmanaged<Reading>.fromOpaque(argument).takeRetainedValue().run()
        return nil
      }, reading.toOpaque())
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

  private func deliver(_ number: Int32) {
    let subscribers = state.withLock { Array($0.subscribers.values) }
    guard subscribers.isEmpty else {
      for subscriber in subscribers { subscriber.yield(number) }
      return
    }
    signal(number, SIG_DFL)
    kill(getpid(), number)
  }

  private static func isIgnored(_ handler: sighandler_t?) -> Bool {
    unsafeBitCast(handler, to: UInt.self) == unsafeBitCast(SIG_IGN, to: UInt.self)
  }

  /// The thread that waits at the pipe.
  private final class Reading: Sendable {
    let descriptor: Int32
    let inbox: SignalInbox

    init(descriptor: Int32, inbox: SignalInbox) {
      self.descriptor = descriptor
      self.inbox = inbox
    }

    func run() {
      var byte: UInt8 = 0
      while true {
        let count = read(descriptor, &byte, 1)
        if count == 1 {
          inbox.deliver(Int32(byte))
        } else if count == 0 || errno != EINTR {
          return
        }
      }
    }
  }
}
