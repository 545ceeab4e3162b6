import APIModel
import Foundation
import HTTPTypes
import Supervisor
import Testing

@testable import HTTPAPI

/// An open stream ends once whoever opened it is let in no more.
@Suite(.timeLimit(.minutes(1))) struct OpenStreamTests {
  /// Opens the stream of events, does something, and gives what the stream said until it ended by itself.
  private func events(
    _ service: Service, _ open: @escaping @Sendable () async throws -> Answer,
    _ act: () async throws -> Void
  ) async throws -> Answer {
    async let answer = open()
    while service.door.changes.count == 0 {
      try Task.checkCancellation()
      await Task.yield()
    }
    try await act()
    return try await answer
  }

  @Test("Signed out, a person's streams end; somebody else's change ends none")
  func signOut() async throws {
    try await Service.with { service in
      try await service.account("kim", .member)
      let browser = try Browser(service, try await service.signIn("kim", "correct horse"))
      let answer = try await events(service, { try await browser.ask(.get, "/events?kind=job") }) {
        try await service.account("ann", .viewer)
        // The stream looks at the change, finds itself allowed, and goes on: this event comes through.
        service.supervisor.hub.publish(HostEvent(kind: .job, at: 0, job: 7, state: "done"))
        let done = try await browser.ask(.delete, "/session").status
        #expect(done == 204)
      }
      #expect(answer.status == 200 && answer.text.contains("\"job\":7"))
      #expect(service.door.changes.count == 0)
    }
  }

  @Test("A token that is taken back ends its streams")
  func token() async throws {
    try await Service.with { service in
      try await service.account("kim", .member)
      let token = try await service.ask(.post, "/tokens", "{\"name\":\"wall\",\"owner\":\"kim\"}")
        .decoded(TokenModel.self)
      let secret = try #require(token.secret)
      let answer = try await events(service, { try await service.ask(.get, "/events", token: secret) }) {
        let done = try await service.ask(.delete, "/tokens/\(token.id)").status
        #expect(done == 204)
      }
      #expect(answer.status == 200)
    }
  }

  @Test(
    "A role that is changed ends the streams that were opened under the other one", arguments: [true, false])
  func role(isDisabled: Bool) async throws {
    try await Service.with { service in
      try await service.account("kim", .operator)
      let browser = try Browser(service, try await service.signIn("kim", "correct horse"))
      let answer = try await events(service, { try await browser.ask(.get, "/events") }) {
        let edit = isDisabled ? "{\"disabled\":true}" : "{\"role\":\"viewer\"}"
        let done = try await service.ask(.patch, "/users/kim", edit).status
        #expect(done == 200)
      }
      #expect(answer.status == 200)
    }
  }
}
