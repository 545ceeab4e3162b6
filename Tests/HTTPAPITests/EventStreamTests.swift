import Foundation
import HTTPTypes
import Supervisor
import Testing

@testable import HTTPAPI

@Suite(.timeLimit(.minutes(1))) struct EventStreamTests {
  /// Reads a stream until the hub closes, which it does once somebody reads.
  private func stream(
    _ service: Service, _ path: String, lastSeen: Int64? = nil, then: @Sendable (EventHub) -> Void = { _ in }
  ) async throws -> Answer {
    var headers: HTTPFields = [:]
    if let lastSeen, let name = HTTPField.Name("Last-Event-ID") { headers[name] = "\(lastSeen)" }
    async let answer = service.ask(.get, path, headers: headers)
    while service.supervisor.hub.subscriberCount == 0 {
      try Task.checkCancellation()
      await Task.yield()
    }
    then(service.supervisor.hub)
    service.supervisor.hub.close()
    return try await answer
  }

  @Test("Events come as id, kind and data")
  func format() async throws {
    try await Service.with { service in
      let answer = try await stream(service, "/events?kind=job") { hub in
        hub.publish(HostEvent(kind: .job, at: 0, machine: "ender", job: 3, state: "done"))
      }
      #expect(answer.type == "text/event-stream")
      let blocks = answer.text.components(separatedBy: "\n\n")
      let event = try #require(blocks.first { $0.contains("event: job") })
      let lines = event.split(separator: "\n")
      #expect(lines[0].hasPrefix("id: "))
      #expect(lines[1] == "event: job")
      #expect(lines[2].hasPrefix("data: {") && lines[2].contains("\"state\":\"done\""))
    }
  }

  @Test("Whoever comes back with the last id gets what came since, once")
  func resume() async throws {
    try await Service.with { service in
      let hub = service.supervisor.hub
      let first = hub.publish(HostEvent(kind: .job, at: 0, job: 1, state: "queued"))
      hub.publish(HostEvent(kind: .job, at: 0, job: 1, state: "printing"))
      let answer = try await stream(service, "/events?kind=job", lastSeen: first) { hub in
        hub.publish(HostEvent(kind: .job, at: 0, job: 1, state: "done"))
      }
      let states = ["queued", "printing", "done"].map {
        answer.text.components(separatedBy: "\"\($0)\"").count - 1
      }
      #expect(states == [0, 1, 1])
      #expect(!answer.text.contains("event: gap"))
    }
  }

  @Test("What is not held any more is named, and the stream goes on")
  func gap() async throws {
    try await Service.with { service in
      for number in 0..<2500 {
        service.supervisor.hub.publish(HostEvent(kind: .job, at: 0, job: Int64(number), state: "queued"))
      }
      let answer = try await stream(service, "/events?kind=job", lastSeen: 1)
      #expect(answer.text.contains("event: gap"))
      #expect(answer.text.contains("\"job\":2499"))
    }
  }

  @Test("A stream that is asked for with garbage is a problem, not a stream")
  func garbage() async throws {
    try await Service.with { service in
      let name = try #require(HTTPField.Name("Last-Event-ID"))
      let answer = try await service.ask(.get, "/events", headers: [name: "yesterday"])
      #expect(try answer.problem().status == 400)
    }
  }
}
