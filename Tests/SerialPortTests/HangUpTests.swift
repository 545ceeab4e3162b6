import CLinux
import Glibc
import SerialPort
import Testing

// Silence, the end of the link, and a device that is gone are three different things.
@Suite struct HangUpTests {
  private let settings = SerialSettings(baud: 115_200)

  @Test("A silent port would block, again and again")
  func silence() throws {
    let pty = try PseudoTerminal.open()
    let port = try SerialPort.open(path: pty.slavePath, settings: settings)
    var buffer = [UInt8](repeating: 0, count: 16)
    for _ in 0..<3 { #expect(port.read(into: &buffer) == .wouldBlock) }
  }

  @Test("When the other end closes, read tells it; nothing blocks")
  func otherEndCloses() throws {
    let pty = try PseudoTerminal.open()
    let port = try SerialPort.open(path: pty.slavePath, settings: settings)
    pty.close()
    try wait(port.fd, for: POLLIN)
    var buffer = [UInt8](repeating: 0, count: 16)
    guard case .hangUp(let end) = port.read(into: &buffer) else {
      Issue.record("read did not tell the end")
      return
    }
    #expect(end.sign == .silence)
    #expect(port.write(bytes("M105\n")) == .hangUp(try #require(hangUp(port.write(bytes("x"))))))
    // The node of a closed PTY is gone, as that of an unplugged adapter.
    let error = port.explanation(of: end)
    #expect(error.reason == .unplugged)
    #expect(error.code == .unplugged)
  }

  @Test("A write after the end tells EIO")
  func writeAfterTheEnd() throws {
    let pty = try PseudoTerminal.open()
    let port = try SerialPort.open(path: pty.slavePath, settings: settings)
    pty.close()
    let end = try #require(hangUp(port.write(bytes("M105\n"))))
    #expect(end.sign == .deadLink)
    #expect(end.errno == EIO)
  }

  @Test("A link that ended under a node that is still there was hung up, not unplugged")
  func hungUp() throws {
    let adapter = FakeAdapter()
    let terminal = try adapter.opened()
    adapter.conditionsNow = Int32(POLLIN | POLLHUP | POLLERR)
    let end = try #require(hangUp(read(terminal)))
    #expect(terminal.explanation(of: end).reason == .hungUp)
    adapter.nodeExists = false
    #expect(terminal.explanation(of: end).reason == .unplugged)
  }

  @Test("Commands after the end say so", arguments: [EIO, ENODEV, ENXIO])
  func commandsAfterTheEnd(_ error: Int32) throws {
    let adapter = FakeAdapter()
    let terminal = try adapter.opened()
    adapter.nodeExists = false
    adapter.failing = ["TIOCMBIC": error, "TCOFLUSH": error, "TIOCMGET": error, "tcdrain": error]
    let commands: [(Terminal<FakeAdapter>) throws -> Void] = [
      { _ = try $0.setLine(CLINUX_DTR, false) }, { try $0.flush(CLINUX_FLUSH_OUTPUT) },
      { _ = try $0.modemLines() }, { try $0.drain() },
    ]
    for command in commands {
      let thrown = #expect(throws: SerialPortError.self) { try command(terminal) }
      #expect(thrown?.code == .unplugged)
    }
  }

  @Test(
    "Each result of read and write is the answer it should be",
    arguments: [
      (EAGAIN, Transfer.wouldBlock, HangUp.Sign?.none), (EIO, nil, .deadLink), (ENODEV, nil, .deadLink),
      (ENXIO, nil, .deadLink), (EBADF, nil, .unexpected), (EOVERFLOW, nil, .unexpected),
    ] as [(Int32, Transfer?, HangUp.Sign?)])
  func results(_ error: Int32, _ answer: Transfer?, _ sign: HangUp.Sign?) throws {
    let adapter = FakeAdapter()
    let terminal = try adapter.opened()
    adapter.failing = ["read": error, "write": error]
    for transfer in [read(terminal), write(terminal)] {
      if let answer { #expect(transfer == answer) }
      #expect(hangUp(transfer)?.sign == sign)
      #expect(hangUp(transfer).map(\.errno) == sign.map { _ in error })
    }
  }

  @Test("A port that takes nothing would block; a short write says how much it took")
  func fullOutput() throws {
    let pty = try PseudoTerminal.open()
    let port = try SerialPort.open(path: pty.slavePath, settings: settings)
    let much = [UInt8](repeating: 0x41, count: 1 << 20)
    guard case .bytes(let taken) = port.write(much) else {
      Issue.record("nothing was taken")
      return
    }
    #expect(taken > 0 && taken < much.count)
    // The kernel moves bytes on by itself, so there may be room again; in the end there is none.
    var last = Transfer.bytes(taken)
    while case .bytes = last { last = port.write(much) }
    #expect(last == .wouldBlock)
    #expect(try pty.take(taken) == Array(much[..<taken]))
  }

  @Test("Flushed output never reaches the other end")
  func flushOutput() throws {
    let pty = try PseudoTerminal.open()
    let port = try SerialPort.open(path: pty.slavePath, settings: settings)
    let filler = [UInt8](repeating: 0x41, count: 1 << 16)
    while case .bytes = port.write(filler) {}
    try port.flushOutput()
    #expect(port.write(bytes("M112\n")) == .bytes(5))
    var seen: [UInt8] = []
    while !seen.contains(0x4D) { seen += try pty.take(1) }
    #expect(seen.count < 1 << 16)
  }

  private func hangUp(_ transfer: Transfer) -> HangUp? {
    if case .hangUp(let end) = transfer { end } else { nil }
  }

  private func read(_ terminal: Terminal<FakeAdapter>) -> Transfer {
    var buffer = [UInt8](repeating: 0, count: 16)
    return buffer.withUnsafeMutableBytes { terminal.read($0) }
  }

  private func write(_ terminal: Terminal<FakeAdapter>) -> Transfer {
    bytes("M105\n").withUnsafeBytes { terminal.write($0) }
  }
}
