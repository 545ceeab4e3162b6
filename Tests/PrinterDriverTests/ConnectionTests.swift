import CLinux
import DriverClient
import DriverInterface
import Glibc
import Synchronization
import Testing

/// The client's end, against a server that a test plays by hand.
struct ConnectionTests {
  /// A listener that never blocks: the tasks of a test share few threads.
  private final class Server: Sendable {
    let path: String
    private let folder: TestFolder
    private let listener: Int32

    init() throws {
      folder = try TestFolder()
      path = folder.path + "/s"
      listener = clinux_unix_socket(0)
      guard clinux_unix_bind(listener, path) == 0, listen(listener, 5) == 0 else {
        throw RigError(words: "no server")
      }
    }

    deinit { close(listener) }

    /// Connects a client and answers its hello.
    func greeted() async throws -> (client: DriverConnection, server: Int32) {
      async let client = DriverConnection.connect(socketPath: path, client: "test", timeout: .seconds(30))
      var server: Int32 = -1
      try await until("a client connects") {
        server = clinux_accept(self.listener, 0)
        return server >= 0
      }
      guard case .hello = try await receive(server).request else { throw RigError(words: "no hello") }
      let identity = DriverIdentity(
        version: "1", pid: 1, machine: "m", port: "p", startedAt: 1, incarnation: 1)
      try send(.reply(number: 1, .hello(version: 1, driver: identity)), server)
      return (try await client, server)
    }

    func send(_ message: DriverMessage, _ socket: Int32) throws {
      var bytes: [UInt8] = []
      try message.encode(into: &bytes)
      _ = bytes.withUnsafeBytes { clinux_send(socket, $0.baseAddress, $0.count) }
    }

    func receive(_ socket: Int32) async throws -> (number: UInt32, request: DriverRequest) {
      var decoder = FrameDecoder()
      var found: (UInt32, DriverRequest)?
      try await until("a request comes") {
        var byte: UInt8 = 0
        while found == nil, recv(socket, &byte, 1, 0) == 1 {
          decoder.receive(CollectionOfOne(byte))
          if case .message(.request(let number, let request)) = try decoder.next() {
            found = (number, request)
          }
        }
        return found != nil
      }
      return try #require(found)
    }
  }

  @Test func repliesFindTheirRequestsInAnyOrder() async throws {
    let server = try Server()
    let (client, socket) = try await server.greeted()
    defer { close(socket) }
    async let first = client.request(.status)
    let one = try await server.receive(socket)
    async let second = client.request(.recorder)
    let two = try await server.receive(socket)
    #expect(one.request == .status && two.request == .recorder)
    try server.send(.event(DriverEvent(sequence: 1, at: 0, kind: .message("between"))), socket)
    try server.send(.reply(number: two.number, .lines(["b"])), socket)
    try server.send(.reply(number: one.number, .lines(["a"])), socket)
    #expect(try await first == .lines(["a"]))
    #expect(try await second == .lines(["b"]))
    var events = client.events.makeAsyncIterator()
    #expect(await events.next()?.kind == .message("between"))
  }

  @Test func anAnswerThatStaysOutIsAnErrorAndTheConnectionStands() async throws {
    let server = try Server()
    let (client, socket) = try await server.greeted()
    defer { close(socket) }
    await #expect(throws: ConnectionError.timedOut) {
      try await client.request(.status, timeout: .milliseconds(20))
    }
    let late = try await server.receive(socket)
    try server.send(.reply(number: late.number, .done), socket)
    async let next = client.request(.recorder)
    let number = try await server.receive(socket).number
    try server.send(.reply(number: number, .lines([])), socket)
    #expect(try await next == .lines([]))
    #expect(client.ended == nil)
  }

  @Test func aDriverThatGoesEndsRequestsAndEvents() async throws {
    let server = try Server()
    let (client, socket) = try await server.greeted()
    async let waiting = client.request(.status)
    _ = try await server.receive(socket)
    close(socket)
    do {
      _ = try await waiting
      Issue.record("an answer from nobody")
    } catch {
      #expect(error as? ConnectionError == .lost)
    }
    for await _ in client.events { Issue.record("an event from nobody") }
    #expect(client.ended == .lost)
    await #expect(throws: ConnectionError.lost) { try await client.request(.status) }
  }

  @Test func noiseFromADriverIsAnError() async throws {
    let server = try Server()
    let (client, socket) = try await server.greeted()
    defer { close(socket) }
    let noise: [UInt8] = [255, 255, 255, 255, 1, 2, 3]
    _ = noise.withUnsafeBytes { clinux_send(socket, $0.baseAddress, $0.count) }
    for await _ in client.events {}
    guard case .malformed = client.ended else {
      Issue.record("ended with \(String(describing: client.ended))")
      return
    }
  }

  @Test func closingFailsWhatIsUnderWayAndMayBeDoneTwice() async throws {
    let server = try Server()
    let (client, socket) = try await server.greeted()
    defer { close(socket) }
    async let waiting = client.request(.status)
    _ = try await server.receive(socket)
    client.close()
    client.close()
    do {
      _ = try await waiting
      Issue.record("an answer from nobody")
    } catch {
      #expect(error as? ConnectionError == .closed)
    }
    // The driver's end sees it too.
    try await until("the connection ends") {
      var byte: UInt8 = 0
      return recv(socket, &byte, 1, 0) == 0
    }
  }

  @Test func aCancelledTaskWaitsNoLonger() async throws {
    let server = try Server()
    let (client, socket) = try await server.greeted()
    defer { close(socket) }
    let task = Task { try await client.request(.status) }
    _ = try await server.receive(socket)
    task.cancel()
    await #expect(throws: ConnectionError.cancelled) { try await task.value }
    #expect(client.ended == nil)
  }

  @Test func aProgramThatIsNotThereIsNamed() {
    #expect {
      _ = try DriverProcess.spawn(executable: "/nowhere/fabline-driver", arguments: [])
    } throws: { error in
      (error as? SpawnError)?.sentence.contains("/nowhere/fabline-driver") == true
    }
  }

  @Test func aSpawnedProcessHasItsOwnSessionAndNoneOfOurDescriptors() async throws {
    let folder = try TestFolder()
    let leak = open(folder.path + "/open", O_RDWR | O_CREAT, 0o600)  // not closed on exec, on purpose
    defer { close(leak) }
    let report = folder.path + "/report"
    let process = try DriverProcess.spawn(
      executable: "/bin/sh",
      arguments: ["-c", "ls /proc/$$/fd > \(report).fds; cat /proc/$$/stat > \(report); exit 7"])
    #expect(await process.waitForEnd() == .exited(status: 7))
    #expect(process.hasEnded)
    let stat = try String(decoding: contents(report), as: UTF8.self).split(separator: " ")
    #expect(stat[5] == stat[0])  // session = pid
    let descriptors = try String(decoding: contents(report + ".fds"), as: UTF8.self).split(separator: "\n")
    #expect(!descriptors.contains("\(leak)"))
  }

  private func contents(_ path: String) throws -> [UInt8] {
    let file = open(path, O_RDONLY)
    guard file >= 0 else { throw RigError(words: "no \(path)") }
    defer { close(file) }
    var space = [UInt8](repeating: 0, count: 4096)
    let count = read(file, &space, space.count)
    return Array(space[..<max(0, count)])
  }
}
