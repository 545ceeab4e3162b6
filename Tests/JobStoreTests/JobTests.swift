import GRDB
import Testing

@testable import JobStore

@Suite("Jobs")
struct JobTests {
  @Test("go from queued to done, with who, when and why of each step", arguments: Place.allCases)
  func life(_ place: Place) async throws {
    let shop = try await Shop(place)
    try await shop.printer()
    let job = try await shop.submit(copies: 2)
    let first = try await shop.start(job.id)
    #expect(first.copy == 1)
    #expect(try await shop.store.job(job.id).state == .printing)
    shop.clock.advance(1000)
    try await shop.end(first, .done)
    #expect(try await shop.store.job(job.id).state == .queued)
    _ = try await shop.store.ready("ender", job: job.id, by: "lee")
    let second = try await shop.start(job.id)
    #expect(second.copy == 2)
    shop.clock.advance(1000)
    try await shop.end(second, .done)
    let done = try await shop.store.job(job.id)
    #expect(done.state == .done && done.copiesDone == 2 && done.copiesLeft.isEmpty)
    #expect(done.endedAt == shop.clock.now && done.startedAt == shop.clock.now - 2000)
    let history = try await shop.store.history(HistoryQuery(job: job.id))
    #expect(
      history.map(\.what) == [
        "submitted", "staged", "ordered to start", "started", "done", "ready", "staged", "ordered to start",
        "started", "done",
      ])
    #expect(history.map(\.id) == history.map(\.id).sorted())
    #expect(history.first { $0.what == "ready" }?.who == "lee")
    #expect(history.first { $0.what == "done" }?.who == "driver ender")
  }

  @Test("a hold keeps the rest from starting; copies in work go on")
  func hold() async throws {
    let shop = try await Shop()
    try await shop.printer("a", pool: "big")
    try await shop.printer("b", pool: "big")
    let job = try await shop.submit(machine: nil, pool: "big", copies: 3)
    let running = try await shop.start(job.id, on: "a")
    let staged = newID()
    _ = try await shop.store.attemptStaged(staged, job: job.id, machine: "b", by: "fablined")
    let orders = try await shop.store.hold(job.id, reason: "colour?", by: "lee")
    #expect(orders.withdraw.map(\.id) == [staged] && orders.cancel.isEmpty)
    #expect(orders.job.state == .printing)
    await expectError(.jobHeld) { try await shop.store.attemptOrdered(staged, by: "fablined") }
    await expectError(.jobHeld) { try await shop.store.hold(job.id, reason: "again", by: "lee") }
    _ = try await shop.store.attemptWithdrawn(staged, reason: "held", by: "fablined")
    try await shop.end(running, .done)
    #expect(try await shop.store.job(job.id).state == .held)
    #expect(try await shop.store.job(job.id).reason == "colour?")
    #expect(try await shop.store.release(job.id, by: "lee").state == .queued)
    await expectError(.jobNotHeld) { try await shop.store.release(job.id, by: "lee") }
  }

  @Test("one failed copy fails the job: the rest waits for a retry, which begins from the start")
  func failure() async throws {
    let shop = try await Shop()
    try await shop.printer("a", pool: "big")
    try await shop.printer("b", pool: "big")
    let job = try await shop.submit(machine: nil, pool: "big", copies: 3)
    let one = try await shop.start(job.id, on: "a")
    let two = try await shop.start(job.id, on: "b")
    try await shop.end(one, .failed, reason: "line 42: killed")
    let printing = try await shop.store.job(job.id)
    #expect(printing.state == .printing && printing.reason == "line 42: killed")
    await expectError(.jobNotEnded) { try await shop.store.retry(job.id, by: "kim") }
    await expectError(.jobEnded) {
      try await shop.store.attemptStaged(newID(), job: job.id, machine: "a", by: "fablined")
    }
    try await shop.end(two, .done)
    let failed = try await shop.store.job(job.id)
    #expect(failed.state == .failed && failed.reason == "line 42: killed" && failed.stopReason != nil)
    let again = try await shop.store.retry(job.id, by: "kim")
    #expect(again.state == .queued && again.copiesLeft == [1, 3])
    _ = try await shop.store.ready("a", job: job.id, by: "kim")
    #expect(try await shop.start(job.id, on: "a").copy == 1)
  }

  @Test("what cannot be done says why")
  func illegal() async throws {
    let shop = try await Shop()
    try await shop.printer()
    await expectError(.jobUnknown) { try await shop.store.job(7) }
    await expectError(.jobUnknown) { try await shop.store.cancel(7, reason: nil, by: "kim") }
    let job = try await shop.submit()
    await expectError(.jobNotEnded) { try await shop.store.retry(job.id, by: "kim") }
    await expectError(.jobNotPrinting) { try await shop.store.attemptsToPause(job.id) }
    await expectError(.jobNotPaused) { try await shop.store.attemptsToResume(job.id) }
    let attempt = try await shop.start(job.id)
    #expect(try await shop.store.attemptsToPause(job.id).map(\.id) == [attempt.id])
    try await shop.end(attempt, .done)
    await expectError(.jobEnded) { try await shop.store.retry(job.id, by: "kim") }
    await expectError(.jobEnded) { try await shop.store.cancel(job.id, reason: nil, by: "kim") }
    await expectError(.jobEnded) { try await shop.store.hold(job.id, reason: "x", by: "kim") }
    await expectError(.jobEnded) { try await shop.store.release(job.id, by: "kim") }
    await expectError(.jobEnded) { try await shop.store.change(job.id, JobEdit(), by: "kim") }
  }

  @Test("cancelling tells what to withdraw and what to cancel, and ends when they have")
  func cancel() async throws {
    let shop = try await Shop()
    try await shop.printer("a", pool: "big")
    try await shop.printer("b", pool: "big")
    let job = try await shop.submit(machine: nil, pool: "big", copies: 3)
    let running = try await shop.start(job.id, on: "a")
    let staged = newID()
    _ = try await shop.store.attemptStaged(staged, job: job.id, machine: "b", by: "fablined")
    let orders = try await shop.store.cancel(job.id, reason: "wrong file", by: "lee")
    #expect(orders.withdraw.map(\.id) == [staged] && orders.cancel.map(\.id) == [running.id])
    #expect(orders.job.state == .printing)
    await expectError(.jobEnded) { try await shop.store.attemptOrdered(staged, by: "fablined") }
    _ = try await shop.store.attemptWithdrawn(staged, reason: nil, by: "fablined")
    let again = try await shop.store.cancel(job.id, reason: "again", by: "kim")
    #expect(again.cancel.map(\.id) == [running.id] && again.job.cancellation?.by == "lee")
    try await shop.end(running, .cancelled)
    let ended = try await shop.store.job(job.id)
    #expect(ended.state == .cancelled && ended.reason == "wrong file")
    let retried = try await shop.store.retry(job.id, by: "lee")
    #expect(retried.state == .queued && retried.cancellation == nil && retried.copiesLeft == [1, 2, 3])
  }

  @Test("a failure while it was being cancelled leaves it cancelled; an uncertain end does not")
  func cancelRaces() async throws {
    let shop = try await Shop()
    try await shop.printer()
    for (kind, expected) in [
      (AttemptEnd.Kind.failed, JobRecord.State.cancelled), (.done, .done), (.uncertain, .uncertain),
    ] {
      let job = try await shop.submit()
      let attempt = try await shop.start(job.id)
      _ = try await shop.store.cancel(job.id, reason: nil, by: "kim")
      try await shop.end(attempt, kind)
      #expect(try await shop.store.job(job.id).state == expected)
      _ = try await shop.store.ready("ender", job: job.id, by: "kim")
    }
  }

  @Test("uncertain waits for a person, who cancels or tries again")
  func uncertain() async throws {
    let shop = try await Shop()
    try await shop.printer()
    let job = try await shop.submit()
    try await shop.end(try await shop.start(job.id), .uncertain, reason: "driver lost")
    #expect(try await shop.store.job(job.id).reason == "driver lost")
    #expect(dispatch(try await shop.store.dispatchInput(live: ["ender": .idle])).assignments.isEmpty)
    #expect(try await shop.store.retry(job.id, by: "kim").state == .queued)
    _ = try await shop.store.ready("ender", job: job.id, by: "kim")
    try await shop.end(try await shop.start(job.id), .uncertain)
    #expect(try await shop.store.cancel(job.id, reason: nil, by: "kim").job.state == .cancelled)
  }

  @Test("stopped by a person at the machine is cancelled, and the rest does not start")
  func stopped() async throws {
    let shop = try await Shop()
    try await shop.printer()
    let job = try await shop.submit(copies: 3)
    try await shop.end(try await shop.start(job.id), .cancelled, reason: "stopped by kim")
    let stopped = try await shop.store.job(job.id)
    #expect(stopped.state == .cancelled && stopped.reason == "stopped by kim")
    #expect(try await shop.store.retry(job.id, by: "kim").state == .queued)
  }

  @Test("pausing and attention show in the state, with the reason")
  func moving() async throws {
    let shop = try await Shop()
    try await shop.printer()
    let job = try await shop.submit()
    let id = try await shop.start(job.id).id
    _ = try await shop.store.attemptMoved(id, to: .paused, reason: "kim asked", by: "driver ender")
    #expect(try await shop.store.job(job.id).state == .paused)
    #expect(try await shop.store.attemptsToResume(job.id).map(\.id) == [id])
    _ = try await shop.store.attemptMoved(id, to: .needsAttention, reason: "filament?", by: "driver ender")
    let asking = try await shop.store.job(job.id)
    #expect(asking.state == .needsAttention && asking.reason == "filament?")
    let moved = try await shop.store.attemptMoved(id, to: .printing, reason: nil, by: "driver ender")
    #expect(moved.state == .printing && moved.reason == nil)
    let before = try await shop.store.history(HistoryQuery(job: job.id)).count
    _ = try await shop.store.attemptMoved(id, to: .printing, reason: nil, by: "driver ender")
    #expect(try await shop.store.history(HistoryQuery(job: job.id)).count == before)
    await expectError(.attemptState) {
      try await shop.store.attemptMoved(id, to: .done, reason: nil, by: "driver ender")
    }
  }

  @Test("are changed and reordered while they wait")
  func changes() async throws {
    let shop = try await Shop()
    try await shop.printer()
    try await shop.printer("other")
    let one = try await shop.submit(copies: 3)
    let two = try await shop.submit()
    var edit = JobEdit()
    edit.priority = 3
    edit.due = 1_900_000_000_000
    edit.note = "soon"
    edit.copies = 2
    edit.machine = "other"
    let changed = try await shop.store.change(one.id, edit, by: "lee")
    #expect(changed.priority == 3 && changed.due == 1_900_000_000_000 && changed.note == "soon")
    #expect(changed.copies == 2 && changed.machine == "other")
    let why = try await shop.store.history(HistoryQuery(job: one.id)).last?.why ?? ""
    #expect(
      why.contains("priority 0 -> 3") && why.contains("copies 3 -> 2") && why.contains("ender -> other"))
    edit = JobEdit()
    edit.due = .some(nil)
    edit.note = ""
    let bare = try await shop.store.change(one.id, edit, by: "lee")
    #expect(bare.due == nil && bare.note == nil)
    func refused(_ code: StoreError.Code, _ id: Int64, _ change: (inout JobEdit) -> Void) async {
      var edit = JobEdit()
      change(&edit)
      await expectError(code) { [edit] in try await shop.store.change(id, edit, by: "lee") }
    }
    await refused(.jobInvalid, one.id) { $0.priority = 99 }
    await refused(.jobInvalid, one.id) { $0.copies = 0 }
    await refused(.jobInvalid, one.id) { $0.before = one.id }
    await refused(.jobUnknown, one.id) { $0.before = 99 }
    await refused(.machineUnknown, one.id) { $0.machine = "nobody" }
    await refused(.jobInvalid, one.id) {
      $0.machine = "ender"
      $0.pool = "big"
    }
    edit = JobEdit()
    edit.before = two.id
    #expect(try await shop.store.change(one.id, edit, by: "lee").goesBefore == two.id)
    await refused(.jobInvalid, two.id) { $0.before = one.id }
    edit.before = 0
    #expect(try await shop.store.change(one.id, edit, by: "lee").goesBefore == nil)
  }

  @Test("copies never fall below what is printed or in work, and fewer may end the job")
  func copies() async throws {
    let shop = try await Shop()
    try await shop.printer()
    let job = try await shop.submit(copies: 5)
    try await shop.end(try await shop.start(job.id), .done)
    _ = try await shop.store.ready("ender", job: job.id, by: "kim")
    let second = try await shop.start(job.id)
    var edit = JobEdit()
    edit.copies = 1
    await expectError(.jobInvalid) { [edit] in try await shop.store.change(job.id, edit, by: "kim") }
    edit.machine = nil
    edit.copies = 2
    #expect(try await shop.store.change(job.id, edit, by: "kim").copiesLeft.isEmpty)
    try await shop.end(second, .done)
    #expect(try await shop.store.job(job.id).state == .done)
  }

  @Test("are listed by state, machine and submitter, a page at a time, and counted")
  func lists() async throws {
    let shop = try await Shop()
    try await shop.printer()
    try await shop.printer("other", pool: "big")
    for number in 0..<6 {
      _ = try await shop.submit(
        machine: number % 2 == 0 ? "ender" : nil, pool: number % 2 == 0 ? nil : "big",
        by: number < 3 ? "kim" : "lee")
    }
    _ = try await shop.store.hold(1, reason: "x", by: "kim")
    _ = try await shop.start(2, on: "other")
    func ids(_ change: (inout JobQuery) -> Void) async throws -> [Int64] {
      var query = JobQuery()
      change(&query)
      return try await shop.store.jobs(query).map(\.id)
    }
    #expect(try await ids { _ in } == [1, 2, 3, 4, 5, 6])
    #expect(try await ids { $0.states = [.held, .printing] } == [1, 2])
    #expect(try await ids { $0.machine = "ender" } == [1, 3, 5])
    #expect(try await ids { $0.machine = "other" } == [2])
    #expect(try await ids { $0.submitter = "lee" } == [4, 5, 6])
    #expect(
      try await ids {
        $0.after = 2
        $0.limit = 2
      } == [3, 4])
    #expect(try await shop.store.jobCounts() == [.held: 1, .printing: 1, .queued: 4])
  }

  @Test("the state written beside a job is always the derived one")
  func storedState() async throws {
    for seed in UInt64(1)...20 {
      var random = SeededGenerator(seed)
      let shop = try await Shop()
      try await shop.printer("a", pool: "big")
      try await shop.printer("b", pool: "big")
      _ = try await shop.submit(machine: nil, pool: "big", copies: 3)
      _ = try await shop.submit(machine: "a", copies: 2)
      for _ in 0..<60 { await randomStep(shop, &random) }
      for job in try await shop.store.jobs() {
        let stored = try await shop.store.database.read {
          try String.fetchOne($0, sql: "SELECT state FROM job WHERE id = ?", arguments: [job.id])
        }
        #expect(stored == job.state.rawValue, "seed \(seed)")
        #expect(job.copiesDone <= job.copies, "seed \(seed)")
      }
    }
  }

  /// Does one thing that may be illegal; only typed errors may come of it.
  private func randomStep(_ shop: Shop, _ random: inout SeededGenerator) async {
    let job = Int64.random(in: 1...2, using: &random)
    let machine = ["a", "b"].randomElement(using: &random) ?? "a"
    let store = shop.store
    let action = Int.random(in: 0..<12, using: &random)
    let seed = random.next()
    do {
      let open = try await store.openAttempts(machine: machine).first
      switch action {
      case 0: _ = try await store.hold(job, reason: "x", by: "kim")
      case 1: _ = try await store.release(job, by: "kim")
      case 2: _ = try await store.cancel(job, reason: nil, by: "kim")
      case 3, 4: _ = try await store.retry(job, by: "kim")
      case 5, 6: _ = try await store.attemptStaged(newID(), job: job, machine: machine, by: "fablined")
      case 7: if let open { _ = try await store.attemptOrdered(open.id, by: "fablined") }
      case 8: if let open { _ = try await store.attemptStarted(open.id, at: 1, by: "driver") }
      case 9: if let open { _ = try await store.attemptWithdrawn(open.id, reason: nil, by: "fablined") }
      case 10:
        let bed = try await store.machine(machine).bed
        _ = try await store.ready(machine, job: bed.job, by: "kim")
      default:
        let kinds = AttemptEnd.Kind.allCases
        let end = AttemptEnd(kinds[Int(seed % UInt64(kinds.count))], at: 2, mayHaveExtruded: seed & 64 == 0)
        if let open { _ = try await store.attemptEnded(open.id, end, by: "driver") }
      }
    } catch {
      #expect(error.code != .storeFailed, "\(error)")
    }
  }
}
