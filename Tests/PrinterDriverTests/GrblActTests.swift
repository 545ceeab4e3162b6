import DriverClient
import DriverInterface
import Glibc
import PrinterDriver
import Testing

/// Zero, frame, unlock and home by a client's request, down to the line on the wire and back.
@Suite(.serialized) struct GrblActTests {
  private func laser(_ board: GrblBoard) throws -> Rig {
    let rig = Rig(folder: try TestFolder(), board: try FakeBoard()) {
      $0.port = board.path
      $0.session.dialect = .grbl
      $0.session.machineClass = .laser
    }
    rig.start()
    return rig
  }

  private func code(_ reply: DriverReply) -> String? {
    if case .refused(let fault) = reply { fault.code } else { nil }
  }

  @Test func zeroNamesItsAxes() async throws {
    let board = try GrblBoard()
    let rig = try laser(board)
    let connection = try await rig.connect()
    try await rig.waitFor(.idle, on: connection)
    #expect(try await connection.request(.act(.zero(axes: "XY"))) == .done)
    #expect(board.taken == ["G10 L20 P1 X0 Y0"])
    board.answers("G10 L20 P1 Z0", "error:7")
    #expect(code(try await connection.request(.act(.zero(axes: "Z")))) == "firmware.refused")
    #expect(code(try await connection.request(.act(.zero(axes: "A")))) == "axes.none")
    try await rig.end(connection)
    board.end()
  }

  /// A start behind a frame is refused before its attempt is spent, and the frame is answered at rest.
  @Test func aFrameIsAnsweredWhenTheMachineRests() async throws {
    let board = try GrblBoard()
    let rig = try laser(board)
    let connection = try await rig.connect()
    let part = try rig.folder.write("part.nc", "G21\nG90\nG0 X5 Y6\nM4 S10\nG1 X20 Y30 F600\nM5\n")
    try await rig.stage(part, 1, on: connection)
    try await rig.waitFor(.idle, on: connection)
    let frame = Task { try await connection.request(.act(.frame(AttemptID(rawValue: 1)))) }
    try await until("the jogs are accepted") { board.taken.count == 6 }
    #expect(board.taken.first == "M5")
    #expect(board.taken.dropFirst().allSatisfy { $0.hasPrefix("$J=G90 G21 X") })
    try await rig.waitFor(.printing, on: connection)
    #expect(
      code(try await connection.request(.start(AttemptID(rawValue: 1)))) == "machine.notReady")
    board.does("Idle")
    #expect(try await frame.value == .done)
    #expect(try await connection.request(.start(AttemptID(rawValue: 1))) == .done)
    try await until("the job has begun") { board.taken.contains("M4 S10") }
    try await rig.end(connection)
    board.end()
  }

  @Test func aLockedMachineIsUnlockedOrHomed() async throws {
    let board = try GrblBoard(does: "Alarm")
    let rig = try laser(board)
    let connection = try await rig.connect()
    try await rig.waitFor(.needsAttention, on: connection)
    #expect(code(try await connection.request(.act(.zero(axes: "X")))) == "machine.locked")
    board.answers("$H", "error:5")
    #expect(code(try await connection.request(.homeCycle)) == "firmware.refused")
    #expect(try await connection.request(.unlock) == .done)
    #expect(board.taken == ["$H", "$X"])
    try await rig.waitFor(.idle, on: connection)
    try await rig.end(connection)
    board.end()
  }
}
