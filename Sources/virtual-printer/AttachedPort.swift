import CLinux
import Glibc

/// The printer's end of a cable that somebody else has laid: a serial terminal, or a Unix socket that leads to one, as a
/// virtual machine's serial device does.
///
/// It need not be there yet, and may go and come again: it is looked for ten times a second.
struct AttachedPort {
  private static let patience: Int64 = 100_000_000

  /// The terminal or socket; -1 while there is none.
  private(set) var descriptor: Int32 = -1
  /// Where it is looked for.
  let path: String
  private let baud: Int64
  private var isPulled = false
  private var nextLook: Int64 = 0

  /// Throws where something is at `path` that carries no bytes both ways.
  init(path: String, baud: Int64) throws(Failure) {
    self.path = path
    self.baud = baud
    var status = stat()
    guard stat(path, &status) == 0 else { return }
    let kind = status.st_mode & S_IFMT
    guard kind == S_IFSOCK || kind == S_IFCHR else {
      throw Failure("\(path) is neither a terminal nor a socket", error: ENOTTY)
    }
    if kind == S_IFCHR { try openTerminal() }
  }

  /// Puts the cable in again.
  mutating func plugIn() {
    isPulled = false
    nextLook = 0
  }

  /// Pulls the cable: a socket's other end is hung up on.
  mutating func unplug() {
    isPulled = true
    letGo()
  }

  /// The other end has gone.
  mutating func letGo() {
    if descriptor >= 0 { close(descriptor) }
    descriptor = -1
  }

  /// Whether there is another end; looks for it when that is due.
  mutating func isOpen() -> Bool {
    if descriptor >= 0 { return true }
    guard !isPulled, clinux_monotonic_ns() >= nextLook else { return false }
    nextLook = clinux_monotonic_ns() + Self.patience
    var status = stat()
    guard stat(path, &status) == 0 else { return false }
    if status.st_mode & S_IFMT == S_IFCHR { return (try? openTerminal()) != nil }
    let socket = clinux_unix_socket(0)
    guard socket >= 0 else { return false }
    guard clinux_unix_connect(socket, path) >= 0 else {
      close(socket)
      return false
    }
    descriptor = socket
    return true
  }

  /// Raw, at the firmware's speed; what was received before is nobody's.
  private mutating func openTerminal() throws(Failure) {
    let terminal = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC)
    if terminal < 0 { throw Failure("cannot open \(path)", error: errno) }
    var settings = termios()
    var speeds = clinux_termios()
    guard tcgetattr(terminal, &settings) == 0 else {
      let error = errno
      close(terminal)
      throw Failure("\(path) is no terminal", error: error)
    }
    cfmakeraw(&settings)
    settings.c_cflag |= tcflag_t(CLOCAL)
    tcsetattr(terminal, TCSANOW, &settings)
    if clinux_termios_get(terminal, &speeds) >= 0 {
      speeds.c_cflag =
        speeds.c_cflag & ~CLINUX_CBAUD & ~(CLINUX_CBAUD << CLINUX_IBSHIFT) | CLINUX_BOTHER
      speeds.c_ispeed = UInt32(baud)
      speeds.c_ospeed = UInt32(baud)
      _ = clinux_termios_set(terminal, &speeds)
    }
    tcflush(terminal, TCIOFLUSH)
    descriptor = terminal
  }
}
