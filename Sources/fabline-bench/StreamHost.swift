import DriverClient
import DriverInterface
import Foundation

/// What a host did with one file.
struct StreamRun: Codable, Sendable {
  /// From the start of the print to its end, s.
  var seconds: Double
  /// Processor seconds of the process that owns the port, while it printed.
  var cpuSeconds: Double
  /// The highest resident set of that process, kB.
  var peakKilobytes: Int
  /// How it ended, where that is not the end of the file.
  var complaint: String?
  /// When the emergency stop was asked for, `CLOCK_MONOTONIC` in ns; 0 where it was not.
  var stopAskedAt: Int64 = 0
}

/// A program that prints a file on a port.
protocol StreamHost: Sendable {
  /// As the table calls it, versions included.
  var name: String { get }
  /// Whether it can be told to stop at once.
  var canStop: Bool { get }
  /// Gets what it needs, once.
  func prepare() throws
  /// Ends what it keeps running between prints.
  func finish()
  /// Prints; gives up after `deadline` seconds, and asks for an emergency stop after `stopAfter` where that is given.
  func print(_ file: String, port: String, in folder: ScratchFolder, deadline: Double, stopAfter: Double?)
    async throws
    -> StreamRun
}

extension StreamHost {
  func prepare() throws {}
  func finish() {}
}

/// The driver alone, spoken to over its socket; the command line and the supervisor have no part in the stream.
struct FablineHost: StreamHost {
  let name: String
  let arguments: [String]
  let canStop = true

  func print(_ file: String, port: String, in folder: ScratchFolder, deadline: Double, stopAfter: Double?)
    async throws -> StreamRun
  {
    let run = try DriverRun(port: port, in: folder, arguments: arguments)
    defer { run.end() }
    let connection = try await run.connect()
    try await run.waitUntilIdle(connection)
    let attempt = AttemptID(rawValue: UInt64.random(in: 1...UInt64.max))
    try await run.ask(connection, .stage(try run.staged(attempt, file)))
    let before = ProcessFigures(of: run.process.pid)
    let began = Date()
    try await run.ask(connection, .start(attempt))
    var result = StreamRun(seconds: 0, cpuSeconds: 0, peakKilobytes: 0, complaint: nil)
    while true {
      try await Task.sleep(for: .milliseconds(50))
      let status = try await run.status(connection)
      if let after = ProcessFigures(of: run.process.pid), let before {
        result.cpuSeconds = after.cpuSeconds - before.cpuSeconds
        result.peakKilobytes = after.peakKilobytes
      }
      if let outcome = status.outcomes.first(where: { $0.progress.attempt == attempt }) {
        result.seconds = Double(outcome.endedAt) / 1000 - began.timeIntervalSince1970
        result.complaint = outcome.fault.map { "line \(outcome.progress.fileLine): \($0.code)" }
        return result
      }
      let elapsed = Date().timeIntervalSince(began)
      if let stopAfter, elapsed > stopAfter {
        result.stopAskedAt = monotonicNanoseconds()
        _ = try await connection.request(.emergencyStop)
        return result
      }
      if elapsed > deadline {
        result.seconds = elapsed
        result.complaint = "no end in \(Int(deadline)) s, line \(status.running?.fileLine ?? 0)"
        return result
      }
    }
  }
}

/// `CLOCK_MONOTONIC` in ns, which is the same for all processes.
func monotonicNanoseconds() -> Int64 {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
}

/// A driver of a measurement, in a folder that is gone afterwards.
struct DriverRun: Sendable {
  let process: DriverProcess
  private let socket: String

  init(
    port: String, in folder: ScratchFolder, arguments: [String], program: String? = nil, prefix: [String] = []
  )
    throws
  {
    let place = folder.file("driver-\(UInt32.random(in: 0...UInt32.max))")
    socket = place + "/driver.sock"
    for part in ["/state", "/run"] {
      try FileManager.default.createDirectory(atPath: place + part, withIntermediateDirectories: true)
    }
    let driver = program ?? Programs.path("fabline-driver")
    let words =
      [
        "--machine", "bench", "--port", port, "--baud", "115200", "--socket", socket, "--state",
        place + "/state", "--run", place + "/run", "--resets-on-open", "no",
      ] + arguments
    let all = prefix + [driver] + words
    let log = open(place + "/log", O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
    defer { close(log) }
    process = try DriverProcess.spawn(executable: all[0], arguments: Array(all.dropFirst()), log: log)
  }

  func connect() async throws -> DriverConnection {
    let deadline = Date().addingTimeInterval(60)
    while true {
      if let connection = try? await DriverConnection.connect(socketPath: socket, client: "fabline-bench") {
        return connection
      }
      guard Date() < deadline, !process.hasEnded else { throw BenchError("the driver does not answer") }
      try await Task.sleep(for: .milliseconds(20))
    }
  }

  @discardableResult
  func ask(_ connection: DriverConnection, _ request: DriverRequest) async throws -> DriverReply {
    let reply = try await connection.request(request)
    if case .refused(let fault) = reply { throw BenchError("\(fault.code): \(fault.sentence)") }
    return reply
  }

  func status(_ connection: DriverConnection) async throws -> DriverStatus {
    guard case .status(let status) = try await ask(connection, .status) else {
      throw BenchError("the driver gave no status")
    }
    return status
  }

  func waitUntilIdle(_ connection: DriverConnection) async throws {
    let deadline = Date().addingTimeInterval(120)
    while try await status(connection).phase != .idle {
      guard Date() < deadline else { throw BenchError("the driver does not greet the printer") }
      try await Task.sleep(for: .milliseconds(20))
    }
  }

  func staged(_ attempt: AttemptID, _ file: String) throws -> StagedAttempt {
    let size = try FileManager.default.attributesOfItem(atPath: file)[.size] as? Int ?? 0
    return StagedAttempt(attempt: attempt, job: 0, path: file, size: Int64(size), name: "bench.gcode")
  }

  /// Ends it, by force where it does not go by itself.
  func end() {
    process.signal(SIGTERM)
    for _ in 0..<200 where !process.hasEnded { usleep(10_000) }
    if !process.hasEnded { process.signal(SIGKILL) }
    _ = process.takeEnd()
  }
}

/// The yardstick: one line and its `ok`, in C.
struct CHost: StreamHost {
  let name = "C ping-pong"
  let canStop = false

  func print(_ file: String, port: String, in folder: ScratchFolder, deadline: Double, stopAfter: Double?)
    async throws -> StreamRun
  {
    struct Figures: Decodable { var seconds: Double }
    let output = folder.file("pingpong.json")
    let child = try ChildProcess.start(
      Programs.path("fabline-bench"), ["pingpong", port, file], output: output)
    let isLate = try await child.isLate(after: deadline)
    if isLate { kill(child.pid, SIGKILL) }
    let usage = child.wait()
    let figures = (try? Data(contentsOf: URL(fileURLWithPath: output))).flatMap {
      try? JSONDecoder().decode(Figures.self, from: $0)
    }
    return StreamRun(
      seconds: figures?.seconds ?? deadline, cpuSeconds: usage.cpuSeconds, peakKilobytes: usage.peakKilobytes,
      complaint: isLate ? "no end in \(Int(deadline)) s" : usage.exitCode == 0 ? nil : "gave up")
  }
}

extension ChildProcess {
  /// Waits for the end; true when it has not come in so many seconds.
  func isLate(after seconds: Double) async throws -> Bool {
    let deadline = Date().addingTimeInterval(seconds)
    while !hasEnded {
      if Date() > deadline { return true }
      try await Task.sleep(for: .milliseconds(20))
    }
    return false
  }
}
