import Foundation
import GRDB
import Testing

@testable import JobStore

@Suite("Opening the store")
struct OpeningTests {
  @Test("a database of another day, closed as it should be, is no damage")
  func closed() async throws {
    let folder = try TemporaryFolder()
    for _ in 0..<3 { #expect(try await JobStore.open(folder: folder.path).damage == nil) }
    #expect(!folder.content(of: "").contains("fabline.open"))
  }

  @Test("makes folder, database and lock, and finds everything again")
  func reopens() async throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/state/deeper"
    var opening: StoreOpening? = try await JobStore.open(folder: path)
    #expect(opening?.damage == nil)
    let settings = MachineRecord.Settings(name: "ender", port: "/dev/ttyUSB0")
    _ = try await opening?.store.addMachine(settings, by: "kim")
    opening = nil
    let again = try await JobStore.open(folder: path)
    #expect(try await again.store.machines().map(\.name) == ["ender"])
    let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    #expect(mode == 0o700)
  }

  @Test("is refused to a second fablined, with the pid of the first")
  func second() async throws {
    let folder = try TemporaryFolder()
    let first = try await JobStore.open(folder: folder.path)
    let sentence = await expectError(.storeInUse) { try await JobStore.open(folder: folder.path) }
    #expect(sentence.contains("pid \(getpid())"))
    #expect(sentence.contains(folder.path))
    _ = try await first.store.machines()
  }

  @Test("takes a lock file over that a killed process left behind")
  func staleLock() async throws {
    let folder = try TemporaryFolder()
    try Data("99999\n".utf8).write(to: URL(fileURLWithPath: folder.path + "/fabline.lock"))
    _ = try await JobStore.open(folder: folder.path)
    let content = try String(contentsOfFile: folder.path + "/fabline.lock", encoding: .utf8)
    #expect(content == "\(getpid())\n")
  }

  @Test("drops intakes that a crash left half done, and keeps stored files")
  func leftovers() async throws {
    let folder = try TemporaryFolder()
    for part in ["incoming", "files"] {
      try FileManager.default.createDirectory(
        atPath: folder.path + "/" + part, withIntermediateDirectories: true)
    }
    try Data("G28\n".utf8).write(to: URL(fileURLWithPath: folder.path + "/incoming/a.part"))
    try Data("G28\n".utf8).write(to: URL(fileURLWithPath: folder.path + "/files/b.gcode"))
    _ = try await JobStore.open(folder: folder.path)
    #expect(folder.content(of: "incoming").isEmpty)
    #expect(folder.content(of: "files") == ["b.gcode"])
  }

  @Test("a path that is a file, or relative, is an error that names it")
  func badFolder() async throws {
    let folder = try TemporaryFolder()
    try Data().write(to: URL(fileURLWithPath: folder.path + "/file"))
    let sentence = await expectError(.storeFolder) { try await JobStore.open(folder: folder.path + "/file") }
    #expect(sentence.contains("/file"))
    await expectError(.storeFolder) { try await JobStore.open(folder: "relative") }
  }

  enum Damage: CaseIterable { case notADatabase, pagesOverwritten, cutOff }

  @Test("puts a damaged database aside, tells so, and keeps the stored files", arguments: Damage.allCases)
  func damaged(_ damage: Damage) async throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/fabline.sqlite"
    try await filledStore(folder.path)
    var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    switch damage {
    case .notADatabase: bytes = Data(repeating: 0x41, count: 20_000)
    case .pagesOverwritten: bytes.replaceSubrange(4096..<20_480, with: Data(repeating: 0x5A, count: 16_384))
    case .cutOff: bytes = bytes.prefix(bytes.count / 2)
    }
    try bytes.write(to: URL(fileURLWithPath: path))
    let opening = try JobStore.open(folder: folder.path, disk: .system, now: { 1_800_000_000_123 })
    let found = try #require(opening.damage)
    #expect(found.putAside.first == path + ".damaged-20270115-080000-123")
    let kept = try Data(contentsOf: URL(fileURLWithPath: try #require(found.putAside.first)))
    let isUntouched = kept == bytes
    #expect(isUntouched)
    #expect(found.sentence.contains("damaged"))
    #expect(try await opening.store.jobs().allSatisfy { $0.hold != nil })
    _ = try await opening.store.adoptFiles()
    #expect(try await opening.store.files().first?.facts.printerModel == "ENDER3")
    #expect(try await opening.store.adoptFiles().isEmpty)
  }

  /// A store with a file, a machine and a job, closed so that all of it is in the one database file.
  private func filledStore(_ path: String) async throws {
    let store = try await JobStore.open(folder: path).store
    let file = try await store.takeIn(Pieces(Array(sampleFile.utf8), 100), name: "part.gcode", by: "kim").file
    _ = try await store.addMachine(MachineRecord.Settings(name: "ender", port: "/dev/a"), by: "kim")
    for _ in 0..<50 {
      _ = try await store.submit(JobSubmission(file: file.hash, machine: "ender"), by: "kim")
    }
    _ = try await store.database.writeWithoutTransaction { try $0.checkpoint(.truncate) }
  }

  @Test("a database of a newer fablined is refused and left alone")
  func newer() async throws {
    let folder = try TemporaryFolder()
    try await filledStore(folder.path)
    let path = folder.path + "/fabline.sqlite"
    try await DatabaseQueue(path: path).write {
      try $0.execute(sql: "INSERT INTO grdb_migrations (identifier) VALUES ('99 from the future')")
    }
    await expectError(.storeNewer) { try await JobStore.open(folder: folder.path) }
    #expect(folder.content(of: "").filter { $0.contains("damaged") }.isEmpty)
  }

  @Test("syncs each commit, keeps foreign keys, and waits for a lock")
  func pragmas() async throws {
    let shop = try await Shop(.disk)
    let values = try await shop.store.database.writeWithoutTransaction { database in
      try ["journal_mode", "synchronous", "foreign_keys", "busy_timeout"].map {
        try String.fetchOne(database, sql: "PRAGMA \($0)") ?? ""
      }
    }
    #expect(values == ["wal", "2", "1", "10000"])
    try await shop.store.appendEvents([EventRecord(at: 1, kind: "log")])
    let after = try await shop.store.database.writeWithoutTransaction {
      try Int.fetchOne($0, sql: "PRAGMA synchronous")
    }
    #expect(after == 2, "events are not synced, but what follows them is")
  }

  /// Stands in for the release that wrote it: an edited migration shows here, and a new one adds its own file.
  @Test("the schema is the one written down beside the tests")
  func schemaSnapshot() async throws {
    let shop = try await Shop()
    let schema =
      try await shop.store.database.read {
        try String.fetchAll(
          $0,
          sql: """
            SELECT sql || ';' FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite%' ORDER BY type, name
            """)
      }.joined(separator: "\n") + "\n"
    let place = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("Fixtures/store/schema.sql")
    if ProcessInfo.processInfo.environment["FABLINE_RECORD_SNAPSHOTS"] != nil {
      try FileManager.default.createDirectory(
        at: place.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(schema.utf8).write(to: place)
    }
    #expect(try String(contentsOf: place, encoding: .utf8) == schema)
    #expect(
      Schema.migrator.migrations == [
        "1 queue", "2 links and attendance", "drain", "identity", "recovery", "answers", "accounts",
        "deliveries", "contents", "cameras", "heater timers",
      ])
  }
}
