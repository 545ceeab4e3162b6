import APIModel
import Camera
import Foundation
import Hummingbird
import HummingbirdTesting
import JobStore
import Logging
import Supervisor
import Testing

@testable import HTTPAPI

/// The routes over a store in memory and drivers that are idle.
struct Service {
  let supervisor: Supervisor
  let folder: String
  let door: Doorkeeper
  /// What asks the machines' cameras.
  var cameras: any CameraSource = NoCameras()

  /// Puts everything together for the time of `body`; the supervisor runs.
  /// `now` is the store's clock.
  static func with<Value: Sendable>(
    now: @escaping @Sendable () -> Int64 = JobStore.systemClock, _ body: (Service) async throws -> Value
  ) async throws -> Value {
    let folder = "/tmp/fl-\(UInt64.random(in: 1...UInt64.max))"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let folders = Folders(state: folder, run: folder + "/run")
    try folders.create()
    let writer = LogWriter(file: folders.log, toStandardError: false)
    let hub = EventHub(writer: writer)
    let log = Logger(label: "test") { _ in EventLogHandler(hub: hub, level: .debug) }
    let store = try await JobStore.inMemory(
      folder: folder, passwordCost: PasswordCost(logRounds: 4, blockSize: 8, parallelism: 1), now: now)
    let door = Doorkeeper(store: store)
    let supervisor = Supervisor(store: store, host: IdleHost(), hub: hub, folders: folders, log: log)
    let run = Task { try await supervisor.run() }
    let result: Result<Value, any Error>
    do {
      result = .success(try await body(Service(supervisor: supervisor, folder: folder, door: door)))
    } catch {
      result = .failure(error)
    }
    run.cancel()
    try? await run.value
    writer.close()
    return try result.get()
  }

  /// Asks the routes without a socket, as `principal`.
  func ask(
    _ method: HTTPRequest.Method, _ path: String, _ body: String? = nil, headers: HTTPFields = [:],
    as principal: Principal = Principal(uid: 1234, name: "ann", role: .admin)
  ) async throws -> Answer {
    try await ask(method, path, body, headers: headers, over: .fixed(principal))
  }

  /// Asks the routes without a socket, over a connection whose other end is found as `source` says.
  func ask(
    _ method: HTTPRequest.Method, _ path: String, _ body: String? = nil, headers: HTTPFields = [:],
    over source: PrincipalSource
  ) async throws -> Answer {
    let router = APIServer.router(
      supervisor: supervisor, version: "1.2.3", principals: source, door: door, heartbeat: 3600,
      cameras: cameras)
    return try await Application(router: router).test(.router) { client in
      let response = try await client.execute(
        uri: "/api/v1" + path, method: method, headers: headers, body: body.map { ByteBuffer(string: $0) })
      return Answer(
        status: response.status.code, type: response.headers[.contentType] ?? "",
        text: String(buffer: response.body), headers: response.headers)
    }
  }

  /// Asks for a path as it stands.
  func raw(
    _ method: String, _ path: String, over source: PrincipalSource, body: String? = nil
  ) async throws -> Answer {
    guard let answer = try await raw([(method, path)], over: source, body: body).first else {
      throw Problem.request("no answer")
    }
    return answer
  }

  /// Asks for several paths as they stand, of one router: making one for each takes most of a test's time.
  func raw(
    _ requests: [(method: String, path: String)], over source: PrincipalSource, body: String? = nil
  ) async throws -> [Answer] {
    let router = APIServer.router(
      supervisor: supervisor, version: "1.2.3", principals: source, door: door, heartbeat: 3600)
    return try await Application(router: router).test(.router) { client in
      var answers: [Answer] = []
      for request in requests {
        guard let method = HTTPRequest.Method(rawValue: request.method) else {
          throw Problem.request("no method")
        }
        let response = try await client.execute(
          uri: request.path, method: method, headers: [:], body: body.map { ByteBuffer(string: $0) })
        answers.append(
          Answer(
            status: response.status.code, type: response.headers[.contentType] ?? "",
            text: String(buffer: response.body), headers: response.headers))
      }
      return answers
    }
  }

  /// Uploads a small file and gives its hash.
  func upload(_ text: String = "G28\nG1 X10 F3000\nM104 S0\n") async throws -> String {
    try await ask(.post, "/files?name=part.gcode", text).decoded(FileModel.self).hash
  }

  /// Adds a machine; `more` are further members of its settings, after a comma.
  func addMachine(_ name: String = "ender", _ more: String = "") async throws {
    let answer = try await ask(
      .post, "/machines", "{\"name\":\"\(name)\",\"port\":\"/dev/ttyFAKE\"\(more)}")
    #expect(answer.status == 201, "\(answer.text)")
  }
}

/// What came back.
struct Answer: Sendable {
  var status: Int
  var type: String
  var text: String
  var headers: HTTPFields = [:]

  func decoded<Value: Decodable>(_ type: Value.Type) throws -> Value {
    try JSONDecoder().decode(type, from: Data(text.utf8))
  }

  /// The problem document that it has to be.
  func problem() throws -> Problem {
    #expect(type == "application/problem+json")
    let problem = try decoded(Problem.self)
    #expect(problem.status == status)
    #expect(problem.type == "urn:fabline:problem:" + problem.code)
    #expect(!problem.detail.isEmpty)
    return problem
  }
}
