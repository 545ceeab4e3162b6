import Glibc
import SerialPort
import Testing

// What a device is, whatever it is called.
@Suite struct PortFactsTests {
  @Test("A pseudo-terminal has no UART, by its own name and by a link that looks like an adapter's")
  func pseudoTerminal() throws {
    let folder = try TemporaryFolder()
    let pty = try PseudoTerminal.open()
    folder.link("usb-FTDI_FT232R-if00-port0", to: pty.slavePath)
    #expect(PortFacts(path: pty.slavePath).timing == .untimed)
    #expect(PortFacts(path: folder.make("usb-FTDI_FT232R-if00-port0")).timing == .untimed)
  }

  @Test("What is no terminal of either kind is not timed, and what is missing is not known")
  func others() throws {
    let folder = try TemporaryFolder()
    #expect(PortFacts(path: folder.make("nothing")).timing == .unknown)
    #expect(PortFacts(path: "/tmp").timing == .unknown)
    // Any character device that is neither a PTY nor a USB board counts as a UART: the careful guess.
    #expect(PortFacts(path: "/dev/null").timing == .timed)
  }
}
