import APIModel
import Foundation
import Glibc
import Logging
import ServiceLifecycle
import Supervisor
import Testing

@testable import HTTPAPI

/// The same routes on a real socket: who acts is told by the kernel.
@Suite(.timeLimit(.minutes(2))) struct LiveTests {
  /// Serves on a Unix socket for the time of `body`, then asks the service to end as a signal does.
  private func live<Value: Sendable>(
    _ service: Service, _ body: (String) async throws -> Value
  ) async throws -> Value {
    let log = Logger(label: "test") { _ in EventLogHandler(hub: service.supervisor.hub, level: .debug) }
    let server = try APIServer(supervisor: service.supervisor, version: "1.2.3", log: log)
    let group = ServiceGroup(services: [server], logger: log)
    let run = Task { try await group.run() }
    let serving = service.supervisor.hub.subscribe(EventFilter(kinds: [.log]), after: 0)
    for await delivery in serving.deliveries {
      if case .event(let event) = delivery, event.message?.hasPrefix("serving") == true { break }
    }
    let result: Result<Value, any Error>
    do { result = .success(try await body(service.supervisor.folders.apiSocket)) } catch {
      result = .failure(error)
    }
    await group.triggerGracefulShutdown()
    try await run.value
    return try result.get()
  }

  private func get(_ path: String) -> String {
    "GET /api/v1\(path) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
  }

  @Test("The socket is for owner and group; whoever connects is known by name")
  func principal() async throws {
    try await Service.with { service in
      try await live(service) { path in
        var facts = stat()
        #expect(stat(path, &facts) == 0)
        #expect(facts.st_mode & 0o777 == 0o660)
        let body = "G28\nG1 X1\n"
        let answer = try await UnixClient.exchange(
          path,
          "POST /api/v1/files?name=a.gcode HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
        )
        #expect(answer.hasPrefix("HTTP/1.1 201"))
        let name = UnixRoles.name(of: geteuid())
        #expect(answer.contains("\"submitter\":\"\(name)\""))
      }
    }
  }

  @Test("A stale socket of an earlier fablined does not hinder")
  func stale() async throws {
    try await Service.with { service in
      let path = service.supervisor.folders.apiSocket
      let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
      var address = sockaddr_un()
      address.sun_family = sa_family_t(AF_UNIX)
      withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
      let bound = withUnsafePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
        }
      }
      #expect(bound == 0)
      close(descriptor)
      try await live(service) { path in
        let answer = try await UnixClient.exchange(path, get("/status"))
        #expect(answer.hasPrefix("HTTP/1.1 200"))
      }
    }
  }

  @Test("Bytes that are not HTTP are answered and closed, and the next client is served")
  func garbage() async throws {
    try await Service.with { service in
      try await live(service) { path in
        for garbage in [
          "\u{0}\u{1}\u{2}\r\n\r\n", "NOT HTTP AT ALL\r\n\r\n", "GET / HTTP/9.9\r\n\r\n",
          "GET /api/v1/status HTTP/1.1\r\nContent-Length: -5\r\n\r\n",
          "GET " + String(repeating: "a", count: 200_000) + " HTTP/1.1\r\n\r\n",
          "POST /api/v1/jobs HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        ] {
          let answer = try await UnixClient.exchange(path, garbage)
          #expect(answer.isEmpty || answer.hasPrefix("HTTP/1.1 4"), "\(answer.prefix(60))")
        }
        #expect(try await UnixClient.exchange(path, get("/status")).hasPrefix("HTTP/1.1 200"))
      }
    }
  }

  @Test("An open event stream does not hold up the end, and ends with it")
  func shutdown() async throws {
    try await Service.with { service in
      let reading = try await live(service) { path in
        let reading = Task { try await UnixClient.exchange(path, get("/events")) }
        while service.supervisor.hub.subscriberCount < 2 { await Task.yield() }
        service.supervisor.hub.publish(HostEvent(kind: .job, at: 0, job: 5, state: "done"))
        return reading
      }
      let text = try await reading.value
      #expect(text.contains("\"job\":5"))
    }
  }

  @Test("A client that goes away is forgotten without waiting for the next event")
  func clientGone() async throws {
    try await Service.with { service in
      try await live(service) { path in
        _ = try await UnixClient.exchange(path, get("/events"), until: "retry")
        while service.supervisor.hub.subscriberCount > 1 {
          try Task.checkCancellation()
          await Task.yield()
        }
      }
    }
  }
}
