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

  @Test func aPauseIsKeptToo() {
    var remains = Self.good
    (remains.wasStreaming, remains.wasPaused) = (false, true)
    #expect(adoptionPlan(remains) == .ask)
  }

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
    ("start script", { ($0.wasStreaming, $0.script) = (false, .start) }),
    ("end script", { ($0.wasStreaming, $0.script) = (false, .end) }),
    ("pause script", { ($0.wasStreaming, $0.script) = (false, .pause) }),
    ("resume script", { ($0.wasStreaming, $0.script) = (false, .resume) }),
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

    init(lines: Int = 400, before: String = "M104 S200\n") throws {
      folder = try TestFolder()
      board = try CountingBoard(link: folder.path + "/port")
      let link = board.link
      rig = Rig(folder: folder, board: try FakeBoard()) { $0.port = link }
      let (text, commands) = testFile(lines)
      self.commands = commands
      path = try folder.write("part.gcode", before + text)
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
    for round in 0..<6 {
      let scene = try Scene(lines: 3000)
      var process = try scene.rig.spawn()
      var connection = try await scene.rig.connect()
      scene.board.limit(to: 0)
      try await scene.rig.begin(scene.path, 1, on: connection)
      for strike in 0..<3 {
        // The board waits for the test and the test for the driver's word, so that each strike hits a driver that prints,
        // however busy the machine is: one that was killed while it asks what its predecessor did may not go on.
        let mark = 200 + 700 * strike + 37 * round
        scene.board.limit(to: mark + 300)
        try await until("line \(mark), round \(round)") { scene.board.executed.count >= mark }
        try await scene.rig.waitFor(.printing, on: connection)
        process.signal(SIGKILL)
        _ = await process.waitForEnd()
        process = try scene.rig.spawn()
        connection = try await scene.rig.connect()
      }
      scene.board.release()
      let outcome = try await scene.rig.outcome(1, on: connection)
      #expect(outcome.kind == .done, "round \(round): \(String(describing: outcome.fault))")
      #expect(scene.board.moves == scene.commands, "round \(round)")
      try await scene.end(connection)
    }
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

  // MARK: In a pause

  /// A print that is homed and stands at a height, paused behind 100 commands.
  private func paused(_ more: [String] = []) async throws -> (Scene, DriverProcess) {
    let scene = try Scene(before: "M104 S200\nG28\nG90\nG1 Z0.4 F600\n")
    let process = try scene.rig.spawn(more)
    let first = try await scene.rig.connect()
    scene.board.limit(to: 100)
    try await scene.rig.begin(scene.path, 1, on: first)
    try await until("the board holds") { scene.board.executed.count == 100 && scene.board.heldCount > 0 }
    #expect(try await first.request(.pause(AttemptID(rawValue: 1))) == .done)
    return (scene, process)
  }

  private func kill(_ process: DriverProcess) async {
    process.signal(SIGKILL)
    _ = await process.waitForEnd()
  }

  @Test func aPausedPrintStaysPausedAndGoesOnFromThereWhenItIsTold() async throws {
    let (scene, process) = try await paused()
    scene.board.release()
    let first = try await scene.rig.connect()
    try await scene.rig.waitFor(.paused, on: first)
    let point = try #require(try await self.point(first))
    #expect(point.modal.parkedAt.count == 3 && point.mayNotHaveRun.isEmpty)
    await kill(process)
    let ran = scene.board.executed
    _ = try scene.rig.spawn()
    let second = try await scene.rig.connect()
    let status = try await scene.rig.waitFor("a pause or an end", on: second) {
      $0.phase == .paused || !$0.outcomes.isEmpty
    }
    #expect(status.outcomes.isEmpty, "\(status.outcomes)")
    #expect(scene.board.executed == ran, "something ran that nobody asked for")
    #expect(try await self.point(second)?.modal == point.modal)
    #expect(try await second.request(.resume(AttemptID(rawValue: 1))) == .done)
    let outcome = try await scene.rig.outcome(1, on: second)
    #expect(outcome.kind == .done, "\(String(describing: outcome.fault))")
    // The head was led to its park and back in between.
    let before = ran.count { $0.hasPrefix("G1 X") } - 1
    let (way, back) = ("G1 X0 Y0 F6000", scene.commands[before - 1])
    let wanted = scene.commands[..<before] + [way, back] + scene.commands[before...]
    #expect(scene.board.moves.elementsEqual(wanted))
    let height = scene.board.executed.last { $0.contains(" Z") }
    #expect(height == "G1 Z0.4 F600", "it went on at another height: \(height ?? "none")")
    try await scene.end(second)
  }

  @Test func aPausedHeadThatStandsElsewhereEndsItWithThePlaceWhereItWasParked() async throws {
    let (scene, process) = try await paused()
    scene.board.release()
    let first = try await scene.rig.connect()
    try await scene.rig.waitFor(.paused, on: first)
    let parked = try #require(try await self.point(first)).modal.parkedAt
    await kill(process)
    scene.board.change { $0.displacement = 5 }
    let point = try await givesUp(
      scene, code: "attempt.driverDied", words: "stands at", moves: scene.board.moves.count)
    #expect(point.modal.isParked && point.modal.parkedAt == parked)
  }

  @Test func withoutThePageTheJournalTellsWhereItIsParked() async throws {
    let (scene, process) = try await paused()
    scene.board.release()
    let first = try await scene.rig.connect()
    try await scene.rig.waitFor(.paused, on: first)
    let parked = try #require(try await self.point(first)).modal.parkedAt
    try await until("the pause is on the disk") {
      JournalFile.look(scene.rig.configuration.stateFolder).points.last?.modal.parkedAt == parked
    }
    await kill(process)
    unlink(scene.rig.configuration.pagePath)
    let point = try await givesUp(
      scene, code: "attempt.driverDied", words: "parked at", moves: scene.board.moves.count)
    #expect(point.modal.parkedAt == parked)
    // It stood still: nothing of the file can have run since.
    #expect(point.staleMs == 0 && point.mayNotHaveRun.isEmpty)
  }

  @Test func killedInThePauseScriptItSaysSo() async throws {
    let (scene, process) = try await paused()
    let count = scene.board.executed.count + scene.board.heldCount
    scene.board.limit(to: count + 1)
    try await until("the script is under way") {
      scene.board.executed.count == count + 1 && scene.board.heldCount > 0
    }
    await kill(process)
    scene.board.release()
    try await until("it ran") { scene.board.heldCount == 0 }
    let point = try await givesUp(
      scene, code: "attempt.driverDied", words: "pause script", moves: scene.board.moves.count)
    #expect(point.modal.parkedAt.isEmpty)
  }

  @Test(arguments: ["M104 S200", "G90"]) func killedInTheResumeScriptItSaysSoAndWhetherTheHeadIsStillParked(
    _ last: String
  ) async throws {
    let (scene, process) = try await paused()
    scene.board.release()
    let first = try await scene.rig.connect()
    try await scene.rig.waitFor(.paused, on: first)
    let parked = try #require(try await self.point(first)).modal
    scene.board.change { $0.stopsBehind = last }
    #expect(try await first.request(.resume(AttemptID(rawValue: 1))) == .done)
    try await until("the script is under way") { scene.board.heldCount > 0 }
    await kill(process)
    scene.board.change { $0.stopsBehind = nil }
    try await until("it ran") { scene.board.heldCount == 0 }
    let point = try await givesUp(
      scene, code: "attempt.driverDied", words: "resume script", moves: scene.board.moves.count)
    // It warms up before it goes back; what was sent behind that may have led it anywhere on the way.
    #expect(point.modal.parkedAt == (last == "G90" ? [] : parked.parkedAt))
    #expect((point.modal.x, point.modal.y, point.modal.z) == (parked.x, parked.y, parked.z))
    #expect(point.modal.isParked)
  }

  @Test(arguments: ["start", "end"]) func killedInAScriptAroundTheJobItSaysWhich(_ name: String) async throws
  {
    let scene = try Scene(lines: 20)
    let script = try scene.folder.write("script", "M117 one\nM117 two\nM117 three\n")
    let process = try scene.rig.spawn(["--script-\(name)", script])
    let first = try await scene.rig.connect()
    scene.board.change { $0.stopsBehind = "M117 one" }
    try await scene.rig.begin(scene.path, 1, on: first)
    try await until("the script is under way") { scene.board.heldCount > 0 }
    await kill(process)
    scene.board.change { $0.stopsBehind = nil }
    try await until("it ran") { scene.board.heldCount == 0 }
    _ = try scene.rig.spawn()
    let second = try await scene.rig.connect()
    let outcome = try await scene.rig.outcome(1, on: second)
    #expect(outcome.kind == .uncertain)
    #expect(outcome.fault?.sentence.contains("\(name) script") == true, "\(outcome)")
    try await scene.end(second)
  }

  private func point(_ connection: DriverConnection) async throws -> ResumePoint? {
    guard case .resumePoint(let point) = try await connection.request(.resumePoint(AttemptID(rawValue: 1)))
    else { throw RigError(words: "no resume point") }
    return point
  }

  /// The successor ends it uncertain, sends no more of the file, and switches off first (safety rule 3).
  @discardableResult
  private func givesUp(_ scene: Scene, code: String, words: String = "", moves: Int) async throws
    -> ResumePoint
  {
    let before = scene.board.received.count
    let ran = scene.board.executed.count
    _ = try scene.rig.spawn()
    let second = try await scene.rig.connect()
    let outcome = try await scene.rig.outcome(1, on: second)
    #expect(outcome.kind == .uncertain)
    #expect(outcome.fault?.code == code)
    #expect(outcome.fault?.sentence.contains(words) == true || words.isEmpty, "\(outcome)")
    try await scene.rig.waitFor(.idle, on: second)
    try await until("the heaters are off") { scene.board.executed.contains { $0.hasPrefix("M140 S0") } }
    #expect(scene.board.moves.count == moves)
    let acts = scene.board.executed[ran...]
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
