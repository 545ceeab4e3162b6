import Testing

@testable import PrinterProtocol

/// Reads text as the parser would get it.
func replies(_ text: String, pieces: Int = .max) -> [Reply] {
  var parser = ReplyParser()
  var result: [Reply] = []
  var rest = Array(text.utf8)[...]
  while !rest.isEmpty {
    let piece = Array(rest.prefix(pieces))
    rest = rest.dropFirst(piece.count)
    var position = 0
    while let reply = parser.next(in: piece.span, at: &position) { result.append(reply) }
  }
  return result
}

private func report(_ text: String) throws -> TemperatureReport {
  var parser = ReplyParser()
  var position = 0
  let bytes = Array((text + "\n").utf8)
  let reply = parser.next(in: bytes.span, at: &position)
  #expect(reply?.hasReport == true, "\(String(describing: reply))")
  return parser.report
}

@Suite struct ReplyParserTests {
  @Test func bareOk() {
    #expect(replies("ok\n") == [.ok(Acknowledgement())])
  }

  @Test("one bare ok after the other is read as each would be alone, however the bytes are cut")
  func bareOksInARow() {
    let text = "ok\nok\nokay\nok\nok\r\nok\n\nok B1\nok\n ok\no\nk\nok\nwait\nok\nok\n"
    let alone = text.split(whereSeparator: \.isNewline).flatMap { replies($0 + "\n") }
    #expect(alone.count(where: { $0 == .ok(Acknowledgement()) }) == 10)
    for pieces in 1...12 { #expect(replies(text, pieces: pieces) == alone, "\(pieces)") }
  }

  @Test("the words of the last reply are its own, a bare ok's as well")
  func lineOfABareOk() {
    var parser = ReplyParser()
    let bytes = Array("ok\nok\nwait\nok\nok\n".utf8)
    var position = 0
    var lines: [String] = []
    while parser.next(in: bytes.span, at: &position) != nil {
      lines.append(String(decoding: parser.line, as: UTF8.self))
    }
    #expect(lines == ["ok", "ok", "wait", "ok", "ok"])
  }

  @Test func okWithNumbers() {
    var expected = Acknowledgement()
    expected.lineNumber = 42
    expected.plannerFree = 15
    expected.bufferFree = 3
    #expect(replies("ok N42 P15 B3\n") == [.ok(expected)])
  }

  @Test func okWithBufferButWithoutNumber() {
    var expected = Acknowledgement()
    expected.plannerFree = 15
    expected.bufferFree = 3
    #expect(replies("ok P15 B3\r\n") == [.ok(expected)])
  }

  @Test func okWithTemperatures() throws {
    let all = replies("ok T:21.88 /200.00 B:30.5 /60.00 @:0 B@:0\n")
    guard case .ok(let ok) = try #require(all.first) else {
      Issue.record("\(all)")
      return
    }
    #expect(ok.hasTemperatures)
    let report = try report("ok T:21.88 /200.00 B:30.5 /60.00 @:0 B@:0")
    #expect(report.tool(0).current == 21.88)
    #expect(report.tool(0).target == 200)
    #expect(report.bed.current == 30.5)
    #expect(report.bed.target == 60)
    #expect(ok.isClean)
    #expect(ok.lineNumber == nil)
    #expect(!report.isWaiting)
  }

  @Test func okThatIsJoinedWithAnotherLineIsNotClean() throws {
    guard case .ok(let ok) = try #require(replies("okecho:busy: processing\n").first) else {
      Issue.record("not an ok")
      return
    }
    #expect(!ok.isClean)
  }

  @Test func aDamagedNumberIsNoNumber() throws {
    guard case .ok(let ok) = try #require(replies("ok N4x P15 B3\n").first) else {
      Issue.record("not an ok")
      return
    }
    #expect(ok.lineNumber == nil)
    #expect(!ok.isClean)
  }

  @Test(arguments: [
    "Resend: 42", "Resend:42", "resend 42", "rs N42", "rs 42", "Resend: N42", "Resend:N:42",
    "rs N42 Expected checksum 67",
  ])
  func resends(_ line: String) {
    #expect(replies(line + "\n") == [.resend(42)])
  }

  @Test func aResendWithoutNumberIsStillAResend() {
    #expect(replies("Resend: \u{1}\n") == [.resend(nil)])
  }

  @Test func aNumberTooLargeForAnythingIsNone() {
    #expect(replies("Resend: 99999999999999999999999999\n") == [.resend(nil)])
  }

  @Test(arguments: [
    ("Error:checksum mismatch, Last Line: 5", LineError.checksum),
    ("Error:Line Number is not Last Line Number+1, Last Line: 5", .number),
    ("Error:No Checksum with line number, Last Line: 5", .noChecksum),
    ("Error:No Line Number with checksum, Last Line: 5", .noNumber),
    ("Error:checksum mism\u{1}tch, Last Line: 5", .unreadable),
    ("Erqor:checksum mismatch, Last Line: 5", .unreadable),
  ])
  func lineErrors(_ line: String, _ error: LineError) {
    #expect(replies(line + "\n") == [.error(.line(error, lastLine: 5))])
  }

  @Test func aLineErrorWhoseNumberIsLostIsOneAllTheSame() {
    #expect(replies("Error:checksum mismat4 P1 B15\n") == [.error(.line(.unreadable, lastLine: nil))])
  }

  @Test(arguments: [
    "Error:Heating failed, system stopped! Heater_ID: E0",
    "Error:0: Extruder switched off. MAXTEMP triggered !",
    ": Extruder switched off. MAXTEMP triggered !", "Error:Thermal Runaway, system stopped! Heater_ID: bed",
    "Error:MINTEMP triggered, system stopped! Heater_ID: 0",
  ])
  func heaterFaults(_ line: String) {
    #expect(replies(line + "\n") == [.error(.heater)])
  }

  @Test func kills() {
    #expect(replies("Error:Printer halted. kill() called!\n") == [.error(.killed)])
    #expect(replies("Error: G1: Machine is halted\n") == [.error(.killed)])
    #expect(replies("Error:Printer stopped due to errors. Fix the error\n") == [.error(.stopped)])
    #expect(replies("Error:G2/G3 bad parameters\n") == [.error(.other)])
  }

  @Test(arguments: [
    ("echo:busy: processing", BusyReason.processing), ("busy: processing", .processing),
    ("busy:heating", .processing),
    ("echo:busy: paused for user", .pausedForUser), ("echo:busy: paused for input", .pausedForInput),
  ])
  func busy(_ line: String, _ reason: BusyReason) {
    #expect(replies(line + "\n") == [.busy(reason)])
  }

  @Test func waitAndStart() {
    #expect(replies("wait\nstart\n\u{1}\u{7f}start\n") == [.wait, .start, .start])
    #expect(replies("I start\n") == [.text])
  }

  @Test func banners() {
    #expect(replies("Marlin bugfix-2.1.x\necho:Marlin1.0.0\n") == [.banner, .banner])
    #expect(replies("echo: Free Memory: 5348  PlannerBufferBytes: 1264\n") == [.banner])
    #expect(replies("echo:Hardcoded Default Settings Loaded\n") == [.text])
  }

  @Test func autoReports() throws {
    let report = try report(" T:21.88 /0.00 B:21.88 /0.00 @:0 B@:0")
    #expect(report.tool(0).current == 21.88)
    #expect(!report.isWaiting)
  }

  @Test func heatWaitOfMarlin2() throws {
    let report = try report(" T:43.16 /200.00 B:21.88 /0.00 @:127 B@:0 W:?")
    #expect(report.isWaiting)
    #expect(report.tool(0).target == 200)
  }

  @Test(arguments: ["T:30.5 E:0 W:?", "T:59.0 E:0 W:9", "T:57.71 E:0 B:21.9"])
  func heatWaitOfMarlin1(_ line: String) throws {
    let report = try report(line)
    #expect(report.isWaiting)
    #expect(report.tool(0).target.isNaN)
  }

  @Test func severalTools() throws {
    let report = try report("T:100.0 /0.0 B:60.0 /60.0 T0:20.0 /0.0 T1:100.0 /110.0 @:0 B@:0 @0:0 @1:10")
    #expect(report.tool(0).current == 20)
    #expect(report.tool(1).current == 100)
    #expect(report.tool(1).target == 110)
    #expect(report.tool(2).current.isNaN)
  }

  @Test func positions() {
    #expect(
      replies("X:10.00 Y:-5.50 Z:0.20 E:1.25 Count X:800 Y:0 Z:80\n")
        == [.position(PositionReport(x: 10, y: -5.5, z: 0.2, e: 1.25))])
    #expect(
      replies("X:14.00 Y:10.00 Z:10.00 E:0.00 Count X: 14.00 Y:9.99 Z:10.00\n")
        == [.position(PositionReport(x: 14, y: 10, z: 10, e: 0))])
  }

  @Test(arguments: [
    ("//action:pause", HostAction.pause), ("// action:paused", .paused), ("//action:resume", .resume),
    ("//action:resumed", .resumed), ("//action:cancel", .cancel),
    ("//action:prompt_begin Nozzle", .promptBegin),
    ("//action:prompt_choice Yes", .promptChoice), ("//action:prompt_button No", .promptChoice),
    ("//action:prompt_show", .promptShow), ("//action:prompt_end", .promptEnd),
    ("//action:notification Err: EEPROM Version", .notification), ("//action:poweroff", .powerOff),
    ("//action:sd_inserted", .other),
  ])
  func hostActions(_ line: String, _ action: HostAction) {
    #expect(replies(line + "\r\n") == [.action(action)])
  }

  @Test func theWordsOfAnAction() {
    var parser = ReplyParser()
    let bytes = Array("//action:prompt_begin Filament runout\n".utf8)
    var position = 0
    #expect(parser.next(in: bytes.span, at: &position) == .action(.promptBegin))
    #expect(String(decoding: parser.words, as: UTF8.self) == "Filament runout")
  }

  @Test func firmwareAndCapabilities() {
    #expect(replies("FIRMWARE_NAME:Marlin 2.1\n") == [.firmware])
    #expect(
      replies("Cap:EMERGENCY_PARSER:1\nCap:SDCARD:0\n") == [
        .capability(isOn: true), .capability(isOn: false),
      ])
  }

  @Test func cards() {
    #expect(
      replies("SD printing byte 123/4560\nNot SD printing\nDone printing file\n")
        == [.sdPrinting(byte: 123, of: 4560), .notSDPrinting, .notSDPrinting])
  }

  @Test("A move that is refused before homing is told from other words, in both spellings")
  func homeFirst() {
    for words in ["echo:Home XYZ First", "echo:Home Z first", "echo:Home XY First"] {
      #expect(replies(words + "\n") == [.homeFirst], "\(words)")
    }
    for words in ["echo:Home offset X0.00", "Home XYZ First", "echo:First layer"] {
      #expect(replies(words + "\n") == [.text], "\(words)")
    }
  }

  @Test func unknownCommands() {
    #expect(replies("echo:Unknown command: \"M9999\"\n") == [.unknownCommand])
  }

  @Test func noise() {
    #expect(replies("\u{1}\u{2}\u{7f}x\u{3}\n") == [.garbage])
    #expect(replies("Reporting endstop status\n") == [.text])
  }

  @Test func aLongLineIsCutAndDoesNotGrow() {
    let long = String(repeating: "a", count: 100_000) + "\nok\n"
    #expect(replies(long) == [.text, .ok(Acknowledgement())])
  }

  @Test(arguments: [1, 2, 3, 7])
  func piecesMakeNoDifference(_ size: Int) {
    let text = "ok\r\n\r\nResend: 42\nok T:21.9 /0.0 B:21.9 /0.0 T0:21.9 /0.0 @:0 B@:0\nwait\n"
    #expect(replies(text, pieces: size) == replies(text))
    #expect(replies(text).count == 4)
  }

  @Test func nothingThatAPrinterSendsTraps() {
    var generator = SplitMix(seed: 11)
    var parser = ReplyParser()
    let stems = [
      "ok ", "Resend: ", "Error:", "T:", "X:", "//action:", "Cap:", "SD printing byte ", "echo:busy:", "ok N",
    ]
    for _ in 0..<20_000 {
      var line = Array((stems.randomElement(using: &generator) ?? "").utf8)
      for _ in 0..<Int.random(in: 0..<12, using: &generator) {
        line.append(UInt8.random(in: 0...255, using: &generator))
      }
      line.append(10)
      var position = 0
      while parser.next(in: line.span, at: &position) != nil {}
    }
  }
}

/// A small generator, so that a failing run can be repeated from its seed.
struct SplitMix: RandomNumberGenerator {
  var state: UInt64
  init(seed: UInt64) { state = seed }
  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}
