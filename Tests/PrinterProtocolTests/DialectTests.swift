import GCode
import Testing

@testable import PrinterProtocol

@Suite struct DialectTests {
  @Test(arguments: [
    ("FIRMWARE_NAME:Marlin bugfix-2.1.x (Oct 10 2024) SOURCE_CODE_URL:x", "marlin"),
    ("FIRMWARE_NAME:Marlin V1; Sprinter/grbl mashup for gen6", "marlin1"),
    ("FIRMWARE_NAME:Marlin 1.1.9 (Github)", "marlin"),
    ("FIRMWARE_NAME:Prusa-Firmware 3.13.0 based on Marlin", "prusa"),
    ("FIRMWARE_NAME:Prusa-Firmware-Buddy 6.0.0 (Github)", "marlin"),
    ("FIRMWARE_NAME: RepRapFirmware for Duet 2 WiFi/Ethernet FIRMWARE_VERSION: 3.3", "rrf"),
    ("FIRMWARE_NAME:Repetier_0.91 FIRMWARE_URL:x REPETIER_PROTOCOL:2", "repetier"),
    ("FIRMWARE_NAME:Smoothieware, FIRMWARE_URL:http%3A//smoothieware.org", "smoothie"),
  ])
  func recognisedByItsOwnWords(words: String, name: String) {
    #expect(Dialect.recognised(in: Array(words.utf8)[...])?.name == name)
  }

  @Test func underAutoTheFirmwaresWordsChoose() {
    var rig = Rig { $0.dialect = .auto }
    rig.open()
    rig.say("ok", "ok", "FIRMWARE_NAME:Marlin V1; Sprinter", "ok", "ok T:20.0 /0.0")
    #expect(rig.session.phase == .idle)
    #expect(rig.session.dialect == .marlin1)
    #expect(rig.session.modal.extruderRule == .relativeIfEither)
  }

  @Test func aConfiguredDialectStays() {
    var rig = Rig { $0.dialect = .marlin1 }
    rig.open()
    rig.say("ok", "ok", "FIRMWARE_NAME:Repetier_0.91", "ok", "ok T:20.0 /0.0")
    #expect(rig.session.dialect == .marlin1)
  }

  @Test(arguments: ["marlin", "marlin1", "prusa", "rrf", "repetier", "smoothie"])
  func eachHasItsName(name: String) {
    #expect(Dialect.named(name)?.name == name)
  }

  @Test func repliesOfTheOtherFirmwares() {
    #expect(read("rs N12") == .resend(12))
    #expect(read("rs Checksum error on line 42") == .resend(42))
    #expect(read("skip 43") == .skip)
    #expect(read("!!") == .error(.killed))
    #expect(read("!! Lost communication") != .error(.killed))
    var ok = Acknowledgement()
    ok.lineNumber = 42
    #expect(read("ok 42") == .ok(ok))
    #expect(read("Smoothie") == .banner)
    #expect(read("RepRapFirmware for Duet is up and running.") == .banner)
  }

  private func read(_ line: String) -> Reply? {
    var parser = ReplyParser()
    let bytes = Array((line + "\n").utf8)
    var position = 0
    return parser.next(in: bytes.span, at: &position)
  }

  /// A byte that became a line end leaves a number that is counted and words that are ignored: the line did not run.
  @Test func anIgnoredLineIsSentAgainUnderANewNumber() throws {
    var rig = try Rig.printing { $0.dialect = .smoothie }
    rig.supply("G1 X10", 1)
    let number = rig.highest
    _ = rig.sent()
    rig.say("ok - ignored")
    rig.pass(150 * ms)
    #expect(rig.said() == ["M105"])
    #expect(rig.session.progress.fileLine == 0)
    rig.say("rs N\(number + 1)", "ok")
    rig.pass(150 * ms)
    #expect(rig.highest == number + 1)
    #expect(rig.said() == ["G1 X10"])
    rig.say("ok")
    #expect(rig.session.progress.fileLine == 1)
  }

  /// Noise in front of a line is ignored too, but then the line has an `ok` of its own.
  @Test func noiseThatWasIgnoredDoesNotRepeatALine() throws {
    var rig = try Rig.printing { $0.dialect = .smoothie }
    rig.supply("G1 X10", 1)
    let number = rig.highest
    _ = rig.sent()
    rig.say("ok - ignored", "ok")
    rig.pass(150 * ms)
    #expect(rig.said() == ["M105"])
    rig.say("ok", "rs N\(number + 1)")
    rig.pass(400 * ms)
    #expect(!rig.said().contains("G1 X10"))
    rig.say("ok T:20.0 /0.0 @0 B:20.0 /0.0 @0")
    #expect(rig.session.progress.fileLine == 1)
  }

  /// Smoothie's `rs N5` has no `ok` of its own: the next one is an older line's.
  @Test func aResendWithoutAnOkOfItsOwn() throws {
    var rig = try Rig.printing { $0.dialect = .smoothie }
    rig.supply("G1 X1", 1)
    _ = rig.sent()
    rig.say("rs N\(rig.highest)")
    rig.pass(150 * ms)
    #expect(rig.said() == ["G1 X1"])
    rig.say("ok")
    #expect(rig.session.progress.fileLine == 1)
  }

  /// Repetier passes over what was under way with `skip` and an `ok` each: none of them is a line's.
  @Test func skippedLinesAreNobodysAnswers() throws {
    var rig = try Rig.printing {
      $0.dialect = .repetier
      $0.dialect.isWindowed = true
      $0.windowLines = 3
      $0.queueLines = 16
      $0.receiveBuffer = 256
    }
    rig.supply("G1 X1", 1)
    rig.supply("G1 X2", 2)
    rig.supply("G1 X3", 3)
    let first = rig.highest - 2
    _ = rig.sent()
    rig.say("Resend:\(first)", "ok", "skip \(first + 1)", "ok", "skip \(first + 2)", "ok")
    #expect(rig.session.progress.fileLine == 0)
    rig.pass(150 * ms)
    #expect(rig.said() == ["G1 X1"])
    rig.say("ok", "ok", "ok")
    #expect(rig.session.progress.fileLine == 3)
  }

  /// Where `ok` comes on receipt, a job is done when the report behind M400 is there.
  @Test func anAnswerOnReceiptIsNotTheEnd() throws {
    var rig = try Rig.printing { $0.dialect = .repetier }
    rig.supply("G1 X1", 1)
    rig.say("ok")
    rig.session.endOfFile(now: rig.now)
    rig.run()
    rig.say("ok", "ok")
    #expect(rig.jobEnd == nil)
    rig.say("X:1.00 Y:0.00 Z:0.00 E:0.00")
    #expect(rig.jobEnd?.end == .done)
  }

  /// A firmware that does not count lines may never have seen the line that stayed without an answer.
  @Test func aMissingAnswerEndsTheJobWhereLinesAreNotCounted() throws {
    var rig = try Rig.printing { $0.dialect = .rrf }
    rig.supply("G1 X1", 1)
    rig.pass(2 * second)
    rig.say("ok T:20.0 /0.0")
    _ = rig.obey()
    #expect(rig.jobFault?.code == "stream.answerMissing")
    #expect(rig.jobFault?.fileLine == 1)
  }

  @Test func anEndlessResendNamesBytesWordsAndCause() throws {
    var rig = try Rig.printing { $0.patience.resendLimit = 4 }
    rig.supply("G1 X1", 1)
    let number = rig.highest
    for _ in 0..<8 where rig.session.phase == .printing {
      rig.burst("Error:checksum mismatch, Last Line: \(number - 1)", "Resend: \(number)", "ok")
      rig.pass(150 * ms)
    }
    _ = rig.obey()
    let fault = rig.jobFault
    #expect(fault?.code == "stream.resendLoop")
    #expect(fault?.fileLine == 1)
    #expect(fault?.sentence.contains("N\(number) G1 X1*") == true)
    #expect(fault?.sentence.contains("checksum mismatch") == true)
    #expect(fault?.sentence.contains("the same bytes") == true)
  }
}
