import CLinux
import Glibc

/// The printer's end of the cable: a pseudo terminal's master, and the link by which hosts find the other end.
struct PseudoPort {
  /// The master.
  private(set) var descriptor: Int32 = -1
  /// Where hosts open it.
  private(set) var path = ""
  private let link: String?

  /// Plugs in.
  init(link: String?) throws(Failure) {
    self.link = link
    try plugIn()
  }

  /// A new terminal behind the same link.
  mutating func plugIn() throws(Failure) {
    descriptor = try checked(clinux_pty_open(0), "cannot open a pseudo terminal")
    var bytes = [CChar](repeating: 0, count: 128)
    _ = try checked(clinux_pty_slave_path(descriptor, &bytes, bytes.count), "cannot name the pseudo terminal")
    let slave = bytes.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } ?? "" }
    try makeRaw(slave)
    path = slave
    guard let link else { return }
    var status = stat()
    if lstat(link, &status) == 0, status.st_mode & S_IFMT != S_IFLNK {
      throw Failure("will not replace \(link), which is no link", error: EEXIST)
    }
    let fresh = link + ".new"
    unlink(fresh)
    if symlink(slave, fresh) != 0 || rename(fresh, link) != 0 {
      throw Failure("cannot make the link \(link)", error: errno)
    }
    path = link
  }

  /// Pulls the cable: a host that has the port open is hung up on.
  mutating func unplug() {
    if let link { unlink(link) }
    close(descriptor)
    descriptor = -1
  }

  /// Without this the terminal would echo the firmware's own words back to it. Opened and closed once, the slave's
  /// absence shows as a hang-up from now on.
  private func makeRaw(_ slave: String) throws(Failure) {
    let terminal = open(slave, O_RDWR | O_NOCTTY | O_CLOEXEC)
    if terminal < 0 { throw Failure("cannot open \(slave)", error: errno) }
    defer { close(terminal) }
    var settings = termios()
    tcgetattr(terminal, &settings)
    cfmakeraw(&settings)
    tcsetattr(terminal, TCSANOW, &settings)
  }

  /// A host has the port open.
  var isOpen: Bool {
    var state = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    return poll(&state, 1, 0) >= 0 && state.revents & Int16(POLLHUP) == 0
  }

  /// The speed that the host has set, bits/s; 0 when it cannot be told.
  var speed: Int64 {
    var settings = clinux_termios()
    return clinux_termios_get(descriptor, &settings) < 0 ? 0 : Int64(settings.c_ospeed)
  }
}
