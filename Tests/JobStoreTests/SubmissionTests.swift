import Testing

@testable import JobStore

@Suite("Submitting")
struct SubmissionTests {
  @Test("keeps everything that was asked for, and who asked", arguments: Place.allCases)
  func roundTrip(_ place: Place) async throws {
    let shop = try await Shop(place)
    try await shop.printer()
    let job = try await shop.submit(copies: 3, by: "lee") {
      $0.priority = 5
      $0.due = 1_900_000_000_000
      $0.material = "pla"
      $0.note = "for the fair"
    }
    #expect(job.state == .queued && job.copies == 3 && job.priority == 5 && job.due == 1_900_000_000_000)
    #expect(job.material == "pla" && job.note == "for the fair" && job.submitter == "lee")
    #expect(job.name == "part.gcode" && job.machine == "ender" && job.pool == nil)
    #expect(job.createdAt == shop.clock.now && job.copiesLeft == [1, 2, 3])
    #expect(try await shop.store.job(job.id) == job)
    let history = try await shop.store.history(HistoryQuery(job: job.id))
    #expect(history.map(\.what) == ["submitted"])
    #expect(history.map(\.who) == ["lee"])
  }

  @Test("what cannot be is refused, and no job is left behind")
  func invalid() async throws {
    let shop = try await Shop()
    try await shop.printer()
    let file = try await shop.takeIn().file.hash
    func refused(_ code: StoreError.Code, _ change: (inout JobSubmission) -> Void) async {
      var submission = JobSubmission(file: file, machine: "ender")
      change(&submission)
      await expectError(code) { [submission] in try await shop.store.submit(submission, by: "kim") }
    }
    await refused(.jobInvalid) { $0.copies = 0 }
    await refused(.jobInvalid) { $0.copies = 10_001 }
    await refused(.jobInvalid) { $0.priority = 11 }
    await refused(.jobInvalid) { $0.pool = "big" }
    await refused(.jobInvalid) { $0.material = "" }
    await refused(.fileUnknown) { $0.file = String(repeating: "0", count: 64) }
    await refused(.machineUnknown) { $0.machine = "nobody" }
    await refused(.machineUnknown) {
      $0.machine = nil
      $0.pool = "nowhere"
    }
    await expectError(.jobInvalid) {
      try await shop.store.submit(JobSubmission(file: file, machine: "ender"), by: "")
    }
    #expect(try await shop.store.jobs().isEmpty)
  }

  @Test("without a machine takes the only one, or the only pool, and never guesses")
  func target() async throws {
    let shop = try await Shop()
    let file = try await shop.takeIn().file.hash
    func target() async throws -> String? {
      let job = try await shop.store.submit(JobSubmission(file: file), by: "kim").job
      return job.machine ?? job.pool.map { "pool \($0)" }
    }
    await expectError(.jobNoTarget) { try await target() }
    try await shop.printer("a", pool: "twins")
    #expect(try await target() == "a")
    try await shop.printer("b", pool: "twins")
    #expect(try await target() == "pool twins")
    try await shop.printer("c")
    await expectError(.jobNoTarget) { try await target() }
  }

  @Test("the same key gives the same job; another request under it is an error")
  func idempotency() async throws {
    let shop = try await Shop()
    try await shop.printer()
    let file = try await shop.takeIn().file.hash
    let submission = JobSubmission(file: file, machine: "ender")
    let key = IdempotencyKey(key: "k1", fingerprint: "f1")
    let first = try await shop.store.submit(submission, by: "kim", key: key)
    let second = try await shop.store.submit(submission, by: "kim", key: key)
    #expect(!first.repeated && second.repeated && first.job.id == second.job.id)
    let sentence = await expectError(.keyReused) {
      try await shop.store.submit(submission, by: "kim", key: IdempotencyKey(key: "k1", fingerprint: "f2"))
    }
    #expect(sentence.contains("\(first.job.id)"))
    let other = try await shop.store.submit(submission, by: "lee", key: key)
    #expect(!other.repeated, "keys are a person's own")
    shop.clock.advance(31 * 86_400_000)
    _ = try await shop.store.submit(submission, by: "lee", key: IdempotencyKey(key: "k2", fingerprint: "f"))
    let late = try await shop.store.submit(submission, by: "kim", key: key)
    #expect(!late.repeated, "kept for 30 days")
  }

  @Test("many tasks with one key make one job", arguments: Place.allCases)
  func concurrentKeys(_ place: Place) async throws {
    let shop = try await Shop(place)
    try await shop.printer()
    let file = try await shop.takeIn().file.hash
    let results = try await withThrowingTaskGroup(of: SubmissionResult.self) { group in
      for _ in 0..<40 {
        group.addTask {
          try await shop.store.submit(
            JobSubmission(file: file, machine: "ender"), by: "kim",
            key: IdempotencyKey(key: "once", fingerprint: "f"))
        }
      }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    #expect(Set(results.map(\.job.id)).count == 1)
    #expect(results.count(where: { !$0.repeated }) == 1)
    #expect(try await shop.store.jobs().count == 1)
    #expect(try await shop.store.history(HistoryQuery(job: results[0].job.id)).count == 1)
  }

  @Test("is finished although the caller was cancelled: no half job, and no lost one")
  func cancelledCaller() async throws {
    let shop = try await Shop(.disk)
    try await shop.printer()
    let file = try await shop.takeIn().file.hash
    let task = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      return try await shop.store.submit(JobSubmission(file: file, machine: "ender"), by: "kim").job.id
    }
    let id = try await task.value
    #expect(try await shop.store.job(id).state == .queued)
  }

  @Test("a read is finished too: the end of a host is no failure of its store")
  func cancelledReader() async throws {
    let shop = try await Shop(.disk)
    try await shop.printer()
    let task = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      return try await shop.store.machines().map(\.name)
    }
    #expect(try await task.value == ["ender"])
  }

  // MARK: Mismatches (safety.md rule 7)

  static let mismatches: [(code: String, change: @Sendable (inout MachineRecord.Settings) -> Void)] = [
    ("material", { $0.tools = [.init(nozzle: 0.4, material: "PETG")] }),
    ("nozzle", { $0.tools = [.init(nozzle: 0.6, material: "PLA")] }),
    ("size", { $0.volume = [40, 200, 200] }),
    ("size", { $0.volume = [200, 200, 0.3] }),
    ("model", { $0.model = "MK3S" }),
  ]

  @Test(
    "a file that does not fit is held with the reason; a person's release accepts it",
    arguments: mismatches.indices)
  func mismatch(_ index: Int) async throws {
    let (code, change) = Self.mismatches[index]
    let shop = try await Shop()
    try await shop.printer("ender", pool: nil, change)
    let job = try await shop.submit()
    #expect(job.state == .held && job.hold?.kind == .mismatch && job.hold?.by == "fablined")
    #expect(job.reason?.hasPrefix("ender: ") == true)
    let released = try await shop.store.release(job.id, by: "lee")
    #expect(released.state == .queued && released.accepted == [code])
    let history = try await shop.store.history(HistoryQuery(job: job.id))
    #expect(history.last?.who == "lee" && history.last?.why?.contains(code) == true)
    let plan = dispatch(try await shop.store.dispatchInput(live: ["ender": .idle]))
    #expect(plan.assignments.map(\.job) == [job.id])
  }

  @Test("no word lifts a temperature limit")
  func temperature() async throws {
    let shop = try await Shop()
    try await shop.printer { $0.maxTool = 200 }
    let job = try await shop.submit()
    #expect(job.state == .held)
    let sentence = await expectError(.jobHeld) { try await shop.store.release(job.id, by: "kim") }
    #expect(sentence.contains("215") && sentence.contains("200"))
  }

  @Test("what a machine or a file does not say is no mismatch")
  func unknownFacts() async throws {
    let shop = try await Shop()
    try await shop.printer { $0.tools = [.init()] }
    #expect(try await shop.submit().state == .queued)
    try await shop.printer("other") { $0.model = "MK3S" }
    #expect(try await shop.submit("G28\nG1 X1 E1\n", machine: "other").state == .queued)
  }

  @Test("in a pool is held only where no machine fits; and is freed when one does")
  func pool() async throws {
    let shop = try await Shop()
    try await shop.printer("a", pool: "big") { $0.tools = [.init(material: "PETG")] }
    let held = try await shop.submit(machine: nil, pool: "big")
    #expect(held.state == .held && held.reason?.contains("PETG") == true)
    try await shop.printer("b", pool: "big") { $0.tools = [.init(material: "pla")] }
    let free = try await shop.submit(machine: nil, pool: "big")
    #expect(free.state == .queued)
    let released = try await shop.store.release(held.id, by: "kim")
    #expect(released.accepted.isEmpty, "b fits: there is nothing to accept, and a stays closed")
    let plan = dispatch(try await shop.store.dispatchInput(live: ["a": .idle, "b": .idle]))
    #expect(plan.assignments.map(\.machine) == ["b"])
    #expect(plan.refusals(of: free.id).first { $0.machine == "a" }?.code == "material")
  }

  @Test("another material or machine compares again")
  func editedTarget() async throws {
    let shop = try await Shop()
    try await shop.printer("ender") { $0.tools = [.init(material: "PETG")] }
    try await shop.printer("other")
    let job = try await shop.submit()
    #expect(job.state == .held)
    var edit = JobEdit()
    edit.material = "PETG"
    let freed = try await shop.store.change(job.id, edit, by: "kim")
    #expect(freed.state == .queued && freed.hold == nil)
    edit.material = "ABS"
    #expect(try await shop.store.change(job.id, edit, by: "kim").state == .held)
    edit = JobEdit()
    edit.machine = "other"
    #expect(try await shop.store.change(job.id, edit, by: "kim").state == .queued)
  }
}
