import DriverClient
import DriverInterface
import Glibc
import PrinterDriver
import Testing

@testable import PrinterDriver

/// What outlives the death of a client, of whoever started the driver, and of the driver itself. With real processes.
@Suite(.serialized) struct SurvivalTests {
  @Test func whenTheParentIsKilledInMidPrintAnotherClientFindsDriverLineAndOutcome() async throws {
    let rig = Rig(folder: try TestFolder(), board: try FakeBoard())
    let path = try rig.folder.write("part.gcode", testFile(400).text)
    // A shell stands for the supervisor: it starts the driver and is killed with its whole process group.
    let words = ([Rig.executable] + rig.arguments + ["--detach"]).map { "'\($0)'" }.joined(separator: " ")
    let parent = try DriverProcess.spawn(executable: "/bin/sh", arguments: ["-c", "\(words) & sleep 1000"])
    var first: DriverConnection? = try await rig.connect()
    let pid = try #require(first?.driver.pid)
    rig.board.limit(to: 100)
    try await rig.begin(path, 1, on: try #require(first))
    try await until("the board holds") { rig.board.executed.count == 100 }

    kill(-parent.pid, SIGKILL)
    #expect(await parent.waitForEnd() == .signalled(SIGKILL))
    first = nil

    let second = try await rig.connect()
    #expect(second.driver.pid == pid)
    guard case .status(let status) = try await second.request(.status) else { return }
    #expect(status.running?.attempt.rawValue == 1)
    #expect((status.running?.acknowledged ?? 0) >= 99)
    rig.board.release()
    let outcome = try await rig.outcome(1, on: second)
    #expect(outcome.kind == .done)
    #expect(rig.board.executed.count == 400)
    try await endProcess(second, rig)
  }

  @Test func whenTheDriverIsKilledTheNextOneKnowsTheLineAndStartsNothingTwice() async throws {
    let rig = Rig(folder: try TestFolder(), board: try FakeBoard())
    let path = try rig.folder.write("part.gcode", testFile(400).text)
    // Whether a successor goes on is the business of the adoption tests: this one never does.
    let process = try rig.spawn("--resume-within", "0")
    let first = try await rig.connect()
    rig.board.limit(to: 100)
    try await rig.begin(path, 1, on: first)
    try await until("the board holds") { rig.board.executed.count == 100 }
    try await rig.waitFor("100 lines acknowledged", on: first) { $0.running?.acknowledged == 100 }
    process.signal(SIGKILL)
    #expect(await process.waitForEnd() == .signalled(SIGKILL))
    try await until("the loss is seen") { first.ended == .lost }

    rig.board.release()
    let next = try rig.spawn("--resume-within", "0")
    let second = try await rig.connect()
    #expect(second.driver.incarnation != first.driver.incarnation)
    let outcome = try await rig.outcome(1, on: second)
    #expect(outcome.kind == .uncertain)
    #expect(outcome.fault?.code == "attempt.driverDied")
    #expect(outcome.progress.acknowledged == 100)
    #expect(outcome.progress.fileLine == outcome.fault?.fileLine)
    #expect(outcome.progress.byteOffset > 0)

    // Heaters off is the first thing that the board is told after the greeting (safety rule 3).
    try await rig.waitFor(.idle, on: second)
    try await until("the heaters are off") { rig.board.executed.contains { $0.hasPrefix("M140 S0") } }
    let afterDeath = rig.board.executed.drop { $0.hasPrefix("G1") }
    #expect(afterDeath.first?.hasPrefix("M104") == true)

    guard case .refused(let again) = try await second.request(.stage(rig.staged(path, 1))) else {
      Issue.record("a started attempt was staged again")
      return
    }
    #expect(again.code == "attempt.startedBefore")
    guard case .refused(let start) = try await second.request(.start(AttemptID(rawValue: 1))) else {
      Issue.record("a started attempt was started again")
      return
    }
    #expect(start.code == "attempt.startedBefore")

    // Acknowledged, it is gone for the third one; its number is remembered all the same.
    #expect(try await second.request(.acknowledgeOutcome(AttemptID(rawValue: 1))) == .done)
    next.signal(SIGTERM)
    #expect(await next.waitForEnd() == .exited(status: 0))
    _ = try rig.spawn()
    let third = try await rig.connect()
    guard case .status(let status) = try await third.request(.status) else { return }
    #expect(status.outcomes.isEmpty)
    guard case .refused = try await third.request(.stage(rig.staged(path, 1))) else {
      Issue.record("a started attempt was staged again")
      return
    }
    try await endProcess(third, rig)
  }

  @Test func aTermSignalInMidPrintEndsItSafelyAndTheOutcomeWaits() async throws {
    let rig = Rig(folder: try TestFolder(), board: try FakeBoard())
    let path = try rig.folder.write("part.gcode", testFile(400).text)
    let process = try rig.spawn()
    let first = try await rig.connect()
    rig.board.limit(to: 100)
    try await rig.begin(path, 1, on: first)
    try await until("the board holds") { rig.board.executed.count == 100 }
    process.signal(SIGHUP)
    process.signal(SIGTERM)
    process.signal(SIGTERM)
    try await until("it is ending") {
      guard case .refused(let fault) = try await first.request(.stage(rig.staged(path, 2))) else {
        return false
      }
      return fault.code == "driver.ending"
    }
    rig.board.release()
    #expect(await process.waitForEnd() == .exited(status: 0))
    #expect(rig.board.executed.contains { $0.hasPrefix("M104 S0") || $0.hasPrefix("M104 T0 S0") })
    #expect(rig.board.executed.contains { $0.hasPrefix("M140 S0") })
    #expect(rig.board.executed.filter { $0.hasPrefix("G1 X") }.count < 400)

    _ = try rig.spawn()
    let second = try await rig.connect()
    let outcome = try await rig.outcome(1, on: second)
    #expect(outcome.kind == .cancelled)
    #expect(outcome.fault?.code == "driver.ended")
    try await endProcess(second, rig)
  }

  private func endProcess(_ connection: DriverConnection, _ rig: Rig) async throws {
    let process = try DriverProcess.adopt(pid: connection.driver.pid)
    #expect(try await connection.request(.end(force: true)) == .done)
    _ = await process.waitForEnd()
    rig.board.end()
  }
}
