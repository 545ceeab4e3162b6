import CLinux
import DriverClient
import DriverInterface
import Glibc
import PrinterDriver
import Testing

/// The control socket: who may have it, and what clients can do to it.
@Suite(.serialized) struct ControlTests {
  @Test func aStaleSocketIsTakenOver() async throws {
    let rig = Rig(folder: try TestFolder(), board: try FakeBoard())
    // What a killed driver leaves: a name without a listener, and a lock file without a lock.
    mkdir(rig.folder.path + "/run", 0o700)
    let stale = clinux_unix_socket(0)
    #expect(clinux_unix_bind(stale, rig.configuration.socketPath) == 0)
    close(stale)
    try rig.folder.write("run/test.sock.lock", "")
    await #expect(
      throws: ConnectionError.unreachable(path: rig.configuration.socketPath, errno: ECONNREFUSED)
    ) {
      try await DriverConnection.connect(socketPath: rig.configuration.socketPath, client: "test")
    }
    rig.start()
    let connection = try await rig.connect()
    var node = stat()
    stat(rig.configuration.socketPath, &node)
    #expect(node.st_mode & 0o777 == 0o600)
    try await rig.end(connection)
    #expect(access(rig.configuration.socketPath, F_OK) != 0)
  }

  @Test func aSecondDriverOnTheSameSocketIsRefusedAndTheFirstOneGoesOn() async throws {
    let rig = Rig(folder: try TestFolder(), board: try FakeBoard())
    rig.start()
    let connection = try await rig.connect()
    let second = Rig(folder: rig.folder, board: rig.board)
    second.start()
    guard case .failure(let fault) = try await second.result() else {
      Issue.record("a second driver started")
      return
    }
    #expect(fault.code == "driver.running")
    // Also where somebody removed the lock file under the first one.
    unlink(rig.configuration.socketPath + ".lock")
    second.start()
    guard case .failure = try await second.result() else {
      Issue.record("a second driver started")
      return
    }
    try await rig.waitFor(.idle, on: connection)
    try await rig.end(connection)
  }

  @Test func hostileBytesEndTheirConnectionAndNothingElse() async throws {
    let rig = Rig(folder: try TestFolder(), board: try FakeBoard())
    rig.start()
    let connection = try await rig.connect()
    var random = SystemRandomNumberGenerator()
    for round in 0..<40 {
      let socket = clinux_unix_socket(1)
      #expect(clinux_unix_connect(socket, rig.configuration.socketPath) == 0)
      var noise: [UInt8] = round % 2 == 0 ? [255, 255, 255, 255] : [40, 0, 0, 0]
      for _ in 0..<Int.random(in: 1...3000) { noise.append(UInt8.random(in: 0...255, using: &random)) }
      var bytes = noise[...]
      while !bytes.isEmpty {
        let count = bytes.withUnsafeBytes { clinux_send(socket, $0.baseAddress, $0.count) }
        if count <= 0 { break }
        bytes = bytes.dropFirst(count)
      }
      close(socket)
    }
    try await rig.waitFor(.idle, on: connection)
    try await rig.end(connection)
  }

  @Test func beforeHelloNothingIsDoneButTheEmergencyStop() async throws {
    let rig = Rig(folder: try TestFolder(), board: try FakeBoard())
    rig.start()
    let connection = try await rig.connect()
    try await rig.waitFor(.idle, on: connection)
    let socket = clinux_unix_socket(1)
    defer { close(socket) }
    #expect(clinux_unix_connect(socket, rig.configuration.socketPath) == 0)
    var frame: [UInt8] = []
    try DriverMessage.request(number: 5, .act(.home(axes: ""))).encode(into: &frame)
    _ = frame.withUnsafeBytes { clinux_send(socket, $0.baseAddress, $0.count) }
    var space = [UInt8](repeating: 0, count: 1000)
    let count = recv(socket, &space, 1000, 0)
    var decoder = FrameDecoder()
    decoder.receive(space[..<max(0, count)])
    guard case .message(.reply(5, .refused(let fault))) = try decoder.next() else {
      Issue.record("not refused")
      return
    }
    #expect(fault.code == "interface.hello")
    #expect(!rig.board.executed.contains("G28"))
    try await rig.end(connection)
  }

  @Test func versionsWithNothingInCommonPartWithAReason() async throws {
    let rig = Rig(folder: try TestFolder(), board: try FakeBoard())
    rig.start()
    let connection = try await rig.connect()
    do {
      _ = try await DriverConnection.connect(
        socketPath: rig.configuration.socketPath, client: "future",
        versions: VersionRange(lowest: 90, highest: 99))
      Issue.record("connected")
    } catch {
      #expect(error.code == "interface.version")
    }
    try await rig.end(connection)
  }

  @Test func theEmergencyStopNeedsNoRuntimeAndIsConfirmed() async throws {
    let rig = Rig(folder: try TestFolder(), board: try FakeBoard())
    rig.start()
    let connection = try await rig.connect()
    let path = try rig.folder.write("part.gcode", testFile(200).text)
    rig.board.limit(to: 20)
    try await rig.begin(path, 1, on: connection)
    try await until("the board holds") { rig.board.executed.count == 20 }
    let result = try EmergencyStop.send(socketPath: rig.configuration.socketPath, timeoutMilliseconds: 5000)
    #expect(result.confirmed)
    #expect(rig.board.isKilled)
    try await rig.waitFor(.killed, on: connection)
    let outcome = try await rig.outcome(1, on: connection)
    #expect(outcome.kind != .done)
    try await rig.end(connection)
  }

  @Test func theEmergencyStopOfAMachineThatSaysNothingIsUnconfirmed() async throws {
    let rig = Rig(folder: try TestFolder(), board: try FakeBoard()) { $0.port = "/dev/no-such-port" }
    rig.start()
    let connection = try await rig.connect()
    let result = try EmergencyStop.send(socketPath: rig.configuration.socketPath)
    #expect(!result.confirmed)
    #expect(result.sentence.contains("cut its power"))
    try await rig.end(connection)
    #expect(throws: ConnectionError.unreachable(path: rig.configuration.socketPath, errno: ENOENT)) {
      try EmergencyStop.send(socketPath: rig.configuration.socketPath)
    }
  }

  @Test func aClientThatReadsNothingIsToldAndHoldsUpNobody() async throws {
    let rig = Rig(folder: try TestFolder(), board: try FakeBoard())
    rig.start()
    let connection = try await rig.connect()
    // The wire log makes two events a line: enough for any buffer.
    #expect(try await connection.request(.wireLog(true)) == .done)
    let sleeper = clinux_unix_socket(1)
    defer { close(sleeper) }
    #expect(clinux_unix_connect(sleeper, rig.configuration.socketPath) == 0)
    var frames: [UInt8] = []
    try DriverMessage.request(number: 1, .hello(versions: .current, client: "sleeper")).encode(into: &frames)
    try DriverMessage.request(number: 2, .subscribe(after: 0)).encode(into: &frames)
    _ = frames.withUnsafeBytes { clinux_send(sleeper, $0.baseAddress, $0.count) }
    let commands = (0..<2500).map { "M117 \($0) \(String(repeating: "long ", count: 12))end" }
    let path = try rig.folder.write("part.gcode", commands.joined(separator: "\n"))
    try await rig.begin(path, 1, on: connection)
    let outcome = try await rig.outcome(1, on: connection)
    #expect(outcome.kind == .done, "\(String(describing: outcome.fault))")
    let isWhole = rig.board.executed.filter { $0.hasPrefix("M117") } == commands
    #expect(isWhole)
    // Now it wakes up: all that was queued, ended by the word that there is no more.
    var decoder = FrameDecoder()
    var space = [UInt8](repeating: 0, count: 65536)
    var wasTold = false
    while !wasTold {
      let count = recv(sleeper, &space, space.count, 0)
      try #require(count > 0)
      decoder.receive(space[..<count])
      while let frame = try decoder.next() {
        guard case .message(.event(let event)) = frame, case .fault(let fault) = event.kind else { continue }
        if fault.code == "client.slow" { wasTold = true }
      }
    }
    try await rig.end(connection)
  }

  @Test func eventsAreNumberedWithoutGapsAndHeldForWhoComesBack() async throws {
    let rig = Rig(folder: try TestFolder(), board: try FakeBoard())
    rig.start()
    let connection = try await rig.connect()
    #expect(try await connection.request(.subscribe(after: 0)) == .done)
    try await rig.begin(try rig.folder.write("part.gcode", testFile(50).text), 1, on: connection)
    var seen: [DriverEvent] = []
    for await event in connection.events {
      seen.append(event)
      if case .ended = event.kind { break }
    }
    #expect(zip(seen, seen.dropFirst()).allSatisfy { $1.sequence > $0.sequence })
    #expect(seen.contains { if case .opened(115200, 115200) = $0.kind { true } else { false } })
    #expect(
      seen.contains { if case .started(AttemptID(rawValue: 1), job: 7) = $0.kind { true } else { false } })

    let again = try await rig.connect()
    let middle = try #require(seen.first { if case .connected = $0.kind { true } else { false } }).sequence
    #expect(try await again.request(.subscribe(after: middle)) == .done)
    var repeated: [DriverEvent] = []
    for await event in again.events {
      repeated.append(event)
      if case .ended = event.kind { break }
    }
    let passing = { (event: DriverEvent) -> Bool in
      switch event.kind {
      case .progress, .heaters, .wire: true
      default: false
      }
    }
    #expect(repeated == seen.filter { $0.sequence > middle && !passing($0) })
    try await rig.end(connection)
  }
}
