/// Decides which job starts on which machine now, and says for every other pair why not.
///
/// Pure: the same input in any order gives the same plan; no clock, no chance, no I/O. A machine takes a job when nothing of
/// hold, bed, machine, material, nozzle, size and model is in the way; among the jobs that may start, priority goes first,
/// then due date, fair share and age (see `Ranking`). Nobody starves: who is not served rises in priority without bound.
public func dispatch(_ input: DispatchInput) -> DispatchPlan {
  var round = DispatchRound(input)
  while round.assignNext() {}
  return round.plan()
}

/// One dispatch in the making: assigns copy after copy, and counts each for its submitter before the next is chosen.
struct DispatchRound {
  private let jobs: [JobCandidate]
  private let machines: [MachineFacts]
  private let now: Int64
  private let policy: DispatchPolicy
  private let pairs: Pairs
  private let firstRanking: Ranking
  private var use: [String: SubmitterUse]
  private var copiesLeft: [Int64: ArraySlice<Int>]
  private var taken: [String: Int64] = [:]
  /// By machine, the ranking that gave it away: what the reasons are read from.
  private var rankings: [String: Ranking] = [:]
  private var assignments: [DispatchPlan.Assignment] = []

  init(_ input: DispatchInput) {
    jobs = input.jobs.sorted { $0.id < $1.id }
    machines = input.machines.sorted { $0.name < $1.name }
    now = input.now
    policy = input.policy
    use = Dictionary(input.use.map { ($0.submitter, $0) }, uniquingKeysWith: Self.merged)
    pairs = Pairs(jobs: jobs, machines: machines)
    copiesLeft = Dictionary(
      jobs.map { ($0.id, $0.copiesLeft.sorted()[...]) }, uniquingKeysWith: { first, _ in first })
    firstRanking = Ranking(
      jobs.filter(\.isWaiting), suitable: pairs.suitable, use: use, now: now, policy: policy)
  }

  /// Gives one more copy to one machine; false where nothing more can start.
  mutating func assignNext() -> Bool {
    let startable = jobs.filter { job in
      job.isWaiting && copiesLeft[job.id]?.isEmpty == false && !freeMachines(for: job).isEmpty
    }
    guard !startable.isEmpty else { return false }
    // All that wait are ranked, not only those that can start: a job may be placed before one that cannot.
    let waiting = jobs.filter { $0.isWaiting && copiesLeft[$0.id]?.isEmpty == false }
    let ranking = Ranking(waiting, suitable: pairs.suitable, use: use, now: now, policy: policy)
    let candidates = Set(startable.map(\.id))
    guard let id = ranking.order.first(where: candidates.contains),
      let job = startable.first(where: { $0.id == id }), let copy = copiesLeft[id]?.popFirst(),
      let machine = leastWanted(freeMachines(for: job))
    else { return false }
    taken[machine] = id
    rankings[machine] = ranking
    assignments.append(DispatchPlan.Assignment(job: id, machine: machine, copy: copy))
    count(job, on: machine)
    return true
  }

  private func freeMachines(for job: JobCandidate) -> [String] {
    (pairs.startable[job.id] ?? []).filter { taken[$0] == nil }
  }

  /// The machine that the fewest waiting jobs could use, so that the all-rounders stay free; by name where equal.
  private func leastWanted(_ names: [String]) -> String? {
    names.min { (pairs.demand[$0] ?? 0, $0) < (pairs.demand[$1] ?? 0, $1) }
  }

  private mutating func count(_ job: JobCandidate, on machine: String) {
    var had = use[job.submitter] ?? SubmitterUse(submitter: job.submitter, machineTime: 0)
    had.machineTime += job.needs.duration ?? policy.unknownDuration
    had.lastServed[machine] = now
    use[job.submitter] = had
  }

  private static func merged(_ one: SubmitterUse, _ other: SubmitterUse) -> SubmitterUse {
    SubmitterUse(
      submitter: one.submitter, machineTime: one.machineTime + other.machineTime,
      lastServed: one.lastServed.merging(other.lastServed, uniquingKeysWith: max))
  }

  /// The plan, with a reason for every pair that was not assigned.
  func plan() -> DispatchPlan {
    DispatchPlan(
      assignments: assignments,
      refusals: jobs.flatMap(refusals),
      order: firstRanking.order)
  }

  private func refusals(of job: JobCandidate) -> [DispatchPlan.Refusal] {
    let candidates = pairs.candidates[job.id] ?? []
    guard !candidates.isEmpty else {
      return [DispatchPlan.Refusal(job: job.id, machine: nil, obstacles: job.ownObstacles + [job.noMachine])]
    }
    return candidates.compactMap { machine in
      guard !assignments.contains(where: { $0.job == job.id && $0.machine == machine }) else { return nil }
      return DispatchPlan.Refusal(
        job: job.id, machine: machine, obstacles: obstacles(job, on: machine))
    }
  }

  private func obstacles(_ job: JobCandidate, on machine: String) -> [Obstacle] {
    var found = job.ownObstacles + (pairs.obstacles[Pairs.Key(job: job.id, machine: machine)] ?? [])
    if job.isWaiting, copiesLeft[job.id]?.isEmpty == true,
      let last = assignments.last(where: { $0.job == job.id })
    {
      found.append(.elsewhere(machine: last.machine))
    } else if job.isWaiting, !found.contains(where: \.isMismatch),
      let ahead = ahead(of: job.id, on: machine)
    {
      found.append(ahead)
    }
    return found
  }

  /// The job that the machine takes now, or would take next, where that is another one.
  private func ahead(of job: Int64, on machine: String) -> Obstacle? {
    let ranking = rankings[machine] ?? firstRanking
    let next = ranking.order.first {
      pairs.suitableSet[machine]?.contains($0) == true && copiesLeft[$0]?.isEmpty == false
    }
    guard let first = taken[machine] ?? next, first != job, let theirs = ranking.keys[first],
      let mine = ranking.keys[job]
    else { return nil }
    guard taken[machine] != nil || (ranking.rank[first] ?? 0) < (ranking.rank[job] ?? 0) else { return nil }
    return .ahead(job: first, because: theirs.precedence(over: mine))
  }
}

extension JobCandidate {
  /// Neither held nor stopped, with a copy left to start.
  var isWaiting: Bool { hold == nil && stopped == nil && !copiesLeft.isEmpty }

  var ownObstacles: [Obstacle] {
    if let hold { return [.hold(hold)] }
    if let stopped { return [.stopped(stopped)] }
    return copiesLeft.isEmpty ? [.stopped("every copy is printed or in work")] : []
  }

  var noMachine: Obstacle {
    .noMachine(machine.map { "there is no machine \($0)" } ?? "no machine is in pool \(pool ?? "")")
  }

  /// Whether the job names this machine or its pool.
  func names(_ facts: MachineFacts) -> Bool {
    if let machine { return machine == facts.name }
    guard let pool else { return false }
    return pool == facts.pool
  }
}
