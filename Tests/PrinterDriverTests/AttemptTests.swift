import DriverClient
import DriverInterface
import Glibc
import PrinterDriver
import Testing

/// Staging, the one start, withdrawing, and files that are not what they were.
@Suite(.serialized) struct AttemptTests {
  private func refusal(_ reply: DriverReply) -> String? {
    guard case .refused(let fault) = reply else { return nil }
    return fault.code
  }

  @Test func whatIsNotGCodeIsRefusedAtStagingWithItsReason() async throws {
    let rig = Rig(folder: try TestFolder(), board: try FakeBoard())
    rig.start()
    let connection = try await rig.connect()
    let zip = try rig.folder.write("zip.gcode", "PK\u{3}\u{4}zipzipzip")
    let empty = try rig.folder.write("empty.gcode", "")
    let good = try rig.folder.write("good.gcode", "G28\n")
    mkfifo(rig.folder.path + "/fifo.gcode", 0o600)
    let expected = [
      (zip, "file.zip"), (empty, "file.empty"), (rig.folder.path, "file.notRegular"),
      (rig.folder.path + "/fifo.gcode", "file.notRegular"), ("/dev/null", "file.notRegular"),
      (rig.folder.path + "/nothing.gcode", "file.missing"),
    ]
    for (index, (path, code)) in expected.enumerated() {
      let reply = try await connection.request(.stage(rig.staged(path, UInt64(index + 1))))
      #expect(refusal(reply) == code, "\(path)")
    }
    var wrongSize = rig.staged(good, 50)
    wrongSize.size += 1
    #expect(refusal(try await connection.request(.stage(wrongSize))) == "file.changed")
    var relative = rig.staged(good, 51)
    relative.path = "good.gcode"
    #expect(refusal(try await connection.request(.stage(relative))) == "attempt.malformed")
    try await rig.end(connection)
  }

  @Test func anAttemptStartsOnceAndOnlyWhenStaged() async throws {
    let rig = Rig(folder: try TestFolder(), board: try FakeBoard())
    rig.start()
    let connection = try await rig.connect()
    let path = try rig.folder.write("part.gcode", testFile(20).text)
    try await rig.waitFor(.idle, on: connection)
    let one = AttemptID(rawValue: 1)
    #expect(refusal(try await connection.request(.start(one))) == "attempt.unknown")
    try await rig.stage(path, 1, on: connection)
    #expect(try await connection.request(.withdraw(one)) == .done)
    #expect(refusal(try await connection.request(.start(one))) == "attempt.unknown")
    try await rig.begin(path, 1, on: connection)
    let outcome = try await rig.outcome(1, on: connection)
    #expect(outcome.kind == .done, "\(String(describing: outcome.fault))")
    #expect(refusal(try await connection.request(.start(one))) == "attempt.startedBefore")
    #expect(refusal(try await connection.request(.stage(rig.staged(path, 1)))) == "attempt.startedBefore")
    #expect(refusal(try await connection.request(.withdraw(one))) == "attempt.started")
    try await rig.waitFor(.idle, on: connection)
    #expect(rig.board.executed.filter { $0.hasPrefix("G1 X") }.count == 20)
    try await rig.end(connection)
  }

  @Test func oneAtATimeAndTheNextByItselfWhereItWasSaid() async throws {
    let rig = Rig(folder: try TestFolder(), board: try FakeBoard())
    rig.start()
    let connection = try await rig.connect()
    let path = try rig.folder.write("part.gcode", testFile(30).text)
    rig.board.limit(to: 10)
    try await rig.begin(path, 1, on: connection)
    var second = rig.staged(path, 2)
    second.startWhenDone = true
    #expect(try await connection.request(.stage(second)) == .done)
    #expect(refusal(try await connection.request(.start(AttemptID(rawValue: 2)))) == "machine.busy")
    rig.board.release()
    #expect(try await rig.outcome(2, on: connection).kind == .done)
    #expect(try await rig.outcome(1, on: connection).kind == .done)
    #expect(rig.board.executed.filter { $0.hasPrefix("G1 X") }.count == 60)
    try await rig.end(connection)
  }

  @Test func cancelPauseAndResumeAreForTheRunningAttemptOnly() async throws {
    let rig = Rig(folder: try TestFolder(), board: try FakeBoard())
    rig.start()
    let connection = try await rig.connect()
    let path = try rig.folder.write("part.gcode", testFile(100).text)
    rig.board.limit(to: 10)
    try await rig.begin(path, 1, on: connection)
    let other = AttemptID(rawValue: 9)
    for request in [DriverRequest.cancel(other), .pause(other), .resume(other)] {
      #expect(refusal(try await connection.request(request)) == "attempt.notRunning")
    }
    #expect(try await connection.request(.cancel(AttemptID(rawValue: 1))) == .done)
    rig.board.release()
    let outcome = try await rig.outcome(1, on: connection)
    #expect(outcome.kind == .cancelled)
    #expect(outcome.progress.fileLine < 100)
    try await rig.end(connection)
  }

  /// A file large enough that the ring cannot hold it while the board stands still.
  private func standingStill(_ body: (Rig, DriverConnection, String) async throws -> Void) async throws {
    let rig = Rig(folder: try TestFolder(), board: try FakeBoard()) { $0.ringCapacity = 8192 }
    rig.start()
    let connection = try await rig.connect()
    let path = try rig.folder.write("part.gcode", testFile(2000).text)
    rig.board.limit(to: 50)
    try await rig.begin(path, 1, on: connection)
    try await until("the board holds") { rig.board.executed.count == 50 }
    try await body(rig, connection, path)
    try await rig.end(connection)
  }

  @Test func aDeletedFileIsPrintedToItsEnd() async throws {
    try await standingStill { rig, connection, path in
      unlink(path)
      rig.board.release()
      let outcome = try await rig.outcome(1, on: connection)
      #expect(outcome.kind == .done)
      #expect(rig.board.executed.filter { $0.hasPrefix("G1 X") } == testFile(2000).commands)
    }
  }

  @Test(arguments: ["truncated", "appended", "rewritten"])
  func aChangedFileStopsTheJobAndNamesTheLine(how: String) async throws {
    try await standingStill { rig, connection, path in
      switch how {
      case "truncated": truncate(path, 20_000)
      case "appended":
        let file = open(path, O_WRONLY | O_APPEND)
        _ = write(file, "G28\n", 4)
        close(file)
      default:
        // In place and of the same size: only the time tells. A second back, since times are coarse.
        let file = open(path, O_WRONLY)
        _ = write(file, "M112", 4)
        var times = [timespec(tv_sec: 1, tv_nsec: 0), timespec(tv_sec: 1, tv_nsec: 0)]
        futimens(file, &times)
        close(file)
      }
      rig.board.release()
      let outcome = try await rig.outcome(1, on: connection)
      #expect(outcome.kind == .failed)
      #expect(outcome.fault?.code == "file.changed")
      let line = try #require(outcome.fault?.fileLine)
      #expect(line >= 50 && line < 2400)
      #expect(outcome.fault?.sentence.contains("line \(line)") == true)
      // The safe ending came after it.
      #expect(rig.board.executed.contains { $0.hasPrefix("M140 S0") })
    }
  }

  @Test func aFileChangedBetweenStagingAndStartIsNotStarted() async throws {
    let rig = Rig(folder: try TestFolder(), board: try FakeBoard())
    rig.start()
    let connection = try await rig.connect()
    let path = try rig.folder.write("part.gcode", testFile(20).text)
    try await rig.stage(path, 1, on: connection)
    truncate(path, 10)
    try await rig.waitFor(.idle, on: connection)
    #expect(refusal(try await connection.request(.start(AttemptID(rawValue: 1)))) == "file.changed")
    #expect(rig.board.executed.isEmpty)
    try await rig.end(connection)
  }

  @Test func aReadErrorStopsTheJob() async throws {
    final class BadSource: JobSource {
      let file: FileSource
      var reads = 0
      init(_ file: FileSource) { self.file = file }
      var facts: SourceFacts { file.facts }
      func currentFacts() -> SourceFacts? { file.currentFacts() }
      func read(into space: UnsafeMutableRawBufferPointer) -> SourceRead {
        reads += 1
        return reads > 3 ? .failed(EIO) : file.read(into: space)
      }
    }
    let rig = Rig(folder: try TestFolder(), board: try FakeBoard()) { $0.ringCapacity = 8192 }
    rig.start(opener: { path throws(Fault) in BadSource(try FileSource(path: path)) })
    let connection = try await rig.connect()
    let path = try rig.folder.write("part.gcode", testFile(2000).text)
    try await rig.begin(path, 1, on: connection)
    let outcome = try await rig.outcome(1, on: connection)
    #expect(outcome.kind == .failed)
    #expect(outcome.fault?.code == "file.unreadable")
    try await rig.end(connection)
  }
}
