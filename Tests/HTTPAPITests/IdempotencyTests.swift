import APIModel
import HTTPTypes
import Hummingbird
import JobStore
import Testing

@testable import HTTPAPI

/// A double click, or a retry after a lost answer, does a thing once.
@Suite(.timeLimit(.minutes(1))) struct IdempotencyTests {
  private func headers(_ key: String) throws -> HTTPFields {
    [try #require(HTTPField.Name("Idempotency-Key")): key]
  }

  private func machine(_ name: String) -> String { "{\"name\":\"\(name)\",\"port\":\"/dev/ttyFAKE\"}" }

  @Test("The repetition gets the first answer, and nothing happens twice")
  func repeated() async throws {
    try await Service.with { service in
      let first = try await service.ask(.post, "/machines", machine("ender"), headers: try headers("a"))
      #expect(first.status == 201)
      let again = try await service.ask(.post, "/machines", machine("ender"), headers: try headers("a"))
      #expect(again.status == 201)
      #expect(again.text == first.text)
      #expect(again.type == first.type)
      // Without the key it is a second machine of the same name.
      #expect(try await service.ask(.post, "/machines", machine("ender")).problem().code == "machine.exists")
      let history = try await service.ask(.get, "/machines/ender/history").decoded(
        ItemPage<HistoryModel>.self)
      #expect(history.items.filter { $0.what.contains("added") }.count == 1)
    }
  }

  @Test("A key belongs to one request of one person")
  func reused() async throws {
    try await Service.with { service in
      _ = try await service.ask(.post, "/machines", machine("one"), headers: try headers("k"))
      let other = try await service.ask(.post, "/machines", machine("two"), headers: try headers("k"))
      #expect(other.status == 422)
      #expect(try other.problem().code == "request.keyReused")
      let bob = Principal(uid: 7, name: "bob", role: .admin)
      let his = try await service.ask(.post, "/machines", machine("two"), headers: try headers("k"), as: bob)
      #expect(his.status == 201)
    }
  }

  @Test("What was refused may be tried again under its key")
  func refused() async throws {
    try await Service.with { service in
      let reason = "{\"reason\":\"belt\"}"
      let none = try await service.ask(.post, "/machines/x/disable", reason, headers: try headers("d"))
      #expect(none.status == 404)
      try await service.addMachine("x")
      let now = try await service.ask(.post, "/machines/x/disable", reason, headers: try headers("d"))
      #expect(now.status == 200)
    }
  }

  @Test("What was begun and never answered is not done again")
  func doubtful() async throws {
    try await Service.with { service in
      try await service.addMachine("x")
      let body = "{\"reason\":\"belt\"}"
      let line = "POST /api/v1/machines/x/disable\n" + body
      // As a supervisor leaves it that is killed in between.
      let key = IdempotencyKey(key: "d", fingerprint: Fingerprint.of(line.utf8))
      _ = try await service.supervisor.store.begin(key, by: "ann")
      let again = try await service.ask(.post, "/machines/x/disable", body, headers: try headers("d"))
      #expect(again.status == 409)
      #expect(try again.problem().code == "request.doubtful")
      #expect(try await service.ask(.get, "/machines/x").decoded(MachineModel.self).disabled == nil)
    }
  }

  @Test("Short lists are paged as well")
  func paged() async throws {
    try await Service.with { service in
      for name in ["c", "a", "b"] { try await service.addMachine(name) }
      let first = try await service.ask(.get, "/machines?limit=2").decoded(ItemPage<MachineModel>.self)
      #expect(first.items.map(\.settings.name) == ["a", "b"])
      #expect(first.next == "b")
      let rest = try await service.ask(.get, "/machines?limit=2&after=b").decoded(ItemPage<MachineModel>.self)
      #expect(rest.items.map(\.settings.name) == ["c"])
      #expect(rest.next == nil)
    }
  }
}
