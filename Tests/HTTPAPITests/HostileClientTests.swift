import APIModel
import Foundation
import Glibc
import HostConfiguration
import Logging
import ServiceLifecycle
import Supervisor
import Testing

@testable import HTTPAPI

/// Clients that are slow, many or too large, on real sockets.
@Suite(.timeLimit(.minutes(2)), .serialized) struct HostileClientTests {
  /// Where a server listens, for the time of a test.
  struct Place: Sendable {
    var socket: String
    var port: UInt16
  }

  /// Serves on a Unix socket and on a port of this host; times are for tests.
  private func live(
    _ service: Service, limits change: (inout ConnectionLimits) -> Void = { _ in },
    configuration section: (inout LimitsSection) -> Void = { _ in }, _ body: (Place) async throws -> Void
  ) async throws {
    var configuration = HostConfiguration()
    configuration.network.listen = [ListenAddress(address: "127.0.0.1", port: 0)]
    section(&configuration.limits)
    var limits = ConnectionLimits()
    change(&limits)
    let (places, place) = AsyncStream.makeStream(of: ListeningModel.self)
    let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    let someone = Principal(uid: 1234, name: "ann", role: .admin)
    let server = APIServer(
      configuration: configuration, limits: limits, identity: nil,
      socket: service.supervisor.folders.apiSocket, log: log
    ) { _ in
      APIServer.router(
        supervisor: service.supervisor, version: "1", principals: .fixed(someone), door: service.door
      ).buildResponder()
    } running: {
      place.yield($0)
    }
    let group = ServiceGroup(services: [server], logger: log)
    let run = Task { try await group.run() }
    var found: [ListeningModel] = []
    for await place in places {
      found.append(place)
      if found.count == 2 { break }
    }
    let url = try #require(found.first { $0.url.hasPrefix("http://127.0.0.1:") }?.url)
    let port = try #require(url.split(separator: ":").last.flatMap { UInt16($0) })
    let result: Result<Void, any Error>
    do {
      result = .success(try await body(Place(socket: service.supervisor.folders.apiSocket, port: port)))
    } catch {
      result = .failure(error)
    }
    await group.triggerGracefulShutdown()
    try await run.value
    try result.get()
  }

  private let status = "GET /api/v1/status HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"

  @Test("A head, a body and a next request that do not come end the connection; what is in time is answered")
  func slow() async throws {
    try await Service.with { service in
      try await live(
        service,
        limits: { limits in
          limits.firstHead = 50_000_000
          limits.stall = 50_000_000
          limits.idle = 50_000_000
        }
      ) { place in
        for request in [
          "", "GET /api/v1/sta",
          "POST /api/v1/files?name=a.gcode HTTP/1.1\r\nHost: x\r\nContent-Length: 9999\r\n\r\nG28\n",
        ] {
          // Reads until the server closes: a server that does not runs into the client's own patience.
          let client = try TCPClient(place.port)
          try client.send(request)
          #expect(try await client.readToEnd() != nil, "\(request)")
        }
        let client = try TCPClient(place.port)
        try client.send("GET /api/v1/status HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(try await client.readToEnd()?.hasPrefix("HTTP/1.1 200") == true)
      }
    }
  }

  @Test("An event stream may be quiet for longer than anything else")
  func quiet() async throws {
    try await Service.with { service in
      try await live(
        service,
        limits: { limits in
          limits.firstHead = 20_000_000
          limits.stall = 20_000_000
          limits.idle = 20_000_000
        }
      ) { place in
        let stream = try TCPClient(place.port)
        try stream.send("GET /api/v1/events HTTP/1.1\r\nHost: x\r\n\r\n")
        _ = try await stream.read(until: "retry")
        // Ten other clients are timed out meanwhile.
        for _ in 0..<10 { #expect(try await TCPClient(place.port).readToEnd() != nil) }
        service.supervisor.hub.publish(HostEvent(kind: .job, at: 0, job: 5, state: "done"))
        #expect(try await stream.read(until: "\"job\":5") != nil)
      }
    }
  }

  @Test("An answer that nobody takes ends its connection")
  func unread() async throws {
    try await Service.with { service in
      try await live(service, limits: { $0.stall = 100_000_000 }) { place in
        let stream = try TCPClient(place.port)
        try stream.send("GET /api/v1/events HTTP/1.1\r\nHost: x\r\n\r\n")
        _ = try await stream.read(until: "retry")
        let text = String(repeating: "x", count: 60_000)
        while service.supervisor.hub.subscriberCount > 0 {
          try Task.checkCancellation()
          service.supervisor.hub.publish(HostEvent(kind: .job, at: 0, job: 5, state: "done", message: text))
          await Task.yield()
        }
      }
    }
  }

  @Test("A thousand slow connections lock out neither the Unix socket nor other addresses")
  func thousand() async throws {
    try await Service.with { service in
      try await live(service, configuration: { $0.connections = 64 }) { place in
        var slow: [TCPClient] = []
        for _ in 0..<1000 {
          let client = try TCPClient(place.port)
          // One that was refused is closed already: that is no error of the test.
          try? client.send("GET /api/v1/sta")
          slow.append(client)
        }
        #expect(try await UnixClient.exchange(place.socket, status).hasPrefix("HTTP/1.1 200"))
        let other = try TCPClient(place.port, from: "127.0.0.2")
        try other.send(status)
        #expect(try await other.readToEnd()?.hasPrefix("HTTP/1.1 200") == true)
        let same = try TCPClient(place.port)
        try? same.send(status)
        #expect(try await same.readToEnd()?.isEmpty ?? true, "the address has its share already")
        withExtendedLifetime(slow) {}
      }
    }
  }

  @Test("Too many and too long header fields, and bodies that are too large, are refused")
  func sizes() async throws {
    try await Service.with { service in
      try await live(
        service,
        limits: { limits in
          limits.headerBytes = 2048
          limits.headerFields = 20
          limits.bodyBytes = 1000
          limits.uploadBytes = 5000
        }
      ) { place in
        let many = (0..<30).map { "X-\($0): y\r\n" }.joined()
        let long = "X-Long: \(String(repeating: "y", count: 4000))\r\n"
        for fields in [many, long] {
          let client = try TCPClient(place.port)
          try client.send("GET /api/v1/status HTTP/1.1\r\nHost: x\r\n\(fields)\r\n")
          #expect(try await client.readToEnd()?.hasPrefix("HTTP/1.1 431 ") == true)
        }
        let garbled = try TCPClient(place.port)
        try garbled.send("GET /api/v1/status HTTP/1.1\r\nHost x\r\n\r\n")
        #expect(try await garbled.readToEnd()?.hasPrefix("HTTP/1.1 400 ") == true)
        func post(_ path: String, _ count: Int, chunked: Bool = false) async throws -> String {
          let client = try TCPClient(place.port)
          let body = String(repeating: "G1 X1\n", count: count / 6)
          let length =
            chunked ? "Transfer-Encoding: chunked" : "Content-Length: \(body.utf8.count)"
          let framed = chunked ? String(body.utf8.count, radix: 16) + "\r\n\(body)\r\n0\r\n\r\n" : body
          try client.send(
            "POST /api/v1\(path) HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\(length)\r\n\r\n\(framed)")
          return try await client.readToEnd() ?? ""
        }
        #expect(try await post("/jobs", 3000).hasPrefix("HTTP/1.1 413"))
        #expect(try await post("/files?name=a.gcode", 3000).hasPrefix("HTTP/1.1 201"))
        for chunked in [false, true] {
          let answer = try await post("/files?name=a.gcode", 9000, chunked: chunked)
          #expect(answer.hasPrefix("HTTP/1.1 413"), "\(answer)")
          #expect(answer.contains("file.tooLarge"))
        }
        #expect(try await UnixClient.exchange(place.socket, status).hasPrefix("HTTP/1.1 200"))
      }
    }
  }

  @Test("An upload that stalls, and a stream that nobody reads, do not hold up the end")
  func end() async throws {
    try await Service.with { service in
      var clients: [TCPClient] = []
      try await live(service, limits: { $0.ending = 50_000_000 }) { place in
        let upload = try TCPClient(place.port)
        try upload.send(
          "POST /api/v1/files?name=a.gcode HTTP/1.1\r\nHost: x\r\nContent-Length: 9999\r\n\r\nG28\n")
        let stream = try TCPClient(place.port)
        try stream.send("GET /api/v1/events HTTP/1.1\r\nHost: x\r\n\r\n")
        _ = try await stream.read(until: "retry")
        clients = [upload, stream]
      }
      withExtendedLifetime(clients) {}
    }
  }
}
