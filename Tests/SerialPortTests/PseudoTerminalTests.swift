import CLinux
import Glibc
import SerialPort
import Testing

// The printer's end of a PTY.
@Suite struct PseudoTerminalTests {
  @Test("What is written before a host opens is not echoed, and the host can leave and come back")
  func hostsComeAndGo() throws {
    let pty = try PseudoTerminal.open()
    #expect(pty.hostIsPresent)
    #expect(pty.write(bytes("start\n")) == .bytes(6))
    let first = try SerialPort.open(
      path: pty.slavePath, settings: SerialSettings(baud: 115_200), reopening: true)
    #expect(try first.take(6) == bytes("start\n"))
    first.close()
    try wait(pty.master, for: 0)
    #expect(!pty.hostIsPresent)
    var buffer = [UInt8](repeating: 0, count: 16)
    guard case .hangUp(let end) = pty.read(into: &buffer) else {
      Issue.record("the host's close did not show")
      return
    }
    #expect(end.errno == EIO)
    let second = try SerialPort.open(path: pty.slavePath, settings: SerialSettings(baud: 250_000))
    #expect(pty.hostIsPresent)
    #expect(pty.requestedBaud == 250_000)
    #expect(second.write(bytes("M105\n")) == .bytes(5))
    #expect(try pty.take(5) == bytes("M105\n"))
  }

  @Test("A link is put in place of an older one, and never over anything else")
  func link() throws {
    let folder = try TemporaryFolder()
    let pty = try PseudoTerminal.open()
    let path = folder.make("printer")
    folder.link("printer", to: "/dev/pts/999999")
    try pty.link(at: path)
    let port = try SerialPort.open(path: path, settings: SerialSettings(baud: 115_200))
    #expect(port.path == path)
    try folder.file("precious")
    let error = #expect(throws: SerialPortError.self) { try pty.link(at: folder.make("precious")) }
    #expect(error?.errno == EEXIST)
    #expect(throws: SerialPortError.self) { try pty.link(at: "\(folder.path)/none/printer") }
  }

  @Test("After the close nothing is answered any more")
  func closed() throws {
    let pty = try PseudoTerminal.open()
    pty.close()
    pty.close()
    #expect(pty.hostSettings == nil)
    #expect(pty.requestedBaud == 0)
  }
}
