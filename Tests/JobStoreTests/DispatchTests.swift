import Testing

@testable import JobStore

/// A machine called `name` that is idle, clear, ready.
func idle(
  _ name: String, pool: String? = "big", _ change: (inout MachineFacts) -> Void = { _ in }
) -> MachineFacts {
  var settings = MachineRecord.Settings(name: name, port: "/dev/\(name)")
  settings.pool = pool
  var record = MachineRecord(settings: settings, createdAt: 0)
  record.bed = MachineRecord.Bed(state: .clear)
  record.ready = true
  var facts = MachineFacts(machine: record, activity: .idle)
  change(&facts)
  return facts
}

/// A job of one copy for pool `big`.
func candidate(
  _ id: Int64, by: String = "kim", at: Int64 = 0, _ change: (inout JobCandidate) -> Void = { _ in }
) -> JobCandidate {
  var job = JobCandidate(id: id, pool: "big", submitter: by, createdAt: at)
  change(&job)
  return job
}

@Suite("Dispatch")
struct DispatchTests {
  private let hour: Int64 = 3_600_000

  private func plan(
    _ jobs: [JobCandidate], _ machines: [MachineFacts], use: [SubmitterUse] = [], now: Int64 = 1000
  ) -> DispatchPlan {
    dispatch(DispatchInput(jobs: jobs, machines: machines, use: use, now: now))
  }

  @Test("gives a waiting job to a machine that is free")
  func simple() {
    let plan = plan([candidate(1)], [idle("a")])
    #expect(plan.assignments == [.init(job: 1, machine: "a", copy: 1)])
    #expect(plan.refusals.isEmpty)
    #expect(plan.order == [1])
    #expect(plan.summary(of: 1) == "a: starts now")
  }

  @Test("spreads copies over the machines of the pool, one each")
  func copies() {
    let plan = plan(
      [candidate(1) { $0.copiesLeft = [2, 3, 5] }], [idle("b"), idle("a"), idle("c", pool: nil)])
    #expect(plan.assignments.map(\.machine) == ["a", "b"])
    #expect(plan.assignments.map(\.copy) == [2, 3])
  }

  static let blocks: [(code: String, words: String, change: @Sendable (inout MachineFacts) -> Void)] = [
    ("bed", "the bed is not known to be clear", { $0.bed = .init() }),
    ("bed", "the bed is not clear: job 11's part lies there", { $0.bed = .init(state: .occupied, job: 11) }),
    (
      "bed", "the bed is not clear: a print from SD",
      { $0.bed = .init(state: .occupied, reason: "a print from SD") }
    ),
    ("notReady", "nobody said that it may start", { $0.ready = false }),
    ("disabled", "it is disabled: belt", { $0.disabled = "belt" }),
    ("disconnected", "it has no driver", { $0.activity = .away("has no driver") }),
    ("busy", "it waits for an answer", { $0.activity = .occupied("waits for an answer") }),
    (
      "busy", "it prints job 7",
      {
        $0.running = 7
        $0.bed = .init(state: .occupied, job: 7)
        $0.activity = .occupied("is printing")
      }
    ),
    ("busy", "it has staged job 8", { $0.staged = 8 }),
    ("unattended", "it is a laser: each copy starts within two minutes", { $0.kind = .laser }),
    ("tools", "the file uses 2 tools, it has 1", { $0.tools = [.init()] }),
    ("material", "PETG is not loaded in T1 (PLA is)", { $0.tools[1].material = "PLA" }),
    ("nozzle", "T0 has a nozzle of 0.6 mm, the file wants 0.4 mm", { $0.tools[0].nozzle = 0.6 }),
    ("size", "the file needs 150 mm in Y, it has 120 mm", { $0.volume = [200, 120, 200] }),
    ("model", "the file is sliced for MK3S, it is a Ender-3", { $0.model = "Ender-3" }),
    ("temperature", "the file heats the hot end to 250 °C, its limit is 240 °C", { $0.maxTool = 240 }),
    ("temperature", "the file heats the bed to 90 °C, its limit is 80 °C", { $0.maxBed = 80 }),
  ]

  private func needy(_ id: Int64 = 1) -> JobCandidate {
    candidate(id) {
      $0.needs.materials = ["PLA", "PETG"]
      $0.needs.nozzles = [0.4, nil]
      $0.needs.extents = [100, 150, 50]
      $0.needs.model = "MK3S"
      $0.needs.toolTemperature = 250
      $0.needs.bedTemperature = 90
    }
  }

  private func fitting(_ name: String) -> MachineFacts {
    idle(name) {
      $0.tools = [.init(nozzle: 0.4, material: "pla"), .init(nozzle: 0.8, material: "PETG")]
      $0.model = "Mk3-s"
      $0.maxTool = 250
    }
  }

  @Test("each thing in the way keeps the job away, with its word and sentence", arguments: blocks.indices)
  func obstacle(_ index: Int) {
    let (code, words, change) = Self.blocks[index]
    #expect(plan([needy()], [fitting("a")]).assignments.count == 1, "nothing else is in the way")
    var machine = fitting("a")
    change(&machine)
    let plan = plan([needy()], [machine])
    #expect(plan.assignments.isEmpty)
    let refusal = plan.refusals.first
    #expect(refusal?.code == code)
    #expect(refusal?.sentence.contains(words) == true, "\(refusal?.sentence ?? "")")
    #expect(refusal?.obstacles.count == 1)
  }

  @Test("reasons come in the order of the rules: hold, bed, machine, material, nozzle, size, model")
  func orderOfReasons() {
    var job = needy()
    job.hold = "colour?"
    var machine = fitting("a")
    machine.bed = .init()
    machine.disabled = "belt"
    machine.activity = .away("is unplugged")
    machine.ready = false
    machine.tools = [.init(nozzle: 0.6, material: "ABS"), .init()]
    machine.volume = [1, 1, 1]
    machine.model = "X"
    let codes = plan([job], [machine]).refusals.first?.obstacles.map(\.code)
    #expect(
      codes == [
        "hold", "bed", "disabled", "disconnected", "notReady", "material", "nozzle", "size", "size", "size",
        "model",
      ])
  }

  @Test("says why for a job, machine by machine")
  func summary() {
    let machines = [
      idle("prn-3") { $0.tools = [.init(material: "PLA")] },
      idle("prn-4") { $0.bed = .init(state: .occupied, job: 11) },
    ]
    let job = candidate(1) { $0.needs.materials = ["PETG"] }
    #expect(
      plan([job], machines).summary(of: 1)
        == "prn-3: PETG is not loaded in T0 (PLA is); prn-4: the bed is not clear: job 11's part lies there")
    var held = job
    held.hold = "colour?"
    #expect(plan([held], machines).summary(of: 1).hasPrefix("the job is held: colour?; prn-3: PETG"))
    let lost = candidate(2) { $0.pool = "nowhere" }
    #expect(plan([lost], machines).summary(of: 2) == "no machine is in pool nowhere")
    #expect(plan([lost], machines).refusals.first?.code == "noMachine")
  }

  @Test("a job for one machine goes nowhere else; 'any' is any of its pool")
  func targets() {
    let job = candidate(1) {
      $0.pool = nil
      $0.machine = "b"
    }
    #expect(plan([job], [idle("a"), idle("b")]).assignments.map(\.machine) == ["b"])
    #expect(plan([candidate(1)], [idle("c", pool: "small"), idle("d", pool: nil)]).assignments.isEmpty)
  }

  // MARK: Order

  @Test("priority goes before due date, due date before fair share, fair share before age")
  func order() {
    let use = [
      SubmitterUse(submitter: "rich", machineTime: 9 * hour),
      SubmitterUse(submitter: "poor", machineTime: hour),
    ]
    let jobs = [
      candidate(1, by: "rich", at: 1), candidate(2, by: "poor", at: 500), candidate(3, by: "poor", at: 400),
      candidate(4, by: "rich", at: 900) { $0.due = 10 }, candidate(5, by: "rich", at: 900) { $0.due = 5 },
      candidate(6, by: "rich", at: 900) { $0.priority = 1 }, candidate(7, by: "nobody", at: 999),
    ]
    let plan = plan(jobs, [idle("a")], use: use)
    #expect(plan.order == [6, 5, 4, 7, 3, 2, 1])
    #expect(plan.assignments.map(\.job) == [6])
    func reason(_ job: Int64) -> String { plan.refusals(of: job).first?.sentence ?? "" }
    #expect(reason(5) == "job 6 goes first: its priority is 1, with its wait counted in, against 0")
  }

  @Test("each job behind another is told which, and by which rule")
  func ahead() {
    func words(_ jobs: [JobCandidate], use: [SubmitterUse] = []) -> String {
      plan(jobs, [idle("a")], use: use).refusals.first?.sentence ?? ""
    }
    #expect(words([candidate(1, at: 1), candidate(2, at: 2)]) == "job 1 goes first: it came first")
    #expect(words([candidate(1), candidate(2) { $0.due = 5 }]) == "job 2 goes first: it is due earlier")
    #expect(
      words(
        [candidate(1, by: "kim"), candidate(2, by: "lee")],
        use: [.init(submitter: "kim", machineTime: 5_400_000)])
        == "job 2 goes first: lee has had 0 h of machine time lately, against 1.5 h")
    #expect(
      words(
        [candidate(1, by: "kim"), candidate(2, by: "lee")],
        use: [
          .init(submitter: "kim", machineTime: 0, lastServed: ["a": 50]),
          .init(submitter: "lee", machineTime: 0, lastServed: ["a": 40]),
        ]) == "job 2 goes first: lee was served longer ago")
    #expect(
      words([candidate(1, at: 1), candidate(2, at: 2) { $0.goesBefore = 1 }])
        == "job 2 goes first: it was put before it")
  }

  @Test("while a machine is busy, those behind the next are told who is next")
  func aheadOfBusy() {
    let plan = plan([candidate(1, at: 1), candidate(2, at: 2)], [idle("a") { $0.bed = .init() }])
    #expect(plan.refusals(of: 1).first?.obstacles.map(\.code) == ["bed"])
    #expect(plan.refusals(of: 2).first?.obstacles.map(\.code) == ["bed", "ahead"])
  }

  @Test("a job whose last copy starts elsewhere is told so")
  func elsewhere() {
    let plan = plan([candidate(1)], [idle("a"), idle("b")])
    #expect(plan.refusals.map(\.sentence) == ["its last waiting copy goes to a"])
  }

  @Test("a person's order stands: right before the other job, in a chain, and void when that one is gone")
  func placed() {
    let jobs = [
      candidate(1, at: 1), candidate(2, at: 2), candidate(3, at: 3) { $0.goesBefore = 1 },
      candidate(4, at: 4) { $0.goesBefore = 3 }, candidate(5, at: 5) { $0.goesBefore = 99 },
      candidate(6, at: 6) { $0.goesBefore = 6 },
    ]
    #expect(plan(jobs, []).order == [4, 3, 1, 2, 5, 6])
    let circle = [candidate(1) { $0.goesBefore = 2 }, candidate(2) { $0.goesBefore = 1 }, candidate(3)]
    #expect(Set(plan(circle, []).order) == [1, 2, 3])
  }

  @Test("takes the machine that fewer others need")
  func leastWanted() {
    let special = candidate(2) { $0.needs.nozzles = [0.8] }
    let machines = [
      idle("a") { $0.tools = [.init(nozzle: 0.8)] }, idle("b") { $0.tools = [.init(nozzle: 0.4)] },
    ]
    let plain = candidate(1) { $0.priority = 1 }
    let plan = plan([plain, special], machines)
    #expect(plan.assignments == [.init(job: 1, machine: "b", copy: 1), .init(job: 2, machine: "a", copy: 1)])
  }

  @Test("a flood of jobs does not take every machine at once")
  func flood() {
    let jobs = (1...20).map { candidate(Int64($0), by: "flood", at: 1) } + [candidate(99, by: "kim", at: 900)]
    let machines = ["a", "b", "c"].map { idle($0) }
    let served = plan(jobs, machines).assignments.map(\.job)
    #expect(served.count == 3 && served.contains(99))
  }

  @Test("held, stopped and finished jobs are in nobody's way")
  func notWaiting() {
    let jobs = [
      candidate(1) { $0.hold = "x" }, candidate(2) { $0.stopped = "a copy failed" },
      candidate(3) { $0.copiesLeft = [] }, candidate(4, at: 999),
    ]
    let plan = plan(jobs, [idle("a")])
    #expect(plan.assignments.map(\.job) == [4])
    #expect(plan.order == [4])
    #expect(plan.refusals.map(\.code) == ["hold", "stopped", "stopped"])
  }

  @Test("accepted mismatches are let through; temperatures and missing people never")
  func accepted() {
    var job = needy()
    job.needs.accepted = ["material", "nozzle", "size", "model", "tools", "temperature", "unattended"]
    var machine = fitting("a")
    machine.tools = [.init(nozzle: 1, material: "ABS")]
    machine.volume = [1, 1, 1]
    machine.model = "X"
    #expect(plan([job], [machine]).assignments.count == 1)
    machine.maxTool = 200
    #expect(plan([job], [machine]).refusals.first?.code == "temperature")
    machine.maxTool = 300
    machine.kind = .laser
    #expect(plan([job], [machine]).refusals.first?.code == "unattended")
  }
}
