import CLinux
import Glibc

/// A PTY seen from its master: the place of a printer's board, for tests and virtual printers.
///
/// The settings of the host's end show here: a host that opened it at the wrong speed can be told garbage.
/// Not for use from two threads at once. The master is non-blocking.
public final class PseudoTerminal {
  /// The master's descriptor, for poll or epoll.
  public let master: Int32
  /// The path that a host opens, `/dev/pts/N`.
  public let slavePath: String
  private var isOpen = true

  /// A new PTY; raw from the start, so that nothing written before a host opens it is echoed back.
  public static func open() throws(SerialPortError) -> PseudoTerminal {
    let master = clinux_pty_open(0)
    if master < 0 { throw SerialPortError(.other, path: "/dev/ptmx", call: "posix_openpt", errno: -master) }
    var path = [CChar](repeating: 0, count: 128)
    let named = clinux_pty_slave_path(master, &path, path.count)
    var settings = clinux_termios()
    let known = named < 0 ? named : clinux_termios_get(master, &settings)
    settings.makeRaw(SerialSettings(baud: 9600))
    let applied = known < 0 ? known : clinux_termios_set(master, &settings)
    if applied < 0 {
      Glibc.close(master)
      throw SerialPortError(.other, path: "/dev/ptmx", call: "TCSETS2", errno: -applied)
    }
    return PseudoTerminal(master, path.withUnsafeBufferPointer { string(from: $0) })
  }

  private init(_ master: Int32, _ slavePath: String) {
    self.master = master
    self.slavePath = slavePath
  }

  deinit {
    close()
  }

  private static func string(from text: UnsafeBufferPointer<CChar>) -> String {
    String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// The speed that the host asked for, in bits per second; 0 while it holds DTR low. The corresponding
  /// ioctl is `TCGETS2` on the master.
  public var requestedBaud: Int32 { hostSettings?.baud ?? 0 }

  /// Whether the host holds DTR raised. A PTY has no such line: `SerialPort.setDTR` shows it as speed 0.
  public var hostRaisesDTR: Bool { requestedBaud != 0 }

  /// The host's terminal settings; nil if the PTY is closed.
  public var hostSettings: clinux_termios? {
    var settings = clinux_termios()
    return isOpen && clinux_termios_get(master, &settings) >= 0 ? settings : nil
  }

  /// Whether a host has the other end open. Also true before the first one opened it.
  public var hostIsPresent: Bool {
    let conditions = LinuxCalls().conditions(master)
    return conditions >= 0 && conditions & Int32(POLLHUP) == 0
  }

  /// Opens the host's end by its master; the caller closes the descriptor. Non-blocking, not a controlling
  /// terminal. A virtual printer that holds one is never told that the host closed. `TIOCGPTPEER`.
  public func openSlave() throws(SerialPortError) -> Int32 {
    let slave = clinux_pty_open_slave(master, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC)
    if slave < 0 { throw SerialPortError(.other, path: slavePath, call: "TIOCGPTPEER", errno: -slave) }
    return slave
  }

  /// Reads what the host wrote. `.hangUp` (EIO) means that the host closed; it may come back.
  public func read(into buffer: UnsafeMutableRawBufferPointer) -> Transfer {
    let calls = LinuxCalls()
    return .ofRead(calls.read(master, buffer), master, calls)
  }

  /// Reads what the host wrote into the beginning of an array, at most its count.
  public func read(into buffer: inout [UInt8]) -> Transfer {
    buffer.withUnsafeMutableBytes { read(into: $0) }
  }

  /// Writes to the host as many bytes as fit now; they wait there for a host that opens later.
  public func write(_ bytes: UnsafeRawBufferPointer) -> Transfer {
    .ofWrite(LinuxCalls().write(master, bytes))
  }

  /// Writes to the host as many bytes as fit now.
  public func write(_ bytes: ArraySlice<UInt8>) -> Transfer {
    bytes.withUnsafeBytes { write($0) }
  }

  /// Writes to the host as many bytes as fit now.
  public func write(_ bytes: [UInt8]) -> Transfer {
    bytes.withUnsafeBytes { write($0) }
  }

  /// Puts a symbolic link to the slave at `path`, replacing one that is there in a single step, so that no
  /// host ever sees it missing. Anything else that stands there is left alone (EEXIST).
  public func link(at path: String) throws(SerialPortError) {
    var node = stat()
    if lstat(path, &node) == 0 && node.st_mode & S_IFMT != S_IFLNK {
      throw SerialPortError(.other, path: path, call: "symlink", errno: EEXIST)
    }
    let passing = "\(path).\(getpid()).new"
    unlink(passing)
    if symlink(slavePath, passing) < 0 {
      throw SerialPortError(.other, path: path, call: "symlink", errno: errno)
    }
    if rename(passing, path) < 0 {
      let error = errno
      unlink(passing)
      throw SerialPortError(.other, path: path, call: "rename", errno: error)
    }
  }

  /// Closes the master: the host sees what an unplugged adapter looks like. A second call does nothing.
  public func close() {
    guard isOpen else { return }
    isOpen = false
    Glibc.close(master)
  }
}
