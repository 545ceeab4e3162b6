import Testing

@testable import JobStore

@Suite("Attempts")
struct AttemptTests {
  @Test("are committed before the driver hears of them, each id once")
  func staging() async throws {
    let shop = try await Shop()
    try await shop.printer()
    try await shop.printer("other")
    let job = try await shop.submit(copies: 2)
    let id = newID()
    let staged = try await shop.store.attemptStaged(id, job: job.id, machine: "ender", by: "fablined")
    #expect(staged.state == .staged && staged.copy == 1 && staged.startedAt == nil)
    #expect(try await shop.store.openAttempts().map(\.id) == [id])
    await expectError(.attemptExists) {
      try await shop.store.attemptStaged(id, job: job.id, machine: "ender", by: "fablined")
    }
    await expectError(.machineBusy) {
      try await shop.store.attemptStaged(newID(), job: job.id, machine: "ender", by: "fablined")
    }
    await expectError(.jobInvalid) {
      try await shop.store.attemptStaged(newID(), job: job.id, machine: "other", by: "fablined")
    }
    for bad in ["", "xyz", "0123456789ABCDEF", "0123456789abcde", "0123456789abcdef0"] {
      await expectError(.attemptUnknown) {
        try await shop.store.attemptStaged(bad, job: job.id, machine: "ender", by: "fablined")
      }
    }
  }

  @Test("one runs and one may be staged on a machine; the staged one starts when the bed is clear")
  func stagedAhead() async throws {
    let shop = try await Shop()
    try await shop.printer()
    let job = try await shop.submit(copies: 2)
    let first = try await shop.start(job.id)
    let next = newID()
    _ = try await shop.store.attemptStaged(next, job: job.id, machine: "ender", by: "fablined")
    await expectError(.bedNotClear) { try await shop.store.attemptOrdered(next, by: "fablined") }
    await expectError(.machineBusy) {
      try await shop.store.attemptStarted(next, at: shop.clock.now, by: "driver ender")
    }
    try await shop.end(first, .done)
    await expectError(.bedNotClear) { try await shop.store.attemptOrdered(next, by: "fablined") }
    _ = try await shop.store.ready("ender", job: job.id, by: "kim")
    _ = try await shop.store.attemptOrdered(next, by: "fablined")
    #expect(try await shop.store.attemptStarted(next, at: 5, by: "driver ender").startedAt == 5)
  }

  @Test("copies in work or printed are not given out again, also not at once", arguments: Place.allCases)
  func copies(_ place: Place) async throws {
    let shop = try await Shop(place)
    for number in 0..<8 { try await shop.printer("m\(number)", pool: "big") }
    let job = try await shop.submit(machine: nil, pool: "big", copies: 3)
    let results = await withTaskGroup(of: Result<Int, StoreError>.self) { group in
      for number in 0..<8 {
        group.addTask {
          do throws(StoreError) {
            return .success(
              try await shop.store.attemptStaged(newID(), job: job.id, machine: "m\(number)", by: "fablined")
                .copy)
          } catch { return .failure(error) }
        }
      }
      return await group.reduce(into: []) { $0.append($1) }
    }
    #expect(results.compactMap { try? $0.get() }.sorted() == [1, 2, 3])
    for case .failure(let error) in results { #expect(error.code == .attemptNoCopyLeft) }
  }

  @Test("starting and ending are told as often as one likes and happen once")
  func idempotence() async throws {
    let shop = try await Shop()
    try await shop.printer()
    let job = try await shop.submit()
    let attempt = try await shop.start(job.id)
    let again = try await shop.store.attemptStarted(attempt.id, at: 99, by: "driver ender")
    #expect(again == attempt)
    await expectError(.attemptStarted) { try await shop.store.attemptOrdered(attempt.id, by: "fablined") }
    await expectError(.attemptStarted) {
      try await shop.store.attemptWithdrawn(attempt.id, reason: nil, by: "fablined")
    }
    let ended = try await shop.end(attempt, .done)
    let rows = try await shop.store.history(HistoryQuery(job: job.id)).count
    shop.clock.advance(5000)
    #expect(try await shop.end(attempt, .done) == ended)
    #expect(try await shop.store.history(HistoryQuery(job: job.id)).count == rows)
    await expectError(.attemptEnded) { try await shop.end(attempt, .failed) }
    await expectError(.attemptEnded) {
      try await shop.store.attemptStarted(attempt.id, at: 1, by: "driver ender")
    }
    await expectError(.attemptUnknown) { try await shop.store.attempt(newID()) }
  }

  @Test("an end keeps progress, code, line and reason")
  func ending() async throws {
    let shop = try await Shop()
    try await shop.printer()
    let job = try await shop.submit()
    let attempt = try await shop.start(job.id)
    let progress = AttemptRecord.Progress(
      fileLine: 42, byteOffset: 1234, lineNumber: 77, acknowledged: 40, resends: 2, layer: 3, elapsed: 60,
      remaining: 500)
    try await shop.store.attemptProgress(attempt.id, AttemptRecord.Progress(fileLine: 1, byteOffset: 10))
    #expect(try await shop.store.attempt(attempt.id).progress?.byteOffset == 10)
    let end = AttemptEnd(
      .failed, at: 777, reason: "resent without end", code: "stream.resendLoop", fileLine: 42,
      progress: progress)
    let ended = try await shop.store.attemptEnded(attempt.id, end, by: "driver ender")
    #expect(ended.state == .failed && ended.endedAt == 777 && ended.progress == progress)
    #expect(ended.code == "stream.resendLoop" && ended.fileLine == 42 && ended.reason == "resent without end")
    try await shop.store.attemptProgress(attempt.id, AttemptRecord.Progress(fileLine: 1, byteOffset: 10))
    #expect(try await shop.store.attempt(attempt.id).progress == progress, "late progress changes nothing")
  }

  @Test("a driver that is found again replaces uncertain by what it knows, and leaves the bed to people")
  func lateTruth() async throws {
    let shop = try await Shop()
    try await shop.printer()
    let job = try await shop.submit()
    let attempt = try await shop.start(job.id)
    try await shop.end(attempt, .uncertain, reason: "driver lost")
    _ = try await shop.store.ready("ender", job: job.id, by: "kim")
    try await shop.end(attempt, .done)
    #expect(try await shop.store.job(job.id).state == .done)
    #expect(try await shop.store.machine("ender").bed.state == .clear)
  }

  @Test("a late done does not count a copy that was given out again")
  func lateTruthTooLate() async throws {
    let shop = try await Shop()
    try await shop.printer()
    let job = try await shop.submit()
    let lost = try await shop.start(job.id)
    try await shop.end(lost, .uncertain)
    _ = try await shop.store.retry(job.id, by: "kim")
    _ = try await shop.store.ready("ender", job: job.id, by: "kim")
    try await shop.end(try await shop.start(job.id), .done)
    await expectError(.attemptEnded) { try await shop.end(lost, .done) }
    try await shop.end(lost, .failed)
    #expect(try await shop.store.job(job.id).copiesDone == 1)
  }

  @Test("a start that a driver tells late is a fact, also for a held or cancelled job")
  func adoptedStart() async throws {
    let shop = try await Shop()
    try await shop.printer()
    let job = try await shop.submit()
    let id = newID()
    _ = try await shop.store.attemptStaged(id, job: job.id, machine: "ender", by: "fablined")
    _ = try await shop.store.attemptOrdered(id, by: "fablined")
    _ = try await shop.store.cancel(job.id, reason: nil, by: "kim")
    #expect(try await shop.store.job(job.id).state == .cancelled)
    _ = try await shop.store.attemptStarted(id, at: 1, by: "driver ender")
    let found = try await shop.store.job(job.id)
    #expect(found.state == .printing && found.cancellation != nil)
    #expect(try await shop.store.cancel(job.id, reason: nil, by: "kim").cancel.map(\.id) == [id])
  }

  @Test("a staged one that its driver refuses fails the job and leaves the bed clear")
  func refusedByDriver() async throws {
    let shop = try await Shop()
    try await shop.printer()
    let job = try await shop.submit()
    let id = newID()
    _ = try await shop.store.attemptStaged(id, job: job.id, machine: "ender", by: "fablined")
    _ = try await shop.store.attemptEnded(
      id, AttemptEnd(.failed, at: 1, reason: "the file changed", code: "file.changed"), by: "driver ender")
    #expect(try await shop.store.job(job.id).state == .failed)
    #expect(try await shop.store.machine("ender").bed.state == .clear)
  }
}
