import CLinux
import Glibc

/// What the system says about an error number.
func systemWords(for number: Int32) -> String {
  guard let words = clinux_error_text(number) else { return "error \(number)" }
  return String(cString: words)
}

/// A stream socket of the Unix domain, non-blocking and closed on exec.
enum UnixSocket {
  /// One try to connect; nil where the listener's backlog is full and the caller may try again in a moment.
  ///
  /// Never waits: connecting in the Unix domain is done or refused at once. The corresponding call is `connect`.
  static func connect(to path: String) throws(ConnectionError) -> Int32? {
    let descriptor = clinux_unix_socket(0)
    guard descriptor >= 0 else { throw .unreachable(path: path, errno: -descriptor) }
    let result = clinux_unix_connect(descriptor, path)
    if result == 0 { return descriptor }
    close(descriptor)
    switch -result {
    case EAGAIN, EINTR: return nil
    case ENAMETOOLONG: throw .pathTooLong(path: path)
    default: throw .unreachable(path: path, errno: -result)
    }
  }

  /// Writes what fits; the number of bytes, 0 where nothing fits now, nil where the other end is gone.
  static func write(_ bytes: ArraySlice<UInt8>, to descriptor: Int32) -> Int? {
    bytes.withUnsafeBytes { buffer in
      while true {
        let sent = clinux_send(descriptor, buffer.baseAddress, buffer.count)
        if sent >= 0 { return sent }
        if sent == -Int(EINTR) { continue }
        return sent == -Int(EAGAIN) ? 0 : nil
      }
    }
  }

  /// Reads what is there into `space`; 0 where nothing is there now, nil at the end or on an error.
  static func read(into space: UnsafeMutableRawBufferPointer, from descriptor: Int32) -> Int? {
    while true {
      let count = recv(descriptor, space.baseAddress, space.count, 0)
      if count > 0 { return count }
      if count == 0 { return nil }
      if errno == EINTR { continue }
      return errno == EAGAIN ? 0 : nil
    }
  }

  /// Waits until the descriptor has one of `events` or the deadline has passed; true where it has.
  static func wait(for events: Int32, on descriptor: Int32, until deadline: Int64) -> Bool {
    while true {
      var entry = pollfd(fd: descriptor, events: Int16(truncatingIfNeeded: events), revents: 0)
      let result = poll(&entry, 1, milliseconds(until: deadline))
      if result > 0 { return true }
      if result == 0, clinux_monotonic_ns() >= deadline { return false }
      if result < 0, errno != EINTR { return false }
    }
  }

  /// A `poll` timeout that ends no earlier than `deadline`.
  static func milliseconds(until deadline: Int64) -> Int32 {
    let left = deadline - clinux_monotonic_ns()
    return left <= 0 ? 0 : Int32(clamping: (left + 999_999) / 1_000_000)
  }
}
