import CLinux
import Glibc
import SerialPort
import Testing

// Each call of an open, failing with each errno that a user can meet: the code and the reason that follow.
@Suite struct ErrnoTableTests {
  struct Row: CustomTestStringConvertible, Sendable {
    let call: String
    let error: Int32
    let code: SerialPortError.Code
    let sentence: String
    var testDescription: String { "\(call): \(clinux_error_name(error).map { String(cString: $0) } ?? "?")" }
  }

  static let rows: [Row] = [
    Row(call: "stat", error: ENOENT, code: .missing, sentence: "there is no /dev/ttyUSB0"),
    Row(call: "stat", error: ENOTDIR, code: .missing, sentence: "there is no /dev/ttyUSB0"),
    Row(call: "stat", error: ENAMETOOLONG, code: .io, sentence: "stat failed: File name too long"),
    Row(call: "stat", error: ELOOP, code: .io, sentence: "stat failed: Too many levels of symbolic links"),
    // Unplugged between stat and open.
    Row(call: "open", error: ENOENT, code: .missing, sentence: "there is no /dev/ttyUSB0"),
    Row(call: "open", error: ENODEV, code: .unplugged, sentence: "/dev/ttyUSB0 was unplugged"),
    Row(call: "open", error: ENXIO, code: .unplugged, sentence: "/dev/ttyUSB0 was unplugged"),
    Row(call: "open", error: EIO, code: .unplugged, sentence: "no hardware answers behind it"),
    Row(call: "open", error: EACCES, code: .permission, sentence: "may not open /dev/ttyUSB0"),
    Row(call: "open", error: EPERM, code: .permission, sentence: "may not open /dev/ttyUSB0"),
    Row(call: "open", error: EBUSY, code: .busy, sentence: "another program holds /dev/ttyUSB0"),
    Row(call: "open", error: EMFILE, code: .io, sentence: "too many files are open"),
    Row(call: "open", error: ENFILE, code: .io, sentence: "too many files are open"),
    Row(call: "open", error: ENOMEM, code: .io, sentence: "open failed: Cannot allocate memory (ENOMEM)"),
    Row(call: "flock", error: EWOULDBLOCK, code: .busy, sentence: "another program holds /dev/ttyUSB0"),
    Row(call: "flock", error: ENOLCK, code: .io, sentence: "flock failed: No locks available (ENOLCK)"),
    Row(call: "TIOCEXCL", error: ENOTTY, code: .notATerminal, sentence: "a device, but not a serial port"),
    Row(call: "TIOCEXCL", error: EIO, code: .unplugged, sentence: "no hardware answers"),
    Row(call: "TCGETS2", error: ENOTTY, code: .notATerminal, sentence: "a device, but not a serial port"),
    Row(call: "TCGETS2", error: EIO, code: .unplugged, sentence: "no hardware answers"),
    Row(call: "TCSETS2", error: EINVAL, code: .speed, sentence: "refuses 115200 baud"),
    Row(call: "TCSETS2", error: ENODEV, code: .unplugged, sentence: "was unplugged"),
    Row(call: "TCIFLUSH", error: ENXIO, code: .unplugged, sentence: "was unplugged"),
  ]

  @Test("The errno of each call becomes its code and its sentence", arguments: rows)
  func row(_ row: Row) throws {
    let adapter = FakeAdapter()
    adapter.failing = [row.call: row.error]
    let error = try #require(#expect(throws: SerialPortError.self) { _ = try adapter.opened() })
    #expect(error.code == row.code)
    #expect(error.errno == row.error)
    #expect(error.call == (row.call == "TCIFLUSH" ? "TCFLSH" : row.call))
    #expect(error.sentence.contains(row.sentence), "\(error.sentence)")
    #expect(!error.sentence.contains("\n"))
    // What was opened is closed, exactly once, and not marked in passing.
    let opened = adapter.log.contains("open") && row.call != "open"
    #expect(adapter.log.filter { $0 == "close" }.count == (opened ? 1 : 0))
    if row.call == "flock" { #expect(!adapter.log.contains("TIOCEXCL")) }
  }

  @Test(
    "What an adapter may lack is no failure",
    arguments: ["TIOCGSERIAL", "TIOCSSERIAL"], [ENOTTY, EINVAL, EPERM])
  func tolerated(_ call: String, _ error: Int32) throws {
    let adapter = FakeAdapter()
    adapter.failing = [call: error]
    let terminal = try adapter.opened()
    #expect(!terminal.granted.lowLatency)
    terminal.close()
    #expect(adapter.log.last == "close")
  }

  @Test("Anything but a character device is named before it is opened")
  func kinds() throws {
    let kinds: [(mode_t, String)] = [
      (S_IFDIR, "a folder"), (S_IFREG, "a regular file"), (S_IFIFO, "a named pipe (FIFO)"),
      (S_IFSOCK, "a socket"), (S_IFBLK, "a disk"),
    ]
    for (mode, words) in kinds {
      let adapter = FakeAdapter()
      adapter.node.st_mode = mode | 0o644
      let error = try #require(#expect(throws: SerialPortError.self) { _ = try adapter.opened() })
      #expect(error.code == .notATerminal)
      #expect(error.sentence == "/dev/ttyUSB0 is \(words); a printer's port looks like /dev/ttyUSB0.")
      #expect(adapter.log == ["stat"])
    }
  }
}
