import GCode
import Testing

@testable import PrinterProtocol

/// A mill's pause (safety rule 17): no spindle rubs where it stands, and none starts in the work.
@Suite struct GrblPauseTests {
  /// A mill in a cut of which two lines are in flight.
  private static func milling() throws -> GrblRig {
    var rig = try GrblRig.cutting()
    rig.state = "Run|MPos:0.000,0.000,-2.000|FS:500,1000"
    rig.supply("M3 S1000", 1)
    rig.supply("G1 X5 Z-2 F100", 2)
    rig.supply("G1 X9", 3)
    rig.say("ok", "ok")
    _ = rig.sent()
    return rig
  }

  /// What the machine has is finished; then the tool is raised, and only then the spindle goes off.
  private static func paused() throws -> GrblRig {
    var rig = try milling()
    try rig.session.pause(now: rig.now)
    rig.run()
    rig.pass(second)
    #expect(rig.sent().isEmpty)
    #expect(rig.session.phase == .pausing)
    #expect(!rig.session.wantsLine)
    rig.say("ok")
    #expect(rig.sent() == ["$G"])
    rig.say("[GC:G1 G54 G17 G21 G90 G94 M3 M9 T0 F100 S1000]", "ok")
    rig.state = "Idle|MPos:9.000,0.000,-2.000|FS:0,1000"
    rig.pass(250 * ms)
    #expect(rig.sent() == ["$J=G91 G21 Z10 F3000"])
    rig.state = "Jog|MPos:9.000,0.000,3.000|FS:3000,1000"
    rig.say("ok")
    rig.pass(second)
    #expect(rig.sent().isEmpty)
    #expect(rig.session.phase == .pausing)
    rig.state = "Idle|MPos:9.000,0.000,8.000|FS:0,1000"
    rig.pass(250 * ms)
    #expect(rig.sent() == ["M5"])
    rig.state = "Idle|MPos:9.000,0.000,8.000|FS:0,0"
    rig.say("ok")
    #expect(rig.session.phase == .paused)
    #expect(rig.session.prompt == nil)
    return rig
  }

  @Test func aPauseRaisesTheToolAndStopsTheSpindle() throws {
    var rig = try Self.paused()
    rig.pass(3600 * second)
    #expect(rig.session.phase == .paused)
    #expect(rig.sent().isEmpty)
    #expect(rig.jobEnd == nil)
  }

  @Test func aResumeTurnsDwellsAndPlunges() throws {
    var rig = try Self.paused()
    try rig.session.resume(now: rig.now)
    rig.run()
    #expect(rig.sent() == ["M3 S1000"])
    rig.say("ok")
    #expect(rig.sent() == ["G4 P4"])
    rig.say("ok")
    #expect(rig.sent() == ["$J=G90 G21 Z-2 F100"])
    rig.state = "Jog|MPos:9.000,0.000,4.000|FS:100,1000"
    rig.say("ok")
    rig.pass(6 * second)
    #expect(rig.session.phase == .resuming)
    #expect(!rig.session.wantsLine)
    rig.state = "Idle|MPos:9.000,0.000,-2.000|FS:0,1000"
    rig.pass(250 * ms)
    #expect(rig.session.phase == .printing)
    #expect(rig.session.wantsLine)
    rig.supply("X12", 4)
    #expect(rig.sent() == ["X12"])
    #expect(rig.jobEnd == nil)
  }

  /// Whoever sees something go wrong says it twice; the spindle turns, and on it goes as if nothing had been.
  @Test func aSecondWordHoldsAtOnce() throws {
    var rig = try Self.milling()
    try rig.session.pause(now: rig.now)
    rig.run()
    try rig.session.pause(now: rig.now)
    rig.run()
    #expect(rig.sent() == ["!"])
    rig.state = "Hold:0|MPos:4.000,0.000,-2.000|FS:0,1000"
    rig.pass(250 * ms)
    #expect(rig.session.phase == .paused)
    #expect(rig.session.reason.contains("keeps turning"))
    try rig.session.resume(now: rig.now)
    rig.run()
    #expect(rig.sent() == ["~"])
    rig.state = "Run|MPos:5.000,0.000,-2.000|FS:100,1000"
    rig.pass(250 * ms)
    #expect(rig.session.phase == .printing)
    #expect(rig.session.wantsLine)
  }

  /// The last lines of a file are finished all the same, and a resume ends the job.
  @Test func aPauseBehindTheLastLineEndsInADoneJob() throws {
    var rig = try Self.milling()
    rig.session.endOfFile(now: rig.now)
    try rig.session.pause(now: rig.now)
    rig.run()
    rig.say("ok", "[GC:G1 G54 G17 G21 G90 G94 M3 M9 T0 F100 S1000]", "ok")
    rig.state = "Idle|MPos:9.000,0.000,-2.000|FS:0,1000"
    rig.pass(250 * ms)
    rig.say("ok")
    rig.state = "Idle|MPos:9.000,0.000,8.000|FS:0,1000"
    rig.pass(250 * ms)
    rig.say("ok")
    #expect(rig.session.phase == .paused)
    try rig.session.resume(now: rig.now)
    rig.run()
    rig.say("ok", "ok")
    rig.state = "Jog|MPos:9.000,0.000,4.000|FS:100,1000"
    rig.say("ok")
    rig.state = "Idle|MPos:9.000,0.000,-2.000|FS:0,1000"
    rig.pass(250 * ms)
    #expect(rig.sent().last == "$G")
    rig.say("[GC:G1 G54 G17 G21 G90 G94 M3 M9 T0 F100 S1000]", "ok")
    rig.pass(250 * ms)
    #expect(rig.sent().first == "M5")
    rig.say("ok")
    #expect(rig.jobEnd == .done)
  }

  /// Nothing turns: a hold is all there is to do.
  @Test func withoutASpindleAPauseIsAHold() throws {
    var rig = try GrblRig.cutting()
    rig.state = "Run|MPos:0.000,0.000,0.000|FS:500,0"
    rig.supply("G1 X5 F100", 1)
    _ = rig.sent()
    try rig.session.pause(now: rig.now)
    rig.run()
    #expect(rig.sent() == ["!"])
  }

  @Test func aCancelWhileTheToolIsRaisedResetsAtOnce() throws {
    var rig = try Self.paused()
    try rig.session.cancel(now: rig.now)
    rig.run()
    #expect(rig.sent() == ["^X"])
    rig.banner()
    #expect(rig.jobEnd == .cancelled)
  }

  /// While it jogs, GRBL refuses every line but another jog.
  @Test func aMacroWaitsForItsJogsToRest() throws {
    var rig = GrblRig { $0.machineClass = .cnc }
    rig.connect(laserMode: false)
    try rig.session.act(
      .script(name: "probe", lines: ["$J=G91 X5 F500", "$J=G91 Y5 F500", "G10 L20 P1 Z0", "M8"]), token: 3,
      now: rig.now)
    rig.run()
    #expect(rig.sent() == ["$J=G91 X5 F500"])
    rig.state = "Jog|MPos:1.000,0.000,0.000|FS:500,0"
    rig.say("ok")
    #expect(rig.sent() == ["$J=G91 Y5 F500"])
    rig.say("ok")
    rig.pass(second)
    #expect(rig.sent().isEmpty)
    rig.state = "Idle|MPos:5.000,5.000,0.000|FS:0,0"
    rig.pass(250 * ms)
    #expect(rig.sent() == ["G10 L20 P1 Z0"])
    rig.say("ok")
    #expect(rig.sent() == ["M8"])
    rig.say("ok")
    #expect(rig.events.contains(.answered(token: 3, fault: nil)))
  }
}
