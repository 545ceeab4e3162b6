import GCode
import Testing

@testable import PrinterProtocol

/// Character counting, lines that stay alone, and answers that are missing.
struct GrblStreamTests {
  @Test func noMoreThan127BytesAreInFlight() throws {
    var rig = try GrblRig.burning()
    rig.state = "Run|MPos:0.000,0.000,0.000|FS:500,0"
    var line: Int64 = 0
    var inFlight: [Int] = []
    for _ in 0..<60 {
      while rig.session.wantsLine {
        line += 1
        rig.supply("G1 X\(line) Y\(line) F1500", line)
        inFlight += rig.sent().map { $0.utf8.count + 1 }
        #expect(inFlight.reduce(0, +) <= 127)
      }
      // Full: not one of these lines more would fit.
      #expect(inFlight.reduce(0, +) > 127 - 18)
      rig.say("ok")
      inFlight.removeFirst()
      inFlight += rig.sent().map { $0.utf8.count + 1 }
    }
    #expect(rig.session.progress.acknowledged == 60)
  }

  @Test func statusIsAskedAtMostFiveTimesASecondAndOutsideTheCount() throws {
    var rig = try GrblRig.burning()
    rig.state = "Run|MPos:0.000,0.000,0.000|FS:500,0"
    rig.questions.removeAll()
    for line in 1...400 {
      if rig.session.wantsLine { rig.supply("G1 X\(line)", Int64(line)) }
      rig.say("ok")
      rig.pass(10 * ms)
    }
    #expect(rig.questions.count > 15)
    for (before, after) in zip(rig.questions, rig.questions.dropFirst()) {
      #expect(after - before >= 200 * ms)
    }
  }

  /// A realtime byte goes between two lines also where the port took only a part of one.
  @Test func aRealtimeByteIsNeverInsideALine() throws {
    var rig = try GrblRig.burning()
    rig.session.supply(line: Array("G1 X1".utf8)[...], fileLine: 1, endOffset: 6, now: rig.now)
    rig.session.supply(line: Array("G1 X2".utf8)[...], fileLine: 2, endOffset: 12, now: rig.now)
    rig.session.wrote(3, now: rig.now)
    try rig.session.pause(now: rig.now)
    let rest = rig.session.withPendingOutput { String(decoding: $0, as: UTF8.self) }
    #expect(rest.filter { $0 != "?" } == "X1\n!G1 X2\n")
  }

  /// One of two answers was lost in the other: `$G` after `$G` finds nothing more, and the job goes on without it.
  @Test func aQuestionWhoseAnswerWasLostIsForgotten() throws {
    var rig = try GrblRig.cutting()
    rig.supply("G1 X0 F100", 1)
    rig.pass(second)
    #expect(rig.sent() == ["G1 X0 F100", "$G"])
    rig.say("ok[GC:G1 G54 G17 G21 G90 G94 M5 M9 T0 F100 S0]", "ok")
    rig.pass(1500 * ms)
    #expect(rig.sent() == ["$G"])
    rig.say("[GC:G1 G54 G17 G21 G90 G94 M5 M9 T0 F100 S0]", "ok")
    rig.pass(2 * second)
    #expect(rig.sent().isEmpty)
    #expect(rig.session.ledger.isEmpty)
    rig.supply("G1 X1", 2)
    #expect(rig.sent() == ["G1 X1"])
  }

  /// Without the place where it begins, nothing tells whether the machine is where it should be.
  @Test func aJobBeginsOnlyWhereTheMachineIsKnownToBe() throws {
    var rig = GrblRig()
    rig.state = "Idle|MPxs:0.000,0.000,0.000|FS:0,0"
    rig.connect()
    try rig.startJob()
    rig.pass(second / 2)
    #expect(!rig.session.wantsLine)
    rig.state = "Idle|MPos:1.000,2.000,3.000|FS:0,0"
    rig.pass(second / 2)
    #expect(rig.session.wantsLine)
    #expect(rig.session.followed.position.y == 2)
  }

  /// What is left of a lost `ok` stands in front of the refusal.
  @Test(arguments: ["oerror:24", "<Run|MPos:0.632,-0.276,2.000|Ferror:24"])
  func aRefusalBehindAPieceOfAnotherAnswerIsHeard(_ words: String) throws {
    var rig = try GrblRig.burning()
    rig.supply("G1 X1 F100", 1)
    rig.supply("G1 X2G1 X3", 2)
    rig.say(words)
    rig.banner()
    #expect(rig.jobEnd == .failed)
    #expect(rig.faults == ["firmware.refused"])
  }

  @Test func linesThatTouchTheEEPROMAreAlone() throws {
    var rig = try GrblRig.burning()
    rig.state = "Run|MPos:0.000,0.000,0.000|FS:500,0"
    rig.supply("G1 X1 F100", 1)
    rig.supply("G10 L20 P1 X0", 2)
    #expect(rig.sent() == ["G1 X1 F100"])
    #expect(!rig.session.wantsLine)
    rig.say("ok")
    #expect(rig.sent() == ["G10 L20 P1 X0"])
    // Nothing follows it before its answer.
    #expect(!rig.session.wantsLine)
    rig.say("ok")
    #expect(rig.session.wantsLine)
    for line in ["G54", "G55 X1", "G28.1", "G30.1", "G28 X0", "G10 L2 P1 Z0"] {
      #expect(GrblBlock(Array(line.utf8)[...]).isAlone, "\(line)")
    }
    for line in ["G1 X1", "G92 X0", "M4 S100", "G4 P1"] {
      #expect(!GrblBlock(Array(line.utf8)[...]).isAlone, "\(line)")
    }
  }

  @Test func commentsAndFramesAreNotSent() throws {
    var rig = try GrblRig.burning()
    rig.supply("%", 1)
    rig.supply("(stop! now?)", 2)
    rig.supply("G1 X1 (a ~ b) F100", 3)
    #expect(rig.sent() == ["G1 X1  F100"])
  }

  @Test(arguments: [
    ("G1 X1 ! Y2", "file.realtime"), ("$H", "file.system"), ("G1 X1*12", "file.numbering"),
    ("M3 S10", "file.constantPower"),
    ("M6 G1 X1", "file.stopWithMotion"), ("G1 X" + String(repeating: "1", count: 90), "file.lineTooLong"),
  ])
  func linesThatMustNotBeSentEndTheJob(_ line: String, _ code: String) throws {
    var rig = try GrblRig.burning()
    rig.supply("G1 X1 F100", 1)
    rig.supply(line, 2)
    rig.banner()
    #expect(rig.jobEnd == .failed)
    #expect(rig.faults == [code])
    #expect(!rig.sent().contains(line))
  }

  @Test func aLineThatFitsOnlyWithoutBlanksIsSentWithoutThem() throws {
    var rig = try GrblRig.burning()
    rig.supply("G1 X1" + String(repeating: " ", count: 140) + "Y2", 1)
    #expect(rig.sent() == ["G1X1Y2"])
  }

  // MARK: Missing answers

  /// An idle machine with lines outstanding: `$G` tells that all were read, the position that all ran.
  @Test func aLostAnswerIsFoundWithinHalfASecond() throws {
    var rig = try GrblRig.burning()
    rig.state = "Run|MPos:0.000,0.000,0.000|FS:500,0"
    rig.supply("G1 X1 F100", 1)
    rig.supply("G1 X2 F100", 2)
    rig.say("ok")
    rig.pass(second)
    #expect(rig.sent() == ["G1 X1 F100", "G1 X2 F100"])
    rig.state = "Idle|MPos:2.000,0.000,0.000|FS:0,0"
    let from = rig.now
    rig.pass(300 * ms)
    #expect(rig.sent() == ["$G"])
    rig.say("[GC:G1 G54 G17 G21 G90 G94 M5 M9 T0 F100 S0]", "ok")
    #expect(rig.session.progress.acknowledged == 2)
    #expect(rig.session.wantsLine)
    #expect(rig.now - from < second / 2)
    #expect(rig.jobEnd == nil)
  }

  /// The machine stands elsewhere: a line was lost, not its answer.
  @Test func aLostLineStopsTheJob() throws {
    var rig = try GrblRig.burning()
    rig.supply("G1 X1 F100", 1)
    rig.supply("G1 X2 F100", 2)
    rig.say("ok")
    rig.state = "Idle|MPos:1.000,0.000,0.000|FS:0,0"
    rig.pass(second)
    rig.say("[GC:G1 G54 G17 G21 G90 G94 M5 M9 T0 F100 S0]")
    rig.banner()
    #expect(rig.jobEnd == .failed)
    #expect(rig.faults == ["stream.answerLost"])
  }

  /// What a lost line feed would make of two lines: refused, the same, or something else unnoticed.
  @Test(arguments: [
    ("G1 X1", "G1 X2", false), ("G1 X1", "Y1", true), ("G1 X1 Y1", "X2 Y2", false), ("S100", "G1 X1", false),
    ("M4", "G1 X1", false), ("G1 X1", "M5", true), ("G0 X1", "G1 Y1", false), ("G4 P1", "X1", true),
    ("F100", "S10", false), ("G1 X1", "S10", true),
  ])
  func mergedLines(_ first: String, _ second: String, _ isUnnoticed: Bool) {
    let one = GrblBlock(Array(first.utf8)[...])
    #expect(one.mergesUnnoticed(with: GrblBlock(Array(second.utf8)[...])) == isUnnoticed)
  }

  @Test func theWindowIsBoundedInLinesToo() throws {
    var rig = try GrblRig.burning { $0.windowLines = 1 }
    rig.supply("G1 X1 F100", 1)
    #expect(!rig.session.wantsLine)
    rig.say("ok")
    #expect(rig.session.wantsLine)
  }

  /// `X1` and `Y1` joined are one line that GRBL takes: the second waits until the first is answered.
  @Test func linesThatWouldMergeUnnoticedAreNotInFlightTogether() throws {
    var rig = try GrblRig.burning()
    rig.state = "Run|MPos:0.000,0.000,0.000|FS:500,0"
    rig.supply("G1 X1 F100", 1)
    rig.supply("Y1", 2)
    #expect(rig.sent() == ["G1 X1 F100"])
    rig.say("ok")
    #expect(rig.sent() == ["Y1"])
    // A merged pair that is refused, or does the same, needs no waiting.
    rig.supply("Y2", 3)
    rig.supply("X3 Y3", 4)
    #expect(rig.sent() == ["Y2", "X3 Y3"])
  }

  /// The line feed of the only line in flight is lost: the question is joined to it, and the refusal tells.
  @Test func aLostLineFeedIsNoticed() throws {
    var rig = try GrblRig.burning()
    rig.supply("G1 X1 F100", 1)
    rig.pass(second)
    #expect(rig.sent().contains("$G"))
    rig.say("error:1")
    rig.banner()
    #expect(rig.faults == ["firmware.refused"])
  }

  /// Nothing follows a question before its answer.
  @Test func aQuestionIsTheLastOnTheWire() throws {
    var rig = try GrblRig.burning()
    rig.supply("G4 P9", 1)
    rig.pass(second)
    #expect(rig.sent() == ["G4 P9", "$G"])
    #expect(!rig.session.wantsLine)
  }

  /// Something unreadable came instead of the answer: it may have been a complaint.
  @Test func anUnreadableAnswerStopsTheJob() throws {
    var rig = try GrblRig.burning()
    rig.supply("G1 X1 F100", 1)
    rig.say("e\u{1}\u{2}or:2")
    rig.state = "Idle|MPos:1.000,0.000,0.000|FS:0,0"
    rig.pass(second)
    rig.say("[GC:G1 G54 G17 G21 G90 G94 M5 M9 T0 F100 S0]")
    rig.banner()
    #expect(rig.faults == ["stream.answerLost"])
  }

  /// One answer too many: a line fell into two, and the end of the job does not hide it.
  @Test func anAnswerTooManyStopsTheJob() throws {
    var rig = try GrblRig.burning()
    rig.supply("G1 X1 F100", 1)
    rig.say("ok")
    rig.supply("G1 X2 F100", 2)
    rig.say("ok", "ok")
    rig.banner()
    #expect(rig.faults == ["stream.extraAnswer"])
    #expect(rig.session.counters.strayOks == 1)
  }

  /// It was counted for the line behind it: the question at the end is answered before its own report.
  @Test func anAnswerCountedTooEarlyIsFoundAtTheEnd() throws {
    var rig = try GrblRig.burning()
    rig.supply("G1 X1 F100", 1)
    rig.supply("G1 X2 F100", 2)
    rig.say("ok", "ok")
    rig.session.endOfFile(now: rig.now)
    rig.run()
    #expect(rig.sent().last == "$G")
    rig.say("ok")
    rig.banner()
    #expect(rig.faults == ["stream.extraAnswer"])
  }

  /// A dwell shows as Idle and has not answered: the question waits behind it.
  @Test func aDwellIsNoSilence() throws {
    var rig = try GrblRig.burning()
    rig.supply("G4 P120", 1)
    rig.pass(119 * second)
    #expect(rig.jobEnd == nil)
    rig.say("ok", "[GC:G0 G54 G17 G21 G90 G94 M5 M9 T0 F0 S0]", "ok")
    #expect(rig.session.progress.acknowledged == 1)
    #expect(rig.session.wantsLine)
  }

  /// Two minutes of running are no silence either, and nothing but `?` is asked meanwhile.
  @Test func aLongMoveIsNoSilence() throws {
    var rig = try GrblRig.burning()
    rig.state = "Run|MPos:0.000,0.000,0.000|FS:1,0"
    for line in 1...12 where rig.session.wantsLine { rig.supply("G1 X\(line) Y1 F10", Int64(line)) }
    _ = rig.sent()
    rig.pass(120 * second)
    #expect(rig.sent().isEmpty)
    #expect(rig.jobEnd == nil)
  }

  @Test func aFullBufferReportFindsLostAnswersWhileRunning() throws {
    var rig = try GrblRig.burning()
    rig.state = "Run|MPos:0.000,0.000,0.000|Bf:3,128|FS:500,0"
    rig.supply("G1 X1 F100", 1)
    rig.supply("G1 X2 F100", 2)
    rig.supply("G1 X3 F100", 3)
    _ = rig.sent()
    rig.pass(second)
    #expect(rig.sent() == ["$G"])
  }

  @Test func aFullerBufferThanCountedMeansAnAnswerTooMany() throws {
    var rig = try GrblRig.burning()
    rig.state = "Run|MPos:0.000,0.000,0.000|Bf:3,100|FS:500,0"
    rig.supply("G1 X1 F100", 1)
    rig.say("ok")
    rig.pass(second)
    rig.banner()
    #expect(rig.faults == ["stream.extraAnswer"])
  }

  @Test func silenceEndsInAReset() throws {
    var rig = try GrblRig.burning()
    rig.supply("G1 X1 F100", 1)
    _ = rig.sent()
    rig.state = nil
    rig.pass(20 * second)
    #expect(rig.sent().contains("^X"))
    #expect(rig.jobEnd == .uncertain)
    #expect(rig.session.phase == .linkLost)
    #expect(rig.faults.contains("link.silent"))
  }

  // MARK: The end

  @Test func aJobIsDoneWhenTheMachineStandsWhereTheLinesLead() throws {
    var rig = try GrblRig.burning()
    rig.state = "Run|MPos:0.000,0.000,0.000|FS:500,0"
    rig.supply("M4 S100", 1)
    rig.supply("G1 X5 Y6 F100", 2)
    rig.say("ok", "ok")
    rig.session.endOfFile(now: rig.now)
    rig.run()
    #expect(rig.sent().last == "$G")
    rig.say("[GC:G1 G54 G17 G21 G90 G94 M4 M9 T0 F100 S100]", "ok")
    rig.pass(second)
    #expect(rig.jobEnd == nil)
    rig.state = "Idle|MPos:5.000,6.000,0.000|FS:0,0"
    rig.pass(250 * ms)
    // The file left it armed.
    #expect(rig.sent() == ["M5"])
    rig.say("ok")
    #expect(rig.jobEnd == .done)
    #expect(rig.session.phase == .idle)
    #expect(rig.session.progress.fileLine == 2)
  }

  @Test func aJobThatEndsElsewhereFails() throws {
    var rig = try GrblRig.burning()
    rig.supply("G1 X5 Y6 F100", 1)
    rig.say("ok")
    rig.session.endOfFile(now: rig.now)
    rig.run()
    rig.state = "Idle|MPos:5.000,4.000,0.000|FS:0,0"
    rig.say("[GC:G1 G54 G17 G21 G90 G94 M5 M9 T0 F100 S0]", "ok")
    rig.pass(second)
    rig.banner()
    #expect(rig.jobEnd == .failed)
    #expect(rig.faults.first?.hasPrefix("stream.") == true)
  }

  /// A lost decimal point sends the machine far off: two reports of it stop the job, one may be damaged itself.
  @Test func aMachineWhereNoLineLeadsIsStopped() throws {
    var rig = try GrblRig.burning()
    rig.state = "Run|MPos:0.000,0.000,0.000|FS:500,0"
    rig.supply("G1 X10.5 Y4 F1000", 1)
    rig.pass(second)
    #expect(rig.jobEnd == nil)
    _ = rig.sent()
    rig.state = "Run|MPos:41.000,4.000,0.000|FS:500,0"
    rig.pass(300 * ms)
    #expect(rig.session.phase == .printing)
    rig.pass(200 * ms)
    #expect(rig.sent() == ["^X"])
    rig.banner()
    #expect(rig.faults == ["stream.strayed"])
  }

  /// Lines that plan nothing are answered at once and leave the planner as it is: the machine may still be in the first move.
  @Test(arguments: ["F900", "G0 X10 Y0", "G4 P0", "M8", "S200", "G1 X10.001"])
  func linesThatPlanNothingPushNoMoveOut(_ filler: String) throws {
    var rig = try GrblRig.burning()
    rig.state = "Run|MPos:0.000,0.000,0.000|FS:100,0"
    for line in 1...10 {
      rig.supply("G1 X\(line) Y0 F1000", Int64(line))
      rig.say("ok")
    }
    for line in 11...200 {
      rig.supply(filler, Int64(line))
      rig.say("ok")
    }
    rig.pass(second)
    #expect(rig.session.phase == .printing, "\(rig.events)")
    #expect(rig.jobEnd == nil)
  }

  /// A planner as large as is usual, though `$I` tells fewer blocks, with the stepper's buffer behind it.
  @Test func theTrackHoldsWhatThePlannerMayHold() throws {
    var rig = try GrblRig.burning()
    rig.state = "Run|MPos:0.000,0.000,0.000|FS:100,0"
    for line in 1...46 {
      rig.supply("G1 X\(line) Y0 F1000", Int64(line))
      rig.say("ok")
    }
    rig.pass(second)
    #expect(rig.session.phase == .printing, "\(rig.events)")
  }

  @Test func theTrackFollowsArcsAndForgetsOldMoves() {
    var track = GrblTrack()
    var modal = GrblModal()
    modal.standsAt(GrblPoint())
    track.rests(modal)
    func go(_ line: String) {
      let block = GrblBlock(Array(line.utf8)[...])
      let before = modal
      modal.apply(block)
      track.follow(block, from: before, to: modal, depth: 4)
    }
    go("G1 X10 F100")
    #expect(track.mayBe(at: GrblPoint(x: 5), 0.5))
    #expect(!track.mayBe(at: GrblPoint(x: 5, y: 2), 0.5))
    go("G2 X20 Y0 I5 J0")
    #expect(track.mayBe(at: GrblPoint(x: 15, y: 5), 0.5))
    #expect(!track.mayBe(at: GrblPoint(x: 15, y: 15), 0.5))
    for x in 100...120 { go("G1 X\(x) Y0") }
    #expect(!track.mayBe(at: GrblPoint(x: 15), 0.5))
    #expect(track.mayBe(at: GrblPoint(x: 118), 0.5))
    // What cannot be followed is not judged.
    go("G28 Z0")
    #expect(track.mayBe(at: GrblPoint(x: -99, y: -99, z: -99), 0.5))
  }

  /// The position follows inches, relative moves, G92 and offsets; what cannot be followed is not compared.
  @Test func positionsAreFollowed() {
    var modal = GrblModal()
    modal.standsAt(GrblPoint())
    func apply(_ line: String) { modal.apply(GrblBlock(Array(line.utf8)[...])) }
    apply("G1 X10 Y5 F100")
    apply("G91 X-1")
    #expect(modal.position == GrblPoint(x: 9, y: 5, z: 0))
    apply("G90 G20 X1")
    #expect(modal.position.x == 25.4)
    apply("G92 X0 Y0 Z0")
    #expect(modal.position == GrblPoint())
    apply("G21 G2 X3 Y4 I1 J1")
    #expect(modal.position == GrblPoint(x: 3, y: 4, z: 0))
    apply("G53 G0 Z0")
    #expect(modal.known == 3)
    apply("G28 X0")
    #expect(modal.known == 0)
    #expect(modal.isConsistent(with: GrblPoint(x: 99, y: 99, z: 99), 0.05))
  }
}
