import GCode
import Testing

@testable import PrinterProtocol

/// Safety rules 1, 3, 8 and 17 to 19 as far as a GRBL session keeps them.
struct GrblSafetyTests {
  // MARK: Starting

  @Test func aLaserNeedsLaserModeReadInThisSession() {
    for (mode, code) in [(false, "laser.modeOff"), (nil, "laser.modeUnknown")] as [(Bool?, String)] {
      var rig = GrblRig()
      rig.connect(laserMode: mode)
      if mode == nil {
        // The list is asked for twice more.
        for _ in 0..<2 { rig.say("$10=1", "ok") }
        rig.say("ok", "[GC:G0 G54 G17 G21 G90 G94 M5 M9 T0 F0 S0]", "ok")
        _ = rig.sent()
      }
      let refusal = #expect(throws: SessionRefusal.self) {
        try rig.session.startJob(JobStart(token: 1), now: rig.now)
      }
      #expect(refusal?.code == code)
    }
  }

  @Test func aSpindleNeedsLaserModeOff() {
    var rig = GrblRig { $0.machineClass = .cnc }
    rig.connect(laserMode: true)
    let refusal = #expect(throws: SessionRefusal.self) {
      try rig.session.startJob(JobStart(token: 1), now: rig.now)
    }
    #expect(refusal?.code == "cnc.laserMode")
  }

  @Test func m3IsRefusedUnlessAllowed() throws {
    var rig = try GrblRig.burning()
    rig.supply("M3 S500", 1)
    #expect(rig.sent() == ["^X"])
    rig.banner()
    #expect(rig.faults == ["file.constantPower"])
    var idle = GrblRig()
    idle.connect()
    #expect(throws: SessionRefusal.self) {
      try idle.session.send(line: Array("M3 S500".utf8)[...], token: 1, now: idle.now)
    }
  }

  // MARK: Errors

  /// A laser does not wait for a hold: lines in the buffers would run on.
  @Test func anErrorResetsALaserAtOnce() throws {
    var rig = try GrblRig.burning()
    rig.supply("G1 X1", 1)
    _ = rig.sent()
    rig.say("error:22")
    #expect(rig.sent() == ["^X"])
    #expect(rig.actions.contains(.flushOutput))
    rig.banner()
    #expect(rig.jobEnd == .failed)
    guard
      case .jobEnded(_, _, let fault?)? = rig.events.last(where: {
        if case .jobEnded = $0 { true } else { false }
      })
    else { return }
    #expect(fault.fileLine == 1)
    #expect(fault.sentence.contains("error:22, no feedrate was given yet"))
  }

  /// Without a beam the hold is waited for, since a reset in motion costs the position (ALARM:3).
  @Test func anErrorHoldsASpindlelessMachineFirst() throws {
    var rig = try GrblRig.cutting()
    rig.state = "Run|MPos:0.000,0.000,0.000|FS:500,0"
    rig.supply("G1 X1 F100", 1)
    rig.say("ok")
    rig.supply("G99", 2)
    _ = rig.sent()
    rig.say("error:20")
    #expect(rig.sent().allSatisfy { $0 == "!" })
    rig.state = "Hold:1|MPos:0.000,0.000,0.000|FS:100,0"
    rig.pass(400 * ms)
    #expect(!rig.sent().contains("^X"))
    rig.state = "Hold:0|MPos:0.000,0.000,0.000|FS:0,0"
    rig.pass(400 * ms)
    #expect(rig.sent() == ["^X"])
    rig.banner()
    #expect(rig.jobEnd == .failed)
    #expect(rig.faults == ["firmware.refused"])
  }

  @Test func anErrorUnderM3DoesNotWait() throws {
    var rig = try GrblRig.cutting()
    rig.supply("M3 S1000", 1)
    rig.supply("G99", 2)
    _ = rig.sent()
    rig.say("ok", "error:20")
    #expect(rig.sent() == ["^X"])
  }

  @Test func aHoldThatIsNotConfirmedEndsInAReset() throws {
    var rig = try GrblRig.cutting()
    rig.state = "Run|MPos:0.000,0.000,0.000|FS:500,0"
    rig.supply("G99", 1)
    _ = rig.sent()
    rig.say("error:20")
    rig.pass(3 * second)
    #expect(rig.sent().contains("^X"))
  }

  @Test func aResetWithoutABannerIsRepeatedAndSaid() throws {
    var rig = try GrblRig.burning()
    rig.supply("G1 X1", 1)
    _ = rig.sent()
    rig.state = nil
    rig.say("error:22")
    rig.pass(10 * second)
    #expect(rig.sent() == ["^X", "^X", "^X"])
    #expect(rig.jobEnd == .failed)
    #expect(rig.faults.contains("firmware.stopUnconfirmed"))
    #expect(rig.session.phase == .linkLost)
  }

  // MARK: Pause

  @Test func aPauseIsAHoldThatIsConfirmedDark() throws {
    var rig = try GrblRig.burning()
    rig.state = "Run|MPos:0.000,0.000,0.000|FS:500,100"
    rig.supply("M4 S100", 1)
    rig.supply("G1 X9 F500", 2)
    rig.say("ok")
    _ = rig.sent()
    try rig.session.pause(now: rig.now)
    rig.run()
    #expect(rig.sent().first == "!")
    #expect(rig.session.phase == .pausing)
    rig.state = "Hold:0|MPos:4.000,0.000,0.000|FS:0,100"
    rig.pass(300 * ms)
    #expect(rig.session.phase == .pausing)
    rig.state = "Hold:0|MPos:4.000,0.000,0.000|FS:0,0"
    rig.pass(300 * ms)
    #expect(rig.session.phase == .paused)
    #expect(!rig.session.wantsLine)
    // Lines in flight are not answered in a hold, however long.
    rig.pass(600 * second)
    #expect(rig.session.phase == .paused)
    _ = rig.sent()
    try rig.session.resume(now: rig.now)
    rig.run()
    #expect(rig.sent().first == "~")
    rig.state = "Run|MPos:4.000,0.000,0.000|FS:500,100"
    rig.pass(300 * ms)
    #expect(rig.session.phase == .printing)
    rig.say("ok")
    #expect(rig.session.wantsLine)
  }

  @Test func aBeamThatStaysOnInAHoldIsReset() throws {
    var rig = try GrblRig.burning()
    rig.supply("M4 S100", 1)
    rig.say("ok")
    _ = rig.sent()
    rig.state = "Hold:0|MPos:4.000,0.000,0.000|FS:0,100"
    try rig.session.pause(now: rig.now)
    rig.run()
    rig.pass(3 * second)
    #expect(rig.sent().contains("^X"))
    rig.banner()
    #expect(rig.faults == ["laser.holdUnconfirmed"])
  }

  @Test func aPauseUnderM3IsAReset() throws {
    var rig = try GrblRig.burning { $0.allowsM3 = true }
    rig.supply("M3 S100", 1)
    rig.say("ok")
    _ = rig.sent()
    try rig.session.pause(now: rig.now)
    rig.run()
    #expect(rig.sent() == ["^X"])
    rig.say("ALARM:3")
    rig.banner()
    #expect(rig.jobEnd == .failed)
    #expect(rig.faults == ["laser.constantBeam"])
  }

  /// A damaged byte may be a `!`; a button says so itself, or is configured.
  @Test(arguments: [("", false, true), ("|Pn:H", false, false), ("", true, false)])
  func aHoldThatNobodyAskedFor(_ pins: String, _ hasButton: Bool, _ stops: Bool) throws {
    var rig = try GrblRig.burning { $0.grbl.hasHoldButton = hasButton }
    rig.supply("G1 X1 F100", 1)
    _ = rig.sent()
    rig.state = "Hold:0|MPos:0.000,0.000,0.000|FS:0,0" + pins
    rig.pass(second)
    #expect(rig.sent().contains("^X") == stops)
    guard !stops else {
      rig.banner()
      #expect(rig.faults == ["stream.unaskedHold"])
      return
    }
    #expect(rig.session.phase == .paused)
  }

  @Test func aStoppedSpindleDoesNotGoOn() throws {
    var rig = try GrblRig.cutting()
    rig.supply("M3 S1000", 1)
    rig.say("ok")
    // Said twice: a hold at once, the spindle turning.
    try rig.session.pause(now: rig.now)
    rig.state = "Hold:0|MPos:4.000,0.000,0.000|FS:0,1000"
    try rig.session.pause(now: rig.now)
    rig.run()
    rig.pass(second)
    #expect(rig.session.phase == .paused)
    rig.state = "Hold:0|MPos:4.000,0.000,0.000|FS:0,0"
    rig.pass(3 * second)
    #expect(throws: SessionRefusal.self) { try rig.session.resume(now: rig.now) }
  }

  /// 0x9E toggles: after it nobody knows whether the beam is on.
  @Test func theToggleIsNeverSent() throws {
    var rig = try GrblRig.burning()
    _ = rig.sent()
    for percent in [1, 10, 37, 100, 142, 200, 250] as [Int32] {
      try rig.session.act(.feedrate(percent: percent), token: 1, now: rig.now)
      rig.run()
    }
    let sent = rig.sent()
    #expect(!sent.contains("<9e>"))
    #expect(Set(sent).isSubset(of: ["<90>", "<91>", "<92>", "<93>", "<94>"]))
  }

  // MARK: Cancel, estop, alarms

  @Test func aCancelResetsFirst() throws {
    var rig = try GrblRig.cutting()
    rig.state = "Run|MPos:0.000,0.000,0.000|FS:500,0"
    rig.supply("G1 X1 F100", 1)
    _ = rig.sent()
    try rig.session.cancel(now: rig.now)
    rig.run()
    #expect(rig.sent() == ["^X"])
    rig.say("ALARM:3")
    #expect(rig.jobEnd == nil)
    rig.banner()
    #expect(rig.jobEnd == .cancelled)
    rig.state = "Alarm|MPos:0.000,0.000,0.000|FS:0,0"
    _ = rig.sent()
    rig.greet(laserMode: false)
    #expect(rig.session.phase == .needsAttention)
    #expect(rig.session.reason.contains("ALARM:3"))
  }

  @Test func anEmergencyStopIsConfirmedByTheBanner() throws {
    var rig = try GrblRig.burning()
    rig.supply("G1 X1 F100", 1)
    _ = rig.sent()
    rig.session.emergencyStop(now: rig.now)
    rig.run()
    #expect(rig.sent() == ["^X"])
    #expect(rig.actions.contains(.flushOutput))
    rig.say("ALARM:3")
    rig.pass(100 * ms)
    rig.banner()
    #expect(rig.events.contains(.stopConfirmed))
    #expect(rig.session.phase == .killed)
    #expect(rig.jobEnd == .cancelled)
    rig.pass(60 * second)
    #expect(rig.sent().isEmpty)
    try rig.session.reset(now: rig.now)
    rig.run()
    #expect(rig.sent() == ["^X"])
    rig.banner()
    rig.greet()
    #expect(rig.session.phase == .idle)
  }

  @Test func anEmergencyStopWithoutABannerIsUnconfirmedWithinASecond() throws {
    var rig = try GrblRig.burning { $0.resetsOnOpen = .yes }
    _ = rig.sent()
    rig.state = nil
    rig.session.emergencyStop(now: rig.now)
    rig.run()
    rig.pass(second)
    #expect(rig.events.contains(.stopUnconfirmed))
    #expect(rig.actions.contains(.pulseDTR))
    #expect(rig.sent() == ["^X", "^X", "^X"])
    #expect(rig.session.phase == .killed)
  }

  @Test func anAlarmEndsTheJobWithItsMeaning() throws {
    var rig = try GrblRig.burning()
    rig.supply("G0 X500", 1)
    _ = rig.sent()
    rig.say("ALARM:2")
    #expect(rig.sent() == ["^X"])
    rig.say("[MSG:Reset to continue]", "ok")
    rig.banner()
    #expect(rig.faults == ["firmware.alarm"])
    #expect(rig.jobEnd == .failed)
  }

  @Test func anAlarmByTheReportAloneEndsTheJobToo() throws {
    var rig = try GrblRig.burning()
    _ = rig.sent()
    rig.state = "Alarm|MPos:0.000,0.000,0.000|FS:0,0"
    rig.pass(second)
    #expect(rig.sent().contains("^X"))
    rig.banner()
    #expect(rig.faults == ["firmware.alarm"])
  }

  /// What was on the wire runs behind the restart, and a spindle may turn by it: 0x18 takes that along.
  @Test func aRestartWithLinesUnderWayIsResetOnceMore() throws {
    var rig = try GrblRig.cutting()
    rig.supply("M3 S1000", 1)
    rig.supply("G1 X1 F100", 2)
    _ = rig.sent()
    rig.banner()
    #expect(rig.sent() == ["^X"])
    rig.say("ok", "ok")
    rig.banner()
    rig.greet(laserMode: false)
    #expect(rig.session.phase == .idle)
    #expect(rig.faults == ["firmware.reset"])
  }

  @Test func aRestartLeavesTheJobUncertain() throws {
    var rig = try GrblRig.burning()
    rig.supply("G1 X1 F100", 1)
    rig.say("ok")
    rig.banner()
    #expect(rig.jobEnd == .uncertain)
    #expect(rig.faults == ["firmware.reset"])
    #expect(rig.events.contains(.firmwareReset))
    // And nothing of it goes on by itself.
    _ = rig.sent()
    rig.greet()
    #expect(rig.session.phase == .idle)
    #expect(!rig.session.wantsLine)
  }

  @Test func aLostLinkLeavesTheJobUncertainAndAReopeningResets() throws {
    var rig = try GrblRig.burning()
    rig.supply("M4 S100", 1)
    _ = rig.sent()
    rig.session.linkLost(reason: "unplugged", now: rig.now)
    rig.run()
    #expect(rig.jobEnd == .uncertain)
    rig.open()
    #expect(rig.sent() == ["^X"])
  }

  // MARK: The supervisor

  @Test func aLaserPausesWithoutItsSupervisor() throws {
    var rig = try GrblRig.burning()
    rig.state = "Run|MPos:0.000,0.000,0.000|FS:500,100"
    rig.session.supervisorGone(now: rig.now)
    rig.pass(5 * second)
    rig.session.supervisorGone(now: rig.now)
    rig.pass(4 * second)
    _ = rig.sent()
    #expect(rig.session.phase == .printing)
    rig.pass(1100 * ms)
    #expect(rig.sent().contains("!"))
    rig.state = "Hold:0|MPos:0.000,0.000,0.000|FS:0,0"
    rig.pass(second)
    #expect(rig.session.phase == .paused)
    rig.session.supervisorBack(now: rig.now)
    rig.pass(60 * second)
    #expect(rig.session.phase == .paused)
  }

  @Test func aSupervisorThatComesBackChangesNothing() throws {
    var rig = try GrblRig.burning()
    rig.state = "Run|MPos:0.000,0.000,0.000|FS:500,100"
    rig.session.supervisorGone(now: rig.now)
    rig.pass(9 * second)
    rig.session.supervisorBack(now: rig.now)
    rig.pass(60 * second)
    #expect(rig.session.phase == .printing)
  }

  // MARK: M0, M6

  @Test func aToolChangeLiftsAsksAndPlunges() throws {
    var rig = try GrblRig.cutting()
    rig.state = "Run|MPos:0.000,0.000,0.000|FS:500,1000"
    rig.supply("M3 S1000", 1)
    rig.supply("G1 X5 Z-2 F100", 2)
    rig.say("ok", "ok")
    rig.supply("T2 M6", 3)
    #expect(!rig.session.wantsLine)
    #expect(rig.sent().last == "$G")
    rig.say("[GC:G1 G54 G17 G21 G90 G94 M3 M9 T0 F100 S1000]", "ok")
    rig.state = "Idle|MPos:5.000,0.000,-2.000|FS:0,1000"
    rig.pass(250 * ms)
    #expect(rig.sent() == ["$J=G91 G21 Z10 F3000"])
    // GRBL answers a jog when it is planned, and refuses all else until it is done.
    rig.state = "Jog|MPos:5.000,0.000,3.000|FS:3000,1000"
    rig.say("ok")
    rig.pass(second)
    #expect(rig.sent().isEmpty)
    rig.state = "Idle|MPos:5.000,0.000,8.000|FS:0,1000"
    rig.pass(250 * ms)
    #expect(rig.sent() == ["M5"])
    rig.say("ok")
    #expect(rig.session.phase == .needsAttention)
    #expect(rig.session.prompt?.text.contains("tool 2") == true)
    rig.pass(3600 * second)
    #expect(rig.session.phase == .needsAttention)
    try rig.session.answer(choice: nil, now: rig.now)
    rig.run()
    #expect(rig.sent() == ["M3 S1000"])
    rig.say("ok")
    #expect(rig.sent() == ["G4 P4"])
    rig.say("ok")
    #expect(rig.sent() == ["$J=G90 G21 Z-2 F100"])
    rig.state = "Jog|MPos:5.000,0.000,4.000|FS:100,1000"
    rig.say("ok")
    rig.pass(6 * second)
    #expect(rig.session.phase == .resuming)
    #expect(!rig.session.wantsLine)
    rig.state = "Idle|MPos:5.000,0.000,-2.000|FS:0,1000"
    rig.pass(250 * ms)
    #expect(rig.session.phase == .printing)
    #expect(rig.session.wantsLine)
    #expect(rig.jobEnd == nil)
  }

  /// M0 on the wire would block everything behind it, the emergency of a person included.
  @Test func aProgramStopIsAPrompt() throws {
    var rig = try GrblRig.burning()
    rig.supply("G1 X1 F100", 1)
    rig.say("ok")
    rig.state = "Idle|MPos:1.000,0.000,0.000|FS:0,0"
    rig.supply("M0", 2)
    rig.say("[GC:G1 G54 G17 G21 G90 G94 M5 M9 T0 F100 S0]", "ok")
    rig.pass(second)
    #expect(!rig.sent().contains("M0"))
    #expect(rig.session.phase == .needsAttention)
    try rig.session.resume(now: rig.now)
    rig.run()
    #expect(rig.session.phase == .printing)
  }

  // MARK: By hand

  @Test func nothingIsDoneByHandWhileAJobRuns() throws {
    var rig = try GrblRig.burning()
    for line in ["G0 X1", "$X", "$H", "G92 X0", "M4 S1", "$32=0", "G10 L20 P1 X0", "$J=G91 X1 F100"] {
      #expect(throws: SessionRefusal.self, "\(line)") {
        try rig.session.send(line: Array(line.utf8)[...], token: 1, now: rig.now)
      }
    }
    #expect(throws: SessionRefusal.self) { try rig.session.zero(axes: "", token: 1, now: rig.now) }
    #expect(throws: SessionRefusal.self) { try rig.session.homeCycle(token: 1, now: rig.now) }
    #expect(throws: SessionRefusal.self) {
      try rig.session.act(
        .jog(x: 1, y: 0, z: 0, e: 0, feedrate: 0, unhomed: true), token: 1, now: rig.now)
    }
    #expect(rig.sent().isEmpty)
  }

  @Test func zeroIsG54NotG92() throws {
    var rig = GrblRig()
    rig.connect()
    try rig.session.zero(axes: "xy", token: 4, now: rig.now)
    rig.run()
    #expect(rig.sent() == ["G10 L20 P1 X0 Y0"])
    rig.say("ok")
    #expect(rig.events.contains(.answered(token: 4, fault: nil)))
    // What it changed is read again.
    #expect(rig.sent() == ["$$"])
    rig.say(
      "$32=1", "ok", "[G54:5.000,6.000,0.000]", "ok", "[GC:G0 G54 G17 G21 G90 G94 M5 M9 T0 F0 S0]", "ok")
    #expect(rig.session.offsets[.g54] == GrblPoint(x: 5, y: 6, z: 0))
    #expect(rig.session.phase == .idle)
  }

  @Test func aFrameIsTracedDark() throws {
    let lines = frameLines(FrameBounds(minX: 1, minY: 2, maxX: 30.5, maxY: 40), feedrate: 3000)
    #expect(
      lines.map { String(decoding: $0, as: UTF8.self) } == [
        "M5", "$J=G90 G21 X1 Y2 F3000", "$J=G90 G21 X30.5 Y2 F3000", "$J=G90 G21 X30.5 Y40 F3000",
        "$J=G90 G21 X1 Y40 F3000", "$J=G90 G21 X1 Y2 F3000",
      ])
    var rig = GrblRig()
    rig.connect()
    try rig.session.frame(FrameBounds(minX: 0, minY: 0, maxX: 9, maxY: 9), token: 5, now: rig.now)
    rig.run()
    #expect(rig.sent() == ["M5"])
    rig.say("ok")
    #expect(rig.sent() == ["$J=G90 G21 X0 Y0 F3000"])
    // Soft limits refuse a corner: the rest is not traced.
    rig.say("error:15")
    rig.pass(250 * ms)
    #expect(rig.sent().isEmpty)
    #expect(rig.events.contains { if case .answered(5, .some) = $0 { true } else { false } })
  }

  /// Safety rule 18: leaving `$C` resets; offsets are compared, and a changed one blocks the start.
  @Test func aCheckThatChangedAnOffsetBlocksTheStart() throws {
    var rig = GrblRig()
    rig.connect()
    try rig.session.send(line: Array("$C".utf8)[...], token: 1, now: rig.now)
    rig.run()
    rig.say("[MSG:Enabled]", "ok")
    rig.state = "Check|MPos:0.000,0.000,0.000|FS:0,0"
    rig.say("$32=1", "ok", "ok", "[GC:G0 G54 G17 G21 G90 G94 M5 M9 T0 F0 S0]", "ok")
    rig.pass(3 * second)
    #expect(throws: SessionRefusal.self) { try rig.session.startJob(JobStart(token: 1), now: rig.now) }
    try rig.session.send(line: Array("$C".utf8)[...], token: 2, now: rig.now)
    rig.run()
    rig.say("[MSG:Disabled]", "ok")
    rig.banner()
    rig.state = "Idle|MPos:0.000,0.000,0.000|FS:0,0"
    rig.pass(second)
    rig.say("ok", "$32=1", "ok", "[G54:0.000,0.000,1.000]", "[G92:0.000,0.000,0.000]", "ok")
    rig.say("[GC:G0 G54 G17 G21 G90 G94 M5 M9 T0 F0 S0]", "ok")
    #expect(rig.session.phase == .idle)
    let refusal = #expect(throws: SessionRefusal.self) {
      try rig.session.startJob(JobStart(token: 1), now: rig.now)
    }
    #expect(refusal?.code == "offset.changed")
  }

  @Test func aCheckAfterZeroIsRefused() throws {
    var rig = GrblRig()
    rig.connect()
    try rig.session.zero(axes: "", token: 4, now: rig.now)
    rig.run()
    rig.say("ok", "$32=1", "ok", "ok", "[GC:G0 G54 G17 G21 G90 G94 M5 M9 T0 F0 S0]", "ok")
    rig.pass(second)
    let refusal = #expect(throws: SessionRefusal.self) {
      try rig.session.send(line: Array("$C".utf8)[...], token: 1, now: rig.now)
    }
    #expect(refusal?.code == "check.zeroSet")
  }
}
