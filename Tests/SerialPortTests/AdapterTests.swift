import CLinux
import Glibc
import SerialPort
import Testing

// What no PTY can show: modem lines, latency, closing wait, an adapter with a mind of its own.
@Suite struct AdapterTests {
  @Test("The calls of an open come in the order that the kernel's habits ask for")
  func order() throws {
    let adapter = FakeAdapter()
    _ = try adapter.opened()
    #expect(
      adapter.log == [
        "stat", "open", "flock", "TIOCEXCL", "TCGETS2", "TCSETS2", "TCGETS2", "TCIFLUSH", "TIOCGSERIAL",
        "TIOCSSERIAL", "TIOCGSERIAL", "TIOCGSERIAL", "TIOCSSERIAL",
      ])
  }

  @Test("A reopening is the same without the flush")
  func reopening() throws {
    let first = FakeAdapter()
    let again = FakeAdapter()
    _ = try first.opened()
    _ = try again.opened(reopening: true)
    #expect(again.log == first.log.filter { $0 != "TCIFLUSH" })
  }

  @Test("Before the close the output is discarded and the kernel told not to wait for it")
  func closing() throws {
    let adapter = FakeAdapter()
    let terminal = try adapter.opened()
    #expect(adapter.serial.closing_wait == UInt16(CLINUX_CLOSING_WAIT_NONE))
    adapter.serial.closing_wait = 3000
    adapter.log = []
    terminal.close()
    #expect(adapter.log == ["TCOFLUSH", "TIOCGSERIAL", "TIOCSSERIAL", "TIOCNXCL", "close"])
    #expect(adapter.serial.closing_wait == UInt16(CLINUX_CLOSING_WAIT_NONE))
  }

  @Test("Closing goes on to the end whatever fails on the way")
  func closingWithFailures() throws {
    let adapter = FakeAdapter()
    let terminal = try adapter.opened()
    adapter.failing = ["TCOFLUSH": EIO, "TIOCGSERIAL": EIO, "TIOCNXCL": EIO, "close": EINTR]
    adapter.log = []
    terminal.close()
    #expect(adapter.log.filter { $0 == "close" }.count == 1)
  }

  @Test("Another speed than asked is granted, and reported with how far off it is")
  func otherSpeed() throws {
    let adapter = FakeAdapter()
    adapter.speed = { _ in 230_400 }
    let terminal = try adapter.opened(SerialSettings(baud: 250_000))
    #expect(terminal.granted.baud == 230_400)
    #expect(
      SpeedDeviation(asked: 250_000, granted: 230_400)?.sentence(path: "/dev/ttyUSB0")
        == "/dev/ttyUSB0: asked for 250000 baud, the adapter chose 230400 (7.8 % off; over 2 % bytes get "
        + "damaged).")
    #expect(SpeedDeviation(asked: 250_000, granted: 250_000) == nil)
    #expect(SpeedDeviation(asked: 115_200, granted: 115_384)?.tenthsOfPercent == 1)
    #expect(SpeedDeviation(asked: 1, granted: Int32.max)?.tenthsOfPercent == 2_147_483_646_000)
  }

  @Test("An adapter without 8 data bits is refused")
  func framing() throws {
    let adapter = FakeAdapter()
    adapter.refusedFlags = UInt32(CS8)
    let error = try #require(#expect(throws: SerialPortError.self) { _ = try adapter.opened() })
    #expect(error.reason == .framing)
    #expect(error.code == .speed)
    #expect(adapter.log.last == "close")
  }

  @Test("An adapter without RTS/CTS is used without it, and says so")
  func noHardwareFlow() throws {
    let adapter = FakeAdapter()
    adapter.refusedFlags = UInt32(CRTSCTS)
    let terminal = try adapter.opened(SerialSettings(baud: 115_200, hardwareFlow: true))
    #expect(!terminal.granted.hardwareFlow)
  }

  @Test("Low latency is granted only if the driver keeps the flag, and asked for only if wanted")
  func lowLatency() throws {
    let willing = FakeAdapter()
    #expect(try willing.opened().granted.lowLatency)
    #expect(willing.serial.flags & CLINUX_ASYNC_LOW_LATENCY != 0)
    let forgetful = FakeAdapter()
    forgetful.refusesSerialFlags = CLINUX_ASYNC_LOW_LATENCY
    #expect(try !forgetful.opened().granted.lowLatency)
    let unasked = FakeAdapter()
    _ = try unasked.opened(SerialSettings(baud: 115_200, lowLatency: false))
    #expect(unasked.serial.flags & CLINUX_ASYNC_LOW_LATENCY == 0)
  }

  @Test("DTR and RTS stay raised as the open left them, unless told otherwise")
  func linesAtOpen() throws {
    let plain = FakeAdapter()
    _ = try plain.opened()
    #expect(plain.raised == CLINUX_DTR | CLINUX_RTS)
    let lowered = FakeAdapter()
    _ = try lowered.opened(SerialSettings(baud: 115_200, dtr: .lowered, rts: .lowered))
    #expect(lowered.raised == 0)
    let kernelsRTS = FakeAdapter()
    _ = try kernelsRTS.opened(SerialSettings(baud: 115_200, hardwareFlow: true, rts: .lowered))
    #expect(kernelsRTS.raised & CLINUX_RTS != 0)
  }

  @Test("A DTR pulse is two calls and leaves the speed alone")
  func pulse() throws {
    let adapter = FakeAdapter()
    let terminal = try adapter.opened()
    adapter.log = []
    #expect(try terminal.setLine(CLINUX_DTR, false))
    #expect(adapter.raised == CLINUX_RTS)
    #expect(try terminal.setLine(CLINUX_DTR, true))
    #expect(adapter.raised == CLINUX_DTR | CLINUX_RTS)
    #expect(adapter.log == ["TIOCMBIC", "TIOCMBIS"])
  }

  @Test("Where a real adapter has no modem lines, that is an answer and the speed is left alone")
  func noLines() throws {
    let adapter = FakeAdapter()
    let terminal = try adapter.opened()
    adapter.failing = ["TIOCMBIC": ENOTTY, "TIOCMGET": ENOTTY]
    adapter.log = []
    #expect(try terminal.setLine(CLINUX_DTR, false) == false)
    #expect(try terminal.modemLines() == nil)
    #expect(adapter.log == ["TIOCMBIC", "TIOCMGET"])
  }
}
