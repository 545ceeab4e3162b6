import Testing

@testable import PrinterProtocol

@Suite struct StopTests {
  @Test func flushThenALineFeedThenM112() throws {
    var rig = try Rig.printing()
    rig.supply("G1 X1", 1)
    _ = rig.sent()
    rig.session.emergencyStop(now: rig.now)
    #expect(rig.session.nextAction() == .flushOutput)
    let bytes = rig.session.withPendingOutput { Array($0) }
    #expect(bytes == Array("\nM112\n".utf8))
    rig.run()
    #expect(rig.session.phase == .killed)
    #expect(rig.sent() == ["M112"])
  }

  @Test func bytesThatWaitAreThrownAway() throws {
    var rig = try Rig.printing()
    rig.session.supply(line: Array("G1 X1".utf8)[...], fileLine: 1, endOffset: 10, now: rig.now)
    rig.session.emergencyStop(now: rig.now)
    #expect(rig.session.withPendingOutput { Array($0) } == Array("\nM112\n".utf8))
  }

  @Test func aKillReplyConfirms() throws {
    var rig = try Rig.printing()
    rig.session.emergencyStop(now: rig.now)
    rig.run()
    rig.say("echo:M112 Shutdown", "Error:Printer halted. kill() called!")
    #expect(rig.events.contains(.stopConfirmed))
    #expect(rig.jobEnd?.end == .cancelled)
    #expect(rig.jobEnd?.code == "machine.stopped")
    rig.pass(5 * second)
    #expect(!rig.events.contains(.stopUnconfirmed))
  }

  @Test func aBannerConfirms() {
    var rig = Rig()
    rig.connect()
    rig.session.emergencyStop(now: rig.now)
    rig.run()
    rig.say("start")
    #expect(rig.events.contains(.stopConfirmed))
    #expect(rig.session.phase == .killed)
  }

  @Test func silenceDoesNotConfirm() throws {
    var rig = try Rig.printing()
    rig.session.emergencyStop(now: rig.now)
    rig.run()
    rig.pass(second)
    #expect(rig.events.contains(.stopUnconfirmed))
    #expect(rig.jobEnd?.end == .uncertain)
    #expect(rig.session.reason.contains("cut the power"))
    #expect(!rig.actions.contains(.pulseDTR))
    #expect(rig.sent().filter { $0 == "M112" }.count == 2)
  }

  @Test func anUnconfirmedStopPulsesDTRWhereThatResets() throws {
    var rig = Rig { $0.resetsOnOpen = .yes }
    rig.open()
    rig.pass(8 * second)
    rig.say("ok")
    rig.session.emergencyStop(now: rig.now)
    rig.run()
    rig.pass(second)
    #expect(rig.actions.contains(.pulseDTR))
  }

  @Test func m112TypedByHandIsAnEmergencyStop() {
    var rig = Rig()
    rig.connect()
    #expect(rig.hand("M112") == nil)
    #expect(rig.actions.contains(.flushOutput))
    #expect(rig.sent() == ["M112"])
    #expect(rig.session.phase == .killed)
  }

  @Test func nothingIsSentToAKilledFirmware() throws {
    var rig = try Rig.printing()
    rig.say("Error:Printer halted. kill() called!")
    rig.pass(100 * second)
    #expect(rig.sent().isEmpty)
    #expect(rig.jobEnd?.end == .failed)
    #expect(rig.jobEnd?.code == "firmware.killed")
    #expect(rig.hand("G28") == "machine.killed")
  }

  @Test func aHeaterFaultHasItsOwnCode() throws {
    var rig = try Rig.printing()
    rig.supply("M109 S200", 2)
    rig.say(
      "Error:Heating failed, system stopped! Heater_ID: E0", "echo:Heating Failed",
      "Error:Printer halted. kill() called!")
    #expect(rig.jobEnd?.code == "firmware.heaterFault")
    #expect(rig.session.phase == .killed)
    #expect(rig.session.reason.contains("Heater_ID: E0"))
  }

  @Test func resetLeavesTheKilledState() throws {
    var rig = Rig()
    rig.connect()
    rig.say("Error:Printer halted. kill() called!")
    try rig.session.reset(now: rig.now)
    rig.run()
    #expect(rig.sent() == ["M999"])
    #expect(rig.session.phase == .handshaking)
    rig.say("Resend: 1", "ok", "ok")
    rig.pass(2 * second)
    #expect(rig.sent() == ["M27"])
  }

  @Test func resetPulsesDTRWhereThatResets() throws {
    var rig = Rig { $0.resetsOnOpen = .yes }
    rig.open()
    rig.pass(8 * second)
    rig.say("Error:Printer halted. kill() called!")
    _ = rig.sent()
    try rig.session.reset(now: rig.now)
    rig.run()
    #expect(rig.actions.contains(.pulseDTR))
    #expect(rig.sent().isEmpty)
    rig.say("start")
    rig.pass(600 * ms)
    #expect(rig.sent() == ["M27"])
  }

  @Test func resetIsRefusedWhereNothingIsStopped() {
    var rig = Rig()
    rig.connect()
    #expect(throws: SessionRefusal.self) { try rig.session.reset(now: rig.now) }
  }

  @Test func shortWritesKeepTheirTail() throws {
    var rig = try Rig.printing()
    rig.session.supply(line: Array("G1 X1".utf8)[...], fileLine: 1, endOffset: 10, now: rig.now)
    guard case .write(let count) = rig.session.nextAction() else {
      Issue.record("no write")
      return
    }
    #expect(count == rig.session.pendingOutput)
    let all = rig.session.withPendingOutput { Array($0) }
    rig.session.wrote(3, now: rig.now)
    #expect(rig.session.withPendingOutput { Array($0) } == Array(all.dropFirst(3)))
    #expect(rig.session.nextAction() == nil)
    rig.session.wrote(count - 3, now: rig.now)
    #expect(rig.session.pendingOutput == 0)
  }
}
