import CLinux
import Glibc

// Opening, in the order that the kernel's habits ask for:
//
//     stat      anything but a character device is named before an open could disturb it
//     open      raises DTR; nobody can prevent that
//     flock     first: a lock that fails must not have touched the port of the one who has it
//     TIOCEXCL  keeps out programs that do not lock (root excepted)
//     TCSETS2   raw, speed; read back
//     TCFLSH    input that came at another speed or before us; not on a reopen, where it is evidence
//     the rest  low latency, closing wait, modem lines: each only where the driver has it
extension Terminal {
  package static func open(
    path: String, settings: SerialSettings, reopening: Bool, calls: Calls,
    search: PortSearch = PortSearch()
  ) throws(SerialPortError) -> Terminal {
    guard settings.baud > 0 else {
      throw SerialPortError(.speed(settings.baud), path: path, call: "TCSETS2", errno: EINVAL)
    }
    let opening = Opening(path: path, calls: calls, search: search)
    let node = try opening.characterDevice()
    let fd = try opening.descriptor(node)
    var terminal = Terminal(calls: calls, path: path, fd: fd, isPseudoTerminal: node.isPseudoTerminal)
    do throws(SerialPortError) {
      try opening.claim(fd, node)
      terminal.granted = try opening.configure(fd, settings)
      if !reopening { try opening.check(calls.flush(fd, CLINUX_FLUSH_INPUT), "TCFLSH") }
      terminal.granted.lowLatency = settings.lowLatency && terminal.reduceLatency()
      terminal.withoutClosingWait()
      try terminal.place(settings)
    } catch {
      _ = calls.close(fd)
      throw error
    }
    return terminal
  }

  // True if the driver took it. Drivers without the idea answer ENOTTY, EINVAL or EPERM, or forget it.
  private func reduceLatency() -> Bool {
    var serial = clinux_serial()
    guard calls.serial(fd, &serial) >= 0 else { return false }
    if serial.flags & CLINUX_ASYNC_LOW_LATENCY != 0 { return true }
    let flags = serial.flags | CLINUX_ASYNC_LOW_LATENCY
    guard calls.setSerial(fd, flags: flags, closingWait: serial.closing_wait) >= 0 else { return false }
    return calls.serial(fd, &serial) >= 0 && serial.flags & CLINUX_ASYNC_LOW_LATENCY != 0
  }

  private func place(_ settings: SerialSettings) throws(SerialPortError) {
    if settings.dtr != .asOpened { _ = try setLine(CLINUX_DTR, settings.dtr == .raised) }
    if settings.rts != .asOpened && !settings.hardwareFlow {
      _ = try setLine(CLINUX_RTS, settings.rts == .raised)
    }
  }
}

// The steps of an open that can fail, each with its own error.
struct Opening<Calls: TerminalCalls> {
  let path: String
  let calls: Calls
  let search: PortSearch

  func characterDevice() throws(SerialPortError) -> stat {
    var node = stat()
    let result = calls.status(path, &node)
    if result < 0 { throw refusal("stat", -result, nil) }
    if node.kind != .characterDevice {
      throw SerialPortError(.notATerminal(node.kind), path: path, call: "stat", errno: 0)
    }
    return node
  }

  func descriptor(_ node: stat) throws(SerialPortError) -> Int32 {
    let fd = calls.open(path, O_RDWR | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)
    if fd < 0 { throw refusal("open", -fd, node) }
    return fd
  }

  func claim(_ fd: Int32, _ node: stat) throws(SerialPortError) {
    let locked = calls.lock(fd)
    if locked < 0 { throw refusal("flock", -locked, node, holding: fd) }
    // On a PTY the mark would stay when we are killed, for as long as the other end lives, and refuse our
    // own successor; a real port forgets it with its last close.
    if !node.isPseudoTerminal { try check(calls.exclusive(fd, true), "TIOCEXCL") }
  }

  func configure(
    _ fd: Int32, _ settings: SerialSettings
  ) throws(SerialPortError) -> Terminal<Calls>.GrantedSettings {
    var termios = clinux_termios()
    try check(calls.settings(fd, &termios), "TCGETS2")
    termios.makeRaw(settings)
    let applied = calls.apply(fd, termios)
    if applied == -EINVAL {
      throw SerialPortError(.speed(settings.baud), path: path, call: "TCSETS2", errno: EINVAL)
    }
    try check(applied, "TCSETS2")
    try check(calls.settings(fd, &termios), "TCGETS2")
    if !termios.isEightBitsNoParity {
      throw SerialPortError(.framing, path: path, call: "TCSETS2", errno: 0)
    }
    return Terminal<Calls>.GrantedSettings(baud: termios.baud, hardwareFlow: termios.hasHardwareFlow)
  }

  func check(_ result: Int32, _ call: String) throws(SerialPortError) {
    if result < 0 { throw refusal(call, -result, nil) }
  }

  // The reason behind an errno, with the facts that its sentence needs.
  private func refusal(
    _ call: String, _ error: Int32, _ node: stat?, holding fd: Int32? = nil
  ) -> SerialPortError {
    let reason: SerialPortError.Reason =
      switch error {
      case ENOENT, ENOTDIR: .missing(linkTarget: linkTarget(path), existing: search.existing())
      case EACCES, EPERM: node.map { .permission(.facts(of: $0)) } ?? .other
      case EBUSY, EWOULDBLOCK: .busy(node.map { search.holders(of: $0, but: fd) } ?? [])
      case EISDIR: .notATerminal(.folder)
      case ENOTTY: .notATerminal(.otherDevice)
      case ENODEV, ENXIO: .unplugged
      // A ttyS without a UART opens, and answers EIO to everything after.
      case EIO: .noHardware
      case EMFILE, ENFILE: .tooManyFiles
      default: .other
      }
    return SerialPortError(reason, path: path, call: call, errno: error)
  }
}
