import DriverClient
import DriverInterface
import Foundation

/// Looks at everything from outside: the printers' own logs and reports, the database, the processes, the drivers' sockets and
/// the API; what they say of one job has to be one story.
struct CrashJudge {
  let stage: CrashStage
  let notebook: CrashNotebook
  /// The driver of each machine before the round; 0 where its life was meddled with.
  var driversBefore: [String: pid_t] = [:]
  /// A job to be looked at by the command line as well.
  var jobToShow: Int64?

  /// What was found.
  struct Findings {
    /// Cannot become right by waiting.
    var wrong: [String] = []
    /// Has to be right soon.
    var late: [String] = []
    /// The driver of each machine.
    var drivers: [String: pid_t] = [:]

    var isFine: Bool { wrong.isEmpty && late.isEmpty }
  }

  /// Judges until everything is right, or something is wrong for good, or the time is over.
  mutating func settle(seconds: Double) async -> Findings {
    let deadline = Clock.now + seconds
    while true {
      var findings = Findings()
      do {
        try await look(&findings)
      } catch {
        findings.late.append("\(error)")
      }
      if findings.isFine || !findings.wrong.isEmpty || Clock.now > deadline { return findings }
      Clock.sleep(0.008)
    }
  }

  private func look(_ findings: inout Findings) async throws {
    guard stage.supervisorLives() else {
      findings.wrong.append("the supervisor ended by itself: \(stage.supervisorEnds)")
      return
    }
    let machines = try stage.api.machines()
    try lookAtProcesses(&findings)
    var truths: [String: DriverStatus] = [:]
    for machine in stage.machines {
      let shown = machines.first { $0.name == machine.name }
      try giveNewDriver(machine, shown, &findings)
      truths[machine.name] = try await status(of: machine, shown, &findings)
    }
    guard findings.isFine else { return }
    for machine in stage.machines { machine.log.read() }
    let queue = try StoredQueue(path: stage.database)
    judgeJobs(queue, &findings)
    for machine in stage.machines {
      guard let truth = truths[machine.name] else { continue }
      judgePrints(of: machine, queue, truth, &findings)
      judgeAgreement(machine, queue, truth, &findings)
      try judgeHeat(of: machine, queue, truth, &findings)
    }
    guard findings.isFine else { return }
    try judgeAnswers(queue, &findings)
    if findings.isFine, let job = jobToShow { try judgeShow(job, queue, &findings) }
  }

  // MARK: - Processes

  private func lookAtProcesses(_ findings: inout Findings) throws {
    let table = stage.table()
    var known: Set<pid_t> = [stage.supervisor?.pid ?? 0]
    if table.entries.filter({ $0.program == "fablined" }).map(\.pid) != [stage.supervisor?.pid ?? 0] {
      findings.late.append("not exactly one supervisor: \(table.entries.filter { $0.program == "fablined" })")
    }
    for machine in stage.machines {
      known.insert(machine.process?.pid ?? 0)
      let drivers = table.drivers(socket: stage.driverSocket(machine))
      known.formUnion(drivers)
      if drivers.count > 1 {
        findings.late.append("\(machine.name) has \(drivers.count) drivers: \(drivers)")
      } else if let pid = drivers.first {
        findings.drivers[machine.name] = pid
      }
      for pid in drivers where stage.doomed.contains(pid) {
        findings.late.append("the driver \(pid) of \(machine.name) was told to end and has not ended")
      }
    }
    for entry in table.entries where !known.contains(entry.pid) {
      findings.late.append("left over: \(entry.pid) \(entry.arguments.joined(separator: " "))")
    }
    stage.doomed.formIntersection(known)
    StageProcessTable.takeOrphans()
  }

  /// Three deaths in a minute end the restarts until a person says so; here a person says so.
  private func giveNewDriver(
    _ machine: StageMachine, _ shown: LocalAPI.Machine?, _ findings: inout Findings
  ) throws {
    guard let shown, shown.phase == "noDriver", shown.reason?.contains("three times") == true else { return }
    let report = try machine.report()
    if report.hotEndTarget > 0 || report.bedTarget > 0 || report.beamIsOn == true {
      findings.late.append("\(machine.name) was given up with its heaters on: \(report)")
    }
    let body = Data(#"{"act":"connect"}"#.utf8)
    _ = try stage.api.ask("POST", "/api/v1/machines/\(machine.name)/acts", body)
  }

  private func status(
    of machine: StageMachine, _ shown: LocalAPI.Machine?, _ findings: inout Findings
  ) async throws -> DriverStatus? {
    guard let shown else {
      findings.wrong.append("\(machine.name) is not known any more")
      return nil
    }
    guard !["noDriver", "opening", "handshaking", "linkLost"].contains(shown.phase) else {
      findings.late.append("\(machine.name) is \(shown.phase): \(shown.reason ?? "")")
      return nil
    }
    guard
      let connection = try? await DriverConnection.connect(
        socketPath: stage.driverSocket(machine), client: "fabline-bench"),
      case .status(let status)? = try? await connection.request(.status)
    else {
      findings.late.append("the driver of \(machine.name) does not answer")
      return nil
    }
    connection.close()
    if let before = driversBefore[machine.name], before != 0, before != status.identity.pid {
      findings.wrong.append(
        "\(machine.name) had driver \(before), which nobody touched, and has \(status.identity.pid) now")
    }
    return status
  }

  // MARK: - Jobs

  private func judgeJobs(_ queue: StoredQueue, _ findings: inout Findings) {
    let jobs = Dictionary(uniqueKeysWithValues: queue.jobs.map { ($0.id, $0) })
    for (id, part) in notebook.accepted where jobs[id]?.name != "part-\(part).gcode" {
      findings.wrong.append("job \(id) of part \(part) was accepted and is \(jobs[id]?.name ?? "lost")")
    }
    for (name, same) in Dictionary(grouping: queue.jobs, by: \.name) where same.count > 1 {
      findings.wrong.append("\(name) was submitted once and is \(same.count) jobs")
    }
    let started = queue.attempts.filter { !["staged", "withdrawn"].contains($0.state) }
    for (id, attempts) in Dictionary(grouping: started, by: \.job) {
      for (copy, tries) in Dictionary(grouping: attempts, by: \.copy) {
        let allowed = 1 + (notebook.retries[id] ?? 0)
        guard tries.count > allowed else { continue }
        findings.wrong.append(
          "copy \(copy) of job \(id) was started \(tries.count) times, \(allowed) by a person's word: \(tries)"
        )
      }
    }
    let aside = (try? FileManager.default.contentsOfDirectory(atPath: stage.state)) ?? []
    if let damaged = aside.first(where: { $0.contains("damaged") }) {
      findings.wrong.append("the database was put aside as \(damaged)")
    }
  }

  /// Driver and store say the same of what runs.
  private func judgeAgreement(
    _ machine: StageMachine, _ queue: StoredQueue, _ truth: DriverStatus, _ findings: inout Findings
  ) {
    let open = queue.attempts.filter { $0.machine == machine.name && $0.isOpen }
    let running = open.filter(\.isRunning).map(\.id)
    let told = [truth.running?.attempt.description].compactMap { $0 }
    if running != told {
      findings.late.append("\(machine.name) runs \(told), the database says \(running)")
    }
    let staged = truth.staged.map(\.description)
    if open.filter({ $0.state == "staged" }).map(\.id) != staged {
      findings.late.append("\(machine.name) has staged \(staged), the database says otherwise")
    }
    if let outcome = truth.outcomes.first {
      findings.late.append("\(machine.name) keeps an outcome that nobody took: \(outcome.progress.attempt)")
    }
    let shown = queue.machines.first { $0.name == machine.name }
    if shown?.bed == "clear", machine.log.runs.count > notebook.printsCleared[machine.name] ?? 0 {
      findings.wrong.append("the bed of \(machine.name) is clear, and something was printed on it")
    }
  }

  /// What the API says of the jobs that are not over.
  private func judgeAnswers(_ queue: StoredQueue, _ findings: inout Findings) throws {
    for job in queue.jobs where !notebook.settled.contains(job.id) {
      let shown = try stage.api.get("/api/v1/jobs/\(job.id)", LocalAPI.Job.self)
      compare(shown, job, queue, by: "the API", &findings)
    }
    guard findings.isFine else { return }
    for job in queue.jobs where ["done", "cancelled"].contains(job.state) { notebook.settled.insert(job.id) }
  }

  private func compare(
    _ shown: LocalAPI.Job, _ job: StoredQueue.Job, _ queue: StoredQueue, by whom: String,
    _ findings: inout Findings
  ) {
    let stored = queue.attempts.filter { $0.job == job.id }.map { "\($0.id) \($0.state)" }.sorted()
    let told = shown.attempts.map { "\($0.id) \($0.state)" }.sorted()
    if shown.state != job.state || stored != told {
      findings.late.append(
        "\(whom) says of job \(job.id) \(shown.state) \(told), the database \(job.state) \(stored)")
    }
    let done = queue.attempts.filter { $0.job == job.id && $0.state == "done" }.count
    if (job.state == "done") != (done == job.copies) || shown.copiesDone != done {
      findings.late.append("job \(job.id) is \(job.state) with \(done) of \(job.copies) copies done")
    }
  }

  /// What a person is shown.
  private func judgeShow(_ id: Int64, _ queue: StoredQueue, _ findings: inout Findings) throws {
    struct Shown: Decodable { var job: LocalAPI.Job }
    guard let job = queue.jobs.first(where: { $0.id == id }) else { return }
    let output = stage.folder + "/show.json"
    unlink(output)
    let client = try StageProcess.start(
      stage.hostProgram("fabline"), ["show", "\(id)", "--json"], environment: ["FABLINE_RUN": stage.run],
      log: stage.folder + "/client.log", output: output)
    let end = client.waitForEnd(seconds: 10)
    guard end == 0, let data = FileManager.default.contents(atPath: output) else {
      findings.late.append("fabline show \(id) ends with \(end.map { "\($0)" } ?? "nothing")")
      return
    }
    let shown = try JSONDecoder().decode(Shown.self, from: data).job
    compare(shown, job, queue, by: "fabline show", &findings)
  }
}
