import CLinux
import Glibc

// An open terminal over some system calls: what `SerialPort` does, with the kernel behind a seam.
// It does not own the descriptor's lifetime; whoever made it calls `close` once.
package struct Terminal<Calls: TerminalCalls> {
  package let calls: Calls
  package let path: String
  package let fd: Int32
  // What the adapter does, which may differ from what was asked.
  package var granted = GrantedSettings()
  // A PTY has no DTR; see `setLine`.
  package let isPseudoTerminal: Bool

  package struct GrantedSettings: Equatable, Sendable {
    package var baud: Int32 = 0
    package var hardwareFlow = false
    package var lowLatency = false
  }

  package func read(_ buffer: UnsafeMutableRawBufferPointer) -> Transfer {
    .ofRead(calls.read(fd, buffer), fd, calls)
  }

  package func write(_ bytes: UnsafeRawBufferPointer) -> Transfer {
    .ofWrite(calls.write(fd, bytes))
  }

  package func flush(_ queue: Int32) throws(SerialPortError) {
    try check(calls.flush(fd, queue), "TCFLSH")
  }

  package func drain() throws(SerialPortError) {
    try check(calls.drain(fd), "tcdrain")
  }

  // Raises or lowers DTR or RTS; false where the terminal has no such lines.
  //
  // A PTY has none (ENOTTY), but virtual boards should be resettable too: there DTR is shown to the other
  // end as POSIX shows a lowered DTR in the settings, by the speed 0 (B0), and the speed returns with it.
  package func setLine(_ line: Int32, _ on: Bool) throws(SerialPortError) -> Bool {
    let result = on ? calls.raise(fd, line) : calls.lower(fd, line)
    if result != -ENOTTY && result != -EINVAL {
      try check(result, on ? "TIOCMBIS" : "TIOCMBIC")
      return true
    }
    guard isPseudoTerminal, line == CLINUX_DTR else { return false }
    var settings = clinux_termios()
    try check(calls.settings(fd, &settings), "TCGETS2")
    settings.setSpeed(on ? granted.baud : 0)
    try check(calls.apply(fd, settings), "TCSETS2")
    return true
  }

  // CTS, DSR and the others as bits; nil where the terminal has no such lines.
  package func modemLines() throws(SerialPortError) -> Int32? {
    let bits = calls.modemLines(fd)
    if bits == -ENOTTY || bits == -EINVAL { return nil }
    try check(bits, "TIOCMGET")
    return bits
  }

  // A close may wait 30 s for output that a stuck adapter never takes: what has not left is thrown away,
  // and the kernel told not to wait. Nothing here can fail in a way that anyone could act upon.
  package func close() {
    _ = calls.flush(fd, CLINUX_FLUSH_OUTPUT)
    withoutClosingWait()
    // Left set, it would outlive us on a device that a third program has open too.
    _ = calls.exclusive(fd, false)
    _ = calls.close(fd)
  }

  // The kernel allows it to root only, and only where the driver knows it.
  package func withoutClosingWait() {
    var serial = clinux_serial()
    guard calls.serial(fd, &serial) >= 0 else { return }
    if serial.closing_wait == UInt16(CLINUX_CLOSING_WAIT_NONE) { return }
    _ = calls.setSerial(fd, flags: serial.flags, closingWait: UInt16(CLINUX_CLOSING_WAIT_NONE))
  }

  // What the end of the link means for a person: gone if the node is gone or is another device by now.
  package func explanation(of end: HangUp) -> SerialPortError {
    let call = end.call.description
    if end.sign == .unexpected {
      return SerialPortError(.other, path: path, call: call, errno: end.errno)
    }
    var node = stat()
    let gone = end.errno == ENODEV || end.errno == ENXIO || calls.status(path, &node) < 0
    return SerialPortError(gone ? .unplugged : .hungUp, path: path, call: call, errno: end.errno)
  }

  private func check(_ result: Int32, _ call: StaticString) throws(SerialPortError) {
    if result >= 0 { return }
    switch -result {
    case EIO, ENODEV, ENXIO:
      throw explanation(of: HangUp(.deadLink, call: call, errno: -result))
    default:
      throw SerialPortError(.other, path: path, call: call.description, errno: -result)
    }
  }
}
