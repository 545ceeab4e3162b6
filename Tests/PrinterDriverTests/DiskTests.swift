import DriverClient
import DriverInterface
import Glibc
import Testing

@testable import PrinterDriver

/// What is on the disk while a print runs, and what happens where the disk takes no more.
@Suite(.serialized) struct DiskTests {
  @Test func anAnchorOutlivesThePower() async throws {
    let rig = Rig(folder: try TestFolder(), board: try FakeBoard()) { $0.anchors = (1_000_000, 1_000_000) }
    rig.start()
    let connection = try await rig.connect()
    let path = try rig.folder.write("part.gcode", testFile(400).text)
    rig.board.limit(to: 100)
    try await rig.begin(path, 1, on: connection)
    // What a power cut leaves is the journal alone, as it stands at some moment.
    try await until("the anchor is on the disk") {
      var image = JournalImage()
      _ = image.replay(try contents(of: rig.configuration.stateFolder + "/journal")[...])
      return image.open?.attempt.rawValue == 1 && image.progress?.acknowledged == 100
    }
    rig.board.release()
    #expect(try await rig.outcome(1, on: connection).kind == .done)
    try await rig.end(connection)
  }

  @Test func whatThePowerLeftBecomesAnUncertainOutcome() async throws {
    let rig = Rig(folder: try TestFolder(), board: try FakeBoard())
    mkdir(rig.configuration.stateFolder, 0o700)
    let staged = StagedAttempt(
      attempt: AttemptID(rawValue: 5), job: 3, path: "/gone", size: 900, name: "gone.gcode")
    var anchor = AttemptProgress(attempt: staged.attempt, job: 3, name: "gone.gcode")
    anchor.fileLine = 44
    anchor.byteOffset = 777
    do {
      let journal = try Journal(folder: rig.configuration.stateFolder)
      try journal.append(.request(number: 0, .stage(staged)), sync: true)
      try journal.append(.event(JournalImage.event(.progress(anchor), at: 1)), sync: true)
    }
    rig.start()
    let connection = try await rig.connect()
    let outcome = try await rig.outcome(5, on: connection)
    #expect(outcome.kind == .uncertain)
    #expect(outcome.fault?.code == "attempt.driverDied")
    #expect(outcome.fault?.sentence.contains("line 44") == true)
    #expect(outcome.progress.byteOffset == 777)
    #expect(outcome.progress.job == 3)
    try await rig.end(connection)
  }

  @Test func onAFullDiskNothingIsStartedThatCouldStartTwice() async throws {
    let rig = Rig(folder: try TestFolder(), board: try FakeBoard())
    // A limit of the file's size stands for a disk without space: both make a write fail, perhaps in its middle.
    let words = ([Rig.executable] + rig.arguments).map { "'\($0)'" }.joined(separator: " ")
    let process = try DriverProcess.spawn(
      executable: "/bin/sh", arguments: ["-c", "ulimit -f 8; exec \(words)"])
    let connection = try await rig.connect()
    let path = try rig.folder.write("part.gcode", "G1 X1 Y1\n")
    var refused: Fault?
    var done = 0
    for number in 1...UInt64(300) where refused == nil {
      try await rig.waitFor(.idle, on: connection)
      try await rig.stage(path, number, on: connection)
      let reply = try await connection.request(.start(AttemptID(rawValue: number)))
      if case .refused(let fault) = reply {
        refused = fault
      } else {
        done += 1
        let outcome = try await rig.outcome(number, on: connection)
        #expect(outcome.kind == .done)
      }
    }
    #expect(refused?.code == "journal.io")
    try await rig.waitFor(.idle, on: connection)
    #expect(rig.board.executed.filter { $0.hasPrefix("G1 X1") }.count == done)
    // What was journaled before can be read: half a record was taken back.
    let bytes = try contents(of: rig.configuration.stateFolder + "/journal")
    var image = JournalImage()
    #expect(image.replay(bytes[...]) == bytes.count)
    #expect(image.started.count == done)
    process.signal(SIGTERM)
    #expect(await process.waitForEnd() == .exited(status: 0))
    rig.board.end()
  }

  @Test func aBoardThatSaysNothingDoesNotHoldUpTheEnd() async throws {
    let rig = Rig(folder: try TestFolder(), board: try FakeBoard()) { $0.endingPatience = 50_000_000 }
    rig.start()
    let connection = try await rig.connect()
    let path = try rig.folder.write("part.gcode", testFile(400).text)
    rig.board.limit(to: 100)
    try await rig.begin(path, 1, on: connection)
    try await until("the board holds") { rig.board.executed.count == 100 }
    #expect(try await connection.request(.end(force: false)) != .done)
    #expect(try await connection.request(.end(force: true)) == .done)
    #expect(try await rig.result() == .success(0))
    let image = try Journal(folder: rig.configuration.stateFolder).image
    #expect(image.open == nil)
    #expect(image.outcomes.first?.kind == .uncertain)
    #expect(image.outcomes.first?.fault?.code == "driver.ended")
    rig.board.end()
  }

  @Test func theWireLogHoldsEveryLineBothWays() async throws {
    let rig = Rig(folder: try TestFolder(), board: try FakeBoard())
    rig.start()
    let connection = try await rig.connect()
    try await rig.waitFor(.idle, on: connection)
    #expect(try await connection.request(.wireLog(true)) == .done)
    try await rig.begin(try rig.folder.write("part.gcode", testFile(300).text), 1, on: connection)
    _ = try await rig.outcome(1, on: connection)
    try await rig.end(connection)
    let log = String(decoding: try contents(of: rig.configuration.stateFolder + "/wire.log"), as: UTF8.self)
    let lines = log.split(separator: "\n")
    for command in testFile(300).commands {
      #expect(lines.contains { $0.contains("> N") && $0.contains(" \(command)*") })
    }
    #expect(lines.filter { $0.contains("< ok") }.count >= 300)
  }

  private func contents(of path: String) throws -> [UInt8] {
    let file = open(path, O_RDONLY)
    guard file >= 0 else { throw RigError(words: "no \(path)") }
    defer { close(file) }
    var bytes: [UInt8] = []
    var space = [UInt8](repeating: 0, count: 65536)
    while true {
      let count = read(file, &space, space.count)
      if count <= 0 { return bytes }
      bytes += space[..<count]
    }
  }
}
