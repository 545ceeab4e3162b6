import JobStore
import Testing

@testable import Supervisor

@Suite(.timeLimit(.minutes(1))) struct DrainTests {
  @Test("What prints finishes, nothing starts, `why` says so; the next supervisor keeps to it")
  func drains() async throws {
    let shop = try await Workshop()
    try await shop.addMachine()
    let first = try await shop.addJob()
    let second = try await shop.addJob()
    try await shop.supervise { supervisor in
      try await supervisor.attached()
      _ = try await supervisor.ready("ender", job: nil, by: "ann")
      try await supervisor.job(first.id, is: "printing")
      try await shop.until { try await shop.store.job(first.id).state == .printing }
      #expect(try await supervisor.drain(true, by: "bob")?.by == "bob")
      try await supervisor.event { $0.kind == .drain && $0.state == "on" }
      shop.host.driver("ender")?.finish(.done)
      try await supervisor.job(first.id, is: "done")
      _ = try await supervisor.ready("ender", job: first.id, by: "ann")
      await supervisor.dispatchOnce()
      #expect(try await shop.store.job(second.id).state == .queued)
      #expect(try await supervisor.why(second.id).summary.contains("bob said `fabline drain`"))
    }
    try await shop.supervise { supervisor in
      try await supervisor.attached()
      await supervisor.dispatchOnce()
      #expect(try await shop.store.openAttempts().isEmpty)
      #expect(try await supervisor.drain(false, by: "bob") == nil)
      try await supervisor.event { $0.kind == .drain && $0.state == "off" }
      try await supervisor.job(second.id, is: "printing")
    }
  }
}
