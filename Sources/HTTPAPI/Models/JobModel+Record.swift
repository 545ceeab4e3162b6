import APIModel
import DriverInterface
import JobStore
import Supervisor

extension JobModel {
  /// A stored job as clients see it; `live` has the progress of attempts that run now.
  init(_ job: JobRecord, file: StoredFacts?, size: Int64, live: [String: AttemptProgress]) {
    self.init(
      id: job.id, name: job.name, file: job.file, submitter: job.submitter,
      createdAt: LocalTime.iso8601(job.createdAt))
    state = JobState(job.state)
    machine = job.machine
    pool = job.pool
    copies = job.copies
    copiesDone = job.copiesDone
    priority = job.priority
    before = job.goesBefore
    due = job.due.map(LocalTime.iso8601)
    material = job.material
    note = job.note
    reason = job.reason
    forced = job.forcedBy != nil ? true : nil
    startedAt = job.startedAt.map(LocalTime.iso8601)
    endedAt = job.endedAt.map(LocalTime.iso8601)
    estimatedSeconds = file?.seconds.map { Int(clamping: $0) }
    attempts = job.attempts.map { AttemptModel($0, file: file, size: size, live: live[$0.id]) }
  }
}

extension AttemptModel {
  /// A stored attempt; what its driver said last, where it runs, else what was last written down.
  init(_ attempt: AttemptRecord, file: StoredFacts?, size: Int64, live: AttemptProgress?) {
    self.init(
      id: attempt.id, machine: attempt.machine, state: attempt.state.rawValue, copy: attempt.copy)
    startedAt = attempt.startedAt.map(LocalTime.iso8601)
    endedAt = attempt.endedAt.map(LocalTime.iso8601)
    reason = attempt.reason
    code = attempt.code
    if attempt.state.isRunning, let live {
      progress = ProgressModel(live, lines: file?.lines)
    } else {
      progress = attempt.progress.map { ProgressModel($0, file: file, size: size) }
    }
  }
}

extension ProgressModel {
  /// What a driver says.
  init(_ progress: AttemptProgress, lines: Int64? = nil) {
    self.init(
      line: progress.fileLine, bytes: progress.byteOffset, size: progress.size, elapsed: progress.elapsed,
      resends: progress.resends)
    self.lines = lines.flatMap { $0 > 0 ? $0 : nil }
    layer = progress.layer > 0 ? Int(progress.layer) : nil
    layers = progress.layers.map { Int($0) }
    remaining = progress.remaining
  }

  /// What was written down.
  init(_ progress: AttemptRecord.Progress, file: StoredFacts?, size: Int64) {
    self.init(
      line: progress.fileLine, bytes: progress.byteOffset, size: size, elapsed: progress.elapsed,
      resends: progress.resends)
    lines = file.flatMap { $0.lines > 0 ? $0.lines : nil }
    layer = progress.layer > 0 ? Int(clamping: progress.layer) : nil
    layers = file?.layers.map { Int(clamping: $0) }
    remaining = progress.remaining
  }
}

extension JobState {
  /// The store's state has the same cases under the same names.
  init(_ state: JobRecord.State) {
    self =
      switch state {
      case .queued: .queued
      case .held: .held
      case .printing: .printing
      case .paused: .paused
      case .needsAttention: .needsAttention
      case .done: .done
      case .failed: .failed
      case .cancelled: .cancelled
      case .uncertain: .uncertain
      }
  }
}

extension HistoryModel {
  /// A row of the history.
  init(_ row: HistoryRecord) {
    self.init(
      at: LocalTime.iso8601(row.at), who: row.who, what: row.what,
      why: row.why ?? row.machine.map { "on \($0)" })
    job = row.job
    machine = row.machine
  }
}

extension WhyModel {
  /// The supervisor's answer.
  init(_ answer: WhyAnswer) {
    self.init(
      job: answer.job, summary: answer.summary,
      machines: answer.machines.map {
        MachineReason(machine: $0.machine, code: $0.code, reason: $0.sentence)
      })
  }
}
