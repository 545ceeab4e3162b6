import CLinux
import DriverClient
import DriverInterface
import Glibc
import PrinterDriver
import Testing

@testable import PrinterDriver

/// A driver is killed in mid-print: the table by which its successor decides, row by row.
@Suite struct AdoptionPlanTests {
  private static let good: Remains = {
    var remains = Remains()
    remains.page = .same
    remains.wasStreaming = true
    remains.knowsLinesInFlight = true
    remains.firmwareTells = true
    remains.opensWithoutReset = true
    remains.silence = 900_000_000
    remains.patience = 30_000_000_000
    remains.file = .same
    return remains
  }()

  @Test func whereAllIsKnownTheMachineIsAsked() { #expect(adoptionPlan(Self.good) == .ask) }

  static let spoilt: [(String, @Sendable (inout Remains) -> Void)] = [
    ("journal", { $0.page = .missing }),
    ("another attempt", { $0.page = .other }),
    ("which line", { $0.firmwareTells = false }),
    ("reset the board", { $0.opensWithoutReset = false }),
    ("stay closed", { $0.isPortHeld = true }),
    ("never", { $0.patience = 0 }),
    ("too much time", { $0.silence = 30_000_000_000 }),
    // A clock that ran backwards says nothing about how long it was.
    ("too much time", { $0.silence = -1 }),
    ("something else", { $0.wasStreaming = false }),
    ("on their way", { $0.knowsLinesInFlight = false }),
    ("changed", { $0.file = .changed }),
    ("cannot be read", { $0.file = .missing }),
  ]

  @Test(arguments: 0..<spoilt.count) func oneThingAmissIsEnough(_ row: Int) {
    let (words, spoil) = Self.spoilt[row]
    var remains = Self.good
    spoil(&remains)
    guard case .giveUp(let why) = adoptionPlan(remains) else {
      Issue.record("it would go on although: \(words)")
      return
    }
    #expect(why.contains(words))
  }
}

/// The same with real processes, a terminal and a board that counts its lines.
@Suite(.serialized) struct AdoptionTests {
  private struct Scene {
    var folder: TestFolder
    var board: CountingBoard
    var rig: Rig
    var path: String
    var commands: [String]

    init(lines: Int = 400) throws {
      folder = try TestFolder()
      board = try CountingBoard(link: folder.path + "/port")
      let link = board.link
      rig = Rig(folder: folder, board: try FakeBoard()) { $0.port = link }
      let (text, commands) = testFile(lines)
      self.commands = commands
      path = try folder.write("part.gcode", "M104 S200\n" + text)
    }

    /// Prints up to a line, and kills the driver there with lines on their way.
    func killed(after count: Int) async throws {
      let process = try rig.spawn()
      let first = try await rig.connect()
      board.limit(to: count)
      try await rig.begin(path, 1, on: first)
      try await until("lines wait in the board") { board.executed.count == count && board.heldCount > 0 }
      process.signal(SIGKILL)
      #expect(await process.waitForEnd() == .signalled(SIGKILL))
    }

    func end(_ connection: DriverConnection) async throws {
      let process = try DriverProcess.adopt(pid: connection.driver.pid)
      #expect(try await connection.request(.end(force: true)) == .done)
      _ = await process.waitForEnd()
      board.end()
    }
  }

  @Test func theSuccessorGoesOnAndEveryLineRunsOnce() async throws {
    let scene = try Scene()
    try await scene.killed(after: 100)
    // What the board had taken runs while no driver lives.
    scene.board.release()
    try await until("they ran") { scene.board.heldCount == 0 }
    _ = try scene.rig.spawn()
    let second = try await scene.rig.connect()
    let outcome = try await scene.rig.outcome(1, on: second)
    #expect(outcome.kind == .done, "\(String(describing: outcome.fault))")
    #expect(scene.board.moves == scene.commands)
    #expect(outcome.progress.acknowledged == 401)
    #expect(!scene.board.received.contains { $0.contains("M104 S0") || $0.contains("M110 N") })
    try await scene.end(second)
  }

  @Test func killedAtAnyMomentNoLineIsMissingAndNoneRunsTwice() async throws {
    var wentOn = 0
    for round in 0..<6 {
      let scene = try Scene(lines: 3000)
      var process = try scene.rig.spawn()
      var connection = try await scene.rig.connect()
      try await scene.rig.begin(scene.path, 1, on: connection)
      for strike in 0..<3 {
        let mark = 200 + 700 * strike + 37 * round
        try await until("line \(mark) or an end, round \(round)") {
          if scene.board.executed.count > mark { return true }
          guard case .status(let status) = try await connection.request(.status) else { return false }
          return !status.outcomes.isEmpty
        }
        process.signal(SIGKILL)
        _ = await process.waitForEnd()
        process = try scene.rig.spawn()
        connection = try await scene.rig.connect()
      }
      let outcome = try await scene.rig.outcome(1, on: connection)
      let ran = scene.board.moves
      // On a machine so busy that the board's answers stay out it may end uncertain; a line too many or too few it may not.
      if outcome.kind == .done {
        wentOn += 1
        #expect(ran == scene.commands, "round \(round)")
      } else {
        #expect(outcome.kind == .uncertain, "round \(round): \(String(describing: outcome.fault))")
        #expect(ran == Array(scene.commands.prefix(ran.count)), "round \(round)")
      }
      try await scene.end(connection)
    }
    #expect(wentOn > 0)
  }

  @Test func aBoardThatWasResetMeanwhileGetsNothingMoreButHeatersOff() async throws {
    let scene = try Scene()
    try await scene.killed(after: 100)
    scene.board.reset()
    scene.board.release()
    try await givesUp(scene, code: "firmware.reset", moves: 99)
  }

  @Test func aHeadThatStandsElsewhereEndsIt() async throws {
    let scene = try Scene()
    try await scene.killed(after: 100)
    scene.board.release()
    try await until("they ran") { scene.board.heldCount == 0 }
    scene.board.change { $0.displacement = 5 }
    try await givesUp(scene, code: "attempt.driverDied", words: "stands at", moves: scene.board.moves.count)
  }

  @Test func aHotEndThatCooledEndsIt() async throws {
    let scene = try Scene()
    try await scene.killed(after: 100)
    scene.board.change { $0.hotEnd = 150 }
    scene.board.release()
    try await until("they ran") { scene.board.heldCount == 0 }
    try await givesUp(scene, code: "attempt.driverDied", words: "cooled", moves: scene.board.moves.count)
  }

  @Test func aFileThatWasChangedEndsIt() async throws {
    let scene = try Scene()
    try await scene.killed(after: 100)
    try scene.folder.write("part.gcode", "M104 S200\n" + testFile(400).text)
    scene.board.release()
    try await until("they ran") { scene.board.heldCount == 0 }
    try await givesUp(scene, code: "attempt.driverDied", words: "changed", moves: scene.board.moves.count)
  }

  @Test func withoutThePageTheJournalTellsWhereItWas() async throws {
    let scene = try Scene()
    try await scene.killed(after: 100)
    unlink(scene.rig.configuration.pagePath)
    scene.board.release()
    try await until("they ran") { scene.board.heldCount == 0 }
    let point = try await givesUp(
      scene, code: "attempt.driverDied", words: "journal", moves: scene.board.moves.count)
    #expect(point.staleMs >= 5000)
  }

  /// The successor ends it uncertain, sends no more of the file, and switches off first (safety rule 3).
  @discardableResult
  private func givesUp(_ scene: Scene, code: String, words: String = "", moves: Int) async throws
    -> ResumePoint
  {
    let before = scene.board.received.count
    _ = try scene.rig.spawn()
    let second = try await scene.rig.connect()
    let outcome = try await scene.rig.outcome(1, on: second)
    #expect(outcome.kind == .uncertain)
    #expect(outcome.fault?.code == code)
    #expect(outcome.fault?.sentence.contains(words) == true || words.isEmpty, "\(outcome)")
    try await scene.rig.waitFor(.idle, on: second)
    try await until("the heaters are off") { scene.board.executed.contains { $0.hasPrefix("M140 S0") } }
    #expect(scene.board.moves.count == moves)
    let acts = scene.board.executed.drop { $0.hasPrefix("G1") || $0 == "M104 S200" }
    #expect(acts.first?.hasPrefix("M104") == true && acts.first?.hasSuffix("S0") == true)
    #expect(scene.board.received.count > before)
    guard case .resumePoint(let point?) = try await second.request(.resumePoint(outcome.progress.attempt))
    else { throw RigError(words: "no resume point") }
    #expect(point.sent.byteOffset >= point.acknowledged.byteOffset)
    #expect(point.modal.toolTargets.first?.target == 200 || point.staleMs > 0)
    try await scene.end(second)
    return point
  }
}
