import CLinux
import Glibc

// The terminal settings of a printer's port, as changes to those that the kernel has.
extension clinux_termios {
  // 8N1, every byte as it is, nothing echoed, no line editing, no signals, no control characters.
  package mutating func makeRaw(_ settings: SerialSettings) {
    c_iflag = settings.softwareFlow ? UInt32(IXON | IXOFF) : 0
    c_oflag = 0
    c_lflag = 0
    c_cflag &= ~UInt32(CSIZE | CSTOPB | PARENB | PARODD | HUPCL) & ~UInt32(CRTSCTS)
    // CLOCAL: a printer has no carrier to wait for. HUPCL off: closing must not lower DTR, whose next
    // rise would reset the board.
    c_cflag |= UInt32(CS8 | CREAD | CLOCAL)
    if settings.hardwareFlow { c_cflag |= UInt32(CRTSCTS) }
    clearControlCharacters()
    if settings.softwareFlow {
      clinux_termios_set_cc(&self, VSTART, 0x11)
      clinux_termios_set_cc(&self, VSTOP, 0x13)
    }
    setSpeed(settings.baud)
  }

  // Zero means "none" for each character, and "return at once" for VMIN and VTIME.
  private mutating func clearControlCharacters() {
    for index in 0..<Int32(19) { clinux_termios_set_cc(&self, index, 0) }
  }

  // Any speed as a number, both ways; 0 is B0, which lowers DTR where there is one.
  package mutating func setSpeed(_ baud: Int32) {
    c_cflag &= ~(CLINUX_CBAUD | CLINUX_CBAUD << CLINUX_IBSHIFT)
    if baud > 0 { c_cflag |= CLINUX_BOTHER | CLINUX_BOTHER << CLINUX_IBSHIFT }
    c_ospeed = UInt32(max(0, baud))
    c_ispeed = c_ospeed
  }

  // The speed as a number; the code in c_cflag is not to be trusted after CLINUX_BOTHER, except for B0.
  package var baud: Int32 { c_cflag & CLINUX_CBAUD == 0 ? 0 : Int32(clamping: c_ospeed) }

  package var isEightBitsNoParity: Bool {
    c_cflag & UInt32(CSIZE) == UInt32(CS8) && c_cflag & UInt32(PARENB) == 0
  }

  package var hasHardwareFlow: Bool { c_cflag & UInt32(CRTSCTS) != 0 }
}
