import FoundationEssentials
import Glibc
import Testing

/// A virtual printer of a sandbox.
struct Printer: Sendable {
  let process: Process
  let port: String
  /// Its speed. Bytes on a pseudo terminal take no time, and less than none on a printer that is faster than life: so high
  /// that no answer comes sooner than the speed allows, which the driver would take for a stray one.
  let baud: String
  private let reportPath: String
  private let executedPath: String

  /// What it says when it ends; the keys that the tests look at.
  struct Report: Codable, Sendable {
    var executed: Int64
    var hash: String
    var resends: Int64
    var killed: Bool
    var kills: Int64
    var heatersOnAfterHostGoneSeconds: Double
    var baudAsked: Int64
    /// How long a beam or spindle was on, on while the machine stood still, and on after the host was gone: firmware's time.
    var beamOnSeconds: Double
    var beamOnStillSeconds: Double
    var beamOnAfterHostGoneSeconds: Double
  }

  /// Starts one; returns when its port is there.
  static func start(
    _ sandbox: Sandbox, _ name: String = "port", _ options: String..., speed: String = "200",
    baud: String = "4000000"
  ) async throws -> Printer {
    try await start(sandbox, name, options: options, speed: speed, baud: baud)
  }

  /// The same for a list of options.
  static func start(
    _ sandbox: Sandbox, _ name: String, options: [String], speed: String = "200", baud: String = "4000000",
    asTests: Bool = false
  ) async throws -> Printer {
    let port = sandbox.folder + "/" + name
    let report = port + ".json"
    let executed = port + ".executed"
    let process = try sandbox.start(
      "virtual-printer",
      ["--link", port, "--baud", baud, "--time-factor", speed, "--report", report, "--executed", executed]
        + options, asTests: asTests)
    try await Deadline.wait(for: "port \(port)", explain: { process.error }) {
      access(port, F_OK) == 0 ? true : nil
    }
    return Printer(process: process, port: port, baud: baud, reportPath: report, executedPath: executed)
  }

  /// Ends it and gives its report.
  func end() async throws -> Report {
    process.signal(SIGTERM)
    let ended = try await process.end()
    try #require(ended.status == 0, "\(ended)")
    let bytes = try #require(Text.bytes(reportPath))
    return try JSONDecoder().decode(Report.self, from: Data(bytes))
  }

  /// The text of each executed line, without its number; whole after the end.
  var executed: [String] {
    (Text.file(executedPath) ?? "").split(separator: "\n").map { line in
      line.split(separator: " ", maxSplits: 1).last.map(String.init) ?? ""
    }
  }
}
