import DriverInterface
import Foundation

/// What a machine executed, against what the queue says of it.
extension CrashJudge {
  func judgePrints(
    of machine: StageMachine, _ queue: StoredQueue, _ truth: DriverStatus, _ findings: inout Findings
  ) {
    for run in machine.log.runs.suffix(8) {
      for mistake in run.mistakes.prefix(3) {
        findings.wrong.append("\(machine.name), part \(run.part): \(mistake)")
      }
      if let part = notebook.parts[run.part], run.commands == part.commands.count {
        var hash = run.hash
        hash.finish()
        if hash.hex != part.hash { findings.wrong.append("part \(run.part) is not whole by its hash") }
      }
    }
    for stray in machine.log.strays.prefix(3) {
      findings.wrong.append("\(machine.name) executed \(stray), which belongs to no print")
    }
    let parts = Dictionary(
      uniqueKeysWithValues: queue.jobs.compactMap { job in
        CrashPart.number(of: job.name).map { (job.id, $0) }
      })
    // An attempt that was ordered and taken back did not start: a print of it would be one too many.
    let attempts = queue.attempts.filter {
      $0.machine == machine.name && $0.state != "withdrawn" && !($0.state == "staged" && !$0.wasOrdered)
    }
    let pairing = Pairing(attempts: attempts, runs: machine.log.runs, parts: parts, known: notebook.parts)
    guard let complaint = pairing.complaint else { return }
    // The printer's log may be 20 ms behind what the driver knows.
    findings.late.append("\(machine.name): \(complaint)")
  }

  /// Heaters and beams are off wherever nothing runs (safety.md rule 3).
  func judgeHeat(
    of machine: StageMachine, _ queue: StoredQueue, _ truth: DriverStatus, _ findings: inout Findings
  ) throws {
    guard truth.running == nil else { return }
    let last = queue.attempts.last {
      $0.machine == machine.name && !["staged", "withdrawn"].contains($0.state)
    }
    findings.late += CrashJudge.heat(
      of: machine.name, try machine.report(), last: last, isImpatient: stage.isImpatient)
  }

  /// What is on of a machine on which nothing runs. After an uncertain end by a lost link a person has some time to save the
  /// print: heaters may be on, but for an impatient stage, whose timers run out while the judge waits.
  static func heat(
    of machine: String, _ report: StageMachine.Report, last: StoredQueue.Attempt?, isImpatient: Bool
  ) -> [String] {
    var found: [String] = []
    let words = "last attempt \(last.map { "\($0)" } ?? "none")"
    if report.beamIsOn == true { found.append("the beam of \(machine) is on, \(words)") }
    let isByLink = last.map {
      $0.state == "uncertain" && ($0.code.hasPrefix("link.") || $0.code.hasPrefix("port."))
    }
    if isByLink == true, !isImpatient { return found }
    if report.hotEndTarget > 0 || report.bedTarget > 0 {
      found.append("the heaters of \(machine) are on: \(report), \(words)")
    }
    return found
  }

  /// Attempts and prints of one machine, in their order: each print is one attempt's.
  struct Pairing {
    private let attempts: [StoredQueue.Attempt]
    private let runs: [ExecutedRun]
    private let parts: [Int64: Int]
    private let known: [Int: CrashPart]

    /// How much more than was acknowledged may have been executed, in lines: what fits into buffers.
    static let mostUnacknowledged: Int64 = 64

    init(
      attempts: [StoredQueue.Attempt], runs: [ExecutedRun], parts: [Int64: Int], known: [Int: CrashPart]
    ) {
      self.attempts = attempts
      self.runs = runs
      self.parts = parts
      self.known = known
    }

    /// What does not fit; nil where all do.
    var complaint: String? {
      // Row by row: which numbers of prints may the attempts so far have had?
      var possible: Set<Int> = [0]
      var problem: String?
      for attempt in attempts {
        var next: Set<Int> = []
        var complaints: [String] = []
        for count in possible {
          if attempt.mayHaveNoPrint { next.insert(count) }
          guard count < runs.count else { continue }
          if let complaint = mismatch(attempt, runs[count]) {
            complaints.append(complaint)
          } else {
            next.insert(count + 1)
          }
        }
        if next.isEmpty {
          problem = complaints.last ?? "nothing of it was printed"
          return "\(words(attempt)): \(problem ?? "")"
        }
        possible = next
      }
      if possible.contains(runs.count) { return nil }
      let most = possible.max() ?? 0
      let stranger = runs[most]
      let last = attempts.suffix(3).map(words).joined(separator: "; ")
      return
        "part \(stranger.part) was printed (\(stranger.commands) commands), and no attempt is left that it "
        + "may be of; the last are \(last)"
    }

    private func words(_ attempt: StoredQueue.Attempt) -> String {
      "attempt \(attempt.id) of job \(attempt.job), part \(parts[attempt.job] ?? 0), \(attempt.state)"
        + " \(attempt.code) at line \(attempt.fileLine)"
    }

    private func mismatch(_ attempt: StoredQueue.Attempt, _ run: ExecutedRun) -> String? {
      guard parts[attempt.job] == run.part else { return "part \(run.part) was printed" }
      guard let part = known[run.part] else { return nil }
      let isWhole = run.commands == part.commands.count
      if attempt.state == "done" {
        return isWhole ? nil : "\(run.commands) of \(part.commands.count) executed"
      }
      let line = part.fileLines[max(0, run.commands - 1)]
      if attempt.fileLine > line { return "only executed up to line \(line)" }
      guard !attempt.isOpen, attempt.code != "attempt.lost" else { return nil }
      if line - attempt.fileLine > Self.mostUnacknowledged { return "executed up to line \(line)" }
      return nil
    }
  }
}

extension StoredQueue.Attempt {
  /// Nothing of it was acknowledged.
  var mayHaveNoPrint: Bool { state != "done" && acknowledged == 0 }
}
