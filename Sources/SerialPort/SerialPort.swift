import CLinux
import Glibc

/// One printer's port, open, locked and raw. Closed when it is released, unless `close` came first.
///
/// Not for use from two threads at once. The descriptor is non-blocking: wait for it with poll or epoll.
/// Epoll's EPOLLHUP and EPOLLERR need no answer of their own: the next `read` says `.hangUp`.
public final class SerialPort {
  private let terminal: Terminal<LinuxCalls>
  private var isOpen = true

  /// The path as it was given.
  public var path: String { terminal.path }
  /// The descriptor, for poll or epoll only.
  public var fd: Int32 { terminal.fd }
  /// What was asked.
  public let settings: SerialSettings
  /// The speed that the adapter chose, in bits per second.
  public var grantedBaud: Int32 { terminal.granted.baud }
  /// False where the adapter has no RTS/CTS, although asked.
  public var grantedHardwareFlow: Bool { terminal.granted.hardwareFlow }
  /// Whether the adapter's driver hands on bytes at once.
  public var grantedLowLatency: Bool { terminal.granted.lowLatency }

  /// Opens a port. The first open discards what was received before; a reopening keeps it, because it is the
  /// banner of a board that reset.
  ///
  /// Throws a `SerialPortError` with the reason and a sentence. Opening raises DTR, which resets many boards.
  /// Underneath are `open`, `flock`, `TIOCEXCL`, `TCSETS2`, `TCFLSH` and `TIOCSSERIAL`.
  public static func open(
    path: String, settings: SerialSettings, reopening: Bool = false
  ) throws(SerialPortError) -> SerialPort {
    let terminal = try Terminal.open(
      path: path, settings: settings, reopening: reopening, calls: LinuxCalls())
    return SerialPort(terminal, settings)
  }

  private init(_ terminal: Terminal<LinuxCalls>, _ settings: SerialSettings) {
    self.terminal = terminal
    self.settings = settings
  }

  deinit {
    close()
  }

  /// What to tell when the adapter chose another speed than asked; nil where it did as told.
  public var speedNote: String? {
    SpeedDeviation(asked: settings.baud, granted: grantedBaud)?.sentence(path: path)
  }

  /// Reads what has arrived, at most the buffer's size.
  public func read(into buffer: UnsafeMutableRawBufferPointer) -> Transfer {
    terminal.read(buffer)
  }

  /// Reads what has arrived into the beginning of an array, at most its count.
  public func read(into buffer: inout [UInt8]) -> Transfer {
    buffer.withUnsafeMutableBytes { terminal.read($0) }
  }

  /// Writes as many of these bytes as fit now.
  public func write(_ bytes: UnsafeRawBufferPointer) -> Transfer {
    terminal.write(bytes)
  }

  /// Writes as many of these bytes as fit now.
  public func write(_ bytes: ArraySlice<UInt8>) -> Transfer {
    bytes.withUnsafeBytes { terminal.write($0) }
  }

  /// Writes as many of these bytes as fit now.
  public func write(_ bytes: [UInt8]) -> Transfer {
    bytes.withUnsafeBytes { terminal.write($0) }
  }

  /// The end of the link as an error with its sentence: unplugged if the node is gone, else hung up.
  public func explanation(of end: HangUp) -> SerialPortError {
    terminal.explanation(of: end)
  }

  /// Raises or lowers DTR; false where the port has no such line. To a PTY's other end it shows as speed 0.
  @discardableResult
  public func setDTR(_ raised: Bool) throws(SerialPortError) -> Bool {
    try terminal.setLine(CLINUX_DTR, raised)
  }

  /// Raises or lowers RTS; false where the port has no such line (a PTY).
  @discardableResult
  public func setRTS(_ raised: Bool) throws(SerialPortError) -> Bool {
    try terminal.setLine(CLINUX_RTS, raised)
  }

  /// The modem lines that are raised, as a sum of `CLINUX_CTS` and so on; nil where there are none (a PTY).
  public func modemLines() throws(SerialPortError) -> Int32? {
    try terminal.modemLines()
  }

  /// Discards what has arrived and was not read.
  public func flushInput() throws(SerialPortError) {
    try terminal.flush(CLINUX_FLUSH_INPUT)
  }

  /// Discards what was written and has not left: the first step of an emergency stop.
  public func flushOutput() throws(SerialPortError) {
    try terminal.flush(CLINUX_FLUSH_OUTPUT)
  }

  /// Waits until everything written has left. Blocks as long as the line takes: not for the wire thread.
  public func drain() throws(SerialPortError) {
    try terminal.drain()
  }

  /// Bytes written that have not left the kernel yet; nil where the driver does not say.
  public var outputPending: Int? {
    let bytes = LinuxCalls().outputPending(fd)
    return bytes < 0 ? nil : Int(bytes)
  }

  /// Closes at once: throws away what has not left, so that a stuck adapter cannot hold up the close.
  /// DTR stays as it is. A second call does nothing.
  public func close() {
    guard isOpen else { return }
    isOpen = false
    terminal.close()
  }
}
