import GCode
import Testing

@testable import PrinterProtocol

/// What Tests/Fixtures/transcripts show that a host must handle, by the numbers of their README: 1 to 15 are Marlin's.
///
/// 16 to 20 are GRBL's and Klipper's and wait for their dialects.
@Suite struct FactTests {
  /// The reply that a recorded line reads as.
  static func reply(_ entry: Transcript.Entry) -> Reply? {
    var parser = ReplyParser()
    var position = 0
    return parser.next(in: entry.bytes.span, at: &position)
  }

  @Test func fact1RepeatsGetNoReplyAndAreNeverUsedToAsk() throws {
    let transcript = try Transcript("marlin21-lines")
    #expect(transcript.host(25...25).first?.text == "N3 G90*19")
    #expect(transcript.host(27...27).first?.text == "N2 G91*19")
    #expect(transcript.firmware(25...28).isEmpty)
    var wire = Wire()
    for line in ["M105", "G91", "G90"] {
      wire.send(line)
      _ = wire.ok()
    }
    wire.send("G1 X1")
    _ = wire.sent()
    for expected in 5...9 {
      _ = wire.wait()
      #expect(wire.sent().first?.hasPrefix("N\(expected) M105") == true)
    }
  }

  @Test func fact1Marlin1AsksForTheNextLineInstead() throws {
    let transcript = try Transcript("marlin10-lines")
    let replies = transcript.firmware(35...45).compactMap(Self.reply)
    #expect(replies.contains(.resend(4)))
    var wire = Wire()
    for line in ["M105", "G91", "G90"] {
      wire.send(line)
      _ = wire.ok()
    }
    _ = wire.stream.resend(4, now: wire.now)
    #expect(wire.wait() == .resumed)
  }

  /// Twelve lines at once, the fourth damaged: what the recording shows, against what the stream makes of it.
  static func replay(
    _ name: String, said: ClosedRange<Int>, complaint: ClosedRange<Int>, answers: ClosedRange<Int>
  ) throws {
    let transcript = try Transcript(name)
    var wire = Wire(window: 12)
    for entry in transcript.host(said) {
      let content = entry.text.hasPrefix("N4 ") ? "M105" : Rig.content(entry.text)
      wire.send(content, report: content == "M105")
    }
    #expect(wire.sent().count == 12)
    for entry in transcript.firmware(complaint) { wire.take(try #require(Self.reply(entry))) }
    #expect(wire.retired() == [1, 2, 3])
    #expect(wire.wait() == .replaying(from: 4))
    var sent = wire.sent()
    for entry in transcript.firmware(answers) {
      wire.take(try #require(Self.reply(entry)))
      wire.pump()
      sent += wire.sent()
    }
    #expect(sent == transcript.host(34...48).map(\.text).filter { $0.hasPrefix("N") })
    #expect(wire.retired() == Array(4...12))
    #expect(wire.stream.isIdle)
  }

  @Test func fact2TheComplaintOvertakesTheOksOfQueuedLines() throws {
    try Self.replay("marlin21-resend", said: 15...26, complaint: 27...32, answers: 43...51)
  }

  @Test func fact3LinesThatAreTooLongAreNotSent() throws {
    let transcript = try Transcript("marlin10-errors")
    #expect(
      transcript.firmware(152...155).compactMap(Self.reply).filter { $0 == .ok(Acknowledgement()) }.count == 2
    )
    var rig = try Rig.printing { $0.dialect = .marlin1 }
    rig.supply(try #require(transcript.host(152...152).first?.text), 1)
    #expect(!rig.obey().contains { $0.hasPrefix("M118") })
    #expect(rig.jobEnd?.code == "file.lineTooLong")
  }

  @Test func fact4MarlinOneSaysNeitherResendNorOkToALineWithoutItsNumber() throws {
    let entry = try #require(try Transcript("marlin10-lines").firmware(73...73).first)
    #expect(Self.reply(entry) == .error(.line(.noNumber, lastLine: 7)))
    var wire = Wire()
    for line in 1...7 {
      wire.send("G1 X\(line)")
      _ = wire.ok()
    }
    wire.send("M105")
    _ = wire.sent()
    wire.take(try #require(Self.reply(entry)))
    #expect(wire.wait() == .replaying(from: 8))
    #expect(wire.sent() == ["N8 M105*47"])
    #expect(wire.ok() == .credited)
  }

  @Test func fact5CommentsAreGoneBeforeALineIsNumbered() throws {
    let transcript = try Transcript("marlin10-lines")
    #expect(transcript.firmware(90...95).isEmpty)
    var bytes: [UInt8] = []
    encodeNumbered(10, cleaned(Array("M105 ;hi".utf8)[...]), into: &bytes)
    #expect(bytes == transcript.host(91...91).first?.bytes)
  }

  @Test func fact5AfterALostLineMarlinOneIsAskedWithALineFeedInFront() throws {
    // The empty line ends a comment that a damaged byte began, which would eat the question too.
    var wire = Wire()
    wire.send("G1 X1")
    wire.stream.pace = WirePace(baud: 0)
    var output: [UInt8] = []
    _ = wire.stream.timeout(now: try #require(wire.stream.deadline), into: &output)
    #expect(output.first == 10)
  }

  @Test func fact6EmptyLinesAreNotSent() throws {
    let transcript = try Transcript("marlin21-lines")
    #expect(transcript.firmware(135...136).isEmpty)
    var rig = try Rig.printing()
    rig.supply("", 1)
    #expect(rig.sent().isEmpty)
    #expect(rig.session.wantsLine)
  }

  @Test(arguments: ["marlin21-lines", "marlin10-lines"])
  func fact7TheGreetingsFormOfM110WorksOnBoth(_ name: String) throws {
    let transcript = try Transcript(name)
    let index = try #require(transcript.entries.firstIndex { $0.isHost && $0.text == "N0 M110*35" })
    var rig = Rig()
    rig.open()
    rig.say("ok")
    #expect(rig.sent() == ["M27", "N0 M110*35"])
    for entry in transcript.entries[(index + 1)...].prefix(while: { !$0.isHost }) { rig.bytes(entry.bytes) }
    #expect(rig.sent() == ["N1 M115*39"])
  }

  @Test func fact8DuringAHeatWaitReportsHaveNoOk() throws {
    let transcript = try Transcript("marlin21-long")
    var rig = try Rig.printing()
    rig.supply("M109 S60", 1)
    _ = rig.sent()
    let began = rig.now
    for entry in transcript.firmware(64...102) {
      rig.pass(began + (entry.milliseconds - 45503) * ms - rig.now)
      rig.bytes(entry.bytes)
      #expect(!rig.session.wantsLine)
    }
    #expect(rig.sent().isEmpty)
    #expect(rig.session.temperatures.first?.current == 60.74)
    rig.bytes(transcript.firmware(103...105).flatMap(\.bytes))
    #expect(rig.session.progress.fileLine == 1)
    // The two reports behind it answered M105s that were not ours.
    #expect(rig.session.counters.strayOks == 2)
  }

  @Test func fact9MarlinOneIsSilentWhileItHomes() throws {
    let transcript = try Transcript("marlin10-long")
    let home = try #require(transcript.entries.first { $0.isHost && $0.text == "G28" })
    let ok = try #require(transcript.entries.first { !$0.isHost && $0.line > home.line })
    var rig = try Rig.printing { $0.dialect = .marlin1 }
    rig.supply("G28", 1)
    _ = rig.sent()
    rig.pass((ok.milliseconds - home.milliseconds) * ms)
    #expect(rig.sent().isEmpty)
    rig.bytes(ok.bytes)
    #expect(rig.session.progress.fileLine == 1)
  }

  @Test func fact9MarlinTwoSaysThatItIsBusy() throws {
    let transcript = try Transcript("marlin21-long")
    var rig = try Rig.printing()
    rig.supply("G4 S5", 1)
    _ = rig.sent()
    let began = rig.now
    for entry in transcript.firmware(12...15) {
      rig.pass(began + (entry.milliseconds - 3001) * ms - rig.now)
      rig.bytes(entry.bytes)
    }
    #expect(rig.sent().isEmpty)
    #expect(rig.session.progress.fileLine == 1)
  }

  @Test(arguments: [("marlin21-kill", 97...105, false), ("marlin21full-kill", 108...111, true)])
  func fact10AStopIsConfirmedInTimeOnlyWithAnEmergencyParser(
    _ name: String, _ lines: ClosedRange<Int>, _ isConfirmed: Bool
  ) throws {
    let transcript = try Transcript(name)
    let stop = try #require(transcript.host(lines).first)
    var rig = try Rig.printing()
    rig.session.emergencyStop(now: rig.now)
    rig.run()
    let began = rig.now
    for entry in transcript.firmware(lines) {
      rig.pass(began + (entry.milliseconds - stop.milliseconds) * ms - rig.now)
      rig.bytes(entry.bytes)
    }
    #expect(rig.events.contains(.stopConfirmed) == isConfirmed)
    #expect(rig.events.contains(.stopUnconfirmed) == !isConfirmed)
    _ = rig.sent()
    rig.pass(60 * second)
    #expect(rig.sent().isEmpty)
    #expect(rig.session.phase == .killed)
  }

  @Test(arguments: ["marlin21-midprint-reset", "marlin10-midprint-reset"])
  func fact11AResetInMidPrintEndsTheJob(_ name: String) throws {
    let transcript = try Transcript(name)
    let starts = transcript.entries.filter { !$0.isHost && $0.text == "start" }
    let second = try #require(starts.last)
    var rig = try Rig.printing()
    for line in 1...6 {
      rig.supply("G1 X\(line) F3000", Int64(line))
      if line < 6 { rig.say("ok") }
    }
    _ = rig.sent()
    for entry in transcript.entries where entry.line >= second.line && !entry.isHost {
      rig.bytes(entry.bytes)
    }
    #expect(rig.jobEnd?.end == .uncertain)
    #expect(rig.jobEnd?.line == 5)
    #expect(!rig.said().contains { $0.hasPrefix("G1") })
  }

  @Test(arguments: ["marlin21-midprint-reset", "marlin10-midprint-reset"])
  func fact11EvenWhereTheBannerIsLost(_ name: String) throws {
    let transcript = try Transcript(name)
    var rig = try Rig.printing()
    for line in 1...12 {
      rig.supply("G1 X\(line) F3000", Int64(line))
      if line < 12 { rig.say("ok") }
    }
    _ = rig.sent()
    let lost = try #require(transcript.entries.first { !$0.isHost && $0.text.hasPrefix("Error:Line Number") })
    for entry in transcript.entries.filter({ !$0.isHost && $0.line >= lost.line }).prefix(3) {
      rig.bytes(entry.bytes)
    }
    rig.pass(200 * ms)
    #expect(rig.jobEnd?.end == .uncertain)
    #expect(!rig.said().contains { $0.hasPrefix("G1") })
  }

  @Test func fact12AnUnaskedResendAndTwoOksDoNoHarm() throws {
    let transcript = try Transcript("marlin21-errors")
    var rig = Rig()
    rig.connect()
    for entry in transcript.firmware(91...93) { rig.bytes(entry.bytes) }
    // Its count is asked for, and a count that began anew leads to a new greeting.
    rig.pass(200 * ms)
    #expect(rig.said() == ["M105"])
    rig.burst("Error:Line Number is not Last Line Number+1, Last Line: 2", "Resend: 3", "ok")
    rig.pass(200 * ms)
    #expect(rig.session.phase == .idle)
    #expect(rig.session.stream.isIdle)
  }

  @Test func fact13ABrokenHeaterWireIsAHeaterFault() throws {
    let transcript = try Transcript("marlin21-fault")
    var rig = try Rig.printing()
    rig.supply("M109 S100", 1)
    _ = rig.sent()
    let began = rig.now
    for entry in transcript.entries where !entry.isHost && (3000...44000).contains(entry.milliseconds) {
      rig.pass(began + (entry.milliseconds - 3000) * ms - rig.now)
      rig.bytes(entry.bytes)
    }
    #expect(rig.jobEnd?.end == .failed)
    #expect(rig.jobEnd?.code == "firmware.heaterFault")
    #expect(rig.session.phase == .killed)
  }

  @Test func fact13FirmwareWithoutProtectionIsHeldByUs() throws {
    let transcript = try Transcript("marlin10-fault")
    var rig = try Rig.printing { $0.dialect = .marlin1 }
    rig.supply("M109 S100", 1)
    _ = rig.sent()
    let began = rig.now
    for entry in transcript.entries where !entry.isHost && (3001...83200).contains(entry.milliseconds) {
      rig.pass(began + (entry.milliseconds - 3001) * ms - rig.now)
      rig.bytes(entry.bytes)
    }
    #expect(rig.faultCodes == ["heat.noRise"])
    #expect(rig.session.phase == .needsAttention)
  }

  @Test func fact14NumbersOnOks() throws {
    try Self.replay("marlin21full-resend", said: 18...29, complaint: 30...38, answers: 49...57)
  }

  @Test func fact15MarlinOneHasNoCapabilities() throws {
    let transcript = try Transcript("marlin10-boot")
    let index = try #require(transcript.entries.firstIndex { $0.isHost && $0.text == "M115" })
    var rig = Rig { $0.dialect = .marlin1 }
    rig.open()
    rig.say("ok", "ok")
    for entry in transcript.entries[(index + 1)...].prefix(while: { !$0.isHost }) { rig.bytes(entry.bytes) }
    #expect(rig.said().last == "M105")
    rig.say("ok T:21.9 /0.0 B:21.9 /0.0 T0:21.9 /0.0 @:0 B@:0")
    #expect(rig.session.phase == .idle)
    #expect(rig.session.capabilities.isEmpty)
    #expect(rig.session.firmware.contains("Marlin V1"))
    rig.pass(2 * second)
    #expect(rig.said() == ["M105"])
  }

  @Test(arguments: [
    "marlin21-boot", "marlin21-lines", "marlin21-resend", "marlin21-errors", "marlin21-kill",
    "marlin21-fault",
    "marlin21-long", "marlin21-flood", "marlin21-midprint-reset", "marlin21full-boot", "marlin21full-flood",
    "marlin21full-kill", "marlin21full-resend", "marlin10-boot", "marlin10-lines", "marlin10-resend",
    "marlin10-errors", "marlin10-kill", "marlin10-fault", "marlin10-long", "marlin10-flood",
    "marlin10-midprint-reset",
  ])
  func everyRecordedReplyIsRead(_ name: String) throws {
    for entry in try Transcript(name).entries where !entry.isHost {
      let reply = Self.reply(entry)
      let text = entry.text
      switch reply {
      case .garbage: Issue.record("\(name):\(entry.line) is noise: \(text)")
      case .text, .unknownCommand, .banner, nil:
        for start in ["ok", "Resend", "Error", "T:", " T:", "X:", "echo:busy", "start", "//action", "Cap:"]
        where text.hasPrefix(start) {
          Issue.record("\(name):\(entry.line) is not understood: \(text)")
        }
      case .error(.other): #expect(text.contains("G2/G3"), "\(name):\(entry.line)")
      case .error(.line(.unreadable, _)): Issue.record("\(name):\(entry.line): \(text)")
      case .ok(let ok): #expect(ok.isClean, "\(name):\(entry.line): \(text)")
      default: break
      }
    }
  }
}

extension Wire {
  /// Gives a reply to the stream as the session would.
  mutating func take(_ reply: Reply) {
    switch reply {
    case .ok(let ok): _ = stream.ok(ok, now: now)
    case .resend(let number): _ = stream.resend(number, now: now)
    case .error(.line(let error, let last)): _ = stream.rejected(error, lastLine: last, now: now)
    default: Issue.record("\(reply)")
    }
  }
}
