import Glibc
import Synchronization

/// Single keys from the terminal, without Return and without echo, while this process is in the foreground.
///
/// A pipe on standard input has no keys: the stream is empty then. Ctrl-C stays a signal.
final class KeyReader: Sendable {
  /// The keys, as they come.
  let keys: AsyncStream<UInt8>
  private let before: termios?
  private let stopped = Mutex(false)

  /// Takes the terminal's line editing away until `restore`. The corresponding call is `tcsetattr`.
  init() {
    let (keys, continuation) = AsyncStream<UInt8>.makeStream()
    self.keys = keys
    var settings = termios()
    guard isatty(STDIN_FILENO) == 1, tcgetpgrp(STDIN_FILENO) == getpgrp(),
      tcgetattr(STDIN_FILENO, &settings) == 0
    else {
      before = nil
      continuation.finish()
      return
    }
    before = settings
    settings.c_lflag &= ~tcflag_t(ICANON | ECHO)
    tcsetattr(STDIN_FILENO, TCSANOW, &settings)
    var thread = pthread_t()
    let box = Unmanaged.passRetained(Reading(reader: self, continuation: continuation))
    let made = pthread_create(
      &thread, nil,
      { argument in
        guard let argument else { return nil }
        Unmanaged<Reading>.fromOpaque(argument).takeRetainedValue().run()
        return nil
      }, box.toOpaque())
    if made == 0 { pthread_detach(thread) } else { box.release() }
  }

  /// Gives the terminal back as it was.
  func restore() {
    let first = stopped.withLock { stopped in
      defer { stopped = true }
      return !stopped
    }
    guard first, var before, tcgetpgrp(STDIN_FILENO) == getpgrp() else { return }
    tcsetattr(STDIN_FILENO, TCSANOW, &before)
  }

  fileprivate var isStopped: Bool { stopped.withLock { $0 } }

  /// The thread that reads.
  private final class Reading: Sendable {
    let reader: KeyReader
    let continuation: AsyncStream<UInt8>.Continuation

    init(reader: KeyReader, continuation: AsyncStream<UInt8>.Continuation) {
      self.reader = reader
      self.continuation = continuation
    }

    func run() {
      defer { continuation.finish() }
      while !reader.isStopped {
        var entry = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
        guard poll(&entry, 1, 200) > 0 else { continue }
        // In the background a read would stop the process; the shell reads the terminal then.
        guard tcgetpgrp(STDIN_FILENO) == getpgrp() else {
          if entry.revents & Int16(POLLHUP) != 0 { return }
          _ = poll(nil, 0, 200)
          continue
        }
        var key: UInt8 = 0
        guard read(STDIN_FILENO, &key, 1) == 1 else { return }
        continuation.yield(key)
      }
    }
  }
}
