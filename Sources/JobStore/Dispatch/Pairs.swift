/// What stands between each job and each machine that it names, before anything is assigned. Jobs and machines are known by
/// their place in the sorted input.
struct Pairs {
  /// The machines that each job names.
  private(set) var candidates: [[Int]]
  /// Those among them that its file fits.
  private(set) var suitable: [[Int]]
  /// Those among them that could start it now.
  private(set) var startable: [[Int]]
  /// How many waiting jobs fit each machine.
  private(set) var demand: [Int]
  private var obstaclesByPair: [[Obstacle]]
  private let machineCount: Int

  init(jobs: [JobCandidate], machines: [MachineFacts], now: Int64) {
    machineCount = machines.count
    candidates = Array(repeating: [], count: jobs.count)
    suitable = candidates
    startable = candidates
    demand = Array(repeating: 0, count: machines.count)
    obstaclesByPair = Array(repeating: [], count: jobs.count * machines.count)
    let own = machines.map(\.obstaclesToAnyStart)
    for (job, candidate) in jobs.enumerated() {
      for (machine, facts) in machines.enumerated() where candidate.names(facts) {
        let mismatches = candidate.needs.mismatches(with: facts)
        let all = own[machine] + facts.unattended(for: candidate.id, at: now) + mismatches
        candidates[job].append(machine)
        obstaclesByPair[job * machineCount + machine] = all
        guard mismatches.isEmpty else { continue }
        suitable[job].append(machine)
        if all.isEmpty { startable[job].append(machine) }
        if candidate.isWaiting { demand[machine] += 1 }
      }
    }
  }

  /// What is in the way, mismatches after the machine's own; empty where the pair could start.
  func obstacles(job: Int, machine: Int) -> [Obstacle] { obstaclesByPair[job * machineCount + machine] }
}
