import Foundation

/// A virtual printer of a stage: it can be unplugged, and switched off and on.
final class StageMachine {
  let name: String
  let isLaser: Bool
  let port: String
  let baud: Int
  private let folder: String
  private let options: [String]
  private var incarnation = 0
  private(set) var process: StageProcess?
  private(set) var isUnplugged = false
  var log: ExecutedRuns

  /// What it says of itself at a moment.
  struct Report: Decodable {
    var hotEndTarget: Double
    var bedTarget: Double
    var beamIsOn: Bool?
    var beamOnStillAfterHostGoneSeconds: Double
    var hash: String
    var underruns: Int
    var starvedSeconds: Double
    /// p50, p99, p99.9, and the longest.
    var turnaroundMicroseconds: [Int]
    var turnaroundMost: Int?
  }

  /// The usual speed is that high that no answer of a printer faster than life comes sooner than it allows.
  init(
    _ name: String, in folder: String, isLaser: Bool = false, baud: Int = 4_000_000, options: [String],
    parts: @escaping (Int) -> CrashPart?
  ) {
    self.baud = baud
    self.name = name
    self.isLaser = isLaser
    self.folder = folder
    self.options = options
    port = "\(folder)/\(name)"
    log = ExecutedRuns(path: "\(folder)/\(name).executed.1", parts: parts)
  }

  private var executedPath: String { "\(folder)/\(name).executed.\(incarnation)" }
  private var reportPath: String { "\(folder)/\(name).json" }

  func start(isCold: Bool) throws {
    incarnation += 1
    if incarnation > 1 { log.restart(path: executedPath) }
    isUnplugged = false
    process = try StageProcess.start(
      "virtual-printer",
      ["--link", port, "--baud", "\(baud)", "--report", reportPath, "--executed", executedPath]
        + (isCold ? ["--cold-start"] : []) + options, log: folder + "/\(name).err")
    let deadline = Clock.now + 5
    while access(port, F_OK) != 0 {
      guard Clock.now < deadline else { throw BenchError("\(name) shows no port") }
      Clock.sleep(0.001)
    }
  }

  /// Takes its power away: what it executed is in its log.
  func switchOff() {
    guard let process else { return }
    kill(process.pid, SIGTERM)
    if process.waitForEnd(seconds: 5) == nil {
      kill(process.pid, SIGKILL)
      _ = process.waitForEnd(seconds: 5)
    }
    self.process = nil
  }

  var isOff: Bool { process == nil }

  func unplug() {
    guard let process, !isUnplugged else { return }
    kill(process.pid, SIGUSR1)
    isUnplugged = true
  }

  func replug() {
    guard let process, isUnplugged else { return }
    kill(process.pid, SIGUSR1)
    isUnplugged = false
  }

  /// Its report as it stands now.
  func report() throws -> Report {
    guard let process else { throw BenchError("\(name) is off") }
    unlink(reportPath)
    kill(process.pid, SIGUSR2)
    let deadline = Clock.now + 5
    while Clock.now < deadline {
      if let data = FileManager.default.contents(atPath: reportPath), data.last == 10 {
        return try JSONDecoder().decode(Report.self, from: data)
      }
      Clock.sleep(0.001)
    }
    throw BenchError("\(name) writes no report")
  }
}
