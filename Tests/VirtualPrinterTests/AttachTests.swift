import CLinux
import Glibc
import Testing

@Suite("The virtual printer at the end of somebody else's cable")
struct AttachTests {
  @Test func servesASocketAndWaitsForTheNextHost() throws {
    let listener = try Listener()
    let (printer, port) = try PrinterProcess.onTerminal("--profile", "grbl11", "--attach", listener.path)
    #expect(port == listener.path)
    do {
      let host = HostPort(descriptor: try listener.accept())
      try host.ask("G90")
    }
    // Hung up on, it comes again.
    let again = HostPort(descriptor: try listener.accept())
    try again.ask("G91")
    #expect(try printer.report()["executed"] == 2)
  }

  /// A virtual machine may be started after its printer.
  @Test func waitsForASocketThatIsNotThereYet() throws {
    let folder = try temporaryFolder()
    let (printer, _) = try PrinterProcess.onTerminal("--profile", "grbl11", "--attach", folder + "/port")
    let listener = try Listener(folder: folder)
    try HostPort(descriptor: try listener.accept()).ask("G21")
    #expect(try printer.report()["executed"] == 1)
  }

  @Test func pulledCableHangsUpAndComesBack() throws {
    let listener = try Listener()
    let (printer, _) = try PrinterProcess.onTerminal(
      "--profile", "grbl11", "--attach", listener.path, "--faults", "unplug@1:100ms")
    let host = HostPort(descriptor: try listener.accept())
    try host.ask("G21")
    try host.write("G90\n")
    try host.readUntilHangUp()
    try HostPort(descriptor: try listener.accept()).ask("G91")
    #expect(try printer.report()["executed"] == 3)
  }

  /// The terminal echoes and cooks nothing, or the firmware would talk to itself.
  @Test func servesAnExistingTerminal() throws {
    let master = clinux_pty_open(0)
    var name = [CChar](repeating: 0, count: 100)
    try #require(master >= 0 && clinux_pty_slave_path(master, &name, name.count) >= 0)
    let path = String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let host = HostPort(descriptor: master)
    let (printer, port) = try PrinterProcess.onTerminal("--profile", "grbl11", "--attach", path)
    #expect(port == path)
    try host.ask("G90")
    try host.ask("G91")
    let report = try printer.report()
    #expect(report["executed"] == 2)
    #expect(report["errors"] == 0)
  }

  @Test func refusesWhatCarriesNoBytesBothWays() throws {
    let (other, _) = try PrinterProcess.onTerminal("--no-pacing")
    other.write("mine", to: "log")
    for path in [other.folder + "/log", "/dev/null"] {
      let refused = try PrinterProcess(["--attach", path]).end(signal: 0)
      #expect(refused.code == 74)
      #expect(refused.errors.contains(path))
    }
    #expect(other.file("log") == "mine")
  }
}

/// A Unix socket at which somebody is expected; gone with its folder when the last reference goes.
private final class Listener {
  let path: String
  private let folder: String
  private let descriptor: Int32

  init(folder: String? = nil) throws {
    let folder = try folder ?? temporaryFolder()
    self.folder = folder
    path = folder + "/port"
    descriptor = clinux_unix_socket(1)
    guard clinux_unix_bind(descriptor, path) >= 0, listen(descriptor, 1) == 0 else {
      throw Trouble(description: "nobody can come to \(path)")
    }
  }

  deinit {
    close(descriptor)
    unlink(path)
    rmdir(folder)
  }

  /// The next one who comes.
  func accept() throws -> Int32 {
    var state = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    guard poll(&state, 1, Int32(PrinterProcess.patience / 1_000_000)) > 0 else {
      throw Trouble(description: "nobody came to \(path)")
    }
    let connection = clinux_accept(descriptor, 0)
    if connection < 0 { throw Trouble(description: "accept: error \(-connection)") }
    return connection
  }
}

private func temporaryFolder() throws -> String {
  var template = Array("/tmp/virtual-printer-test-XXXXXX".utf8CString)
  guard mkdtemp(&template) != nil else { throw Trouble(description: "no folder") }
  return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
}
