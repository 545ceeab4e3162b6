import Glibc

/// Standard input without echo, line editing and signals, for as long as the console wants it.
struct RawTerminal {
  private let before: termios

  /// Nil where standard input is no terminal. The corresponding call is `tcsetattr`.
  init?() {
    var settings = termios()
    guard isatty(STDIN_FILENO) == 1, isatty(STDOUT_FILENO) == 1, tcgetattr(STDIN_FILENO, &settings) == 0
    else {
      return nil
    }
    before = settings
    settings.c_lflag &= ~tcflag_t(ICANON | ECHO | ISIG | IEXTEN)
    settings.c_iflag &= ~tcflag_t(IXON | ICRNL)
    guard tcsetattr(STDIN_FILENO, TCSANOW, &settings) == 0 else { return nil }
  }

  /// Gives it back as it was.
  func restore() {
    var settings = before
    tcsetattr(STDIN_FILENO, TCSANOW, &settings)
  }

  /// Bytes as they come, read by a thread of its own; ends with standard input.
  static func bytes() -> AsyncStream<[UInt8]> {
    let (stream, continuation) = AsyncStream<[UInt8]>.makeStream()
    let box = Unmanaged.passRetained(Sink(continuation: continuation))
    var thread = pthread_t()
    let made = pthread_create(
      &thread, nil,
      { argument in
        guard let argument else { return nil }
        let sink = Unmanaged<Sink>.fromOpaque(argument).takeRetainedValue().continuation
        var buffer = [UInt8](repeating: 0, count: 1024)
        while true {
          let count = buffer.withUnsafeMutableBytes { read(STDIN_FILENO, $0.baseAddress, $0.count) }
          guard count > 0 else { break }
          sink.yield(Array(buffer[..<count]))
        }
        sink.finish()
        return nil
      }, box.toOpaque())
    if made == 0 {
      pthread_detach(thread)
    } else {
      box.release()
      continuation.finish()
    }
    return stream
  }

  private final class Sink: Sendable {
    let continuation: AsyncStream<[UInt8]>.Continuation
    init(continuation: AsyncStream<[UInt8]>.Continuation) { self.continuation = continuation }
  }
}
