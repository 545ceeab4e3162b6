import GCode
import Testing

@testable import PrinterProtocol

extension LineStream {
  /// Whether a line may be sent.
  var canSend: Bool {
    var copy = self
    return copy.hasRoom()
  }
}

/// A line stream with a printer played by hand: what goes out is kept as text.
struct Wire {
  var stream: LineStream
  var now: Int64 = second
  private var output: [UInt8] = []

  init(window: Int = 1, baud: Int64 = 0, dialect: Dialect = .marlin) {
    var configuration = SessionConfiguration()
    configuration.dialect = dialect
    configuration.windowLines = window
    configuration.queueLines = 16
    configuration.receiveBuffer = 1024
    configuration.baud = baud
    stream = LineStream(configuration: configuration)
    stream.open(after: 0)
  }

  mutating func sent() -> [String] {
    defer { output.removeAll() }
    return String(decoding: output, as: UTF8.self).split(separator: "\n").map(String.init)
  }

  mutating func send(_ line: String, repeatable: Bool = true, report: Bool = false) {
    let facts = LineFacts(
      kind: report ? .poll : .file, fileLine: stream.highest + 1, isRepeatable: repeatable, isReport: report,
      due: now)
    stream.send(Array(line.utf8)[...], facts, now: now, into: &output)
  }

  /// Sends a line that may take ten minutes.
  mutating func sendSlow(_ line: String, isBlocking: Bool) {
    let facts = LineFacts(
      kind: .file, fileLine: stream.highest + 1, isBlocking: isBlocking, due: now + 600 * second)
    stream.send(Array(line.utf8)[...], facts, now: now, into: &output)
  }

  mutating func ok(_ number: Int64? = nil) -> OnOk {
    var ok = Acknowledgement()
    ok.lineNumber = number
    return stream.ok(ok, now: now)
  }

  mutating func okWithTemperatures() -> OnOk {
    var ok = Acknowledgement()
    ok.hasTemperatures = true
    return stream.ok(ok, now: now)
  }

  /// The whole complaint about a line that did not follow `last`.
  mutating func complain(last: Int64) {
    _ = stream.rejected(.checksum, lastLine: last, now: now)
    _ = stream.resend(last + 1, now: now)
    _ = ok()
  }

  /// Lets time pass up to the next deadline.
  mutating func wait() -> OnTimeout {
    now = stream.deadline ?? now
    return stream.timeout(now: now, into: &output)
  }

  mutating func pump() { while stream.replay(now: now, into: &output) {} }

  mutating func retired() -> [Int64] {
    var numbers: [Int64] = []
    while let line = stream.nextRetired() { numbers.append(line.number) }
    return numbers
  }
}

@Suite struct LineStreamTests {
  @Test func anOkRetiresTheLine() {
    var wire = Wire()
    wire.send("G1 X1")
    #expect(!wire.stream.canSend)
    #expect(wire.ok() == .credited)
    #expect(wire.retired() == [1])
    #expect(wire.stream.canSend)
  }

  @Test func anOkForNothingIsStray() {
    var wire = Wire()
    #expect(wire.ok() == .stray)
  }

  @Test func drainThenReplay() {
    var wire = Wire()
    wire.send("G1 X1")
    _ = wire.sent()
    wire.complain(last: 0)
    #expect(!wire.stream.canSend)
    #expect(wire.sent().isEmpty)
    #expect(wire.wait() == .replaying(from: 1))
    #expect(wire.sent() == ["N1 G1 X1*96"])
    #expect(wire.ok() == .credited)
    #expect(wire.retired() == [1])
    #expect(wire.stream.canSend)
  }

  @Test func theResendsOwnOkIsNotTheLines() {
    var wire = Wire()
    wire.send("G1 X1")
    _ = wire.stream.resend(1, now: wire.now)
    #expect(wire.ok() == .swallowed)
    #expect(wire.retired().isEmpty)
  }

  @Test func repliesPushTheQuietOn() {
    var wire = Wire()
    wire.send("G1 X1")
    _ = wire.stream.resend(1, now: wire.now)
    wire.now += 90 * ms
    _ = wire.stream.resend(1, now: wire.now)
    wire.now += 90 * ms
    #expect(wire.stream.deadline == wire.now + 10 * ms)
  }

  @Test func anErrorAloneIsEnough() {
    var wire = Wire()
    wire.send("G1 X1")
    _ = wire.stream.rejected(.checksum, lastLine: 0, now: wire.now)
    #expect(wire.wait() == .replaying(from: 1))
  }

  @Test func contradictingNumbersAreAskedAbout() {
    var wire = Wire()
    wire.send("G1 X1")
    _ = wire.sent()
    _ = wire.stream.rejected(.checksum, lastLine: 0, now: wire.now)
    _ = wire.stream.resend(3, now: wire.now)
    #expect(wire.wait() == .asked)
    #expect(wire.sent().map { Rig.content($0) } == ["M105"])
    _ = wire.stream.rejected(.number, lastLine: 0, now: wire.now)
    _ = wire.stream.resend(1, now: wire.now)
    #expect(wire.wait() == .replaying(from: 1))
  }

  @Test func theQuestionIsNeverARepeatOfALine() {
    var wire = Wire()
    wire.send("G1 X1")
    _ = wire.sent()
    #expect(wire.wait() == .asked)
    #expect(wire.sent() == ["N2 M105*37"])
  }

  @Test func aLostOkIsFoundByTheNextNumber() {
    var wire = Wire()
    wire.send("G1 X1")
    _ = wire.wait()
    #expect(wire.okWithTemperatures() == .credited)
    #expect(wire.retired() == [1, 2])
    #expect(wire.stream.canSend)
  }

  @Test func aLostLineIsFoundByTheNextNumber() {
    var wire = Wire()
    wire.send("G1 X1")
    _ = wire.wait()
    _ = wire.sent()
    wire.complain(last: 0)
    #expect(wire.wait() == .replaying(from: 1))
    #expect(wire.sent() == ["N1 G1 X1*96"])
    _ = wire.ok()
    wire.pump()
    #expect(wire.sent() == ["N2 M105*37"])
  }

  @Test func anOkWithTemperaturesIsNeverAMoves() {
    var wire = Wire()
    wire.send("G1 X1")
    #expect(wire.okWithTemperatures() == .stray)
    #expect(wire.retired().isEmpty)
  }

  @Test func aBareOkIsNeverAReports() {
    var wire = Wire()
    wire.send("M105", report: true)
    _ = wire.okWithTemperatures()
    wire.send("M105", report: true)
    #expect(wire.ok() == .stray)
    #expect(wire.okWithTemperatures() == .credited)
  }

  @Test func aNumberedOkIsCreditedByItsNumber() {
    var wire = Wire()
    for line in 1...3 {
      wire.send("G1 X\(line)")
      #expect(wire.ok(Int64(line)) == .credited)
    }
    wire.send("G1 X4")
    #expect(wire.ok(3) == .stray)
    #expect(wire.ok() == .stray)
    #expect(wire.ok(4) == .credited)
  }

  @Test func anOkSoonerThanItsBytesIsNotBelieved() {
    var wire = Wire(baud: 115200)
    for line in 1...8 {
      wire.send("G1 X\(line)")
      wire.now += 10 * ms
      #expect(wire.ok() == .credited)
    }
    wire.send("G1 X9")
    wire.now += 500_000
    #expect(wire.ok() == .stray)
    wire.now += 10 * ms
    #expect(wire.ok() == .credited)
  }

  /// A fast board that looked slow at first: the answer that is not believed was true, so it must be asked about soon, also
  /// behind a blocking command, and the clock is not trusted for long.
  @Test(arguments: [false, true])
  func anOkThatIsNotBelievedIsAskedAboutSoon(isBlocking: Bool) {
    var wire = Wire(baud: 115200)
    for line in 1...8 {
      wire.send("G1 X\(line)")
      wire.now += 10 * ms
      #expect(wire.ok() == .credited)
    }
    for _ in 1...2 {
      wire.sendSlow("M109 S200", isBlocking: isBlocking)
      wire.now += 50_000
      #expect(wire.ok() == .stray)
      let asked = wire.now
      #expect(wire.wait() == .asked)
      #expect(wire.now - asked <= 250 * ms)
      wire.now += 10 * ms
      #expect(wire.okWithTemperatures() == .credited)
      #expect(wire.stream.ledger.isEmpty)
    }
    wire.sendSlow("G1 X9", isBlocking: false)
    wire.now += 50_000
    #expect(wire.ok() == .credited)
  }

  @Test func anUnpacedLinkIsNotTimed() {
    var wire = Wire(baud: 115200)
    for line in 1...20 {
      wire.send("G1 X\(line)")
      wire.now += 50_000
      #expect(wire.ok() == .credited)
    }
  }

  @Test func aResendForTheNextLineMeansThatNothingWasLost() {
    var wire = Wire()
    wire.send("G1 X1")
    _ = wire.stream.resend(2, now: wire.now)
    #expect(wire.wait() == .resumed)
    #expect(wire.stream.state == .streaming)
    #expect(wire.retired().isEmpty)
  }

  @Test func aFragmentOfAnAbsoluteMoveIsRepeated() {
    var wire = Wire()
    wire.send("G1 X1")
    _ = wire.ok()
    wire.send("G1 X2")
    _ = wire.sent()
    wire.complain(last: 0)
    #expect(wire.wait() == .replaying(from: 1))
    #expect(wire.sent() == ["N1 G1 X1*96"])
    _ = wire.ok()
    wire.pump()
    #expect(wire.sent() == ["N2 G1 X2*96"])
  }

  @Test func aFragmentOfARelativeMoveStops() {
    var wire = Wire()
    wire.send("G1 E1", repeatable: false)
    _ = wire.ok()
    wire.send("G1 X2")
    wire.complain(last: 0)
    #expect(wire.wait() == .failed(.fragmentMayHaveRun(line: 1)))
  }

  @Test func stoppingWantsTwoReadingsThatAgree() {
    var wire = Wire()
    wire.send("G1 E1", repeatable: false)
    _ = wire.ok()
    wire.send("G1 X2")
    _ = wire.sent()
    _ = wire.stream.resend(1, now: wire.now)
    #expect(wire.wait() == .asked)
    _ = wire.stream.rejected(.number, lastLine: 1, now: wire.now)
    _ = wire.stream.resend(2, now: wire.now)
    #expect(wire.wait() == .replaying(from: 2))
  }

  @Test func aPieceThatWasNoCommandIsReplayedAtOnce() {
    var wire = Wire()
    wire.send("G1 E1", repeatable: false)
    _ = wire.sent()
    #expect(wire.stream.unknownCommand(Array(" \"1 E1\"".utf8)[...], now: wire.now) == .incident)
    #expect(wire.ok() == .swallowed)
    #expect(wire.wait() == .replaying(from: 1))
    #expect(wire.sent() == ["N1 G1 E1*125"])
  }

  /// Flipped bits kept the checksum of the last line: the firmware counted it, says so when asked, and quotes it.
  private static func altered(repeatable: Bool) -> Wire {
    var wire = Wire()
    wire.send("G1 X36.806", repeatable: repeatable)
    _ = wire.sent()
    #expect(wire.stream.unknownCommand(Array(" \"G! X5&.806\"".utf8)[...], now: wire.now) == .incident)
    #expect(wire.ok() == .swallowed)
    #expect(wire.wait() == .asked)
    _ = wire.sent()
    _ = wire.stream.rejected(.number, lastLine: 1, now: wire.now)
    _ = wire.stream.resend(2, now: wire.now)
    _ = wire.ok()
    return wire
  }

  @Test func aCountedLineThatWasReadAsNoCommandGoesOutUnderANewNumber() {
    var wire = Self.altered(repeatable: true)
    #expect(wire.wait() == .replaying(from: 2))
    let line = wire.sent()
    #expect(line.count == 1 && line[0].hasPrefix("N2 G1 X36.806*"))
    #expect(wire.ok() == .credited)
    #expect(wire.retired() == [2])
    #expect(wire.stream.canSend)
  }

  @Test func itStopsWhereItMustNotRunTwice() {
    var wire = Self.altered(repeatable: false)
    #expect(wire.wait() == .failed(.alteredOnTheWay(line: 1)))
  }

  @Test func itStopsWhereOthersRanBehindIt() {
    var wire = Wire(window: 4)
    for line in 1...3 { wire.send("G1 X\(line)") }
    #expect(wire.stream.unknownCommand(Array(" \"W1 X1\"".utf8)[...], now: wire.now) == .incident)
    for _ in 1...3 { _ = wire.ok() }
    #expect(wire.wait() == .asked)
    _ = wire.stream.rejected(.number, lastLine: 3, now: wire.now)
    _ = wire.stream.resend(4, now: wire.now)
    _ = wire.ok()
    #expect(wire.wait() == .failed(.alteredOnTheWay(line: 1)))
  }

  /// One bit makes a line feed of `*`: the checksum behind it is read as a command, and the line itself was not counted.
  @Test func aChecksumThatWasReadAsACommandIsNoLineThatRanAltered() throws {
    var wire = Wire(window: 4)
    for line in 1...3 { wire.send("G1 X\(line)") }
    let checksum = try #require(wire.sent()[1].split(separator: "*").last)
    _ = wire.stream.rejected(.noChecksum, lastLine: 1, now: wire.now)
    _ = wire.stream.resend(2, now: wire.now)
    _ = wire.ok()
    #expect(
      wire.stream.unknownCommand(Array(" \"\(checksum)\"".utf8)[...], now: wire.now) == .sameIncident)
    _ = wire.ok()
    #expect(wire.wait() == .replaying(from: 2))
  }

  /// One bit makes another letter of `N`: without a number the line is not counted, and going out again is no second time.
  @Test(
    "a line that lost its N was not counted: another one of the same number is, and nothing ran altered",
    arguments: ["n2 M105", "O2 M105", "J2 M105*37"])
  func aLineThatLostItsN(quoted: String) {
    var wire = Wire(window: 2)
    wire.send("G1 X1")
    wire.send("M105", report: true)
    _ = wire.sent()
    _ = wire.ok()
    #expect(
      wire.stream.unknownCommand(Array(" \"\(quoted)\"".utf8)[...], now: wire.now) == .incident)
    #expect(wire.ok() == .swallowed)
    // The same line was on its way a second time, as behind a resend: now the firmware has counted it.
    #expect(wire.wait() == .replaying(from: 2))
    #expect(wire.sent().map { $0.prefix(7) } == ["N2 M105"])
    wire.complain(last: 2)
    #expect(wire.wait() == .resumed)
    #expect(wire.stream.canSend)
  }

  @Test func aLineThatWasNotCountedIsReplayed() {
    var wire = Wire()
    wire.send("G1 X36.806")
    #expect(wire.stream.unknownCommand(Array(" \"G! X5&\"".utf8)[...], now: wire.now) == .incident)
    _ = wire.ok()
    #expect(wire.wait() == .asked)
    _ = wire.sent()
    wire.complain(last: 0)
    #expect(wire.wait() == .replaying(from: 1))
    #expect(wire.sent().first?.hasPrefix("N1 G1 X36.806*") == true)
  }

  @Test func theParametersOfAnUnknownCommandMayBeQuotedOtherwise() {
    var wire = Wire()
    wire.send("M73 P5 R3")
    #expect(wire.stream.unknownCommand(Array(" \"M73 P5\"".utf8)[...], now: wire.now) == .ignored)
    #expect(wire.ok() == .credited)
  }

  @Test func aFirmwareThatQuotesOtherwiseThanItWasToldIsAskedOnce() {
    var wire = Wire()
    wire.send("m73 P5")
    #expect(wire.stream.unknownCommand(Array(" \"M73 P5\"".utf8)[...], now: wire.now) == .incident)
    _ = wire.ok()
    _ = wire.wait()
    wire.complain(last: 1)
    #expect(wire.wait() == .replaying(from: 2))
    #expect(wire.stream.unknownCommand(Array(" \"M73 P5\"".utf8)[...], now: wire.now) == .ignored)
    #expect(wire.ok() == .credited)
  }

  @Test func aCommandThatTheFirmwareDoesNotKnowIsAcknowledged() {
    var wire = Wire()
    wire.send("M9999")
    #expect(wire.stream.unknownCommand(Array(" \"M9999\"".utf8)[...], now: wire.now) == .ignored)
    #expect(wire.ok() == .credited)
  }

  @Test func aSecondOkInTheDrainMeansThatAPieceMayHaveRun() {
    var wire = Wire()
    wire.send("G1 E1", repeatable: false)
    wire.complain(last: 0)
    _ = wire.ok()
    #expect(wire.wait() == .failed(.fragmentMayHaveRun(line: 1)))
  }

  @Test func aDistantNumberIsLostNumbering() {
    var wire = Wire()
    for line in 1...20 {
      wire.send("G1 X\(line)")
      _ = wire.ok()
    }
    wire.send("G1 X21")
    wire.complain(last: 0)
    #expect(wire.wait() == .failed(.numberingLost(wanted: 1)))
  }

  @Test func aLineOutOfHistoryIsSaidToBeSo() {
    var wire = Wire()
    for line in 1...300 {
      wire.send("G1 X\(line)")
      _ = wire.ok()
    }
    wire.send("G1 X301")
    wire.complain(last: 99)
    #expect(wire.wait() == .failed(.outOfHistory(wanted: 100, oldest: 174)))
  }

  @Test func theSameLineAgainAndAgainIsALoop() {
    var wire = Wire()
    wire.send("G1 X1")
    var last = OnTimeout.nothing
    for _ in 0..<40 {
      wire.complain(last: 0)
      last = wire.wait()
      if case .failed = last { break }
    }
    #expect(last == .failed(.resendLoop(line: 1, times: 21)))
  }

  @Test func withALargerWindowEverythingUpToTheHighestIsReplayed() {
    var wire = Wire(window: 4)
    for line in 1...4 { wire.send("G1 X\(line)") }
    _ = wire.sent()
    #expect(wire.ok() == .credited)
    wire.complain(last: 1)
    #expect(wire.wait() == .replaying(from: 2))
    #expect(wire.sent() == ["N2 G1 X2*96"])
    for line in 3...4 {
      _ = wire.ok()
      wire.pump()
      #expect(wire.sent() == ["N\(line) G1 X\(line)*96"])
    }
    _ = wire.ok()
    #expect(wire.retired() == [1, 2, 3, 4])
    #expect(wire.stream.canSend)
  }

  @Test func aLineThatOwesItsOkIsWaitedForBeforeTheReplay() {
    var wire = Wire(window: 4)
    for line in 1...3 { wire.send("G1 X\(line)") }
    _ = wire.sent()
    wire.complain(last: 1)
    #expect(wire.wait() == .replaying(from: 2))
    #expect(wire.sent().isEmpty)
    #expect(wire.ok() == .credited)
    #expect(wire.retired() == [1])
    wire.pump()
    #expect(wire.sent() == ["N2 G1 X2*96"])
  }

  @Test func nothingIsSentBehindABlockingLine() {
    var wire = Wire(window: 4)
    let facts = LineFacts(kind: .file, isBlocking: true, due: nil)
    var output: [UInt8] = []
    wire.stream.send(Array("G28".utf8)[...], facts, now: wire.now, into: &output)
    #expect(!wire.stream.canSend)
  }

  @Test func theTimeThatABlockingLineHoldsUpTheStreamIsCounted() {
    var wire = Wire()
    wire.send("G1 X1")
    wire.now += second
    _ = wire.ok()
    #expect(wire.stream.heldUp(now: wire.now) == 0)
    wire.sendSlow("M109 S200", isBlocking: true)
    wire.now += 3 * second
    #expect(wire.stream.heldUp(now: wire.now) == 3 * second, "while it lasts")
    wire.now += second
    _ = wire.ok()
    wire.send("G1 X2")
    wire.now += second
    #expect(wire.stream.heldUp(now: wire.now) == 4 * second)
  }

  @Test func behindABlockingLineTwoQuestionsAreTheMost() {
    var wire = Wire()
    var output: [UInt8] = []
    wire.stream.send(
      Array("M109 S200".utf8)[...], LineFacts(kind: .file, isBlocking: true, isOpenEnded: true, due: nil),
      now: wire.now,
      into: &output)
    for _ in 0..<6 { _ = wire.wait() }
    #expect(wire.sent() == ["N2 M105*37", "N3 M105*36"])
  }

  @Test func idleFirmwareWithALineInFlightIsAsked() {
    var wire = Wire()
    wire.send("G1 X1")
    wire.now += second
    wire.stream.waiting(now: wire.now)
    #expect(wire.wait() == .asked)
  }

  @Test func theBytesOfAReplayAreTheSame() {
    var wire = Wire()
    wire.send("G1 X10.123 Y-4 E0.5 F3000")
    let first = wire.sent()
    wire.complain(last: 0)
    _ = wire.wait()
    #expect(wire.sent() == first)
  }
}

@Suite struct NumberedOkTests {
  /// A stream whose firmware was seen to number its `ok`s.
  static func advanced() -> Wire {
    var wire = Wire()
    for line in 1...3 {
      wire.send("G1 X\(line)")
      _ = wire.ok(Int64(line))
    }
    _ = wire.sent()
    return wire
  }

  static var withoutNumber: Acknowledgement {
    var ok = Acknowledgement()
    ok.plannerFree = 15
    ok.bufferFree = 15
    return ok
  }

  @Test func anOkWithoutNumberMeansThatAPieceRan() {
    var wire = Self.advanced()
    wire.send("G1 E1", repeatable: false)
    #expect(wire.stream.ok(Self.withoutNumber, now: wire.now) == .stray)
    wire.complain(last: 3)
    #expect(wire.wait() == .failed(.fragmentMayHaveRun(line: 4)))
  }

  @Test func inTheDrainToo() {
    var wire = Self.advanced()
    wire.send("G1 E1", repeatable: false)
    wire.complain(last: 3)
    _ = wire.stream.ok(Self.withoutNumber, now: wire.now)
    #expect(wire.wait() == .failed(.fragmentMayHaveRun(line: 4)))
  }

  @Test func aPieceThatIsNoCommandDoesNoHarm() {
    var wire = Self.advanced()
    wire.send("G1 E1", repeatable: false)
    #expect(wire.stream.unknownCommand(Array(" \"1 E1\"".utf8)[...], now: wire.now) == .incident)
    _ = wire.stream.ok(Self.withoutNumber, now: wire.now)
    #expect(wire.wait() == .replaying(from: 4))
  }

  @Test func aRepeatableLineIsRepeatedAllTheSame() {
    var wire = Self.advanced()
    wire.send("G1 X9")
    _ = wire.stream.ok(Self.withoutNumber, now: wire.now)
    wire.complain(last: 3)
    #expect(wire.wait() == .replaying(from: 4))
  }
}

@Suite struct RepeatableTests {
  private func isRepeatable(_ line: String, after lines: [String] = []) throws -> Bool {
    var state = ModalState()
    for text in lines { state.apply(try #require(Command(Array(text.utf8)[...]))) }
    var command = try #require(Command(Array(line.utf8)[...]))
    return LineJudge.isRepeatable(&command, CommandTraits.of(command), in: &state)
  }

  @Test(arguments: [
    "G1 X10 E5", "G0 Z2", "M104 S200", "M106 S10", "M105", "G4 P5", "M117 hello", "M109 S200",
  ])
  func theseMayRunTwice(_ line: String) throws {
    #expect(try isRepeatable(line))
  }

  @Test(arguments: ["G91", "M83", "G92 E0", "G28", "G2 X1 Y1 I1", "G10", "M600", "T1", "M290 Z0.1"])
  func theseMayNot(_ line: String) throws {
    #expect(try !isRepeatable(line))
  }

  @Test func relativeMovesMayNot() throws {
    #expect(try !isRepeatable("G1 X1", after: ["G91"]))
    #expect(try !isRepeatable("G1 X1 E1", after: ["M83"]))
    #expect(try isRepeatable("G1 X1", after: ["M83"]))
    #expect(try isRepeatable("G1 X1 E1", after: ["G91", "G90"]))
  }
}
