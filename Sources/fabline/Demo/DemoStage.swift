import DriverClient
import FoundationEssentials
import Glibc

/// The demo's throw-away folder and the programs that run in it. `clear` ends and removes all of it.
actor DemoStage {
  /// The folder.
  nonisolated let folder: String
  /// How many times faster than life the printer is.
  nonisolated let speed: Double
  private var printer: DriverProcess?
  private var supervisor: DriverProcess?

  /// Bytes on a pseudo terminal take no time, and less than none on a printer that is faster than life: the speed is so
  /// high that no answer comes sooner than it allows, which would be taken for a stray one.
  static let baud = 4_000_000

  nonisolated var port: String { folder + "/port" }
  nonisolated var runFolder: RunFolder { RunFolder(path: folder + "/run") }
  nonisolated var state: String { folder + "/state" }
  nonisolated var file: String { folder + "/" + DemoFile.name }
  private nonisolated var report: String { folder + "/report.json" }

  init(speed: Double) throws(Failure) {
    self.speed = speed
    folder = try Folders.temporary("fabline-demo")
  }

  /// Writes the demo's file and starts the printer; returns when its port is there.
  func startPrinter() async throws {
    let port = port
    try write(DemoFile.gcode, to: file)
    let process = try start(
      "virtual-printer",
      [
        "--link", port, "--baud", "\(Self.baud)", "--time-factor", NumberText.decimal(speed, digits: 3),
        "--report",
        report,
      ])
    printer = process
    try await wait(for: process, named: "virtual-printer") { access(port, F_OK) == 0 }
  }

  /// Starts the supervisor; returns when it answers.
  func startSupervisor() async throws {
    let process = try start("fablined", ["--state", state, "--run", runFolder.path])
    supervisor = process
    let socket = runFolder.supervisorSocket
    try await wait(for: process, named: "fablined") { SocketProbe.connect(socket) == 0 }
  }

  /// Ends the printer and gives its report.
  func endPrinter() async throws -> PrinterReport {
    await end(printer)
    printer = nil
    guard let bytes = FileManager.default.contents(atPath: report) else {
      throw Failure(
        code: "demo.report", sentence: "the virtual printer left no report", status: .internalError)
    }
    return try JSONText.decode(PrinterReport.self, Array(bytes))
  }

  /// Ends everything and removes the folder.
  func clear() async {
    // The supervisor first, so that it does not start a new driver for the one that is ended next.
    await end(supervisor)
    supervisor = nil
    for socket in EmergencyStopRun.sockets(in: runFolder.driverFolder) {
      // One that cannot be reached is gone.
      guard
        let driver = try? await DirectDriver.adopt(
          DirectPlace(name: socket.0, folder: folder, socket: socket.1))
      else { continue }
      await driver.end(force: true)
    }
    await end(printer)
    printer = nil
    Folders.remove(folder)
  }

  private func start(_ program: String, _ arguments: [String]) throws(Failure) -> DriverProcess {
    let path = try Siblings.path(of: program)
    let log = open(folder + "/" + program + ".log", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    defer { if log >= 0 { close(log) } }
    do {
      return try DriverProcess.spawn(executable: path, arguments: arguments, log: log >= 0 ? log : nil)
    } catch {
      throw Failure(code: error.code, sentence: error.sentence, status: .internalError)
    }
  }

  private nonisolated func wait(
    for process: DriverProcess, named name: String, _ there: @Sendable () -> Bool
  ) async throws {
    let found = try await Polling.until(seconds: 15) { () throws -> Bool? in
      if there() { return true }
      guard process.hasEnded else { return nil }
      throw Failure(
        code: "demo.program", sentence: "\(name) \(process.takeEnd().sentence)\(lastWords(name))",
        status: .internalError)
    }
    guard found != nil else {
      throw Failure(
        code: "demo.program", sentence: "\(name) did not come up in 15 s\(lastWords(name))",
        status: .internalError)
    }
  }

  private nonisolated func lastWords(_ program: String) -> String {
    guard let bytes = FileManager.default.contents(atPath: folder + "/" + program + ".log") else { return "" }
    let line = String(decoding: bytes, as: UTF8.self).split(separator: "\n").last
    return line.map { ": \($0)" } ?? ""
  }

  private func end(_ process: DriverProcess?) async {
    guard let process, !process.hasEnded else { return }
    for signal in [SIGTERM, SIGKILL] {
      process.signal(signal)
      // Waiting goes on although the demo was cancelled: what was started is ended.
      let ended = await Task { try? await Polling.until(seconds: 10) { process.hasEnded ? true : nil } }.value
      if ended == true { break }
    }
    _ = process.takeEnd()
  }

  private func write(_ text: String, to path: String) throws(Failure) {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      throw Failure(
        code: "demo.file", sentence: "\(path) cannot be written: \(String(cString: strerror(errno)))",
        status: .cannotStore)
    }
    defer { close(descriptor) }
    Output.write(text, to: descriptor)
  }
}

/// What the virtual printer writes when it ends; the keys that are used here.
struct PrinterReport: Codable, Equatable, Sendable {
  var executed: Int64
  var hash: String
  var resends: Int64
}
