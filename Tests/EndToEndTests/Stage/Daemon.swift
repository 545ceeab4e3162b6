import APIModel
import Glibc
import Testing

/// A supervisor of a sandbox.
struct Daemon: Sendable {
  let process: Process
  let sandbox: Sandbox

  /// Starts one; returns when it answers.
  static func start(_ sandbox: Sandbox, _ options: String...) async throws -> Daemon {
    let process = try sandbox.start("fablined", ["--state", sandbox.state, "--run", sandbox.run] + options)
    let daemon = Daemon(process: process, sandbox: sandbox)
    try await Deadline.wait(for: "answer of fablined", explain: { process.error }) {
      () async throws -> Bool? in
      if let status = process.status() {
        throw TooLate(description: "fablined ended: \(status) \(process.error)")
      }
      return try await sandbox.fabline("status", "--json").status == 0 ? true : nil
    }
    return daemon
  }

  /// Adds a machine and says that it is ready.
  func add(_ name: String, _ printer: Printer, _ settings: String..., ready: Bool = true) async throws {
    let added = try await sandbox.start(
      "fabline", ["machine", "add", name, "--port", printer.port, "--baud", printer.baud] + settings
    ).end()
    try #require(added.status == 0, "\(added)")
    guard ready else { return }
    try await self.ready(name)
  }

  /// Says that the bed is clear.
  func ready(_ name: String) async throws {
    let ready = try await sandbox.fabline("ready", name)
    try #require(ready.status == 0, "\(ready)")
  }

  func job(_ id: Int64) async throws -> JobModel {
    try await sandbox.json(JobAnswer.self, "show", "\(id)").job
  }

  /// Waits until a job is as wanted.
  @discardableResult
  func wait(_ id: Int64, seconds: Double = 180, _ what: String, _ wanted: (JobModel) -> Bool) async throws
    -> JobModel
  {
    var last = ""
    return try await Deadline.wait(seconds: seconds, for: "job \(id) \(what)", explain: { last }) {
      let job = try await self.job(id)
      last = "\(job)"
      return wanted(job) ? job : nil
    }
  }

  /// Ends it and waits for its end.
  func end(_ signal: Int32 = SIGTERM) async throws -> Ended {
    process.signal(signal)
    return try await process.end()
  }

  /// What `show JOB --json` prints.
  struct JobAnswer: Codable {
    var job: JobModel
    var history: [HistoryModel]
  }
}
