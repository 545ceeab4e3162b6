import GCode
import Testing

@testable import PrinterProtocol

/// What waits for what: a start for the session's own questions, a line for a jog, an answer for the machine to rest.
@Suite struct GrblWaitingTests {
  private let modes = "[GC:G0 G54 G17 G21 G90 G94 M5 M9 T0 F0 S0]"
  private let jogging = "Jog|MPos:1.000,0.000,0.000|FS:3000,0|WCO:0.000,0.000,0.000"
  private let resting = "Idle|MPos:0.000,0.000,0.000|FS:0,0|WCO:0.000,0.000,0.000"

  @Test func aStartWaitsForTheSessionsOwnQuestions() throws {
    var rig = GrblRig()
    rig.connect()
    try rig.session.zero(axes: "", token: 4, now: rig.now)
    rig.run()
    rig.say("ok")
    #expect(rig.sent() == ["G10 L20 P1 X0 Y0 Z0", "$$"])
    try rig.startJob()
    #expect(rig.session.phase == .printing)
    #expect(!rig.session.wantsLine)
    rig.say("$32=1", "ok", "ok")
    #expect(rig.sent() == ["$#", "$G"])
    rig.say(modes, "ok")
    rig.pass(250 * ms)
    #expect(rig.session.wantsLine)
    rig.supply("G1 X1 F100", 1)
    #expect(rig.sent() == ["G1 X1 F100"])
    #expect(rig.jobEnd == nil)
  }

  /// An empty file may end before the answers are there.
  @Test func aFileThatEndsWhileAStartWaits() throws {
    var rig = GrblRig()
    rig.connect()
    try rig.session.zero(axes: "", token: 4, now: rig.now)
    rig.run()
    rig.say("ok")
    try rig.startJob()
    rig.session.endOfFile(now: rig.now)
    rig.run()
    rig.say("$32=1", "ok", "ok", modes, "ok")
    rig.pass(250 * ms)
    #expect(rig.sent().last == "$G")
    rig.say(modes, "ok")
    rig.pass(second)
    #expect(rig.jobEnd == .done)
  }

  /// Safety rule 17 holds for what the questions find, not for what was known before them.
  @Test func aStartThatWaitedLooksAtLaserModeAgain() throws {
    var rig = GrblRig()
    rig.connect()
    try rig.session.send(line: Array("$32=0".utf8)[...], token: 4, now: rig.now)
    rig.run()
    rig.say("ok")
    try rig.startJob()
    rig.say("$32=0", "ok", "ok", modes, "ok")
    rig.pass(250 * ms)
    #expect(!rig.session.wantsLine)
    rig.banner()
    #expect(rig.faults == ["laser.modeOff"])
  }

  /// Where it stands is asked once more: the zero that was just set has moved the work.
  @Test func aStartKnowsTheZeroThatWasJustSet() throws {
    var rig = GrblRig()
    rig.connect()
    try rig.session.zero(axes: "", token: 4, now: rig.now)
    rig.run()
    rig.say("ok")
    try rig.startJob()
    rig.state = "Idle|MPos:5.000,6.000,0.000|FS:0,0|WCO:5.000,6.000,0.000"
    rig.say("$32=1", "ok", "ok", modes, "ok")
    rig.pass(250 * ms)
    rig.supply("G1 X1 F100", 1)
    rig.state = "Run|MPos:5.500,6.000,0.000|FS:100,0"
    rig.pass(second)
    #expect(rig.session.phase == .printing)
  }

  @Test(arguments: ["$$", "$#", "$G", "$I", "$N", "$X"])
  func aQuestionByHandIsNotAskedOnceMore(_ question: String) throws {
    var rig = GrblRig()
    rig.connect()
    try rig.session.send(line: Array(question.utf8)[...], token: 4, now: rig.now)
    rig.run()
    rig.say("ok")
    #expect(rig.events.contains(.answered(token: 4, fault: nil)))
    try rig.startJob()
    rig.pass(second)
    #expect(rig.sent() == [question])
    #expect(rig.session.wantsLine)
  }

  @Test func aFrameIsAnsweredAtRest() throws {
    var rig = GrblRig()
    rig.connect()
    rig.state = jogging
    try rig.session.frame(FrameBounds(minX: 0, minY: 0, maxX: 9, maxY: 9), token: 5, now: rig.now)
    rig.run()
    for _ in 0..<6 { rig.say("ok") }
    #expect(rig.sent().count == 6)
    rig.pass(20 * second)
    #expect(rig.session.phase != .idle)
    #expect(rig.session.reason.contains("trac"))
    #expect(!rig.events.contains(.answered(token: 5, fault: nil)))
    #expect(throws: SessionRefusal.self) { try rig.session.startJob(JobStart(token: 7), now: rig.now) }
    #expect(throws: SessionRefusal.self) { try rig.session.homeCycle(token: 6, now: rig.now) }
    rig.state = resting
    rig.pass(250 * ms)
    #expect(rig.events.contains(.answered(token: 5, fault: nil)))
    #expect(rig.session.phase == .idle)
    try rig.startJob()
    rig.pass(250 * ms)
    #expect(rig.session.wantsLine)
    #expect(rig.jobEnd == nil)
  }

  @Test func anAlarmEndsAFrame() throws {
    var rig = GrblRig()
    rig.connect()
    rig.state = jogging
    try rig.session.frame(FrameBounds(minX: 0, minY: 0, maxX: 9, maxY: 9), token: 5, now: rig.now)
    rig.run()
    rig.say("ok", "ok")
    rig.state = "Alarm|MPos:1.000,0.000,0.000|FS:0,0"
    rig.pass(250 * ms)
    #expect(rig.session.phase == .needsAttention)
    #expect(rig.events.contains { if case .answered(5, .some) = $0 { true } else { false } })
  }

  @Test func aStartBehindAJogWaitsForRest() throws {
    var rig = GrblRig()
    rig.connect()
    try rig.session.act(
      .jog(x: 1, y: 0, z: 0, e: 0, feedrate: 0, unhomed: true), token: 1, now: rig.now)
    rig.run()
    rig.state = jogging
    rig.say("ok")
    rig.pass(250 * ms)
    try rig.startJob()
    rig.pass(5 * second)
    #expect(!rig.session.wantsLine)
    rig.state = resting
    rig.pass(250 * ms)
    #expect(rig.session.wantsLine)
    #expect(rig.jobEnd == nil)
  }
}
