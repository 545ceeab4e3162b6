import APIModel

/// What happens on the demo's stage: the same steps that a person takes, named by the commands that do them.
struct DemoShow: Sendable {
  let stage: DemoStage
  let output: Output

  /// Plays it.
  func run() async throws -> DemoSummary {
    try await stage.startPrinter()
    note(
      "virtual-printer: Marlin 2.1 on \(stage.port), \(NumberText.decimal(stage.speed)) times faster than life"
    )
    try await stage.startSupervisor()
    note("fablined: state and sockets in \(stage.folder), thrown away afterwards")
    let (job, seconds) = try await printed()
    let report = try await stage.endPrinter()
    guard job.state == .done else { throw JobFollower.failure(job) }
    return summary(report, seconds: seconds)
  }

  private func printed() async throws -> (JobModel, Double) {
    let context = Context(output: output, runFolder: stage.runFolder)
    return try await context.withSupervisor { api in
      note("$ fabline machine add demo --port \(stage.port) --baud \(DemoStage.baud)")
      _ = try await api.add(MachineSettings(name: "demo", port: stage.port, baud: DemoStage.baud))
      note("$ fabline ready demo")
      _ = try await api.connected("demo")
      _ = try await api.ready("demo", ReadyRequest())
      note("$ fabline submit \(DemoFile.name) --machine demo")
      let file = try await api.upload(stage.file, name: DemoFile.name, size: Int64(DemoFile.gcode.utf8.count))
      var order = JobRequest(file: file.hash)
      order.machine = "demo"
      let begin = ContinuousClock.now
      let job = try await api.submit(order, key: "demo")
      let end = try await JobFollower(context: context, job: job.id, signals: false, speed: stage.speed)
        .follow(api)
      let (seconds, attoseconds) = (ContinuousClock.now - begin).components
      return (end, Double(seconds) + Double(attoseconds) * 1e-18)
    }
  }

  private func summary(_ report: PrinterReport, seconds: Double) -> DemoSummary {
    let (lines, hash) = DemoSummary.canonical(DemoFile.gcode)
    return DemoSummary(
      file: DemoFile.name, executed: report.executed, expected: lines, resends: report.resends,
      seconds: (seconds * 10).rounded() / 10,
      linesPerSecond: seconds > 0 ? (Double(report.executed) / seconds * 10).rounded() / 10 : 0,
      fileHash: hash,
      executedHash: report.hash, identical: hash == report.hash && lines == report.executed)
  }

  private func note(_ line: String) {
    output.say(Colour.dim.paint(line, on: output.standard.colour))
  }
}
