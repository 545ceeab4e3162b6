import DriverClient
import DriverInterface
import Testing

/// A file on a PTY, from staging to its acknowledged outcome.
@Suite(.serialized) struct PrintTests {
  @Test func theBoardExecutesTheFileAndTheOutcomeWaitsUntilItIsAcknowledged() async throws {
    let rig = Rig(folder: try TestFolder(), board: try FakeBoard())
    rig.start()
    let (text, commands) = testFile(500)
    let path = try rig.folder.write("part.gcode", text)
    let connection = try await rig.connect()
    try await rig.begin(path, 1, on: connection)
    let outcome = try await rig.outcome(1, on: connection)
    #expect(outcome.kind == .done)
    #expect(outcome.fault == nil)
    #expect(
      outcome.progress.fileLine
        == Int64(text.split(separator: "\n", omittingEmptySubsequences: false).count - 1))
    #expect(outcome.progress.byteOffset == Int64(text.utf8.count))
    #expect(outcome.progress.job == 7)
    #expect(rig.board.executed.filter { $0.hasPrefix("G1") } == commands)
    #expect(try await connection.request(.acknowledgeOutcome(AttemptID(rawValue: 1))) == .done)
    try await rig.waitFor("no outcome", on: connection) { $0.outcomes.isEmpty }
    try await rig.end(connection)
  }
}
