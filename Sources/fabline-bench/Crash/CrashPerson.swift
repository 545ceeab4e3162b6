import Foundation
import SimulatedLink

/// The people of a stage: they submit, take parts off beds, and decide about what is uncertain.
struct CrashPerson {
  let stage: CrashStage
  let notebook: CrashNotebook
  var random: SplitMix

  /// Everything that a person has to see to before the next round; false where the supervisor was gone meanwhile.
  mutating func tidyUp() throws {
    for submission in notebook.unsure where try submit(submission) {
      notebook.unsure.removeAll { $0.key == submission.key }
    }
    let queue = try StoredQueue(path: stage.database)
    for job in queue.jobs where ["uncertain", "failed"].contains(job.state) {
      try decide(job)
    }
    for job in queue.jobs where ["needsAttention", "paused"].contains(job.state) {
      try order(job.id, "cancel")
    }
    for machine in try stage.api.machines() {
      if machine.phase == "idle" {
        if machine.bed != "clear" || !machine.ready { try clear(machine) }
      } else if ["needsAttention", "killed"].contains(machine.phase), machine.job == nil {
        // A laser that was stopped in mid-burn has forgotten where it is, and says so.
        try act(machine.phase == "killed" ? "reset" : "unlock", on: machine.name)
      }
    }
    try fillQueue(queue)
    for laser in stage.machines where laser.isLaser { try attend(laser) }
  }

  /// Uncertain or failed: once more, or not. Either is a person's word.
  private mutating func decide(_ job: StoredQueue.Job) throws {
    if Int.random(in: 0..<10, using: &random) < 6 {
      if try order(job.id, "retry") { notebook.retries[job.id, default: 0] += 1 }
    } else {
      try order(job.id, "cancel")
    }
  }

  private func clear(_ machine: LocalAPI.Machine) throws {
    let body = machine.bedJob.map { ["job": $0] } ?? [:]
    guard let place = stage.machines.first(where: { $0.name == machine.name }) else { return }
    place.log.read()
    let before = place.log.runs.count
    let answer = try stage.api.ask(
      "POST", "/api/v1/machines/\(machine.name)/ready", try JSONEncoder().encode(body))
    if answer.status == 200 { notebook.printsCleared[machine.name] = before }
  }

  @discardableResult
  private func order(_ job: Int64, _ order: String) throws -> Bool {
    try stage.api.ask("POST", "/api/v1/jobs/\(job)/\(order)").status == 200
  }

  private func act(_ act: String, on machine: String) throws {
    _ = try stage.api.ask(
      "POST", "/api/v1/machines/\(machine)/acts", try JSONEncoder().encode(["act": act]))
  }

  /// Stands beside a laser, has its next job's bounds shown, and presses start (safety.md rule 8).
  private func attend(_ laser: StageMachine) throws {
    let queue = try StoredQueue(path: stage.database)
    guard let job = queue.jobs.first(where: { $0.machine == laser.name && $0.state == "queued" }) else {
      return
    }
    _ = try stage.api.ask("GET", "/api/v1/jobs/\(job.id)/bounds?machine=\(laser.name)")
    _ = try stage.api.ask(
      "POST", "/api/v1/jobs/\(job.id)/start", try JSONEncoder().encode(["machine": laser.name]))
  }

  /// Each machine has something to do next.
  private mutating func fillQueue(_ queue: StoredQueue) throws {
    for machine in stage.machines {
      let open = queue.jobs.filter { job in
        ["queued", "printing"].contains(job.state) && (job.machine == machine.name || job.machine.isEmpty)
      }
      guard open.count < 2 else { continue }
      let submission = makeSubmission(for: machine)
      if try !submit(submission) { notebook.unsure.append(submission) }
    }
  }

  mutating func makeSubmission(for machine: StageMachine) -> CrashNotebook.Submission {
    let moves = Int.random(in: 40...700, using: &random)
    let isHot = Int.random(in: 0..<4, using: &random) == 0
    if machine.isLaser {
      return CrashNotebook.Submission(
        part: notebook.makePart(moves: moves, kind: .burnt), machine: machine.name, pool: nil, copies: 1)
    }
    let part = notebook.makePart(moves: moves, kind: isHot ? .hot : .warm)
    let isForPool = Int.random(in: 0..<3, using: &random) == 0
    return CrashNotebook.Submission(
      part: part, machine: isForPool ? nil : machine.name, pool: isForPool ? "pool" : nil,
      copies: Int.random(in: 1...2, using: &random))
  }

  /// Sends file and job; false where it is not known whether they arrived.
  private func submit(_ submission: CrashNotebook.Submission) throws -> Bool {
    let file: LocalAPI.Answer
    let job: LocalAPI.Answer
    do {
      file = try stage.api.ask(
        "POST", "/api/v1/files?name=\(submission.part.name)", Data(submission.part.text.utf8),
        headers: ["Content-Type": "application/octet-stream"])
      guard file.status == 201 || file.status == 200 else { return false }
      var body: [String: Any] = [
        "file": try file.read(LocalAPI.StoredFile.self).hash, "copies": submission.copies,
      ]
      if let machine = submission.machine { body["machine"] = machine }
      if let pool = submission.pool { body["pool"] = pool }
      job = try stage.api.ask(
        "POST", "/api/v1/jobs", try JSONSerialization.data(withJSONObject: body, options: .sortedKeys),
        headers: ["Idempotency-Key": submission.key])
    } catch { return false }
    guard job.status == 201 || job.status == 200 else { return false }
    notebook.note(job: try job.read(LocalAPI.Job.self).id, of: submission.part.number)
    return true
  }
}
