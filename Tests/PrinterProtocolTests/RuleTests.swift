import GCode
import Testing

@testable import PrinterProtocol

/// Rules of a session that no firmware's habits change.
@Suite struct RuleTests {
  @Test func aSecondStopOfADeadMachineIsConfirmed() throws {
    var rig = try Rig.printing()
    rig.session.emergencyStop(now: rig.now)
    rig.run()
    rig.say("Error:Printer halted. kill() called!")
    rig.actions.removeAll()
    _ = rig.sent()
    rig.session.emergencyStop(now: rig.now)
    rig.run()
    rig.pass(3 * second)
    #expect(rig.events.contains(.stopConfirmed))
    #expect(!rig.events.contains(.stopUnconfirmed))
    #expect(rig.sent() == ["M112"])
  }

  @Test func aSecondStopWithoutAKillSeenIsNotConfirmed() throws {
    var rig = try Rig.printing()
    rig.session.emergencyStop(now: rig.now)
    rig.run()
    rig.session.emergencyStop(now: rig.now)
    rig.run()
    rig.pass(3 * second)
    #expect(!rig.events.contains(.stopConfirmed))
    #expect(rig.events.contains(.stopUnconfirmed))
  }

  /// A wrong speed need not show a single line feed.
  @Test func noiseWithoutALineEndIsAWrongSpeed() {
    var rig = Rig { $0.baud = 250_000 }
    rig.open()
    for _ in 0..<40 {
      rig.bytes([0xfe, 0x80, 0xf8, 0x00, 0x9c, 0xe6])
      rig.pass(second)
    }
    let codes = rig.events.compactMap { if case .fault(let fault) = $0 { fault.code } else { nil } }
    #expect(codes == ["link.garbled"])
  }

  @Test func silenceInAHeatUpEnds() throws {
    var rig = try Rig.printing()
    rig.supply("M190 S60", 1)
    for degrees in 20..<30 {
      rig.say(" T:20.0 /0.0 B:\(degrees).0 /60.0 W:?")
      rig.pass(second)
    }
    rig.pass(25 * second)
    #expect(rig.jobEnd == nil)
    rig.pass(30 * second)
    #expect(rig.jobFault?.code == "link.silent")
  }

  /// A file may switch the keepalives off; a homing is then not asked about before its time.
  @Test func keepalivesThatAreOffAreNotMissed() throws {
    var rig = try Rig.printing()
    rig.supply("M113 S0", 1)
    rig.say("ok")
    rig.supply("G28", 2)
    _ = rig.sent()
    rig.pass(20 * second)
    #expect(rig.sent().isEmpty)
    rig.say("ok")
    #expect(rig.session.progress.fileLine == 2)
  }

  @Test func aLongHeatUpWithReportsIsNoSilence() throws {
    var rig = try Rig.printing()
    rig.supply("M190 S110", 1)
    for tenths in 0..<900 {
      rig.say(" T:20.0 /0.0 B:\(20 + tenths / 10).\(tenths % 10) /110.0 W:?")
      rig.pass(second)
    }
    #expect(rig.jobEnd == nil)
    #expect(rig.session.phase == .printing)
  }

  @Test func aWaitThatCannotBeBrokenSaysSo() throws {
    var rig = try Rig.printing { $0.dialect = .marlin1 }
    rig.supply("M109 S200", 1)
    try rig.session.cancel(now: rig.now)
    rig.run()
    #expect(rig.session.reason.contains("cannot be ended from here"))
  }

  @Test(arguments: ["M104 S1 R400", "M190 R400", "M109 S400", "M191 S200", "M141 R200"])
  func eitherWordOfATargetIsJudged(line: String) {
    let judge = LineJudge(configuration: SessionConfiguration())
    let command = Command(Array(line.utf8)[...])
    #expect(command.flatMap { judge.temperature($0) }?.code == "limit.temperature")
  }

  @Test func aMachinesOwnLinesStandAroundTheJob() throws {
    var rig = Rig {
      $0.scripts.start = ["M117 begin ; words", "", "G28"]
      $0.scripts.end = ["M84"]
    }
    rig.connect("AUTOREPORT_TEMP")
    try rig.startJob()
    #expect(!rig.session.wantsLine)
    #expect(rig.obey() == ["M117 begin", "G28"])
    #expect(rig.session.wantsLine)
    rig.supply("G1 X1", 1)
    rig.session.endOfFile(now: rig.now)
    rig.run()
    #expect(rig.obey() == ["G1 X1", "M84", "M400", "M105"])
    #expect(rig.jobEnd?.end == .done)
  }

  @Test func theEndScriptIsForSuccessOnly() throws {
    var rig = try Rig.printing { $0.scripts.end = ["M300 S440"] }
    rig.supply("G1 X1", 1)
    try rig.session.cancel(now: rig.now)
    rig.run()
    #expect(!rig.obey().contains("M300 S440"))
  }

  @Test func healthCountsWhatTheLinkShowed() throws {
    var rig = try Rig.printing()
    let before = rig.session.health
    rig.supply("G1 X1", 1)
    rig.pass(20 * ms)
    rig.say("ok", "ok")
    rig.supply("G1 X2", 2)
    rig.burst("Error:checksum mismatch, Last Line: \(rig.highest - 1)", "Resend: \(rig.highest)", "ok")
    rig.pass(150 * ms)
    rig.say("ok")
    rig.supply("G1 X3", 3)
    rig.pass(2 * second)
    rig.say("ok T:20.0 /0.0")
    let after = rig.session.health
    #expect(after.doubledOks - before.doubledOks == 1)
    #expect(after.resends - before.resends == 1)
    #expect(after.damagedOut - before.damagedOut == 1)
    #expect(after.lostOks - before.lostOks == 1)
    #expect(after.asked > before.asked)
    #expect(after.roundTrips[14] - before.roundTrips[14] == 1)
  }

  @Test func aDryPlannerIsCounted() throws {
    var rig = try Rig.printing()
    rig.supply("G92 X0 Y0", 1)
    rig.say("ok")
    for line in 2...6 {
      rig.supply("G1 X\(line) F6000", Int64(line))
      rig.say("ok")
    }
    #expect(rig.session.health.starvations == 0)
    rig.now += second
    rig.supply("G1 X9 F6000", 7)
    #expect(rig.session.health.starvations == 1)
    #expect(rig.session.health.starvedNanoseconds > 900 * ms)
  }
}

extension Rig {
  /// The fault with which the job ended.
  var jobFault: SessionFault? {
    for event in events.reversed() {
      if case .jobEnded(_, _, let fault) = event { return fault }
    }
    return nil
  }
}
