/// What each submitter has had lately, counted on while a plan is made. Submitters and machines are known by their place.
struct FairShare {
  /// Machine time by submitter, in milliseconds.
  private(set) var machineTime: [Int64]
  /// When each submitter was last served on each machine; nil for never.
  private var lastServed: [[Int64?]]
  /// The submitter of each job.
  let submitters: [Int]
  /// Their names.
  let names: [String]

  init(_ use: [SubmitterUse], jobs: [JobCandidate], machines: [MachineFacts]) {
    names = Set(jobs.map(\.submitter)).sorted()
    let places = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, $0) })
    submitters = jobs.map { places[$0.submitter] ?? 0 }
    machineTime = Array(repeating: 0, count: names.count)
    lastServed = Array(repeating: Array(repeating: nil, count: machines.count), count: names.count)
    for part in use {
      guard let place = places[part.submitter] else { continue }
      machineTime[place] += part.machineTime
      for (index, machine) in machines.enumerated() {
        guard let moment = part.lastServed[machine.name] else { continue }
        lastServed[place][index] = max(moment, lastServed[place][index] ?? moment)
      }
    }
  }

  /// When the job's submitter was last served on one of these machines.
  func lastServed(job: Int, on machines: [Int]) -> Int64? {
    let mine = lastServed[submitters[job]]
    return machines.lazy.compactMap { mine[$0] }.max()
  }

  /// The mean over the submitters of these jobs: who has had more does not rise quickly by waiting.
  func average(of jobs: [Int]) -> Int64 {
    var waiting = Array(repeating: false, count: names.count)
    for job in jobs { waiting[submitters[job]] = true }
    let times = zip(waiting, machineTime).filter(\.0).map(\.1)
    return times.isEmpty ? 0 : times.reduce(0, +) / Int64(times.count)
  }

  /// Counts one copy for its submitter.
  mutating func count(job: Int, on machine: Int, duration: Int64, now: Int64) {
    machineTime[submitters[job]] += duration
    lastServed[submitters[job]][machine] = now
  }
}
