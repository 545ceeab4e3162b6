import CLinux
import Glibc
import SerialPort
import Testing

// What an open does with input that waits, and with a port that somebody has.
@Suite struct OpeningTests {
  private let settings = SerialSettings(baud: 115_200)

  @Test("The first open discards what came before it")
  func flushesOnce() throws {
    let pty = try PseudoTerminal.open()
    try leaveInput("old", pty)
    let port = try SerialPort.open(path: pty.slavePath, settings: settings)
    #expect(pty.write(bytes("new")) == .bytes(3))
    #expect(try port.take(3) == bytes("new"))
  }

  @Test("A reopening keeps what came before it: the banner is evidence")
  func reopeningKeepsInput() throws {
    let pty = try PseudoTerminal.open()
    try leaveInput("start\n", pty)
    let port = try SerialPort.open(path: pty.slavePath, settings: settings, reopening: true)
    #expect(try port.take(6) == bytes("start\n"))
  }

  @Test("A second open is refused and names the process that holds the port")
  func busyWithOurselves() throws {
    let pty = try PseudoTerminal.open()
    let port = try SerialPort.open(path: pty.slavePath, settings: settings)
    let error = try refusal(of: pty.slavePath)
    #expect(error.code == .busy)
    guard case .busy(let holders) = error.reason else { return }
    #expect(holders.map(\.pid) == [getpid()])
    #expect(error.sentence.contains("(pid \(getpid()))"))
    // The refused open changed nothing for the holder.
    #expect(port.write(bytes("M105\n")) == .bytes(5))
    #expect(try pty.take(5) == bytes("M105\n"))
  }

  @Test("The same through a link of another name")
  func busyThroughALink() throws {
    let folder = try TemporaryFolder()
    let pty = try PseudoTerminal.open()
    try pty.link(at: folder.make("printer"))
    let port = try SerialPort.open(path: pty.slavePath, settings: settings)
    defer { port.close() }
    #expect(try refusal(of: folder.make("printer")).code == .busy)
  }

  @Test("A port that another program locked is refused with that program's name and number")
  func busyWithAnother() throws {
    let pty = try PseudoTerminal.open()
    let other = try LockHolder(pty.slavePath)
    let error = try refusal(of: pty.slavePath)
    guard case .busy(let holders) = error.reason else {
      Issue.record("not busy: \(error)")
      return
    }
    #expect(holders.contains(PortHolder(pid: other.pid, name: "flock")), "\(holders)")
    #expect(!holders.contains { $0.pid == getpid() }, "the refused one is no holder: \(holders)")
    #expect(error.sentence.contains("flock (pid \(other.pid))"))
  }

  @Test("A closed port can be opened again at once")
  func closeFreesThePort() throws {
    let pty = try PseudoTerminal.open()
    for baud in [115_200, 250_000] as [Int32] {
      let port = try SerialPort.open(path: pty.slavePath, settings: SerialSettings(baud: baud))
      #expect(pty.requestedBaud == baud)
      port.close()
      port.close()
    }
    #expect(throws: Never.self) { try SerialPort.open(path: pty.slavePath, settings: settings) }
  }

  @Test("A PTY is not marked exclusive: the mark would outlive a holder that is killed")
  func noExclusiveMarkOnAPseudoTerminal() throws {
    let pty = try PseudoTerminal.open()
    let port = try SerialPort.open(path: pty.slavePath, settings: settings)
    #expect(clinux_tty_is_exclusive(port.fd) == 0)
  }

  @Test("A refused open leaves no descriptor behind")
  func noLeak() throws {
    let pty = try PseudoTerminal.open()
    let port = try SerialPort.open(path: pty.slavePath, settings: settings)
    _ = try refusal(of: pty.slavePath)
    port.close()
    try wait(pty.master, for: 0)
    #expect(!pty.hostIsPresent)
  }

  // Bytes that arrived before the port was opened, and are certainly there.
  private func leaveInput(_ text: String, _ pty: PseudoTerminal) throws {
    let slave = try pty.openSlave()
    defer { close(slave) }
    #expect(pty.write(bytes(text)) == .bytes(text.utf8.count))
    while clinux_tty_input_pending(slave) < text.utf8.count { try wait(slave, for: POLLIN) }
  }
}

// Another process that has the port open and locked: flock(1), until its input ends.
final class LockHolder {
  let pid: Int32
  private let input: Int32

  init(_ path: String) throws {
    var toChild: [Int32] = [0, 0]
    var fromChild: [Int32] = [0, 0]
    try #require(pipe(&toChild) == 0 && pipe(&fromChild) == 0)
    for fd in toChild + fromChild { _ = fcntl(fd, F_SETFD, FD_CLOEXEC) }
    let words = (["flock", path, "sh", "-c", "echo locked; exec cat"] as [String]).map { strdup($0) }
    pid = clinux_spawn("/usr/bin/flock", words + [nil], nil, toChild[0], fromChild[1], 2, 0)
    words.forEach { free($0) }
    input = toChild[1]
    close(toChild[0])
    close(fromChild[1])
    defer { close(fromChild[0]) }
    try #require(pid > 0)
    try wait(fromChild[0], for: POLLIN)
  }

  deinit {
    close(input)
    var end = clinux_exit()
    clinux_pid_wait(pid, 1, &end)
  }
}
