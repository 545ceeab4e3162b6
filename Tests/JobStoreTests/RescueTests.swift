import Foundation
import GRDB
import Testing

@testable import JobStore

/// Databases that were really damaged: cut off, overwritten, emptied, taken away.
@Suite("A damaged database")
struct RescueTests {
  /// A state folder with a file, two machines that are ready, and 60 jobs: one done, one printing, the others waiting.
  private func filled(backup: Bool = false) async throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    let store = try await JobStore.open(folder: folder.path).store
    let file = try await store.takeIn(Pieces(Array(sampleFile.utf8), 100), name: "part.gcode", by: "kim").file
    for name in ["ender", "prusa"] {
      _ = try await store.addMachine(MachineRecord.Settings(name: name, port: "/dev/\(name)"), by: "kim")
      _ = try await store.ready(name, job: nil, by: "kim")
    }
    for number in 0..<60 {
      var submission = JobSubmission(file: file.hash, machine: number == 1 ? "prusa" : "ender")
      submission.note = String(repeating: "a note that fills pages ", count: 8)
      _ = try await store.submit(submission, by: "kim")
    }
    for (job, machine) in [(Int64(1), "ender"), (2, "prusa")] {
      let id = "00000000000000a\(job)"
      _ = try await store.attemptStaged(id, job: job, machine: machine, by: "fablined")
      _ = try await store.attemptOrdered(id, by: "fablined")
      _ = try await store.attemptStarted(id, at: 1, by: "driver \(machine)")
    }
    if backup { #expect(try await store.backUpIfDue() != nil) }
    _ = try await store.attemptEnded("00000000000000a1", AttemptEnd(.done, at: 2), by: "driver ender")
    _ = try await store.ready("ender", job: 1, by: "kim")
    _ = try await store.database.writeWithoutTransaction { try $0.checkpoint(.truncate) }
    return folder
  }

  private func database(_ folder: TemporaryFolder) -> URL {
    URL(fileURLWithPath: folder.path + "/fabline.sqlite")
  }

  /// Whatever is left, nothing of it starts by itself, and no number is given twice.
  private func expectSafe(_ folder: TemporaryFolder, _ comment: Comment) async throws {
    let opening = try await JobStore.open(folder: folder.path)
    let store = opening.store
    #expect(opening.damage != nil, comment)
    #expect(store.damage == opening.damage?.sentence.split(separator: "\n").joined(separator: " "), comment)
    for machine in try await store.machines() {
      #expect(!machine.ready && machine.bed.state != .clear, comment)
    }
    for job in try await store.jobs(JobQuery()) where !job.state.isEnded {
      #expect(job.hold?.reason.contains("fabline release \(job.id)") == true, comment)
    }
    let plan = dispatch(try await store.dispatchInput(live: ["ender": .idle, "prusa": .idle]))
    #expect(plan.assignments.isEmpty, comment)
    _ = try await store.adoptFiles()
    let file = try #require(try await store.files().first, comment)
    if try await store.machines().isEmpty {
      _ = try await store.addMachine(MachineRecord.Settings(name: "ender", port: "/dev/a"), by: "kim")
    }
    let job = try await store.submit(JobSubmission(file: file.hash, machine: "ender"), by: "kim").job
    #expect(job.id > 1000, "numbers of lost jobs are not given again")
  }

  @Test("cut off anywhere it is put aside as it was, and nothing starts", arguments: 1...12)
  func truncated(seed: UInt64) async throws {
    let folder = try await filled(backup: seed % 2 == 0)
    var random = SeededGenerator(seed)
    let bytes = try Data(contentsOf: database(folder))
    let kept = bytes.prefix(Int.random(in: 1..<bytes.count, using: &random))
    try kept.write(to: database(folder))
    try await expectSafe(folder, "seed \(seed), \(kept.count) of \(bytes.count) bytes")
    let aside = try #require(
      folder.content(of: "").first { (name: String) in
        name.contains(".damaged-") && !name.hasSuffix(".txt") && !name.hasSuffix("-wal")
      })
    #expect(try Data(contentsOf: URL(fileURLWithPath: folder.path + "/" + aside)) == kept)
    let again = try await JobStore.open(folder: folder.path)
    #expect(again.damage == nil && again.store.damage != nil, "told until its files are taken away")
  }

  @Test("garbage in any page is noticed; every row that can be read is taken over", arguments: 1...12)
  func garbled(seed: UInt64) async throws {
    let folder = try await filled()
    var random = SeededGenerator(seed)
    var bytes = try Data(contentsOf: database(folder))
    let page = Int.random(in: 1..<bytes.count / 4096, using: &random) * 4096
    for place in page..<page + 4096 { bytes[place] = UInt8.random(in: 0...255, using: &random) }
    try bytes.write(to: database(folder))
    // A page that nothing uses may hold anything.
    do { if try DatabasePlaces(folder: folder.path).damage() == nil { return } } catch is DatabaseError {}
    try await expectSafe(folder, "seed \(seed), page \(page / 4096)")
    let store = try await JobStore.open(folder: folder.path).store
    #expect(try await store.machines().count + store.jobs(JobQuery()).count > 1, "seed \(seed)")
  }

  @Test(
    "an empty file, none, and another file in its place are damage where there was a database",
    arguments: ["empty", "gone", "other"])
  func replaced(how: String) async throws {
    let folder = try await filled(backup: true)
    switch how {
    case "empty": try Data().write(to: database(folder))
    case "gone": try FileManager.default.removeItem(at: database(folder))
    default: try Data(repeating: 0x41, count: 50_000).write(to: database(folder))
    }
    try await expectSafe(folder, "\(how)")
    let store = try await JobStore.open(folder: folder.path).store
    #expect(try await store.jobs(JobQuery()).count == 61, "the backup's queue, and one more")
    #expect(try await store.attempt("00000000000000a2").state == .printing, "its driver is found by it")
    // Done since the backup: it is held, not printed again.
    #expect(try await store.job(1).hold != nil)
    #expect(store.damage?.contains("auto-") == true)
  }

  @Test("what was done since the backup comes from the rows that can still be read")
  func backupAndRows() async throws {
    let folder = try await filled(backup: true)
    var bytes = try Data(contentsOf: database(folder))
    bytes.replaceSubrange((bytes.count - 4096)..., with: Data(repeating: 0x5A, count: 4096))
    let root = try await DatabaseQueue(path: database(folder).path).read {
      try Int.fetchOne($0, sql: "SELECT rootpage FROM sqlite_schema WHERE name = 'historyByJob'") ?? 0
    }
    bytes.replaceSubrange((root - 1) * 4096..<root * 4096, with: Data(repeating: 0x5A, count: 4096))
    try bytes.write(to: database(folder))
    try await expectSafe(folder, "index")
    let store = try await JobStore.open(folder: folder.path).store
    #expect(try await store.job(1).state == .done)
    #expect(try await store.attempt("00000000000000a1").state == .done)
  }

  @Test("a log that was taken away is noticed where the process was killed, and only there")
  func logIsGone() async throws {
    let folder = try await filled()
    let copy = try TemporaryFolder()
    let running = try await JobStore.open(folder: folder.path)
    #expect(running.damage == nil, "closed as it should be, a database has no log")
    _ = try await running.store.hold(5, reason: "the last change", by: "kim")
    for name in ["fabline.sqlite", "fabline.sqlite-wal", "fabline.open", "files"] {
      try FileManager.default.copyItem(
        atPath: folder.path + "/" + name, toPath: copy.path + "/" + name)
    }
    let killed = try await JobStore.open(folder: copy.path)
    #expect(killed.damage == nil && killed.store.damage == nil, "killed, and nothing is lost")
    #expect(try await killed.store.job(5).hold?.reason == "the last change")
    let other = try TemporaryFolder()
    for name in ["fabline.sqlite", "fabline.open", "files"] {
      try FileManager.default.copyItem(
        atPath: folder.path + "/" + name, toPath: other.path + "/" + name)
    }
    try await expectSafe(other, "without its log")
  }

  @Test("a kill between the two renames of a rescue leaves the rescued one")
  func killedInBetween() async throws {
    let folder = try await filled()
    try FileManager.default.moveItem(
      atPath: folder.path + "/fabline.sqlite", toPath: folder.path + "/fabline.sqlite.rescued")
    let opening = try await JobStore.open(folder: folder.path)
    #expect(opening.damage == nil)
    #expect(try await opening.store.jobs(JobQuery()).count == 60)
  }

  @Test("shows in use: the error says what happens, and is told to whoever watches")
  func inUse() async throws {
    let folder = try await filled()
    let store = try await JobStore.open(folder: folder.path).store
    let size = try Data(contentsOf: database(folder)).count
    let descriptor = Foundation.open(database(folder).path, O_WRONLY)
    let garbage = [UInt8](repeating: 0x5A, count: size - 4096)
    #expect(pwrite(descriptor, garbage, garbage.count, 4096) == garbage.count)
    close(descriptor)
    let sentence = await expectError(.storeDamaged) { try await store.jobs(JobQuery()) }
    #expect(sentence.contains("drivers print on"))
    var told: StoreError?
    for await error in store.damages {
      told = error
      break
    }
    #expect(told?.code == .storeDamaged)
  }

  @Test("a sound store answers, and says so of its writer too")
  func answers() async throws {
    let shop = try await Shop(.disk)
    try await shop.store.answers()
  }
}

@Suite("Automatic backups")
struct AutomaticBackupTests {
  @Test("one a day, seven at most, and none of a store in memory")
  func daily() async throws {
    let folder = try TemporaryFolder()
    let clock = TestClock(JobStore.systemClock())
    let store = try JobStore.open(folder: folder.path, disk: .system, now: clock.closure).store
    let first = try #require(try await store.backUpIfDue())
    #expect(try await store.backUpIfDue() == nil)
    clock.advance(23 * 3_600_000)
    #expect(try await store.backUpIfDue() == nil)
    for _ in 0..<8 {
      clock.advance(25 * 3_600_000)
      #expect(try await store.backUpIfDue() != nil)
    }
    #expect(folder.content(of: "backups").count == 7)
    #expect(!FileManager.default.fileExists(atPath: first))
    #expect(try await Shop(.memory).store.backUpIfDue() == nil)
  }

  @Test("damage that nobody met is found by it")
  func finds() async throws {
    let shop = try await Shop(.disk)
    try await shop.printer()
    for _ in 0..<40 { _ = try await shop.submit { $0.note = String(repeating: "long ", count: 200) } }
    try await shop.store.database.writeWithoutTransaction { _ = try $0.checkpoint(.truncate) }
    let path = shop.folder.path + "/fabline.sqlite"
    let page = try await shop.store.look {
      try Int.fetchOne($0, sql: "SELECT rootpage FROM sqlite_schema WHERE name = 'history'") ?? 0
    }
    let descriptor = Foundation.open(path, O_WRONLY)
    let garbage = [UInt8](repeating: 0x5A, count: 4096)
    #expect(pwrite(descriptor, garbage, 4096, off_t(page - 1) * 4096) == 4096)
    close(descriptor)
    await expectError(.storeDamaged) { try await shop.store.backUpIfDue() }
    #expect(shop.folder.content(of: "backups").filter { $0.hasSuffix(".sqlite") }.isEmpty)
  }
}
