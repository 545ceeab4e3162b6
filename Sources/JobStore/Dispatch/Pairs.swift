/// What stands between each job and each machine that it names, before anything is assigned.
struct Pairs {
  struct Key: Hashable {
    var job: Int64
    var machine: String
  }

  /// The machines that each job names, by name.
  private(set) var candidates: [Int64: [String]] = [:]
  /// Those among them that its file fits.
  private(set) var suitable: [Int64: [String]] = [:]
  /// Those among them that could start it now.
  private(set) var startable: [Int64: [String]] = [:]
  /// The waiting jobs that fit each machine.
  private(set) var suitableSet: [String: Set<Int64>] = [:]
  /// How many waiting jobs fit each machine.
  private(set) var demand: [String: Int] = [:]
  /// What is in the way, mismatches after the machine's own; empty where the pair could start.
  private(set) var obstacles: [Key: [Obstacle]] = [:]

  init(jobs: [JobCandidate], machines: [MachineFacts]) {
    let own = Dictionary(
      machines.map { ($0.name, $0.obstaclesToAnyStart) }, uniquingKeysWith: { first, _ in first })
    for job in jobs {
      for machine in machines where job.names(machine) {
        let mismatches = job.needs.mismatches(with: machine)
        let all = (own[machine.name] ?? []) + mismatches
        candidates[job.id, default: []].append(machine.name)
        if !all.isEmpty { obstacles[Key(job: job.id, machine: machine.name)] = all }
        guard mismatches.isEmpty else { continue }
        suitable[job.id, default: []].append(machine.name)
        if all.isEmpty { startable[job.id, default: []].append(machine.name) }
        guard job.isWaiting else { continue }
        suitableSet[machine.name, default: []].insert(job.id)
        demand[machine.name, default: 0] += 1
      }
    }
  }
}
