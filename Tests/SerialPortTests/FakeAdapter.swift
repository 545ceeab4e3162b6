import CLinux
import Glibc
import SerialPort

// A serial adapter in memory, behind the seam of the system calls: it has what no PTY has (modem lines, low
// latency, a speed of its own choice), fails where a test says, and keeps the order of the calls.
final class FakeAdapter: TerminalCalls {
  // A call's name as in `log`, and the errno that it fails with.
  var failing: [String: Int32] = [:]
  var log: [String] = []
  var termios = clinux_termios()
  var serial = clinux_serial()
  var raised = CLINUX_DTR | CLINUX_RTS
  var node = stat()
  var nodeExists = true
  var input: [UInt8] = []
  var conditionsNow: Int32 = 0
  // What the adapter makes of a speed asked for.
  var speed: (UInt32) -> UInt32 = { $0 }
  // Flags of c_cflag that the adapter cannot do.
  var refusedFlags: UInt32 = 0
  var refusesSerialFlags: Int32 = 0

  init() {
    node.st_mode = S_IFCHR | 0o660
    node.st_rdev = 188 << 8
    serial.closing_wait = 3000
    termios.c_cflag = UInt32(HUPCL | CS7 | PARENB | CSTOPB)
    termios.c_lflag = UInt32(ECHO | ICANON | ISIG)
    termios.c_iflag = UInt32(ICRNL | IXON)
    termios.c_oflag = UInt32(OPOST)
  }

  private func answer(_ call: String, _ success: Int32 = 0) -> Int32 {
    log.append(call)
    return failing[call].map { -$0 } ?? success
  }

  func open(_ path: String, _ flags: Int32) -> Int32 { answer("open", 7) }
  func close(_ fd: Int32) -> Int32 { answer("close") }

  func status(_ path: String, _ out: inout stat) -> Int32 {
    out = node
    return answer("stat", nodeExists ? 0 : -ENOENT)
  }

  func read(_ fd: Int32, _ buffer: UnsafeMutableRawBufferPointer) -> Int {
    let result = answer("read")
    if result < 0 { return Int(result) }
    let count = min(buffer.count, input.count)
    buffer.copyBytes(from: input[..<count])
    input.removeFirst(count)
    return count
  }

  func write(_ fd: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
    Int(answer("write", Int32(bytes.count)))
  }

  func conditions(_ fd: Int32) -> Int32 { answer("poll", conditionsNow) }
  func lock(_ fd: Int32) -> Int32 { answer("flock") }
  func exclusive(_ fd: Int32, _ on: Bool) -> Int32 { answer(on ? "TIOCEXCL" : "TIOCNXCL") }

  func settings(_ fd: Int32, _ out: inout clinux_termios) -> Int32 {
    out = termios
    return answer("TCGETS2")
  }

  func apply(_ fd: Int32, _ settings: clinux_termios) -> Int32 {
    let result = answer("TCSETS2")
    if result < 0 { return result }
    termios = settings
    termios.c_cflag &= ~refusedFlags
    termios.c_ospeed = speed(settings.c_ospeed)
    termios.c_ispeed = termios.c_ospeed
    return result
  }

  func flush(_ fd: Int32, _ queue: Int32) -> Int32 {
    answer(["TCIFLUSH", "TCOFLUSH", "TCIOFLUSH"][Int(queue)])
  }

  func drain(_ fd: Int32) -> Int32 { answer("tcdrain") }
  func outputPending(_ fd: Int32) -> Int32 { answer("TIOCOUTQ") }

  func serial(_ fd: Int32, _ out: inout clinux_serial) -> Int32 {
    out = serial
    return answer("TIOCGSERIAL")
  }

  func setSerial(_ fd: Int32, flags: Int32, closingWait: UInt16) -> Int32 {
    let result = answer("TIOCSSERIAL")
    if result < 0 { return result }
    serial.flags = flags & ~refusesSerialFlags
    serial.closing_wait = closingWait
    return result
  }

  func modemLines(_ fd: Int32) -> Int32 { answer("TIOCMGET", raised) }

  func raise(_ fd: Int32, _ lines: Int32) -> Int32 {
    let result = answer("TIOCMBIS")
    if result >= 0 { raised |= lines }
    return result
  }

  func lower(_ fd: Int32, _ lines: Int32) -> Int32 {
    let result = answer("TIOCMBIC")
    if result >= 0 { raised &= ~lines }
    return result
  }

  // Opens it, its folders of devices and processes empty.
  func opened(
    _ settings: SerialSettings = SerialSettings(baud: 115_200), reopening: Bool = false,
    search: PortSearch = PortSearch(SystemPaths(devices: "/nowhere", processes: "/nowhere"))
  ) throws(SerialPortError) -> Terminal<FakeAdapter> {
    try Terminal.open(
      path: "/dev/ttyUSB0", settings: settings, reopening: reopening, calls: self, search: search)
  }
}
