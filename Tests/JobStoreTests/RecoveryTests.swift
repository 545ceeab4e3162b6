import Testing

@testable import JobStore

@Suite("Recovery")
struct RecoveryTests {
  /// A shop with a job whose only copy is uncertain on `ender`.
  private func cutShort() async throws -> (Shop, JobRecord, AttemptRecord) {
    let shop = try await Shop()
    try await shop.printer()
    let job = try await shop.submit()
    let attempt = try await shop.start(job.id)
    try await shop.end(attempt, .uncertain, reason: "the power failed")
    return (shop, try await shop.store.job(job.id), try await shop.store.attempt(attempt.id))
  }

  private func recovering(_ shop: Shop, _ from: AttemptRecord, id: String = newID()) async throws
    -> AttemptRecord
  {
    let file = try await shop.takeIn(sampleFile + "; other\n", name: "part (recovered at layer 2).gcode").file
    return try await shop.store.attemptRecovering(
      id, from: from.id, file: file.hash, why: "from line 12", by: "kim")
  }

  @Test("a resume point stays with its attempt")
  func resumePoint() async throws {
    let (shop, _, attempt) = try await cutShort()
    #expect(try await shop.store.resumePoint(attempt.id) == nil)
    try await shop.store.keepResumePoint(attempt.id, [1, 2, 3], by: "driver ender")
    try await shop.store.keepResumePoint(attempt.id, [4, 0, 255], by: "driver ender")
    #expect(try await shop.store.resumePoint(attempt.id)?.bytes == [4, 0, 255])
    await expectError(.attemptUnknown) {
      try await shop.store.keepResumePoint(newID(), [1], by: "driver ender")
    }
  }

  @Test("a recovering attempt starts although the bed is occupied by its own part, and only that one")
  func ownBed() async throws {
    let (shop, job, old) = try await cutShort()
    #expect(job.state == .uncertain)
    let new = try await recovering(shop, old)
    #expect(new.copy == old.copy && new.recovers == old.id && new.file != nil && new.orderedAt != nil)
    // Ordered already: the keeper's order changes nothing and asks nothing of the bed.
    #expect(try await shop.store.attemptOrdered(new.id, by: "fablined").id == new.id)
    _ = try await shop.store.attemptStarted(new.id, at: 5, by: "driver ender")
    #expect(try await shop.store.job(job.id).state == .printing)
    #expect(try await shop.store.machine("ender").bed.state == .occupied)
    try await shop.end(new, .done)
    #expect(try await shop.store.job(job.id).state == .done)
    let history = try await shop.store.history(HistoryQuery(job: job.id))
    #expect(history.contains { $0.what == "recovered" && $0.who == "kim" && $0.why == "from line 12" })
    // Any other attempt still waits for the bed.
    let next = try await shop.submit(sampleFile + "; next\n")
    let id = newID()
    _ = try await shop.store.attemptStaged(id, job: next.id, machine: "ender", by: "fablined")
    await expectError(.bedNotClear) { try await shop.store.attemptOrdered(id, by: "fablined") }
  }

  @Test("where the new attempt never starts, the old one is to be decided again")
  func withdrawn() async throws {
    let (shop, job, old) = try await cutShort()
    let new = try await recovering(shop, old)
    #expect(try await shop.store.job(job.id).state == .queued)
    _ = try await shop.store.attemptWithdrawn(new.id, reason: "no driver", by: "fablined")
    let after = try await shop.store.job(job.id)
    #expect(after.state == .uncertain, "it would be printed from the start, onto its own part")
    #expect(try await shop.store.machine("ender").bed.state == .occupied)
    _ = try await recovering(shop, old)
  }

  @Test("is refused where it cannot be")
  func refusals() async throws {
    let (shop, job, old) = try await cutShort()
    await expectError(.attemptUnknown) {
      try await shop.store.attemptRecovering("x", from: old.id, file: job.file, why: "", by: "kim")
    }
    await expectError(.fileUnknown) {
      try await shop.store.attemptRecovering(
        newID(), from: old.id, file: String(repeating: "0", count: 64), why: "", by: "kim")
    }
    _ = try await shop.store.setDrain(true, by: "kim")
    await expectError(.hostDraining) { try await recovering(shop, old) }
    _ = try await shop.store.setDrain(false, by: "kim")
    let new = try await recovering(shop, old)
    await expectError(.recoveryNotUncertain) { try await recovering(shop, old) }
    _ = try await shop.store.attemptWithdrawn(new.id, reason: nil, by: "fablined")
    _ = try await shop.store.ready("ender", job: job.id, by: "kim")
    let words = await expectError(.recoveryBed) { try await recovering(shop, old) }
    #expect(words.contains("taken off"))
    _ = try await shop.store.cancel(job.id, reason: nil, by: "kim")
    await expectError(.recoveryNotUncertain) { try await recovering(shop, old) }
  }

  @Test("is refused where a person put the machine aside, or the machine has another job")
  func putAside() async throws {
    let (shop, _, old) = try await cutShort()
    _ = try await shop.store.disableMachine("ender", reason: "its belt is off", by: "kim")
    await expectError(.machineDisabled) { try await recovering(shop, old) }
    _ = try await shop.store.enableMachine("ender", by: "kim")
    let next = try await shop.submit(sampleFile + "; next\n")
    _ = try await shop.store.attemptStaged(newID(), job: next.id, machine: "ender", by: "fablined")
    await expectError(.machineBusy) { try await recovering(shop, old) }
  }

  @Test("is refused where the part on the bed is another job's, or nobody knows")
  func anothersBed() async throws {
    let (shop, job, old) = try await cutShort()
    _ = try await shop.store.ready("ender", job: job.id, by: "kim")
    let other = try await shop.submit(sampleFile + "; other part\n")
    try await shop.end(try await shop.start(other.id), .done)
    let words = await expectError(.recoveryBed) { try await recovering(shop, old) }
    #expect(words.contains("job \(other.id)"))
  }

  @Test("the file of a recovering attempt is not removed under it")
  func file() async throws {
    let (shop, _, old) = try await cutShort()
    let new = try await recovering(shop, old)
    let file = try #require(new.file)
    await expectError(.fileInUse) { try await shop.store.removeFile(file, by: "kim") }
  }

  @Test("a person decides without printing it again", arguments: UncertainDecision.allCases)
  func decision(_ decision: UncertainDecision) async throws {
    let (shop, job, old) = try await cutShort()
    let after = try await shop.store.decide(job.id, decision, reason: "I looked", by: "kim")
    #expect(after.state == (decision == .done ? .done : .failed))
    #expect(try await shop.store.attempt(old.id).reason == "I looked")
    await expectError(.recoveryNotUncertain) {
      try await shop.store.decide(job.id, decision, reason: nil, by: "kim")
    }
    let history = try await shop.store.history(HistoryQuery(job: job.id))
    #expect(history.contains { $0.what == "decided: \(decision.rawValue)" && $0.who == "kim" })
  }

  @Test("a derived file is its head and the rest of the other, whatever the pieces")
  func derived() async throws {
    let shop = try await Shop()
    let file = try await shop.takeIn().file
    let body = try await shop.store.piece(ofFile: file.hash, at: 0)
    let offset = Int64(body.count / 2)
    let head = Array("; head\nG28 X Y\n".utf8)
    let derived = try await shop.store.derive(
      from: file.hash, at: offset, head: head, name: "a (recovered at layer 1).gcode", by: "kim")
    #expect(derived.name == "a (recovered at layer 1).gcode")
    var bytes: [UInt8] = []
    while true {
      let piece = try await shop.store.piece(ofFile: derived.hash, at: Int64(bytes.count), count: 100)
      if piece.isEmpty { break }
      bytes += piece
    }
    #expect(bytes == head + body[Int(offset)...])
    await expectError(.fileMissing) {
      try await shop.store.piece(ofFile: String(repeating: "1", count: 64), at: 0)
    }
  }

  @Test("what homing does is a setting")
  func homing() async throws {
    let shop = try await Shop()
    try await shop.printer {
      $0.homesXY = true
      $0.homeRaise = "r0"
    }
    var settings = try await shop.store.machine("ender").settings
    #expect(settings.homesXY == true && settings.homeRaise == "r0")
    settings.homeRaise = "sometimes"
    let wrong = settings
    await expectError(.machineInvalid) { try await shop.store.setMachine(wrong, by: "owner") }
  }
}
