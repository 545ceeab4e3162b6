import Foundation
import Testing

@testable import JobStore

/// A copy of the files as they lie there is what a `kill -9`, or a power cut after the sync, leaves behind.
@Suite("After a crash")
struct CrashTests {
  /// Opens a store on a copy of what is on the disk now; with `tear` the log's last bytes never reached it.
  private func afterCrash(_ shop: Shop, tear: Int = 0) async throws -> (
    store: JobStore, folder: TemporaryFolder
  ) {
    let folder = try TemporaryFolder()
    for name in shop.folder.content(of: "") where name != "fabline.sqlite-shm" {
      try FileManager.default.copyItem(
        atPath: shop.folder.path + "/" + name, toPath: folder.path + "/" + name)
    }
    if tear > 0 {
      let log = folder.path + "/fabline.sqlite-wal"
      let size = try Data(contentsOf: URL(fileURLWithPath: log)).count
      #expect(truncate(log, off_t(size - tear)) == 0)
    }
    let opening = try await JobStore.open(folder: folder.path, now: shop.clock.closure)
    #expect(opening.damage == nil)
    return (opening.store, folder)
  }

  @Test("everything that was acknowledged is there, after each single step")
  func everyStep() async throws {
    let shop = try await Shop(.disk)
    try await shop.printer()
    let job = try await shop.submit(copies: 2)
    let id = newID()
    func check(_ what: String, _ expected: JobRecord.State, bed: MachineRecord.Bed.State) async throws {
      let crashed = try await afterCrash(shop)
      let (here, there) = (try await shop.store.job(job.id), try await crashed.store.job(job.id))
      #expect(there == here && there.state == expected, "\(what)")
      #expect(try await crashed.store.machine("ender").bed.state == bed, "\(what)")
      #expect(
        try await crashed.store.history(HistoryQuery()) == (try await shop.store.history(HistoryQuery())))
    }
    try await check("submitted", .queued, bed: .clear)
    _ = try await shop.store.attemptStaged(id, job: job.id, machine: "ender", by: "fablined")
    try await check("staged", .queued, bed: .clear)
    _ = try await shop.store.attemptOrdered(id, by: "fablined")
    try await check("ordered", .queued, bed: .occupied)
    _ = try await shop.store.attemptStarted(id, at: 1, by: "driver ender")
    try await check("started", .printing, bed: .occupied)
    _ = try await shop.store.attemptEnded(id, AttemptEnd(.done, at: 2), by: "driver ender")
    try await check("ended", .queued, bed: .occupied)
    _ = try await shop.store.ready("ender", job: job.id, by: "kim")
    try await check("ready", .queued, bed: .clear)
  }

  @Test("between order and start a second order is allowed, and nothing else starts on that bed")
  func betweenOrderAndStart() async throws {
    let shop = try await Shop(.disk)
    try await shop.printer()
    let job = try await shop.submit()
    let id = newID()
    _ = try await shop.store.attemptStaged(id, job: job.id, machine: "ender", by: "fablined")
    _ = try await shop.store.attemptOrdered(id, by: "fablined")
    let crashed = try await afterCrash(shop)
    #expect(try await crashed.store.openAttempts().map(\.id) == [id])
    let plan = dispatch(try await crashed.store.dispatchInput(live: ["ender": .idle]))
    #expect(plan.assignments.isEmpty)
    #expect(try await crashed.store.attemptOrdered(id, by: "fablined").orderedAt != nil)
    #expect(try await crashed.store.attemptStarted(id, at: 1, by: "driver ender").state == .printing)
  }

  @Test("a log whose last commit is torn loses that commit whole, and is no damage")
  func tornLog() async throws {
    let shop = try await Shop(.disk)
    try await shop.printer()
    let job = try await shop.submit()
    _ = try await shop.store.hold(job.id, reason: "first", by: "kim")
    _ = try await shop.store.release(job.id, by: "kim")
    let crashed = try await afterCrash(shop, tear: 100)
    let found = try await crashed.store.job(job.id)
    #expect(found.state == .held, "the release is gone as a whole")
    #expect(try await crashed.store.history(HistoryQuery(job: job.id)).last?.what == "held")
  }

  @Test("a file that got its name but no record is found again")
  func orphan() async throws {
    let shop = try await Shop(.disk)
    let file = try await shop.takeIn().file
    let other = try TemporaryFolder()
    try FileManager.default.createDirectory(atPath: other.path + "/files", withIntermediateDirectories: true)
    for (name, bytes) in [
      (file.hash, try Data(contentsOf: URL(fileURLWithPath: try await shop.store.path(ofFile: file.hash)))),
      (String(repeating: "a", count: 64), Data("G28\n".utf8)),
    ] { try bytes.write(to: URL(fileURLWithPath: other.path + "/files/\(name).gcode")) }
    let store = try await JobStore.open(folder: other.path).store
    let found = try await store.adoptFiles()
    #expect(found.map(\.hash) == [file.hash], "bytes that are not what their name says are left alone")
    #expect(found.first?.facts == file.facts)
    #expect(try await store.path(ofFile: file.hash).hasPrefix(other.path))
  }

  @Test("a disk that is full refuses the change whole, and goes on when there is room")
  func databaseFull() async throws {
    let shop = try await Shop(.disk)
    try await shop.printer()
    let job = try await shop.submit()
    func setLimit(_ pages: String) async throws {
      try await shop.store.database.writeWithoutTransaction {
        try $0.execute(sql: "PRAGMA max_page_count = \(pages)")
      }
    }
    try await setLimit("1")  // SQLite takes the present size for less.
    var edit = JobEdit()
    edit.note = String(repeating: "long ", count: 20_000)
    await expectError(.storeFull) { [edit] in try await shop.store.change(job.id, edit, by: "kim") }
    await expectError(.storeFull) {
      for number in 0..<200 { try await shop.takeIn("G28\nG1 X\(number)\n", name: "\(number)") }
    }
    #expect(shop.folder.content(of: "incoming").isEmpty)
    #expect(shop.folder.content(of: "files").count == (try await shop.store.files().count))
    #expect(try await shop.store.job(job.id) == job)
    #expect(try await shop.store.history(HistoryQuery(job: job.id)).map(\.what) == ["submitted"])
    try await setLimit("100000")
    #expect(try await shop.store.change(job.id, edit, by: "kim").note == edit.note)
  }

  @Test("many writers at once: each change once, history complete")
  func manyWriters() async throws {
    let shop = try await Shop(.disk)
    try await shop.printer()
    let file = try await shop.takeIn().file.hash
    try await withThrowingTaskGroup(of: Void.self) { group in
      for person in 0..<8 {
        group.addTask {
          for _ in 0..<5 {
            let job = try await shop.store.submit(
              JobSubmission(file: file, machine: "ender"), by: "user\(person)"
            ).job
            _ = try await shop.store.hold(job.id, reason: "x", by: "user\(person)")
            _ = try await shop.store.release(job.id, by: "user\(person)")
          }
        }
        group.addTask { for _ in 0..<20 { _ = try await shop.store.jobs() } }
      }
      try await group.waitForAll()
    }
    let crashed = try await afterCrash(shop)
    #expect(try await crashed.store.jobs().count == 40)
    var query = HistoryQuery()
    query.limit = 1000
    let rows = try await crashed.store.history(query).filter { $0.job != nil }
    #expect(rows.count == 120)
  }
}
