/// The order of waiting jobs at one moment: priority with the wait counted in, due date, fair share, age; then what people
/// put before what.
///
/// A wait is the time since the job came or its submitter was last served on a machine that could have taken it, whichever
/// is later: counted by submitter, so that a flood of jobs gains nothing by its own age. It adds one priority for each spell
/// of patience; for those who have had more machine time than the average of those who wait, only for each week, or else
/// many short jobs and few long ones would get turns by number and not by time. So whoever waits rises without bound, and
/// nobody starves.
struct Ranking {
  /// What the order of two jobs is decided by.
  struct Key: Equatable {
    var job: Int64
    var submitter: String
    /// The priority, and what the wait adds to it.
    var priority: Int
    var due: Int64
    var machineTime: Int64
    var lastServed: Int64
    var createdAt: Int64

    func goesBefore(_ other: Key) -> Bool {
      if priority != other.priority { return priority > other.priority }
      if due != other.due { return due < other.due }
      if machineTime != other.machineTime { return machineTime < other.machineTime }
      if lastServed != other.lastServed { return lastServed < other.lastServed }
      if createdAt != other.createdAt { return createdAt < other.createdAt }
      return job < other.job
    }

    /// The rule by which this job, being in front of `other`, is so.
    func precedence(over other: Key) -> Precedence {
      guard goesBefore(other) else { return .placed }
      if priority != other.priority { return .priority(priority, over: other.priority) }
      if due != other.due { return .due }
      if machineTime != other.machineTime {
        return .fairShare(
          submitter: submitter, hours: Double(machineTime) / 3_600_000,
          over: Double(other.machineTime) / 3_600_000)
      }
      return lastServed != other.lastServed ? .servedLongerAgo(submitter: submitter) : .age
    }
  }

  /// Job numbers, first to be served first.
  private(set) var order: [Int64] = []
  private(set) var keys: [Int64: Key] = [:]
  private(set) var rank: [Int64: Int] = [:]

  /// Ranks `jobs`; `suitable` are the machines that each could ever take.
  init(
    _ jobs: [JobCandidate], suitable: [Int64: [String]], use: [String: SubmitterUse], now: Int64,
    policy: DispatchPolicy
  ) {
    let average = Self.averageMachineTime(jobs, use)
    for job in jobs {
      let had = use[job.submitter]
      let served = (suitable[job.id] ?? []).compactMap { had?.lastServed[$0] }.max()
      let waited = max(0, now - max(job.createdAt, served ?? job.createdAt))
      let time = had?.machineTime ?? 0
      let spell = max(1, time <= average ? policy.patience : policy.memory)
      keys[job.id] = Key(
        job: job.id, submitter: job.submitter, priority: job.priority + Int(waited / spell),
        due: job.due ?? .max, machineTime: time, lastServed: served ?? .min, createdAt: job.createdAt)
    }
    let sorted = keys.values.sorted { $0.goesBefore($1) }.map(\.job)
    order = Self.placed(sorted, goesBefore: jobs)
    for (index, job) in order.enumerated() { rank[job] = index }
  }

  /// The mean over those who wait, in milliseconds: who has had more does not rise quickly by waiting.
  private static func averageMachineTime(_ jobs: [JobCandidate], _ use: [String: SubmitterUse]) -> Int64 {
    let waiting = Set(jobs.map(\.submitter))
    guard !waiting.isEmpty else { return 0 }
    return waiting.reduce(0) { $0 + (use[$1]?.machineTime ?? 0) } / Int64(waiting.count)
  }

  /// Moves each job that a person put before another right in front of it, where that one waits too.
  private static func placed(_ sorted: [Int64], goesBefore jobs: [JobCandidate]) -> [Int64] {
    let waiting = Set(sorted)
    var targets: [Int64: Int64] = [:]
    for job in jobs {
      if let target = job.goesBefore, target != job.id, waiting.contains(target) { targets[job.id] = target }
    }
    guard !targets.isEmpty else { return sorted }
    var movers: [Int64: [Int64]] = [:]
    for job in sorted { if let target = targets[job] { movers[target, default: []].append(job) } }
    var result: [Int64] = []
    var done: Set<Int64> = []
    func emit(_ job: Int64) {
      guard done.insert(job).inserted else { return }
      for mover in movers[job] ?? [] { emit(mover) }
      result.append(job)
    }
    for job in sorted where targets[job] == nil { emit(job) }
    // A circle, which the store does not let through, has no first: its jobs keep their own order at the end.
    for job in sorted { emit(job) }
    return result
  }
}
