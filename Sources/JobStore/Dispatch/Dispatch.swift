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
  private var share: FairShare
  private var copiesLeft: [ArraySlice<Int>]
  /// By machine: the job that takes it, and the ranking that decided so, from which the reasons are read.
  private var taken: [(job: Int, ranking: Ranking)?]
  private var assignments: [DispatchPlan.Assignment] = []
  /// By job, the machines that it was given.
  private var given: [[Int]]

  init(_ input: DispatchInput) {
    jobs = input.jobs.sorted { $0.id < $1.id }.map { $0.drained(by: input.drainedBy) }
    machines = input.machines.sorted { $0.name < $1.name }
    now = input.now
    policy = input.policy
    pairs = Pairs(jobs: jobs, machines: machines, now: now)
    share = FairShare(input.use, jobs: jobs, machines: machines)
    copiesLeft = jobs.map { $0.isWaiting ? $0.copiesLeft.sorted()[...] : [] }
    taken = Array(repeating: nil, count: machines.count)
    given = Array(repeating: [], count: jobs.count)
    let waiting = jobs.indices.filter { [copiesLeft] in !copiesLeft[$0].isEmpty }
    firstRanking = Ranking(
      jobs, waiting: waiting, suitable: pairs.suitable, share: share, now: now, policy: policy)
  }

  /// Gives one more copy to one machine; false where nothing more can start.
  mutating func assignNext() -> Bool {
    // All that wait are ranked, not only those that can start: a job may be placed before one that cannot.
    let waiting = jobs.indices.filter { !copiesLeft[$0].isEmpty }
    guard waiting.contains(where: { !freeMachines($0).isEmpty }) else { return false }
    let ranking = Ranking(
      jobs, waiting: waiting, suitable: pairs.suitable, share: share, now: now, policy: policy)
    guard let job = ranking.order.first(where: { !freeMachines($0).isEmpty }),
      let machine = leastWanted(freeMachines(job)), let copy = copiesLeft[job].popFirst()
    else { return false }
    taken[machine] = (job, ranking)
    given[job].append(machine)
    assignments.append(
      DispatchPlan.Assignment(job: jobs[job].id, machine: machines[machine].name, copy: copy))
    share.count(
      job: job, on: machine, duration: jobs[job].needs.duration ?? policy.unknownDuration, now: now)
    return true
  }

  private func freeMachines(_ job: Int) -> [Int] { pairs.startable[job].filter { taken[$0] == nil } }

  /// The machine that the fewest waiting jobs could use, so that the all-rounders stay free; the first where equal.
  private func leastWanted(_ places: [Int]) -> Int? {
    places.min { (pairs.demand[$0], $0) < (pairs.demand[$1], $1) }
  }

  /// The plan, with a reason for every pair that was not assigned.
  func plan() -> DispatchPlan {
    let next = machines.indices.map(nextOn)
    return DispatchPlan(
      assignments: assignments, refusals: jobs.indices.flatMap { refusals($0, next) },
      order: firstRanking.order.map { jobs[$0].id })
  }

  private func refusals(_ job: Int, _ next: [Int?]) -> [DispatchPlan.Refusal] {
    let id = jobs[job].id
    guard !pairs.candidates[job].isEmpty else {
      let obstacles = jobs[job].ownObstacles + [jobs[job].noMachine]
      return [DispatchPlan.Refusal(job: id, machine: nil, obstacles: obstacles)]
    }
    return pairs.candidates[job].filter { !given[job].contains($0) }.map { machine in
      DispatchPlan.Refusal(
        job: id, machine: machines[machine].name, obstacles: obstacles(job, machine, next[machine]))
    }
  }

  private func obstacles(_ job: Int, _ machine: Int, _ next: Int?) -> [Obstacle] {
    var found = jobs[job].ownObstacles + pairs.obstacles(job: job, machine: machine)
    guard jobs[job].isWaiting else { return found }
    if copiesLeft[job].isEmpty, let last = given[job].last {
      found.append(.elsewhere(machine: machines[last].name))
    } else if let first = taken[machine]?.job ?? next, !found.contains(where: \.isMismatch),
      let ahead = ahead(first, of: job, on: machine)
    {
      found.append(ahead)
    }
    return found
  }

  /// The job that would go first on a machine that nobody takes now.
  private func nextOn(_ machine: Int) -> Int? {
    guard taken[machine] == nil else { return nil }
    return firstRanking.order.first { pairs.suitable[$0].contains(machine) && !copiesLeft[$0].isEmpty }
  }

  /// `first` as an obstacle to `job`, where it is another one and in front of it.
  private func ahead(_ first: Int, of job: Int, on machine: Int) -> Obstacle? {
    let ranking = taken[machine]?.ranking ?? firstRanking
    guard first != job, let theirs = ranking.keys[first], let mine = ranking.keys[job] else { return nil }
    guard taken[machine] != nil || (ranking.rank[first] ?? 0) < (ranking.rank[job] ?? 0) else { return nil }
    let because = theirs.precedence(over: mine, name: share.names[theirs.submitter])
    return .ahead(job: jobs[first].id, because: because)
  }
}

extension JobCandidate {
  /// Neither held nor stopped, with a copy left to start, and jobs are given out at all.
  var isWaiting: Bool { hold == nil && stopped == nil && drainedBy == nil && !copiesLeft.isEmpty }

  /// The same job while nothing may start; nil changes nothing.
  func drained(by who: String?) -> JobCandidate {
    var job = self
    job.drainedBy = who
    return job
  }

  var ownObstacles: [Obstacle] {
    if let hold { return [.hold(hold)] }
    if let stopped { return [.stopped(stopped)] }
    if copiesLeft.isEmpty { return [.stopped("every copy is printed or in work")] }
    return drainedBy.map { [.draining(by: $0)] } ?? []
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
