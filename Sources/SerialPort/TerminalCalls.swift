import CLinux
import Glibc

// The system calls that a port is made of, each returning its result or minus errno.
//
// A protocol so that tests can let one call fail with an errno of their choice. `Terminal` is generic over
// it and used with `LinuxCalls` only inside this module, where the compiler specialises it: the product has
// direct calls and no table.
package protocol TerminalCalls {
  func open(_ path: String, _ flags: Int32) -> Int32
  func close(_ fd: Int32) -> Int32
  func status(_ path: String, _ out: inout stat) -> Int32
  func read(_ fd: Int32, _ buffer: UnsafeMutableRawBufferPointer) -> Int
  func write(_ fd: Int32, _ bytes: UnsafeRawBufferPointer) -> Int
  /// The conditions that hold now, as `poll` names them (POLLHUP, POLLERR, POLLNVAL, POLLIN).
  func conditions(_ fd: Int32) -> Int32
  func lock(_ fd: Int32) -> Int32
  func exclusive(_ fd: Int32, _ on: Bool) -> Int32
  func settings(_ fd: Int32, _ out: inout clinux_termios) -> Int32
  func apply(_ fd: Int32, _ settings: clinux_termios) -> Int32
  func flush(_ fd: Int32, _ queue: Int32) -> Int32
  func drain(_ fd: Int32) -> Int32
  func outputPending(_ fd: Int32) -> Int32
  func serial(_ fd: Int32, _ out: inout clinux_serial) -> Int32
  func setSerial(_ fd: Int32, flags: Int32, closingWait: UInt16) -> Int32
  func modemLines(_ fd: Int32) -> Int32
  func raise(_ fd: Int32, _ lines: Int32) -> Int32
  func lower(_ fd: Int32, _ lines: Int32) -> Int32
}

// The kernel itself.
package struct LinuxCalls: TerminalCalls, Sendable {
  package init() {}

  package func open(_ path: String, _ flags: Int32) -> Int32 {
    while true {
      let fd = Glibc.open(path, flags)
      if fd >= 0 { return fd }
      let error = errno
      if error != EINTR { return -error }
    }
  }

  // Never repeated: Linux has freed the descriptor even when it says EINTR.
  package func close(_ fd: Int32) -> Int32 { Glibc.close(fd) < 0 ? -errno : 0 }

  package func status(_ path: String, _ out: inout stat) -> Int32 { stat(path, &out) < 0 ? -errno : 0 }

  package func read(_ fd: Int32, _ buffer: UnsafeMutableRawBufferPointer) -> Int {
    while true {
      let count = Glibc.read(fd, buffer.baseAddress, buffer.count)
      if count >= 0 { return count }
      let error = errno
      if error != EINTR { return -Int(error) }
    }
  }

  package func write(_ fd: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
    while true {
      let count = Glibc.write(fd, bytes.baseAddress, bytes.count)
      if count >= 0 { return count }
      let error = errno
      if error != EINTR { return -Int(error) }
    }
  }

  package func conditions(_ fd: Int32) -> Int32 {
    var entry = pollfd(fd: fd, events: Int16(POLLIN), revents: 0)
    return poll(&entry, 1, 0) < 0 ? -errno : Int32(entry.revents)
  }

  package func lock(_ fd: Int32) -> Int32 { clinux_flock(fd, CLINUX_LOCK_EXCLUSIVE | CLINUX_LOCK_NONBLOCK) }
  package func exclusive(_ fd: Int32, _ on: Bool) -> Int32 { clinux_tty_exclusive(fd, on ? 1 : 0) }
  package func settings(_ fd: Int32, _ out: inout clinux_termios) -> Int32 { clinux_termios_get(fd, &out) }
  package func flush(_ fd: Int32, _ queue: Int32) -> Int32 { clinux_tty_flush(fd, queue) }
  package func outputPending(_ fd: Int32) -> Int32 { clinux_tty_output_pending(fd) }
  package func serial(_ fd: Int32, _ out: inout clinux_serial) -> Int32 { clinux_serial_get(fd, &out) }
  package func modemLines(_ fd: Int32) -> Int32 { clinux_modem_get(fd) }
  package func raise(_ fd: Int32, _ lines: Int32) -> Int32 { clinux_modem_raise(fd, lines) }
  package func lower(_ fd: Int32, _ lines: Int32) -> Int32 { clinux_modem_lower(fd, lines) }

  package func apply(_ fd: Int32, _ settings: clinux_termios) -> Int32 {
    withUnsafePointer(to: settings) { clinux_termios_set(fd, $0) }
  }

  package func drain(_ fd: Int32) -> Int32 {
    while true {
      let result = clinux_tty_drain(fd)
      if result != -EINTR { return result }
    }
  }

  package func setSerial(_ fd: Int32, flags: Int32, closingWait: UInt16) -> Int32 {
    clinux_serial_set(fd, flags, closingWait)
  }
}
