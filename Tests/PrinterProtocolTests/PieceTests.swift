import GCode
import Testing

@testable import PrinterProtocol

/// Pieces of lines that run unnumbered, and lines that must not run twice.
@Suite struct PieceTests {
  /// A stream whose firmware answers M105 with temperatures, a line in flight that must not run twice, and a question behind.
  private static func refused() -> Wire {
    var wire = Wire()
    wire.send("M105", report: true)
    _ = wire.okWithTemperatures()
    wire.send("G1 E1", repeatable: false)
    _ = wire.sent()
    wire.now += second
    #expect(wire.wait() == .asked)
    _ = wire.sent()
    wire.complain(last: 1)
    return wire
  }

  /// The planner is full: what is left of the line lies in the queue, and its `ok` comes seconds after the complaint.
  @Test func aQuestionGoesAheadOfALineThatMustNotRunTwice() {
    var wire = Self.refused()
    #expect(wire.wait() == .replaying(from: 2))
    #expect(wire.sent().map(Rig.content) == ["M105"])
    wire.now += second
    _ = wire.ok()
    #expect(wire.stream.found == .fragmentMayHaveRun(line: 3))
  }

  @Test func whereNothingRanItGoesOutBehindTheQuestion() {
    var wire = Self.refused()
    _ = wire.wait()
    #expect(wire.sent().map { $0.prefix(3) } == ["N2 "])
    #expect(wire.okWithTemperatures() == .credited)
    wire.pump()
    #expect(wire.sent().map(Rig.content) == ["G1 E1", "M105"])
    #expect(wire.stream.history.facts(of: 3)?.fileLine == 2)
    _ = wire.ok()
    _ = wire.okWithTemperatures()
    #expect(wire.retired() == [1, 2, 3, 4])
    #expect(wire.stream.found == nil)
    #expect(wire.stream.canSend)
  }

  @Test func aQuestionThatWasDamagedItselfIsNotPutTwice() {
    var wire = Self.refused()
    _ = wire.wait()
    _ = wire.sent()
    wire.complain(last: 1)
    #expect(wire.wait() == .replaying(from: 2))
    #expect(wire.sent().map(Rig.content) == ["M105"])
    #expect(wire.stream.history.newest == 4)
  }

  /// Taken, and its answer lost: the lines behind it wait for it no longer than for a line's.
  @Test func aQuestionThatWasTakenIsNotPutAgain() {
    var wire = Self.refused()
    _ = wire.wait()
    _ = wire.sent()
    wire.complain(last: 2)
    #expect(wire.wait() == .replaying(from: 3))
    #expect(wire.sent().isEmpty)
    #expect(wire.wait() == .asked)
    #expect(wire.sent().map(Rig.content) == ["G1 E1"])
  }

  /// Each question moves the line to the next number: it is the same line that is refused all the same.
  @Test func aLineThatIsRefusedForEverEndsAlsoBehindQuestions() {
    var wire = Wire()
    wire.send("M105", report: true)
    _ = wire.okWithTemperatures()
    wire.send("G1 E1", repeatable: false)
    var last: OnTimeout = .nothing
    for round in 0..<60 {
      wire.complain(last: 1 + Int64(round))
      last = wire.wait()
      if case .failed = last { break }
      _ = wire.okWithTemperatures()
      wire.pump()
    }
    guard case .failed(.resendLoop(_, let times)) = last else {
      Issue.record("\(last)")
      return
    }
    #expect(times == 21)
    #expect(wire.sent().filter { Rig.content($0) == "G1 E1" }.count == 21)
  }

  @Test func aLineThatMayRunTwiceGoesOutAtOnce() {
    var wire = Wire()
    wire.send("M105", report: true)
    _ = wire.okWithTemperatures()
    wire.send("G1 X1")
    _ = wire.sent()
    wire.complain(last: 1)
    _ = wire.wait()
    #expect(wire.sent().map(Rig.content) == ["G1 X1"])
  }

  /// The numbers by which a session knows where it is move up with the lines.
  @Test func theSessionsPlacesMoveUpWithTheLines() throws {
    var rig = try Rig.printing()
    rig.supply("M83", 1)
    rig.say("ok")
    rig.supply("G1 X1 E1 F600", 2)
    _ = rig.sent()
    let number = rig.session.progress.sentLineNumber
    rig.say("Error:checksum mismatch, Last Line: \(number - 1)", "Resend: \(number)", "ok")
    rig.pass(100 * ms)
    #expect(rig.said() == ["M105"])
    #expect(rig.session.progress.sentLineNumber == number + 1)
    rig.say("ok T:21.0 /0.0 B:20.0 /0.0 @:0 B@:0")
    #expect(rig.said() == ["G1 X1 E1 F600"])
    rig.say("ok")
    #expect(rig.session.progress.fileLine == 2)
    #expect(rig.session.progress.lineNumber == number + 1)
  }

  /// While the firmware asks a person its queue does not run, and what lies in it has not shown itself.
  @Test func nothingGoesOutAgainWhileAPersonIsAsked() throws {
    var rig = try Rig.printing()
    rig.supply("M83", 1)
    rig.say("ok")
    rig.supply("G1 X1 E1 F600", 2)
    _ = rig.sent()
    rig.say("//action:prompt_begin Is the plate clean?", "//action:prompt_button Yes", "//action:prompt_show")
    let number = rig.session.progress.sentLineNumber
    rig.say("Error:checksum mismatch, Last Line: \(number - 1)", "Resend: \(number)", "ok")
    rig.pass(10 * second)
    #expect(rig.sent().isEmpty)
    try rig.session.answer(choice: 0, now: rig.now)
    rig.run()
    #expect(rig.sent() == ["M876 S0"])
    rig.say("//action:prompt_end", "ok", "ok")
    rig.pass(100 * ms)
    #expect(rig.session.phase == .cancelling)
    #expect(rig.session.reason.contains("line 2 of the file"))
  }

  @Test func theAnswerToAPersonsChoiceIsNoPieces() throws {
    var rig = try Rig.printing()
    rig.supply("M83", 1)
    rig.say("ok")
    rig.supply("G1 X1 E1 F600", 2)
    _ = rig.sent()
    rig.say("//action:prompt_begin Is the plate clean?", "//action:prompt_button Yes", "//action:prompt_show")
    let number = rig.session.progress.sentLineNumber
    rig.say("Error:checksum mismatch, Last Line: \(number - 1)", "Resend: \(number)", "ok")
    try rig.session.answer(choice: 0, now: rig.now)
    rig.run()
    rig.say("//action:prompt_end", "ok")
    _ = rig.sent()
    rig.pass(100 * ms)
    #expect(rig.said() == ["M105"])
    rig.say("ok T:21.0 /0.0 B:20.0 /0.0 @:0 B@:0")
    #expect(rig.said() == ["G1 X1 E1 F600"])
    #expect(rig.session.phase == .printing)
  }

  @Test func aPieceSeenBeforeAQuestionIsNotForgotten() {
    var wire = Wire()
    wire.send("G1 E1", repeatable: false)
    _ = wire.sent()
    _ = wire.stream.rejected(.checksum, lastLine: 0, now: wire.now)
    _ = wire.stream.resend(7, now: wire.now)
    _ = wire.ok()
    _ = wire.ok()
    #expect(wire.wait() == .asked)
    wire.complain(last: 0)
    #expect(wire.wait() == .failed(.fragmentMayHaveRun(line: 1)))
  }

  // MARK: Lines under two numbers

  /// Smoothie says only `rs`: one damaged digit, and a line seems counted that is not.
  private static func renewed() -> Wire {
    var wire = Wire(dialect: .smoothie)
    wire.send("G1 X1")
    _ = wire.sent()
    wire.now += second
    #expect(wire.stream.ignoredLine(now: wire.now) == .incident)
    #expect(wire.wait() == .asked)
    _ = wire.sent()
    _ = wire.stream.resend(2, now: wire.now)
    #expect(wire.wait() == .replaying(from: 2))
    #expect(wire.sent().map { $0.prefix(8) } == ["N2 G1 X1"])
    return wire
  }

  @Test func aLineThatWasNotCountedAfterAllGoesOutOnce() {
    var wire = Self.renewed()
    // Said once more, it is believed.
    _ = wire.stream.resend(1, now: wire.now)
    #expect(wire.wait() == .asked)
    _ = wire.sent()
    _ = wire.stream.resend(1, now: wire.now)
    #expect(wire.wait() == .replaying(from: 1))
    #expect(wire.sent().map { $0.prefix(8) } == ["N1 G1 X1"])
    _ = wire.ok()
    wire.pump()
    #expect(wire.sent().map(Rig.content) == ["M105"])
  }

  @Test func whereThatWasTheDamagedDigitItStandsUnderTheNewNumber() {
    var wire = Self.renewed()
    wire.stream.settleRenewals(from: 1)
    #expect(Rig.content(String(decoding: wire.stream.history.line(2).dropLast(), as: UTF8.self)) == "M105")
    wire.stream.settleRenewals(from: 2)
    #expect(Rig.content(String(decoding: wire.stream.history.line(2).dropLast(), as: UTF8.self)) == "G1 X1")
  }

  /// `*` became a line end: the rest of the line before gets this answer, and the line in flight cannot have arrived yet.
  @Test func anIgnoredLineThatCameTooSoonIsTheOneBefore() {
    var wire = Wire(baud: 115200, dialect: .smoothie)
    for line in 1...6 {
      wire.send("G1 X\(line).000 Y\(line).000 E0.100 F3000")
      wire.now += 10 * ms
      _ = wire.ok()
    }
    wire.send("G4 P40")
    #expect(wire.stream.ignoredLine(now: wire.now) == .ignored)
    wire.now += 10 * ms
    #expect(wire.stream.ignoredLine(now: wire.now) == .incident)
  }

  /// The rest of a line whose `ok` was taken from another one: the line in flight is whole.
  @Test func theRestOfALineThatWasAcknowledgedConcernsNoneInFlight() {
    var wire = Wire()
    wire.send("G1 X1")
    _ = wire.ok()
    wire.send("G1 X2")
    #expect(wire.stream.unknownCommand(Array(" \"1 G1 X1\"".utf8)[...], now: wire.now) == .ignored)
    #expect(wire.stream.isStreaming)
  }

  /// A line feed that was lost would let Marlin 1.0 find M110 in the line before, and run that one.
  @Test func numbersAreSetAnewBehindALineFeed() throws {
    var rig = try Rig.printing()
    let session = rig.session
    rig.session.renumber(now: rig.now)
    rig.session.timeout(now: rig.now)
    rig.run()
    #expect(rig.sent() == ["N0 M110*35"])
    var copy = session
    copy.renumber(now: rig.now)
    copy.timeout(now: rig.now)
    #expect(copy.withPendingOutput { String(decoding: $0, as: UTF8.self) } == "\nN0 M110*35\n")
  }

  // MARK: Repetier

  /// `skip 3` says that line 3 did not run, also where the complaint before it was not heard.
  @Test func aLineThatWasPassedOverIsNotAcknowledged() {
    var wire = Wire(dialect: .repetier)
    wire.send("G1 X1")
    _ = wire.sent()
    wire.stream.skipped(now: wire.now)
    #expect(wire.ok() == .swallowed)
    #expect(wire.retired().isEmpty)
    #expect(wire.wait() == .asked)
    _ = wire.stream.resend(1, now: wire.now)
    #expect(wire.wait() == .replaying(from: 1))
  }

  /// It has nothing to do, whatever its temperatures say: M400 is over, and its `ok` was lost with the question's.
  @Test func firmwareWithNothingToDoIsAskedBehindABlockingLineToo() {
    var wire = Wire(dialect: .repetier)
    wire.sendSlow("M400", isBlocking: true)
    #expect(wire.wait() == .asked)
    _ = wire.sent()
    wire.now += second
    wire.stream.waiting(now: wire.now)
    wire.stream.busy(now: wire.now)
    #expect(wire.stream.deadline.map { $0 <= wire.now + 200 * ms } == true)
    #expect(wire.wait() == .asked)
    #expect(wire.sent().map(Rig.content) == ["M105"])
  }

  @Test func aFatalErrorOfRepetierIsTheEnd() throws {
    var rig = try Rig.printing { $0.dialect = .repetier }
    rig.supply("M109 S200", 1)
    rig.say("fatal:Heater decoupled during rising - Printer stopped and heaters disabled due to this error.")
    #expect(rig.session.phase == .killed)
    #expect(rig.jobEnd?.code == "firmware.heaterFault")
  }

  /// A firmware that names a line only once: one damaged digit must not end a print.
  @Test func aDistantNumberThatIsSaidOnceIsAskedAbout() {
    var wire = Wire(dialect: .repetier)
    for line in 1...60 {
      wire.send("G1 X\(line)")
      _ = wire.ok()
    }
    wire.send("G1 X61")
    _ = wire.sent()
    _ = wire.stream.resend(6, now: wire.now)
    #expect(wire.wait() == .asked)
    _ = wire.stream.resend(61, now: wire.now)
    #expect(wire.wait() == .replaying(from: 61))
  }

  // MARK: Answers of others

  /// The report's answer was lost; the next line ran without its number, and its `ok` came all the same.
  @Test func anOkBeforeAReportsIsAPiecesWhereTheLineIsWantedAgain() {
    var wire = Wire(window: 4)
    wire.send("M105", report: true)
    _ = wire.okWithTemperatures()
    wire.send("M105", report: true)
    wire.send("G1 E1", repeatable: false)
    #expect(wire.ok() == .stray)
    wire.complain(last: 1)
    #expect(wire.wait() == .failed(.fragmentMayHaveRun(line: 3)))
  }

  /// The firmware took the lines behind the altered one: their answers are still due.
  @Test func linesBehindAnAlteredOneKeepTheirAnswers() {
    var wire = Wire(window: 4)
    wire.send("M105", report: true)
    _ = wire.okWithTemperatures()
    wire.send("G1 X36.806")
    wire.send("M105", report: true)
    _ = wire.sent()
    #expect(wire.stream.unknownCommand(Array(" \"G! X5&.806\"".utf8)[...], now: wire.now) == .incident)
    wire.complain(last: 3)
    #expect(wire.wait() == .replaying(from: 4))
    #expect(wire.sent().map(Rig.content) == ["G1 X36.806"])
    _ = wire.okWithTemperatures()
    _ = wire.ok()
    #expect(wire.retired() == [1, 3, 4])
    #expect(wire.stream.ledger.isEmpty)
  }

  /// A replay had begun before lines that the firmware had taken after all: who waits for their answers gets them.
  @Test func linesThatWereTakenAfterAllAreAnswered() {
    var wire = Wire(window: 4)
    wire.send("M104 S0")
    wire.send("M140 S0")
    _ = wire.sent()
    wire.complain(last: 0)
    #expect(wire.wait() == .replaying(from: 1))
    #expect(wire.sent().map(Rig.content) == ["M104 S0"])
    wire.complain(last: 2)
    #expect(wire.wait() == .resumed)
    #expect(wire.stream.ledger.map(\.number) == [1, 2])
    #expect(wire.wait() == .asked)
    _ = wire.okWithTemperatures()
    #expect(wire.retired() == [1, 2, 3])
  }

  /// A line that went out once more under a new number is answered once.
  @Test func aLineUnderANewNumberIsAnsweredOnce() {
    var wire = Self.renewed()
    _ = wire.stream.resend(2, now: wire.now)
    #expect(wire.wait() == .replaying(from: 2))
    _ = wire.ok()
    #expect(wire.retired() == [2])
    #expect(wire.stream.ledger.isEmpty)
  }

  /// Lost bytes joined two lines to one that the firmware does not know, and it counted the first of them.
  @Test func theLineThatWasCountedIsTheOneThatRanAltered() {
    var wire = Wire(window: 4)
    wire.send("M82")
    wire.send("G92 E0")
    _ = wire.sent()
    #expect(wire.stream.unknownCommand(Array(" \"M E0\"".utf8)[...], now: wire.now) == .incident)
    _ = wire.ok()
    wire.complain(last: 1)
    #expect(wire.wait() == .failed(.alteredOnTheWay(line: 1)))
  }

  /// A byte before it moved all others: the line is still the one that it is most like.
  @Test func aQuoteThatIsAByteLongerIsKnownByItsEnd() throws {
    let quote = try #require(QuotedCommand(Array(" \"\"E1 X52.380 Y56.589 E0.050 F3000\"(2)".utf8)[...]))
    let own = quote.likeness(to: Array("G1 X52.380 Y56.589 E0.050 F3000".utf8)[...])
    let other = quote.likeness(to: Array("G1 X52.527 Y55.110 E0.050 F3000".utf8)[...])
    #expect(own > other)
  }

  @Test func aComplaintWithADamagedBeginningIsStillOne() {
    var parser = ReplyParser()
    var bytes = Array("acho:Unknown command: \"N99 E1 X46\"\n".utf8)[...]
    var position = 0
    #expect(parser.next(in: bytes.span, at: &position) == .unknownCommand)
    #expect(QuotedCommand(parser.words)?.text == Array("E1 X46".utf8))
    bytes = []
  }

  // MARK: Waits

  /// The question before it was answered, and that went unheard: the next answer is not its.
  @Test func aHeatWaitThatIsUnderWayAnswersTheQuestionsBeforeIt() throws {
    var rig = try Rig.printing { $0.windowLines = 4 }
    rig.supply("M104 S200", 1)
    rig.say("ok")
    rig.pass(3 * second)
    let polls = rig.session.stream.ledger.count
    rig.session.stream.send(
      LineStream.reportLine, LineFacts(kind: .poll, isReport: true, due: rig.now), now: rig.now,
      into: &rig.session.output)
    rig.session.outputGrew(from: 0)
    rig.supply("M109 S200", 2)
    #expect(rig.session.stream.ledger.count == polls + 2)
    rig.say(" T:150.0 /200.0 B:20.0 /0.0 @:127 B@:0 W:?")
    #expect(rig.session.stream.ledger.first?.facts.waitsForHeat == true)
  }

  /// At its target the wait is over, and so is the patience with it: its `ok` was lost with those of both questions.
  @Test func aHeatWaitAtItsTargetIsAskedAbout() throws {
    var rig = try Rig.printing()
    rig.supply("M109 S200", 1)
    rig.say(" T:195.0 /200.0 B:20.0 /0.0 @:127 B@:0 W:?")
    for _ in 0..<60 {
      rig.say(" T:200.0 /200.0 B:20.0 /0.0 @:20 B@:0")
      rig.pass(second)
    }
    #expect(rig.said().filter { $0 == "M105" }.count > 2)
    #expect(rig.session.phase == .printing)
    rig.say("ok T:200.0 /200.0 B:20.0 /0.0 @:20 B@:0")
    #expect(rig.session.progress.fileLine == 1)
  }

  /// A heater that stays cold is said again after a resume: the firmware still waits for it.
  @Test func aColdHeaterIsWatchedAgainAfterAResume() throws {
    var rig = try Rig.printing { $0.dialect = .marlin1 }
    rig.supply("M109 S200", 4)
    for _ in 0..<62 {
      rig.say("T:21.9 E:0 W:?")
      rig.pass(second)
    }
    #expect(rig.session.phase == .needsAttention)
    try rig.session.resume(now: rig.now)
    rig.run()
    for _ in 0..<62 {
      rig.say("T:21.9 E:0 W:?")
      rig.pass(second)
    }
    #expect(rig.session.phase == .needsAttention)
    #expect(rig.faultCodes == ["heat.noRise", "heat.noRise"])
  }

  /// The question was damaged on its way: that the ending waits for a person is said all the same.
  @Test func anEndingThatWaitsForAPersonSaysSo() throws {
    var rig = try Rig.printing()
    rig.supply("G1 X1 F600", 1)
    try rig.session.cancel(now: rig.now)
    rig.run()
    #expect(rig.session.phase == .cancelling)
    rig.say("echo:busy: paused for user")
    #expect(rig.session.prompt == PrinterSession.unheardQuestion)
    _ = rig.sent()
    try rig.session.answer(choice: nil, now: rig.now)
    rig.run()
    #expect(rig.sent() == ["M108"])
    #expect(rig.session.prompt == nil)
  }

  @Test func aGreetingThatWaitsForAPersonSaysSo() {
    var rig = Rig()
    rig.open()
    rig.say("echo:busy: paused for user")
    #expect(rig.session.phase == .handshaking)
    #expect(rig.session.prompt == PrinterSession.unheardQuestion)
    rig.say("ok")
    #expect(rig.session.prompt == nil)
  }
}
