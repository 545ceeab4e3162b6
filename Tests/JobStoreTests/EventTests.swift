import Foundation
import GRDB
import Testing

@testable import JobStore

@Suite("Events")
struct EventTests {
  @Test("are a ring: the newest stay, numbers rise", arguments: Place.allCases)
  func ring(_ place: Place) async throws {
    let shop = try await Shop(place)
    #expect(try await shop.store.lastEvent() == 0)
    for start in stride(from: Int64(0), to: 100, by: 10) {
      let events = (start..<start + 10).map { EventRecord(at: $0, kind: "log", message: "\($0)") }
      try await shop.store.appendEvents(events, bound: 25)
    }
    let all = try await shop.store.events(EventQuery())
    #expect(all.count == 25)
    #expect(all.map(\.message) == (75..<100).map { "\($0)" })
    #expect(try await shop.store.lastEvent() == 100)
    try await shop.store.appendEvents([EventRecord(id: 500, at: 1, kind: "job")], bound: 25)
    #expect(try await shop.store.lastEvent() == 500)
  }

  @Test("are found by machine, job, kind, level and time; from the front or the end")
  func queries() async throws {
    let shop = try await Shop()
    var events: [EventRecord] = []
    for number in 0..<20 {
      var event = EventRecord(at: Int64(number), kind: number % 5 == 0 ? "fault" : "log")
      event.level = number % 2 == 0 ? "info" : "error"
      event.machine = number % 2 == 0 ? "a" : "b"
      event.job = Int64(number % 3)
      events.append(event)
    }
    try await shop.store.appendEvents(events)
    func times(_ change: (inout EventQuery) -> Void) async throws -> [Int64] {
      var query = EventQuery()
      change(&query)
      return try await shop.store.events(query).map(\.at)
    }
    #expect(try await times { $0.machine = "b" }.count == 10)
    #expect(try await times { $0.kinds = ["fault"] } == [0, 5, 10, 15])
    #expect(
      try await times {
        $0.kinds = ["fault"]
        $0.levels = ["error"]
      } == [5, 15])
    #expect(try await times { $0.since = 18 } == [18, 19])
    #expect(try await times { $0.job = 2 }.first == 2)
    #expect(
      try await times {
        $0.newest = true
        $0.limit = 3
      } == [17, 18, 19])
    #expect(try await times { $0.after = 19 } == [19])
  }
}

@Suite("Backups")
struct BackupTests {
  @Test("are whole databases that open as a store, made while it is in use", arguments: Place.allCases)
  func restores(_ place: Place) async throws {
    let shop = try await Shop(place)
    try await shop.printer()
    let job = try await shop.submit(copies: 3)
    let folder = try TemporaryFolder()
    let path = folder.path + "/fabline.sqlite"
    async let writing: Void = {
      for _ in 0..<20 { _ = try await shop.submit() }
    }()
    let files = try await shop.store.backup(to: path)
    try await writing
    #expect(files == [try await shop.store.path(ofFile: job.file)])
    #expect(folder.content(of: "") == ["fabline.sqlite"], "nothing beside it that a copy could forget")
    let opening = try await JobStore.open(folder: folder.path)
    #expect(opening.damage == nil)
    #expect(try await opening.store.job(job.id).copies == 3)
    await expectError(.fileMissing) { try await opening.store.path(ofFile: job.file) }
  }

  @Test("replace an older one only when they are whole, and say what went wrong")
  func failures() async throws {
    let shop = try await Shop(.disk)
    let folder = try TemporaryFolder()
    let sentence = await expectError(.backupFailed) {
      try await shop.store.backup(to: folder.path + "/nowhere/b.sqlite")
    }
    #expect(sentence.contains("/nowhere/"))
    await expectError(.backupFailed) { try await shop.store.backup(to: "relative") }
    let path = folder.path + "/b.sqlite"
    try await shop.store.backup(to: path)
    try await shop.store.backup(to: path)
    #expect(folder.content(of: "") == ["b.sqlite"])
  }
}
