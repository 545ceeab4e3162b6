import Foundation
import SimulatedLink

/// Rounds of chaos on real processes, each judged; the supervisor, its drivers and the printers live through many of them.
struct CrashCampaign: Sendable {
  var rounds: Int
  var seed: UInt64
  /// One round's choices again, on a fresh stage.
  var roundSeed: UInt64?
  var isTalkative = false
  /// Preloaded into every other stage's supervisor and drivers.
  var clockLibrary: String?
  /// The folder of fablined and fabline, where that is not the bench's own.
  var host: String?

  /// A stage sees so many rounds; then the next one begins with empty folders.
  private static let roundsAStage = 75
  private static let lanes = 2
  private static let machines = 4

  /// What was counted.
  struct Tally {
    var rounds = 0
    var deeds: [String: Int] = [:]
    var starts = 0
    var prints = 0
    var wholePrints = 0
    var attempts: [String: Int] = [:]
    var skipped: Set<String> = []
    var slowest = 0.0

    mutating func add(_ other: Tally) {
      rounds += other.rounds
      deeds.merge(other.deeds, uniquingKeysWith: +)
      starts += other.starts
      prints += other.prints
      wholePrints += other.wholePrints
      attempts.merge(other.attempts, uniquingKeysWith: +)
      skipped.formUnion(other.skipped)
      slowest = max(slowest, other.slowest)
    }
  }

  func run() async throws {
    ChildProcess.becomeSubreaper()
    let began = Clock.now
    var random = SplitMix(seed: seed)
    var left = rounds
    var lives: [[UInt64]] = []
    while left > 0 {
      let count = min(Self.roundsAStage, left)
      lives.append((0..<count).map { _ in roundSeed ?? random.next() })
      left -= count
    }
    let tally = try await withThrowingTaskGroup(of: Tally.self) { group in
      // Most of a round is waiting: two stages beside each other disturb each other as a busy machine does.
      let lanes = roundSeed == nil ? min(Self.lanes, lives.count) : 1
      for lane in 0..<lanes {
        let own = stride(from: lane, to: lives.count, by: lanes).map { ($0, lives[$0]) }
        group.addTask {
          var tally = Tally()
          for (life, seeds) in own {
            try await live(seeds, life: life, &tally)
          }
          return tally
        }
      }
      var all = Tally()
      for try await tally in group { all.add(tally) }
      return all
    }
    show(tally, seconds: Clock.now - began)
  }

  /// One stage from its first supervisor to its last.
  private func live(_ seeds: [UInt64], life: Int, _ tally: inout Tally) async throws {
    let hasClock = life % 4 < 2 || roundSeed != nil
    let stage = try CrashStage(
      clockLibrary: hasClock ? clockLibrary : nil, host: host, isImpatient: life % 2 == 0)
    let notebook = CrashNotebook()
    do {
      try furnish(stage, notebook)
      var drivers: [String: pid_t] = [:]
      for seed in seeds {
        try Task.checkCancellation()
        let began = Clock.now
        drivers = try await round(seed, stage, notebook, drivers, &tally)
        tally.slowest = max(tally.slowest, Clock.now - began)
        tally.rounds += 1
      }
      try finish(stage, notebook, &tally)
    } catch is CancellationError {
      stage.clear(keeps: false)
      throw CancellationError()
    } catch {
      stage.clear(keeps: true)
      throw BenchError("\(error)\nlogs, database and printers' records are in \(stage.folder)")
    }
    stage.clear(keeps: false)
  }

  private func furnish(_ stage: CrashStage, _ notebook: CrashNotebook) throws {
    try stage.startSupervisor()
    try stage.waitForSupervisor(mayEnd: false)
    let profiles = [
      ["--profile", "marlin21"], ["--profile", "marlin21full"], ["--profile", "marlin10"],
      ["--profile", "grbl11", "--laser"],
    ]
    for (index, profile) in profiles.enumerated() {
      let isLaser = profile.contains("--laser")
      let machine = StageMachine(
        isLaser ? "laser" : "m\(index)", in: stage.folder, isLaser: isLaser,
        options: ["--time-factor", "100"] + profile, parts: { notebook.parts[$0] })
      var settings: [String: Any] = ["resetsOnOpen": false]
      if isLaser {
        settings.merge([
          "machineClass": "laser", "dialect": "grbl", "allowM3": true, "volume": [300, 200, 50],
        ]) { $1 }
      } else {
        settings["pool"] = "pool"
      }
      try stage.addMachine(machine, settings: settings)
    }
  }

  private func round(
    _ seed: UInt64, _ stage: CrashStage, _ notebook: CrashNotebook, _ drivers: [String: pid_t],
    _ tally: inout Tally
  ) async throws -> [String: pid_t] {
    let choice = CrashChoice(seed: seed, machines: Self.machines)
    var person = CrashPerson(stage: stage, notebook: notebook, random: choice.person)
    try person.tidyUp()
    var round = CrashRound(stage, notebook, choice)
    var judge = CrashJudge(stage: stage, notebook: notebook)
    judge.driversBefore = drivers
    for machine in choice.driversTouched where stage.machines.indices.contains(machine) {
      judge.driversBefore[stage.machines[machine].name] = 0
    }
    judge.jobToShow = notebook.accepted.keys.max()
    var complaints: [String] = []
    var found = CrashJudge.Findings()
    do {
      try round.run()
      found = await judge.settle(seconds: 30)
      complaints = found.wrong + found.late
    } catch {
      complaints = ["\(error)"]
    }
    for (_, deed) in choice.deeds { tally.deeds["\(deed)".prefix { $0 != "(" }.description, default: 0] += 1 }
    tally.skipped.formUnion(round.skipped)
    if isTalkative { print("\(tally.rounds) \(seed)\n  " + round.done.joined(separator: "\n  ")) }
    guard complaints.isEmpty else {
      throw BenchError(
        """
        WRONG in a round of --seed \(self.seed), \(tally.rounds) of its lane were right before it:
          \(complaints.joined(separator: "\n  "))
        what was done:
          \(round.done.joined(separator: "\n  "))
        the same choices again: fabline-bench crash --round-seed \(seed) --rounds 20
        """)
    }
    return found.drivers
  }

  /// The last look: the database is sound, and what was done is counted.
  private func finish(_ stage: CrashStage, _ notebook: CrashNotebook, _ tally: inout Tally) throws {
    if let damage = StoredQueue.damage(stage.database) {
      throw BenchError("the database is damaged: \(damage)")
    }
    let queue = try StoredQueue(path: stage.database)
    for attempt in queue.attempts {
      let code = attempt.state == "uncertain" ? " " + attempt.code : ""
      tally.attempts[attempt.state + code, default: 0] += 1
    }
    for machine in stage.machines {
      tally.prints += machine.log.runs.count
      tally.wholePrints +=
        machine.log.runs.filter { run in
          notebook.parts[run.part]?.commands.count == run.commands
        }.count
    }
    tally.starts += stage.starts
  }

  private func show(_ tally: Tally, seconds: Double) {
    print(tally.deeds.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", "))
    print(
      "\(tally.prints) prints begun, \(tally.wholePrints) whole; attempts: "
        + tally.attempts.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", "))
    for skipped in tally.skipped.sorted() { print("not everywhere: \(skipped)") }
    print(
      "\(tally.rounds) rounds, seed \(seed), \(tally.starts) starts of a supervisor: "
        + String(format: "%.1f s, the slowest round %.1f s", seconds, tally.slowest))
  }
}
