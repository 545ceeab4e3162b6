import CLinux
import DriverClient
import DriverInterface
import Glibc
import PrinterDriver
import Testing

@testable import PrinterDriver

/// Where an interrupted attempt stood: told, kept until acknowledged, and through the driver's death.
@Suite(.serialized) struct ResumePointTests {
  private let one = AttemptID(rawValue: 1)

  @Test func aRunningAttemptTellsWhereItStandsAndWhichLinesMayNotHaveMoved() async throws {
    let rig = Rig(folder: try TestFolder(), board: try FakeBoard())
    rig.start()
    let connection = try await rig.connect()
    let path = try rig.folder.write("part.gcode", testFile(400).text)
    rig.board.limit(to: 100)
    try await rig.begin(path, 1, on: connection)
    try await rig.waitFor("100 lines acknowledged", on: connection) { $0.running?.acknowledged == 100 }
    let point = try #require(try await self.point(1, on: connection))
    #expect(point.attempt == one)
    #expect(point.job == 7)
    #expect(point.mayNotHaveRun.count == ResumePoint.mostOpen)
    #expect(point.mayNotHaveRun.last == point.acknowledged)
    #expect(point.sent.fileLine > point.acknowledged.fileLine)
    #expect(point.sent.byteOffset > point.acknowledged.byteOffset)
    #expect(point.modal.feedrate == 6000)
    #expect(point.modal.known.hasPrefix("XY"))
    #expect(try await self.point(2, on: connection) == nil)
    rig.board.release()
    #expect(try await rig.outcome(1, on: connection).kind == .done)
    #expect(try await self.point(1, on: connection) == nil)
    try await rig.end(connection)
  }

  @Test func theHostsShutdownParksAndWritesDownBeforeItIsAnswered() async throws {
    let rig = Rig(folder: try TestFolder(), board: try FakeBoard())
    let path = try rig.folder.write("part.gcode", testFile(400).text)
    rig.start()
    let first = try await rig.connect()
    rig.board.limit(to: 100)
    try await rig.begin(path, 1, on: first)
    try await until("the board holds") { rig.board.executed.count == 100 }
    rig.board.release()
    let reply = try await first.request(.suspend(deadlineMs: 60_000))
    let journal = try JournalFile.read(rig.configuration.stateFolder)
    #expect(reply == .done)
    #expect(journal.points.first?.attempt == one, "the reply came before the place was on the disk")
    _ = try await rig.result()
    // It was parked, and the heaters went off although nothing of ours lives on.
    #expect(rig.board.executed.contains("G91"))
    #expect(rig.board.executed.contains { $0.hasPrefix("M140 S0") })

    let after = try JournalFile.read(rig.configuration.stateFolder)
    let outcome = try #require(after.outcomes.first)
    #expect(outcome.kind == .uncertain)
    #expect(outcome.fault?.code == "driver.suspended")
    #expect(after.points.first?.modal.isParked == true)
    rig.board.end()
  }

  @Test(
    "Where the head is parked in a pause is on the disk while the driver lives, and gone from it once it prints again"
  )
  func aPauseIsWrittenDown() async throws {
    let rig = Rig(folder: try TestFolder(), board: try FakeBoard()) {
      $0.anchors = (shortest: 1_000_000, atLayers: 1_000_000)
    }
    let text = "G28\nG90\nG1 Z0.4 F600\n" + testFile(400).text
    let path = try rig.folder.write("part.gcode", text)
    rig.start()
    let connection = try await rig.connect()
    rig.board.limit(to: 100)
    try await rig.begin(path, 1, on: connection)
    try await until("the board holds") { rig.board.executed.count == 100 }
    #expect(try await connection.request(.pause(one)) == .done)
    rig.board.release()
    try await rig.waitFor("paused", on: connection) { $0.phase == .paused }
    func written() -> ModalRecord? { JournalFile.look(rig.configuration.stateFolder).points.last?.modal }
    try await until("the pause is on the disk") { written()?.isParked == true }
    let point = try #require(try await self.point(1, on: connection))
    #expect(written()?.parkedAt == point.modal.parkedAt)
    // What is asked for after this waits in the board: the print cannot end before it was looked at.
    rig.board.limit(to: rig.board.executed.count)
    #expect(try await connection.request(.resume(one)) == .done)
    #expect(written()?.parkedAt.isEmpty == true, "the head may leave before the disk knows")
    rig.board.release()
    #expect(try await rig.outcome(1, on: connection).kind == .done)
    try await rig.end(connection)
  }

  @Test func timeInADwellIsNoTimeOfMovement() async throws {
    let rig = Rig(folder: try TestFolder(), board: try FakeBoard()) {
      $0.anchors = (shortest: 10_000_000, atLayers: 10_000_000)
    }
    let moves = (0..<60).map { "G1 X\($0) F6000\n" }.joined()
    let path = try rig.folder.write("part.gcode", moves + "G4 P1\n" + moves)
    rig.start()
    let connection = try await rig.connect()
    let begun = clinux_monotonic_ns()
    rig.board.limit(to: 30)
    try await rig.begin(path, 1, on: connection)
    func written() -> ResumePoint? { JournalFile.look(rig.configuration.stateFolder).points.last }
    try await until("an anchor in the moves") { written()?.acknowledged.fileLine == 30 }
    // A move that takes its time, so that there is a pace to measure.
    try await Task.sleep(for: .milliseconds(20))
    rig.board.limit(to: 60)
    try await until("an anchor before the dwell") { written()?.acknowledged.fileLine == 60 }
    // What is tested is that this time does not count.
    try await Task.sleep(for: .milliseconds(400))
    rig.board.limit(to: 61)
    try await until("an anchor behind the dwell") { written()?.acknowledged.fileLine == 61 }
    let point = try #require(written())
    let all = (clinux_monotonic_ns() - begun) / 1_000_000
    #expect((1...60).contains(point.earlier.fileLine) && point.earlierMs > 0)
    #expect(point.earlierMs <= all - 400, "of \(all) ms")
    rig.board.release()
    #expect(try await rig.outcome(1, on: connection).kind == .done)
    try await rig.end(connection)
  }

  @Test("A pause that comes while a resume waits for the disk is the last word")
  func aPauseTakesBackTheResumeBeforeIt() async throws {
    let rig = Rig(folder: try TestFolder(), board: try FakeBoard()) {
      $0.anchors = (shortest: 1_000_000, atLayers: 1_000_000)
    }
    let path = try rig.folder.write("part.gcode", "G28\nG90\nG1 Z0.4 F600\n" + testFile(400).text)
    rig.start()
    let connection = try await rig.connect()
    rig.board.limit(to: 100)
    try await rig.begin(path, 1, on: connection)
    try await until("the board holds") { rig.board.executed.count == 100 }
    #expect(try await connection.request(.pause(one)) == .done)
    rig.board.release()
    try await until("the pause is on the disk") {
      JournalFile.look(rig.configuration.stateFolder).points.last?.modal.isParked == true
    }
    // Both words in one piece: the disk cannot have answered between them.
    let hand = clinux_unix_socket(1)
    defer { close(hand) }
    #expect(clinux_unix_connect(hand, rig.configuration.socketPath) == 0)
    var frames: [UInt8] = []
    try DriverMessage.request(number: 1, .hello(versions: .current, client: "hand")).encode(into: &frames)
    try DriverMessage.request(number: 2, .resume(one)).encode(into: &frames)
    try DriverMessage.request(number: 3, .pause(one)).encode(into: &frames)
    _ = frames.withUnsafeBytes { clinux_send(hand, $0.baseAddress, $0.count) }
    var answers: [UInt32: DriverReply] = [:]
    var decoder = FrameDecoder()
    var space = [UInt8](repeating: 0, count: 65536)
    while answers.count < 3 {
      let count = recv(hand, &space, space.count, 0)
      try #require(count > 0)
      decoder.receive(space[..<count])
      while let frame = try decoder.next() {
        if case .message(.reply(let number, let reply)) = frame { answers[number] = reply }
      }
    }
    guard case .refused(let fault)? = answers[2] else {
      Issue.record("the resume was carried out: \(answers)")
      return
    }
    #expect(fault.code == "job.changing" && answers[3] == .done)
    try await rig.waitFor("paused", on: connection) { $0.phase == .paused }
    // A word after it counts again, and is noted again.
    #expect(try await connection.request(.resume(one)) == .done)
    #expect(try await rig.outcome(1, on: connection).kind == .done)
    try await rig.end(connection)
  }

  private func point(_ attempt: UInt64, on connection: DriverConnection) async throws -> ResumePoint? {
    guard
      case .resumePoint(let point) = try await connection.request(.resumePoint(AttemptID(rawValue: attempt)))
    else { throw RigError(words: "no resume point in the reply") }
    return point
  }
}

/// What a state folder's journal says.
enum JournalFile {
  static func read(_ folder: String) throws -> JournalImage { try Journal(folder: folder).image }

  /// The same while a driver writes it: a record that is not whole yet is left out, and the file alone.
  static func look(_ folder: String) -> JournalImage {
    var image = JournalImage()
    let file = open(folder + "/journal", O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return image }
    defer { close(file) }
    var bytes = [UInt8](repeating: 0, count: Int(Journal.longest) * 2)
    let count = Glibc.read(file, &bytes, bytes.count)
    _ = image.replay(bytes[..<max(0, count)])
    return image
  }
}
