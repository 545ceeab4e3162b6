import Testing

@testable import PrinterProtocol

@Suite struct PauseTests {
  /// A homed, hot printer in mid-print at X50 Y60 Z2.
  static func homed(_ change: (inout SessionConfiguration) -> Void = { _ in }) throws -> Rig {
    var rig = try Rig.printing(change)
    rig.say(" T:200.0 /200.0 B:60.0 /60.0 @:0 B@:0")
    let lines = ["M140 S60", "M104 S200", "G28", "G90", "M82", "G92 E0", "G1 X50 Y60 Z2 E5 F1800"]
    for (index, line) in lines.enumerated() {
      rig.supply(line, Int64(index + 1))
      rig.say("ok")
    }
    _ = rig.sent()
    rig.actions.removeAll()
    return rig
  }

  @Test func pauseRetractsLiftsParksAndHolds() throws {
    var rig = try Self.homed()
    try rig.session.pause(now: rig.now)
    rig.run()
    #expect(rig.session.phase == .pausing)
    #expect(!rig.session.wantsLine)
    #expect(rig.said() == ["M400"])
    rig.say("ok")
    #expect(rig.said() == ["M114"])
    rig.say("X:50.00 Y:60.00 Z:2.00 E:5.00 Count X:0 Y:0 Z:0", "ok")
    let tail = rig.obey()
    #expect(
      tail == ["M83", "G1 E-2 F1800", "G91", "G1 Z10 F600", "G90", "G1 X0 Y0 F6000", "M84 S0", "M400"])
    #expect(rig.session.phase == .paused)
  }

  @Test func pauseWaitsForTheLineInFlight() throws {
    var rig = try Self.homed()
    rig.supply("G1 X51", 8)
    _ = rig.sent()
    try rig.session.pause(now: rig.now)
    rig.run()
    #expect(rig.sent().isEmpty)
    rig.say("ok")
    #expect(rig.said() == ["M400"])
  }

  @Test func aColdPrinterDoesNotRetract() throws {
    var rig = try Self.homed()
    rig.say(" T:100.0 /0.0 B:60.0 /60.0 @:0 B@:0")
    try rig.session.pause(now: rig.now)
    rig.run()
    let all = rig.obey()
    #expect(!all.contains { $0.contains(" E") })
    #expect(all.contains("G1 Z10 F600"))
  }

  @Test func anUnhomedPrinterIsNotParked() throws {
    var rig = try Rig.printing()
    rig.supply("G1 X50 Y60", 1)
    rig.say("ok")
    _ = rig.sent()
    try rig.session.pause(now: rig.now)
    rig.run()
    let all = rig.obey()
    #expect(!all.contains { $0.contains("X") })
  }

  @Test func theLiftEndsAtTheTop() throws {
    var rig = try Self.homed()
    rig.supply("G1 Z175", 8)
    rig.say("ok")
    _ = rig.sent()
    try rig.session.pause(now: rig.now)
    rig.run()
    #expect(rig.obey().contains("G1 Z5 F600"))
  }

  @Test func resumeHeatsPrimesReturnsAndRestores() throws {
    var rig = try Self.homed()
    try rig.session.pause(now: rig.now)
    rig.run()
    _ = rig.obey()
    try rig.session.resume(now: rig.now)
    rig.run()
    #expect(rig.session.phase == .resuming)
    #expect(
      rig.obey() == [
        "M140 S60", "M104 S200", "M190 S60", "M109 S200", "M83", "G1 E3 F1800", "G1 E-2 F1800", "G90",
        "G1 X50 Y60 F6000", "G1 Z2 F600", "M83", "G1 E2 F1800", "G90", "G92 E5", "G90", "M82", "G1 F1800",
        "M84 S120",
      ])
    #expect(rig.session.phase == .printing)
    #expect(rig.session.wantsLine)
    #expect(!rig.session.modal.isExtruderRelative)
    #expect(rig.session.modal.position.e == 5)
  }

  @Test func relativeModesComeBack() throws {
    var rig = try Self.homed()
    for (index, line) in ["G91", "M83"].enumerated() {
      rig.supply(line, Int64(8 + index))
      rig.say("ok")
    }
    _ = rig.sent()
    try rig.session.pause(now: rig.now)
    rig.run()
    _ = rig.obey()
    try rig.session.resume(now: rig.now)
    rig.run()
    _ = rig.obey()
    #expect(rig.session.modal.isRelative)
    #expect(rig.session.modal.isExtruderRelative)
  }

  @Test func scriptsReplaceTheMiddleOnly() throws {
    var rig = try Self.homed {
      $0.scripts.pause = ["G27"]
      $0.scripts.resume = ["M117 on"]
      $0.scripts.cancel = ["M104 S0", "M81"]
    }
    try rig.session.pause(now: rig.now)
    rig.run()
    #expect(rig.obey() == ["M400", "M114", "G27", "M84 S0", "M400"])
    try rig.session.resume(now: rig.now)
    rig.run()
    let resumed = rig.obey()
    #expect(resumed.contains("M117 on"))
    #expect(resumed.last == "M84 S120")
    try rig.session.cancel(now: rig.now)
    rig.run()
    #expect(rig.obey().prefix(2) == ["M104 S0", "M81"])
  }

  @Test func aLongPauseLetsTheHotEndCool() throws {
    var rig = try Self.homed()
    try rig.session.pause(now: rig.now)
    rig.run()
    _ = rig.obey()
    for _ in 0..<91 {
      rig.pass(10 * second)
      _ = rig.obey()
    }
    #expect(rig.session.modal.target(tool: 0) == 0)
    #expect(rig.session.modal.bedTarget == 60)
    #expect(rig.session.phase == .paused)
    try rig.session.resume(now: rig.now)
    rig.run()
    #expect(rig.obey().contains("M109 S200"))
  }

  @Test func cancelTurnsHeatersOffLiftsAndNeverLetsGo() throws {
    var rig = try Self.homed()
    try rig.session.cancel(now: rig.now)
    rig.run()
    #expect(rig.session.phase == .cancelling)
    let all = rig.obey()
    #expect(
      all == [
        "M104 S0", "M140 S0", "G91", "G1 Z10 F600", "G90", "G1 X0 Y0 F6000", "M107", "G90", "M82", "M400",
        "M105",
      ])
    #expect(rig.jobEnd?.end == .cancelled)
    #expect(rig.session.phase == .idle)
  }

  @Test func motorsAreReleasedOnlyWhereZHolds() throws {
    var rig = try Self.homed { $0.zHoldsUnpowered = true }
    try rig.session.cancel(now: rig.now)
    rig.run()
    #expect(rig.obey().contains("M84"))
  }

  @Test func aSecondCancelDoesNotAbortTheSafeEnding() throws {
    var rig = try Self.homed()
    try rig.session.cancel(now: rig.now)
    rig.run()
    rig.say("ok")
    try rig.session.cancel(now: rig.now)
    rig.run()
    let all = rig.obey()
    #expect(all.filter { $0 == "M104 S0" }.count == 1)
    #expect(all.contains("M140 S0"))
    #expect(rig.jobEnd?.end == .cancelled)
  }

  @Test func cancelOfAPausedJobDoesNotLiftTwice() throws {
    var rig = try Self.homed()
    try rig.session.pause(now: rig.now)
    rig.run()
    _ = rig.obey()
    try rig.session.cancel(now: rig.now)
    rig.run()
    let all = rig.obey()
    #expect(!all.contains { $0.hasPrefix("G1") })
    #expect(all.contains("M84 S120"))
  }

  @Test func cancelBreaksAHeatWait() throws {
    var rig = try Self.homed()
    rig.supply("M109 S210", 8)
    _ = rig.sent()
    try rig.session.cancel(now: rig.now)
    rig.run()
    #expect(rig.sent() == ["M108"])
    rig.burst("ok", "ok")
    #expect(rig.said() == ["M104 S0"])
  }

  @Test func aStreamThatFailsInTheSafeEndingStillEnds() throws {
    var rig = try Self.homed()
    try rig.session.cancel(now: rig.now)
    rig.run()
    for expected in ["M104 S0", "M140 S0", "G91", "G1 Z10 F600"] {
      #expect(rig.said() == [expected])
      rig.say("ok")
    }
    #expect(rig.said() == ["G90"])
    // The lift was acknowledged, but not counted: a piece of it may have run.
    let lift = rig.highest - 1
    rig.burst("Error:checksum mismatch, Last Line: \(lift - 1)", "Resend: \(lift)", "ok")
    rig.pass(200 * ms)
    #expect(rig.sent() == ["N0 M110*35"])
    rig.say("ok")
    let rest = rig.obey()
    #expect(rest.first == "G90")
    #expect(!rest.contains { $0.contains("G1 Z") })
    #expect(rig.jobEnd?.end == .cancelled)
    #expect(rig.session.phase == .idle)
  }

  @Test func pauseWithoutAJobIsRefused() {
    var rig = Rig()
    rig.connect()
    #expect(throws: SessionRefusal.self) { try rig.session.pause(now: rig.now) }
    #expect(throws: SessionRefusal.self) { try rig.session.resume(now: rig.now) }
    #expect(throws: SessionRefusal.self) { try rig.session.cancel(now: rig.now) }
  }
}
