import Testing

@testable import JobStore

/// SplitMix64: the same numbers from the same seed, everywhere.
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64
  init(_ seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

/// A shop in simulated time: machines that print and are cleared, people who submit, one of whom floods.
struct SimulatedShop {
  struct Job {
    var candidate: JobCandidate
    var startedAt: Int64?
  }
  struct Machine {
    var facts: MachineFacts
    var doneAt: Int64?
    var job: Int64?
  }
  struct Print {
    var submitter: String
    var machine: String
    var start: Int64
    var end: Int64
  }

  static let hour: Int64 = 3_600_000
  var random: SeededGenerator
  var now: Int64 = 0
  var jobs: [Int64: Job] = [:]
  var machines: [Machine] = []
  var prints: [Print] = []
  var nextID: Int64 = 1
  var longestWait: [String: Int64] = [:]
  let policy = DispatchPolicy()
  let floodPriority: Int

  init(seed: UInt64) {
    random = SeededGenerator(seed)
    floodPriority = [0, 0, 3, 10].randomElement(using: &random) ?? 0
    for number in 0..<Int.random(in: 1...4, using: &random) {
      let material = ["PLA", "PETG", nil].randomElement(using: &random) ?? nil
      machines.append(Machine(facts: idle("m\(number)") { $0.tools = [.init(material: material)] }))
    }
  }

  mutating func submit(by: String, priority: Int, due: Int64?, hours: ClosedRange<Int64>) {
    // Only what some machine has loaded, or no order could ever serve it.
    let loaded = machines.compactMap { $0.facts.tools.first?.material }
    var job = JobCandidate(
      id: nextID, pool: "big", priority: priority, due: due, submitter: by, createdAt: now)
    job.needs.duration = Int64.random(in: hours, using: &random) * Self.hour
    if Bool.random(using: &random), let material = loaded.randomElement(using: &random) {
      job.needs.materials = [material]
    }
    jobs[nextID] = Job(candidate: job)
    nextID += 1
  }

  var use: [SubmitterUse] {
    var use: [String: SubmitterUse] = [:]
    for print in prints {
      var mine = use[print.submitter] ?? SubmitterUse(submitter: print.submitter, machineTime: 0)
      mine.machineTime += max(0, print.end - max(print.start, now - policy.memory))
      mine.lastServed[print.machine] = max(mine.lastServed[print.machine] ?? .min, print.start)
      use[print.submitter] = mine
    }
    return Array(use.values)
  }

  mutating func step() {
    now += Self.hour
    for index in machines.indices where machines[index].doneAt ?? .max <= now {
      if let job = machines[index].job { jobs[job] = nil }
      machines[index].doneAt = nil
      machines[index].job = nil
      machines[index].facts.running = nil
    }
    prints.removeAll { $0.end < now - policy.memory }
    if machines.contains(where: { $0.job == nil }) { assign() }
    for job in jobs.values where job.startedAt == nil {
      let waited = now - job.candidate.createdAt
      let person = job.candidate.submitter
      longestWait[person] = max(longestWait[person] ?? 0, waited)
    }
  }

  private mutating func assign() {
    let plan = dispatch(
      DispatchInput(
        jobs: jobs.values.filter { $0.startedAt == nil }.map(\.candidate), machines: machines.map(\.facts),
        use: use, now: now, policy: policy))
    for assignment in plan.assignments { start(assignment) }
  }

  private mutating func start(_ assignment: DispatchPlan.Assignment) {
    guard let index = machines.firstIndex(where: { $0.facts.name == assignment.machine }),
      let candidate = jobs[assignment.job]?.candidate
    else { return }
    let end = now + (candidate.needs.duration ?? Self.hour)
    jobs[assignment.job]?.startedAt = now
    machines[index].doneAt = end
    machines[index].job = assignment.job
    machines[index].facts.running = assignment.job
    prints.append(
      Print(submitter: candidate.submitter, machine: assignment.machine, start: now, end: end))
  }
}

@Suite("Dispatch, over many shops")
struct DispatchPropertyTests {
  private func randomInput(_ seed: UInt64) -> DispatchInput {
    var random = SeededGenerator(seed)
    let people = ["kim", "lee", "ana", "bob"]
    let materials: [String?] = ["PLA", "PETG", "ABS", nil]
    let machines = (0..<Int.random(in: 0...6, using: &random)).map { number in
      idle("m\(number)", pool: ["big", "small", nil].randomElement(using: &random) ?? nil) {
        $0.tools = [.init(nozzle: [0.4, 0.6, nil].randomElement(using: &random) ?? nil)]
        $0.tools[0].material = materials.randomElement(using: &random) ?? nil
        if Int.random(in: 0..<4, using: &random) == 0 { $0.bed = .init(state: .occupied, job: 7) }
        if Int.random(in: 0..<6, using: &random) == 0 { $0.running = 8 }
        if Int.random(in: 0..<8, using: &random) == 0 { $0.activity = .away("is unplugged") }
        if Int.random(in: 0..<8, using: &random) == 0 {
          $0.kind = .laser
          let until = Int64.random(in: -1...1, using: &random) * 60_000 + 90_000_000
          $0.attendance = Attendance(
            job: Int64.random(in: 1...12, using: &random), machine: $0.name, who: "lee", at: until - 120_000,
            until: until)
        }
      }
    }
    let jobs = (0..<Int.random(in: 0...12, using: &random)).map { number in
      candidate(Int64(number + 1), by: people.randomElement(using: &random) ?? "kim") {
        $0.createdAt = Int64.random(in: 0...5, using: &random) * 3_600_000
        $0.priority = Int.random(in: -1...1, using: &random)
        if Bool.random(using: &random) { $0.due = Int64.random(in: 0...3, using: &random) }
        if Int.random(in: 0..<4, using: &random) == 0 {
          $0.machine = "m\(Int.random(in: 0...7, using: &random))"
        }
        $0.copiesLeft = Array(1...Int.random(in: 1...3, using: &random))
        $0.needs.materials = [materials.randomElement(using: &random) ?? nil]
        if Int.random(in: 0..<8, using: &random) == 0 { $0.hold = "x" }
        if Int.random(in: 0..<5, using: &random) == 0 {
          $0.goesBefore = Int64.random(in: 1...12, using: &random)
        }
      }
    }
    let use = people.filter { _ in Bool.random(using: &random) }.map {
      SubmitterUse(
        submitter: $0, machineTime: Int64.random(in: 0...3, using: &random) * 3_600_000,
        lastServed: ["m0": Int64.random(in: 0...9, using: &random)])
    }
    return DispatchInput(jobs: jobs, machines: machines, use: use, now: 90_000_000)
  }

  @Test("the same input in any order gives the same plan")
  func permutations() {
    for seed in UInt64(1)...400 {
      let input = randomInput(seed)
      let plan = dispatch(input)
      #expect(dispatch(input) == plan, "seed \(seed): not the same twice")
      var random = SeededGenerator(seed &+ 7777)
      var shuffled = input
      shuffled.jobs.shuffle(using: &random)
      shuffled.machines.shuffle(using: &random)
      shuffled.use.shuffle(using: &random)
      #expect(dispatch(shuffled) == plan, "seed \(seed): the order of the input shows")
    }
  }

  @Test("assigns only what may start, wastes no machine, and has a reason for every other pair")
  func complete() {
    for seed in UInt64(1)...400 {
      let input = randomInput(seed)
      let plan = dispatch(input)
      check(plan, input, seed)
      for job in input.jobs {
        let candidates = input.machines.filter(job.names)
        let given = Set(plan.assignments.filter { $0.job == job.id }.map(\.machine))
        let refused = plan.refusals(of: job.id)
        let pairs = Set(refused.compactMap(\.machine))
        #expect(pairs == Set(candidates.map(\.name)).subtracting(given), "seed \(seed), job \(job.id)")
        #expect(refused.allSatisfy { !$0.obstacles.isEmpty && !$0.sentence.isEmpty }, "seed \(seed)")
        if candidates.isEmpty { #expect(refused.contains { $0.obstacles.map(\.code).contains("noMachine") }) }
      }
    }
  }

  private func check(_ plan: DispatchPlan, _ input: DispatchInput, _ seed: UInt64) {
    #expect(
      Set(plan.assignments.map(\.machine)).count == plan.assignments.count, "seed \(seed): a machine twice")
    for assignment in plan.assignments {
      guard let job = input.jobs.first(where: { $0.id == assignment.job }),
        let machine = input.machines.first(where: { $0.name == assignment.machine })
      else {
        Issue.record("seed \(seed): an assignment from nowhere")
        continue
      }
      #expect(
        job.hold == nil && job.names(machine) && job.copiesLeft.contains(assignment.copy), "seed \(seed)")
      #expect(
        machine.bed.state == .clear && machine.running == nil
          && machine.unattended(for: job.id, at: input.now).isEmpty, "seed \(seed)")
      #expect(machine.activity == .idle && job.needs.mismatches(with: machine).isEmpty, "seed \(seed)")
    }
    for machine in input.machines where !plan.assignments.contains(where: { $0.machine == machine.name }) {
      let could = input.jobs.filter { job in
        job.isWaiting && job.names(machine) && job.needs.mismatches(with: machine).isEmpty
          && machine.obstaclesToAnyStart.isEmpty && machine.unattended(for: job.id, at: input.now).isEmpty
          && plan.assignments.count(where: { $0.job == job.id }) < job.copiesLeft.count
      }
      #expect(could.isEmpty, "seed \(seed): \(machine.name) stands idle, job \(could.first?.id ?? 0) waits")
    }
  }

  /// One floods with as much as all machines can print and more, some with the highest priority and a due date; the others
  /// bring a job now and then. In 30 days nobody of the others waits longer than the patience needs to outgrow the flood.
  @Test("nobody starves, whoever floods", arguments: Array(UInt64(1)...16))
  func starvation(_ seed: UInt64) {
    var shop = SimulatedShop(seed: seed)
    let others = ["ana", "bob", "lee"]
    for _ in 0..<30 * 24 {
      while shop.jobs.count < 20 {
        let due: Int64? = shop.floodPriority > 0 ? shop.now : nil
        shop.submit(by: "flood", priority: shop.floodPriority, due: due, hours: 1...12)
      }
      for person in others where Int.random(in: 0..<72, using: &shop.random) == 0 {
        let waiting = shop.jobs.values.contains { $0.candidate.submitter == person }
        if !waiting { shop.submit(by: person, priority: -1, due: nil, hours: 1...4) }
      }
      shop.step()
    }
    let steps = Int64(shop.floodPriority + 2)
    let bound = steps * shop.policy.patience + 40 * SimulatedShop.hour
    for person in others {
      let wait = shop.longestWait[person] ?? 0
      #expect(
        wait <= bound,
        "seed \(seed): \(person) waited \(wait / SimulatedShop.hour) h of \(bound / SimulatedShop.hour)")
    }
    #expect(shop.prints.contains { $0.submitter == "flood" }, "the flood is served too")
  }

  @Test("with equal wishes everybody gets about the same machine time", arguments: Array(UInt64(100)...107))
  func shares(_ seed: UInt64) {
    var shop = SimulatedShop(seed: seed)
    let wishes: [(String, ClosedRange<Int64>)] = [("long", 10...12), ("short", 1...2), ("mixed", 1...12)]
    for _ in 0..<21 * 24 {
      for (person, hours) in wishes {
        while shop.jobs.values.count(where: { $0.candidate.submitter == person }) < 6 {
          shop.submit(by: person, priority: 0, due: nil, hours: hours)
        }
      }
      shop.step()
    }
    let times = wishes.map { wish in
      shop.prints.filter { $0.submitter == wish.0 }.reduce(0) {
        $0 + ($1.end - max($1.start, shop.now - shop.policy.memory))
      }
    }
    let least = times.min() ?? 0
    let most = times.max() ?? 0
    #expect(Double(least) > 0.6 * Double(most), "seed \(seed): \(times.map { $0 / SimulatedShop.hour }) h")
  }
}
