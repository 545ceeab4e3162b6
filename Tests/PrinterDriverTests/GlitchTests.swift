import DriverClient
import DriverInterface
import Glibc
import PrinterDriver
import Testing

@testable import PrinterDriver

/// A terminal that goes away in mid-print and comes back behind the same symlink.
@Suite(.serialized) struct GlitchTests {
  private func rig(
    _ folder: TestFolder, _ board: CountingBoard, change: (inout DriverConfiguration) -> Void = { _ in }
  ) throws -> Rig {
    // The rig's own board has no part in this.
    Rig(folder: folder, board: try FakeBoard()) {
      $0.port = board.link
      $0.reopening = (5_000_000, 20_000_000)
      change(&$0)
    }
  }

  private func changes(_ connection: DriverConnection) -> Task<[LinkChange], Never> {
    Task {
      var changes: [LinkChange] = []
      for await event in connection.events {
        if case .link(let change) = event.kind { changes.append(change) }
        if case .ended = event.kind { break }
      }
      return changes
    }
  }

  @Test func theSameBoardIsFoundAgainAndEveryLineRunsOnce() async throws {
    let folder = try TestFolder()
    let board = try CountingBoard(link: folder.path + "/port")
    let rig = try rig(folder, board)
    rig.start()
    let connection = try await rig.connect()
    #expect(try await connection.request(.subscribe(after: 0)) == .done)
    let told = changes(connection)
    let (text, commands) = testFile(400)
    let path = try folder.write("part.gcode", "M104 S200\n" + text)
    board.limit(to: 100)
    try await rig.begin(path, 1, on: connection)
    try await until("lines wait in the board") { board.executed.count == 100 && board.heldCount > 0 }
    board.unplug()
    let lost = try await rig.waitFor("the loss", on: connection) { $0.phase == .linkLost }
    // The job is kept, and said to be.
    #expect(lost.running?.attempt.rawValue == 1)
    #expect(lost.outcomes.isEmpty)
    // What it had taken runs while nobody listens; its answers are lost.
    board.release()
    try await until("they ran") { board.heldCount == 0 }
    board.plugIn()
    let outcome = try await rig.outcome(1, on: connection)
    #expect(outcome.kind == .done, "\(String(describing: outcome.fault))")
    #expect(board.moves == commands)
    let seen = await told.value
    #expect(seen.contains { if case .lost = $0 { true } else { false } })
    #expect(seen.contains { if case .glitch(let gap) = $0 { gap < 30_000 } else { false } })
    try await rig.end(connection)
    board.end()
  }

  @Test func aBoardThatRestartedMeanwhileGetsNothingMore() async throws {
    let folder = try TestFolder()
    let board = try CountingBoard(link: folder.path + "/port")
    let rig = try rig(folder, board)
    rig.start()
    let connection = try await rig.connect()
    let path = try folder.write("part.gcode", testFile(400).text)
    board.limit(to: 100)
    try await rig.begin(path, 1, on: connection)
    try await until("lines wait in the board") { board.executed.count == 100 && board.heldCount > 0 }
    board.unplug()
    try await rig.waitFor(.linkLost, on: connection)
    board.reset()
    board.release()
    board.plugIn()
    let outcome = try await rig.outcome(1, on: connection)
    #expect(outcome.kind == .uncertain)
    #expect(outcome.fault?.code == "firmware.reset")
    try await rig.waitFor(.idle, on: connection)
    #expect(board.moves.count == 100)
    guard case .resumePoint(let point?) = try await connection.request(.resumePoint(outcome.progress.attempt))
    else {
      Issue.record("no resume point")
      return
    }
    #expect(point.acknowledged.fileLine == outcome.progress.fileLine)
    #expect(point.sent.fileLine > point.acknowledged.fileLine)
    #expect(point.mayNotHaveRun.count == ResumePoint.mostOpen)
    #expect(point.modal.feedrate == 6000)
    // Acknowledged, it is forgotten.
    #expect(try await connection.request(.acknowledgeOutcome(point.attempt)) == .done)
    #expect(try await connection.request(.resumePoint(point.attempt)) == .resumePoint(nil))
    try await rig.end(connection)
    board.end()
  }

  /// Safety rule 3: whoever is told or not, heat does not stay on where the port could switch it off.
  @Test func aBoardThatOpeningResetsIsOpenedWhenItsHeatIsDue() async throws {
    let folder = try TestFolder()
    let board = try CountingBoard(link: folder.path + "/port", resetsOnOpen: true)
    let rig = try rig(folder, board) {
      $0.session.resetsOnOpen = .unknown
      $0.session.patience.uncertainTool = 500_000_000
    }
    rig.start()
    let connection = try await rig.connect()
    let path = try folder.write("part.gcode", "M104 S200\n" + testFile(400).text)
    board.limit(to: 100)
    try await rig.begin(path, 1, on: connection)
    try await until("the board holds") { board.executed.count == 100 }
    board.unplug()
    #expect(try await rig.outcome(1, on: connection).kind == .uncertain)
    board.plugIn()
    try await rig.waitFor(.idle, on: connection)
    // Its own reset did it.
    #expect(board.hotEndTarget == 0)
    try await rig.end(connection)
    board.end()
  }

  @Test func aBoardThatOpeningResetsStaysClosedUntilAPersonSaysConnect() async throws {
    let folder = try TestFolder()
    let board = try CountingBoard(link: folder.path + "/port", resetsOnOpen: true)
    let rig = try rig(folder, board) { $0.session.resetsOnOpen = .unknown }
    rig.start()
    let connection = try await rig.connect()
    #expect(try await connection.request(.subscribe(after: 0)) == .done)
    let path = try folder.write("part.gcode", testFile(400).text)
    board.limit(to: 100)
    try await rig.begin(path, 1, on: connection)
    try await until("the board holds") { board.executed.count == 100 }
    var learned: Bool?
    var isWaiting = false
    board.unplug()
    for await event in connection.events {
      if case .openingResets(let resets) = event.kind { learned = resets }
      if case .link(.waiting) = event.kind { isWaiting = true }
      if case .ended = event.kind { break }
    }
    #expect(learned == true)
    let outcome = try await rig.outcome(1, on: connection)
    #expect(outcome.kind == .uncertain)
    board.release()
    try await until("what it had taken ran") { board.heldCount == 0 }
    let ran = board.moves.count
    board.plugIn()
    // The driver would have tried a dozen times in this while.
    try await Task.sleep(for: .milliseconds(300))
    let closed = try await rig.waitFor("the loss", on: connection) { $0.phase == .linkLost }
    #expect(closed.baudGranted == 0)
    if !isWaiting {
      for await event in connection.events {
        if case .link(.waiting) = event.kind { break }
      }
    }
    #expect(try await connection.request(.connect) == .done)
    try await rig.waitFor(.idle, on: connection)
    #expect(board.moves.count == ran)
    try await rig.end(connection)
    board.end()
  }
}
