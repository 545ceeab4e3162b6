import DriverClient
import DriverInterface
import Glibc
import PrinterDriver
import Testing

/// A port that is missing, goes away, comes back, or is given to somebody else.
@Suite(.serialized) struct PortTests {
  @Test func aMissingPortIsWaitedForAndNamed() async throws {
    let folder = try TestFolder()
    let board = try FakeBoard()
    let link = folder.path + "/port"
    let rig = Rig(folder: folder, board: board) {
      $0.port = link
      $0.reopening = (5_000_000, 20_000_000)
    }
    rig.start()
    let connection = try await rig.connect()
    let status = try await rig.waitFor("a reason", on: connection) {
      $0.phase == .opening && !$0.reason.isEmpty
    }
    #expect(status.reason.contains(link))
    symlink(board.path, link)
    let ready = try await rig.waitFor("phase idle", on: connection) { $0.phase == .idle }
    #expect(ready.reason.isEmpty)
    #expect(ready.baudGranted == 115200)
    try await rig.end(connection)
  }

  @Test func whenTheCableIsPulledTheAttemptEndsAndTheNextBoardIsFound() async throws {
    let folder = try TestFolder()
    let first = try FakeBoard()
    let link = folder.path + "/port"
    symlink(first.path, link)
    let rig = Rig(folder: folder, board: first) {
      $0.port = link
      $0.reopening = (5_000_000, 20_000_000)
      $0.session.patience.gap = 500_000_000
    }
    rig.start()
    let connection = try await rig.connect()
    let path = try folder.write("part.gcode", testFile(200).text)
    first.limit(to: 50)
    try await rig.begin(path, 1, on: connection)
    try await until("the board holds") { first.executed.count == 50 }
    unlink(link)
    first.unplug()
    let outcome = try await rig.outcome(1, on: connection)
    #expect(outcome.kind == .uncertain || outcome.kind == .failed)
    #expect(outcome.fault?.code == "link.lost")
    #expect(outcome.progress.acknowledged >= 49)

    let second = try FakeBoard()
    symlink(second.path, link)
    try await rig.waitFor(.idle, on: connection)
    #expect(second.executed.allSatisfy { !$0.hasPrefix("G1") })
    try await rig.end(connection)
    second.end()
  }

  @Test func disconnectFreesThePortAndConnectTakesItAgain() async throws {
    let rig = Rig(folder: try TestFolder(), board: try FakeBoard())
    rig.start()
    let connection = try await rig.connect()
    try await rig.waitFor(.idle, on: connection)
    #expect(try await connection.request(.disconnect) == .done)
    try await rig.waitFor(.disconnected, on: connection)
    let other = try Rig(folder: TestFolder(), board: rig.board)
    other.start()
    let second = try await other.connect()
    try await other.waitFor(.idle, on: second)
    #expect(try await second.request(.end(force: false)) == .done)
    _ = try await other.result()
    #expect(try await connection.request(.connect) == .done)
    try await rig.waitFor(.idle, on: connection)
    try await rig.end(connection)
  }

  @Test func aPortThatIsHeldIsNotOpenedBeforeItIsAskedFor() async throws {
    let board = try FakeBoard()
    let rig = Rig(folder: try TestFolder(), board: board) { $0.holdsPort = true }
    rig.start()
    let connection = try await rig.connect()
    guard case .status(let held) = try await connection.request(.status) else { return }
    #expect(held.phase == .disconnected)
    #expect(held.reason.contains(board.path))
    // Nobody has it: another driver can take it and give it back.
    let other = try Rig(folder: TestFolder(), board: board)
    other.start()
    let second = try await other.connect()
    try await other.waitFor(.idle, on: second)
    #expect(try await second.request(.end(force: false)) == .done)
    _ = try await other.result()
    #expect(try await connection.request(.connect) == .done)
    let open = try await rig.waitFor("phase idle", on: connection) { $0.phase == .idle }
    #expect(open.reason.isEmpty)
    try await rig.end(connection)
  }

  @Test func aMeasurementHasThePortToItselfAndGivesItBack() async throws {
    let rig = Rig(folder: try TestFolder(), board: try FakeBoard())
    rig.start()
    let connection = try await rig.connect()
    try await rig.waitFor(.idle, on: connection)
    async let measuring = connection.request(.act(.measure))
    try await until("it is measured") { rig.board.executed.contains { $0.hasPrefix("G4") } }
    guard case .refused(let first) = try await connection.request(.send(line: "M115")) else {
      Issue.record("two had the port")
      return
    }
    #expect(first.code == "machine.busy")
    guard case .refused(let second) = try await connection.request(.act(.measure)) else {
      Issue.record("measured twice at once")
      return
    }
    #expect(second.code == "machine.busy")
    guard case .measured(let found) = try await measuring else {
      Issue.record("not measured")
      return
    }
    // This board does not dwell, so nothing ever had to wait: nothing shows, and nothing is made up.
    #expect(found.receiveBuffer == nil && found.queueLines == nil)
    #expect(!found.notes.isEmpty)
    #expect(rig.board.executed.allSatisfy { $0.hasPrefix("G4 P") }, "nothing moves and nothing is heated")
    try await rig.waitFor(.idle, on: connection)
    let path = try rig.folder.write("part.gcode", testFile(30).text)
    try await rig.begin(path, 1, on: connection)
    #expect(try await rig.outcome(1, on: connection).kind == .done)
    try await rig.end(connection)
  }

  @Test func aCableThatIsPulledEndsAMeasurement() async throws {
    let rig = Rig(folder: try TestFolder(), board: try FakeBoard())
    rig.start()
    let connection = try await rig.connect()
    try await rig.waitFor(.idle, on: connection)
    async let measuring = connection.request(.act(.measure))
    try await until("it is measured") { rig.board.executed.contains { $0.hasPrefix("G4") } }
    rig.board.unplug()
    guard case .refused(let fault) = try await measuring else {
      Issue.record("measured without a cable")
      return
    }
    #expect(fault.code == "measure.abandoned")
    #expect(try await connection.request(.end(force: true)) == .done)
    _ = try await rig.result()
  }

  @Test func theLinkReportSaysWhatThePortIs() async throws {
    let rig = Rig(folder: try TestFolder(), board: try FakeBoard())
    rig.start()
    let connection = try await rig.connect()
    try await rig.waitFor(.idle, on: connection)
    guard case .link(let report) = try await connection.request(.linkReport) else {
      Issue.record("no report")
      return
    }
    #expect(report.port == rig.board.path)
    #expect(report.baudGranted == 115_200)
    #expect(report.isUntimed)
    #expect(report.adapter == "pty")
    #expect(report.lines >= 4)
    #expect(report.roundTrips.reduce(0, +) >= 1)
    #expect(LinkVerdict(report).cause == .nothing)
    try await rig.end(connection)
  }

  @Test func theRecorderHoldsBothDirectionsAndIsDumpedOnFailure() async throws {
    let rig = Rig(folder: try TestFolder(), board: try FakeBoard())
    rig.start()
    let connection = try await rig.connect()
    #expect(try await connection.request(.subscribe(after: 0)) == .done)
    let path = try rig.folder.write("part.gcode", testFile(200).text)
    rig.board.limit(to: 20)
    try await rig.begin(path, 1, on: connection)
    try await until("the board holds") { rig.board.executed.count == 20 }
    guard case .lines(let lines) = try await connection.request(.recorder) else {
      Issue.record("no lines")
      return
    }
    #expect(lines.contains { $0.contains("> N0 M110*35") })
    #expect(lines.contains { $0.contains("< FIRMWARE_NAME:Fake") })
    #expect(lines.contains { $0.contains("# phase printing") })
    rig.board.unplug()
    for await event in connection.events {
      guard case .recorderDumped(let path) = event.kind else { continue }
      #expect(path.hasPrefix(rig.configuration.stateFolder))
      #expect(access(path, R_OK) == 0)
      break
    }
    #expect(try await connection.request(.end(force: true)) == .done)
    _ = try await rig.result()
  }

  @Test func aLineByHandIsAnsweredWithTheFirmwaresWords() async throws {
    let rig = Rig(folder: try TestFolder(), board: try FakeBoard())
    rig.start()
    let connection = try await rig.connect()
    try await rig.waitFor(.idle, on: connection)
    guard case .lines(let lines) = try await connection.request(.send(line: "M115")) else {
      Issue.record("no lines")
      return
    }
    #expect(lines.contains { $0.contains("FIRMWARE_NAME:Fake") })
    try await rig.end(connection)
  }
}
