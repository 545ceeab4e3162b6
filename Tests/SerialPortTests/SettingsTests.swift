import CLinux
import Glibc
import SerialPort
import Testing

// What the other end of a real PTY sees of the settings.
@Suite struct SettingsTests {
  @Test(
    "Any speed is applied as a number and seen by the other end",
    arguments: [1, 9600, 115_200, 123_456, 250_000, 1_000_000, 2_000_000, Int32.max])
  func speed(_ baud: Int32) throws {
    let pty = try PseudoTerminal.open()
    let port = try SerialPort.open(path: pty.slavePath, settings: SerialSettings(baud: baud))
    #expect(port.grantedBaud == baud)
    #expect(port.speedNote == nil)
    #expect(pty.requestedBaud == baud)
    #expect(pty.hostSettings?.c_ispeed == UInt32(baud))
  }

  @Test("The port is raw 8N1, without carrier, hang-up on close, echo or special characters")
  func raw() throws {
    let pty = try PseudoTerminal.open()
    try makeCooked(pty)
    let port = try SerialPort.open(path: pty.slavePath, settings: SerialSettings(baud: 115_200))
    defer { port.close() }
    var seen = try #require(pty.hostSettings)
    #expect(seen.c_iflag == 0)
    #expect(seen.c_oflag == 0)
    #expect(seen.c_lflag == 0)
    let framing = UInt32(CSIZE | CSTOPB | PARENB | PARODD | CREAD | CLOCAL | HUPCL) | UInt32(CRTSCTS)
    #expect(seen.c_cflag & framing == UInt32(CS8 | CREAD | CLOCAL))
    for index in 0..<Int32(19) { #expect(clinux_termios_cc(&seen, index) == 0, "c_cc[\(index)]") }
  }

  @Test("Every byte value passes both ways unchanged")
  func transparent() throws {
    let pty = try PseudoTerminal.open()
    try makeCooked(pty)
    let port = try SerialPort.open(path: pty.slavePath, settings: SerialSettings(baud: 115_200))
    let all = (0...255).map { UInt8($0) }
    #expect(port.write(all) == .bytes(256))
    #expect(try pty.take(256) == all)
    #expect(pty.write(all) == .bytes(256))
    #expect(try port.take(256) == all)
  }

  @Test("XON/XOFF sets its two characters, and they do not arrive as data")
  func softwareFlow() throws {
    let pty = try PseudoTerminal.open()
    let settings = SerialSettings(baud: 115_200, softwareFlow: true)
    let port = try SerialPort.open(path: pty.slavePath, settings: settings)
    var seen = try #require(pty.hostSettings)
    #expect(seen.c_iflag == UInt32(IXON | IXOFF))
    #expect(clinux_termios_cc(&seen, VSTART) == 0x11)
    #expect(clinux_termios_cc(&seen, VSTOP) == 0x13)
    #expect(pty.write([0x41, 0x11, 0x42]) == .bytes(3))
    #expect(try port.take(2) == [0x41, 0x42])
  }

  @Test("RTS/CTS is asked for, and off when it is not")
  func hardwareFlow() throws {
    let pty = try PseudoTerminal.open()
    let settings = SerialSettings(baud: 115_200, hardwareFlow: true)
    let port = try SerialPort.open(path: pty.slavePath, settings: settings)
    #expect(port.grantedHardwareFlow)
    #expect(try #require(pty.hostSettings).c_cflag & UInt32(CRTSCTS) != 0)
    port.close()
    let again = try SerialPort.open(path: pty.slavePath, settings: SerialSettings(baud: 115_200))
    #expect(!again.grantedHardwareFlow)
    #expect(try #require(pty.hostSettings).c_cflag & UInt32(CRTSCTS) == 0)
  }

  @Test("A PTY has no modem lines: RTS says so, DTR shows to the other end as speed 0 and comes back")
  func modemLinesOfAPseudoTerminal() throws {
    let pty = try PseudoTerminal.open()
    let port = try SerialPort.open(path: pty.slavePath, settings: SerialSettings(baud: 250_000))
    #expect(try port.modemLines() == nil)
    #expect(try port.setRTS(false) == false)
    #expect(pty.hostRaisesDTR)
    #expect(try port.setDTR(false))
    #expect(!pty.hostRaisesDTR)
    #expect(try port.setDTR(true))
    #expect(pty.requestedBaud == 250_000)
  }

  @Test("The descriptor is non-blocking, close-on-exec, and no controlling terminal is gained")
  func descriptor() throws {
    let pty = try PseudoTerminal.open()
    let port = try SerialPort.open(path: pty.slavePath, settings: SerialSettings(baud: 115_200))
    #expect(fcntl(port.fd, F_GETFL) & O_NONBLOCK != 0)
    #expect(fcntl(port.fd, F_GETFL) & O_ACCMODE == O_RDWR)
    #expect(fcntl(port.fd, F_GETFD) & FD_CLOEXEC != 0)
    #expect(clinux_tty_session(port.fd) == -ENOTTY)
  }

  @Test("No speed below 1 is tried: 0 would lower DTR", arguments: [0, -1, Int32.min])
  func impossibleSpeed(_ baud: Int32) throws {
    let pty = try PseudoTerminal.open()
    let error = try refusal(of: pty.slavePath, SerialSettings(baud: baud))
    #expect(error.code == .speed)
    #expect(pty.requestedBaud == 9600)
  }

  // As a login shell leaves a terminal.
  private func makeCooked(_ pty: PseudoTerminal) throws {
    var settings = try #require(pty.hostSettings)
    settings.c_iflag = UInt32(ICRNL | IXON | BRKINT | ISTRIP)
    settings.c_oflag = UInt32(OPOST | ONLCR)
    settings.c_lflag = UInt32(ECHO | ICANON | ISIG | IEXTEN)
    settings.c_cflag = UInt32(CS7 | PARENB | CSTOPB | HUPCL) | (settings.c_cflag & CLINUX_CBAUD)
    clinux_termios_set_cc(&settings, VINTR, 3)
    clinux_termios_set_cc(&settings, VSTOP, 0x13)
    try #require(clinux_termios_set(pty.master, &settings) == 0)
  }
}
