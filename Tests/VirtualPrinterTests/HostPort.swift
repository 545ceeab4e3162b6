import CLinux
import Glibc

/// The host's end of the cable.
final class HostPort {
  private let descriptor: Int32
  private var received: [UInt8] = []

  init(_ path: String, baud: UInt32 = 115_200) throws {
    descriptor = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK)
    if descriptor < 0 { throw Trouble(description: "cannot open \(path): error \(errno)") }
    try setSpeed(baud)
  }

  /// An end of a cable that is open already; it is closed with this value.
  init(descriptor: Int32) { self.descriptor = descriptor }

  deinit { close(descriptor) }

  func setSpeed(_ baud: UInt32) throws {
    var settings = clinux_termios()
    guard clinux_termios_get(descriptor, &settings) >= 0 else { throw Trouble(description: "no terminal") }
    settings.c_cflag = settings.c_cflag & ~CLINUX_CBAUD & ~(CLINUX_CBAUD << CLINUX_IBSHIFT) | CLINUX_BOTHER
    settings.c_ispeed = baud
    settings.c_ospeed = baud
    guard clinux_termios_set(descriptor, &settings) >= 0 else { throw Trouble(description: "speed refused") }
  }

  func write(_ text: String) throws { try write(Array(text.utf8)) }

  func write(_ bytes: [UInt8]) throws {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count > 0 {
        rest = rest.dropFirst(count)
      } else if count < 0, errno == EAGAIN {
        guard isReady(Int16(POLLOUT) | Int16(POLLIN)) else {
          throw Trouble(description: "the port takes nothing")
        }
        takeWhatIsThere()
      } else {
        throw Trouble(description: "write: error \(errno)")
      }
    }
  }

  /// Reads until what was received contains the text, and returns all up to its end.
  @discardableResult
  func read(until text: String) throws -> String {
    let wanted = Array(text.utf8)
    let end = clinux_monotonic_ns() + PrinterProcess.patience
    while true {
      if let place = received.firstRange(of: wanted)?.upperBound {
        let taken = received[..<place]
        received.removeFirst(place)
        return String(decoding: taken, as: UTF8.self)
      }
      // A firmware that chatters is no answer either.
      guard isReady(Int16(POLLIN)), clinux_monotonic_ns() < end else {
        throw Trouble(description: "no '\(text)' in '\(String(decoding: received, as: UTF8.self))'")
      }
      guard takeWhatIsThere() else { throw Trouble(description: "hung up on, waiting for '\(text)'") }
    }
  }

  /// Reads so many bytes, whatever they are.
  func read(count: Int) throws -> [UInt8] {
    while received.count < count {
      guard isReady(Int16(POLLIN)), takeWhatIsThere() else {
        throw Trouble(description: "only \(received.count) bytes")
      }
    }
    defer { received.removeFirst(count) }
    return Array(received.prefix(count))
  }

  /// Reads until the other end is gone.
  func readUntilHangUp() throws {
    while true {
      guard isReady(Int16(POLLIN)) else { throw Trouble(description: "nobody hangs up") }
      if !takeWhatIsThere() { return }
    }
  }

  /// Sends a line and waits for its `ok`.
  @discardableResult
  func ask(_ line: String) throws -> String {
    try write(line + "\n")
    return try read(until: "ok\r\n")
  }

  private func isReady(_ events: Int16) -> Bool {
    var state = pollfd(fd: descriptor, events: events, revents: 0)
    return poll(&state, 1, Int32(PrinterProcess.patience / 1_000_000)) > 0
  }

  /// False when nothing will ever come again.
  @discardableResult
  private func takeWhatIsThere() -> Bool {
    var piece = [UInt8](repeating: 0, count: 4096)
    let count = Glibc.read(descriptor, &piece, piece.count)
    if count > 0 { received += piece.prefix(count) }
    return count > 0 || count < 0 && errno == EAGAIN
  }
}
