import Foundation
import Testing

@testable import JobStore

@Suite("Draining")
struct DrainTests {
  @Test("nothing is staged or ordered while it lasts, and what prints goes on", arguments: Place.allCases)
  func refuses(_ place: Place) async throws {
    let shop = try await Shop(place)
    try await shop.printer("ender")
    try await shop.printer("prusa")
    try await shop.printer("voron")
    let running = try await shop.start(try await shop.submit().id)
    let staged = newID()
    let other = try await shop.submit(machine: "prusa")
    _ = try await shop.store.attemptStaged(staged, job: other.id, machine: "prusa", by: "fablined")
    let third = try await shop.submit(machine: "voron")
    let drain = try await shop.store.setDrain(true, by: "kim")
    #expect(drain == Drain(by: "kim", since: shop.clock.now))
    let sentence = await expectError(.hostDraining) {
      try await shop.store.attemptOrdered(staged, by: "fablined")
    }
    #expect(sentence.contains("kim") && sentence.contains("fabline drain --off"))
    await expectError(.hostDraining) {
      try await shop.store.attemptStaged(newID(), job: third.id, machine: "voron", by: "fablined")
    }
    #expect(try await shop.end(running, .done).state == .done)
    _ = try await shop.store.setDrain(false, by: "lee")
    #expect(try await shop.store.attemptOrdered(staged, by: "fablined").orderedAt != nil)
  }

  @Test("no job is given out, each with the reason; taken back, they are given out again")
  func dispatched() async throws {
    let shop = try await Shop()
    try await shop.printer()
    let job = try await shop.submit()
    let held = try await shop.submit { $0.hold = "not yet" }
    func plan() async throws -> DispatchPlan {
      dispatch(try await shop.store.dispatchInput(live: ["ender": .idle]))
    }
    #expect(try await plan().assignments.map(\.job) == [job.id])
    _ = try await shop.store.setDrain(true, by: "kim")
    let drained = try await plan()
    #expect(drained.assignments.isEmpty)
    #expect(drained.refusals(of: job.id).first?.obstacles.first == .draining(by: "kim"))
    #expect(drained.refusals(of: held.id).first?.code == "hold", "its own reason comes first")
    #expect(drained.summary(of: job.id).hasPrefix("no job starts since kim said `fabline drain`"))
    _ = try await shop.store.setDrain(false, by: "kim")
    #expect(try await plan().assignments.map(\.job) == [job.id])
  }

  @Test("outlives the process; the first who said it is kept, and the history tells both words once")
  func lasts() async throws {
    let shop = try await Shop(.disk)
    _ = try await shop.store.setDrain(true, by: "kim")
    #expect(try await shop.store.setDrain(true, by: "lee")?.by == "kim")
    let folder = try TemporaryFolder()
    for name in shop.folder.content(of: "") where name.hasPrefix("fabline.sqlite") {
      try FileManager.default.copyItem(
        atPath: shop.folder.path + "/" + name, toPath: folder.path + "/" + name)
    }
    let again = try await JobStore.open(folder: folder.path).store
    #expect(try await again.drain()?.by == "kim")
    _ = try await again.setDrain(false, by: "lee")
    _ = try await again.setDrain(false, by: "lee")
    #expect(try await again.drain() == nil)
    let rows = try await again.history(HistoryQuery())
    #expect(rows.map(\.what) == ["drain", "drain ended"] && rows.map(\.who) == ["kim", "lee"])
  }
}
