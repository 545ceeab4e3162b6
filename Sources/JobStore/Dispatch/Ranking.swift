/// The order of waiting jobs at one moment: priority with the wait counted in, due date, fair share, age; then what people
/// put before what. Jobs are known by their place in the sorted input.
///
/// A wait is the time since the job came or its submitter was last served on a machine that could have taken it, whichever
/// is later: counted by submitter, so that a flood of jobs gains nothing by its own age. It adds one priority for each spell
/// of patience; for those who have had more machine time than the average of those who wait, only for each week, or else
/// many short jobs and few long ones would get turns by number and not by time. So whoever waits rises without bound, and
/// nobody starves.
struct Ranking {
  /// What the order of two jobs is decided by.
  struct Key: Equatable {
    var id: Int64
    var submitter: Int
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
      return id < other.id
    }

    /// The rule by which this job, being in front of `other`, is so; `name` is its submitter's.
    func precedence(over other: Key, name: String) -> Precedence {
      guard goesBefore(other) else { return .placed }
      if priority != other.priority { return .priority(priority, over: other.priority) }
      if due != other.due { return .due }
      if machineTime != other.machineTime {
        return .fairShare(
          submitter: name, hours: Double(machineTime) / 3_600_000, over: Double(other.machineTime) / 3_600_000
        )
      }
      return lastServed != other.lastServed ? .servedLongerAgo(submitter: name) : .age
    }
  }

  /// The waiting jobs, first to be served first.
  private(set) var order: [Int] = []
  /// The key of each waiting job.
  private(set) var keys: [Key?]
  /// The place of each waiting job in the order.
  private(set) var rank: [Int?]

  /// Ranks the jobs at the places `waiting`; `suitable` are the machines that each could ever take.
  init(
    _ jobs: [JobCandidate], waiting: [Int], suitable: [[Int]], share: FairShare, now: Int64,
    policy: DispatchPolicy
  ) {
    keys = Array(repeating: nil, count: jobs.count)
    rank = Array(repeating: nil, count: jobs.count)
    let average = share.average(of: waiting)
    for place in waiting {
      let job = jobs[place]
      let served = share.lastServed(job: place, on: suitable[place])
      let time = share.machineTime[share.submitters[place]]
      let spell = max(1, time <= average ? policy.patience : policy.memory)
      let waited = max(0, now - max(job.createdAt, served ?? job.createdAt))
      keys[place] = Key(
        id: job.id, submitter: share.submitters[place], priority: job.priority + Int(waited / spell),
        due: job.due ?? .max, machineTime: time, lastServed: served ?? .min, createdAt: job.createdAt)
    }
    let keyed = waiting.compactMap { place in keys[place].map { (place: place, key: $0) } }
    let sorted = keyed.sorted { $0.key.goesBefore($1.key) }.map(\.place)
    order = Self.placed(sorted, jobs)
    for (index, place) in order.enumerated() { rank[place] = index }
  }

  /// Moves each job that a person put before another right in front of it, where that one waits too.
  private static func placed(_ sorted: [Int], _ jobs: [JobCandidate]) -> [Int] {
    guard sorted.contains(where: { jobs[$0].goesBefore != nil }) else { return sorted }
    let places = Dictionary(sorted.map { (jobs[$0].id, $0) }, uniquingKeysWith: { first, _ in first })
    var movers: [Int: [Int]] = [:]
    var isMover = Set<Int>()
    for place in sorted {
      guard let wanted = jobs[place].goesBefore, let target = places[wanted], target != place else {
        continue
      }
      movers[target, default: []].append(place)
      isMover.insert(place)
    }
    var result: [Int] = []
    var done: Set<Int> = []
    func emit(_ place: Int) {
      guard done.insert(place).inserted else { return }
      for mover in movers[place] ?? [] { emit(mover) }
      result.append(place)
    }
    for place in sorted where !isMover.contains(place) { emit(place) }
    // A circle, which the store does not let through, has no first: its jobs keep their own order at the end.
    for place in sorted { emit(place) }
    return result
  }
}
