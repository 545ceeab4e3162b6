import APIModel
import Testing

@testable import HTTPAPI

@Suite(.timeLimit(.minutes(1))) struct DrainRouteTests {
  @Test("Draining is asked for, shown with who asked, and taken back")
  func drain() async throws {
    try await Service.with { service in
      #expect(try await service.ask(.get, "/status").decoded(StatusModel.self).draining == nil)
      let on = try await service.ask(.post, "/drain", "{\"on\":true}")
      #expect(on.status == 200)
      #expect(try on.decoded(StatusModel.self).draining?.by == "ann")
      #expect(try await service.ask(.get, "/status").decoded(StatusModel.self).draining?.by == "ann")
      let off = try await service.ask(.post, "/drain", "{\"on\":false}").decoded(StatusModel.self)
      #expect(off.draining == nil)
      #expect(try await service.ask(.post, "/drain", "{}").problem().code == "request.invalid")
    }
  }
}
