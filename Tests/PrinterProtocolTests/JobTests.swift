import Testing

@testable import PrinterProtocol

@Suite struct JobTests {
  @Test func oneLineAtATime() throws {
    var rig = try Rig.printing()
    let first = rig.highest
    #expect(rig.session.wantsLine)
    rig.supply("G1 X1 F3000", 1)
    #expect(!rig.session.wantsLine)
    #expect(rig.sent().map { Rig.content($0) } == ["G1 X1 F3000"])
    #expect(rig.highest == first + 1)
    rig.say("ok")
    #expect(rig.session.wantsLine)
    #expect(rig.session.progress.fileLine == 1)
    #expect(rig.session.progress.byteOffset == 10)
    #expect(rig.session.progress.lineNumber == first + 1)
  }

  @Test("A move that was answered and not carried out ends the job at its line")
  func theFirmwareRefusesToMove() throws {
    var rig = try Rig.printing()
    rig.supply("G1 Z5.4 F300", 1)
    _ = rig.sent()
    rig.say("echo:Home XYZ First")
    #expect(!rig.session.wantsLine && rig.session.phase == .cancelling)
    rig.say("ok")
    _ = rig.obey()
    #expect(rig.jobEnd?.end == .failed && rig.jobEnd?.code == "firmware.homeFirst")
    #expect(rig.jobEnd?.line == 1)
  }

  @Test func everyLineHasNumberAndChecksum() throws {
    var rig = try Rig.printing()
    rig.supply("G1 X1", 1)
    rig.say("ok")
    try rig.session.send(line: Array("M114".utf8)[...], token: 3, now: rig.now)
    rig.run()
    rig.say("ok")
    rig.pass(11 * second)
    for line in rig.sent() {
      #expect(line.hasPrefix("N"), "\(line)")
      #expect(line.contains("*"), "\(line)")
    }
  }

  @Test func theEndWaitsForTheMotion() throws {
    var rig = try Rig.printing()
    rig.supply("G1 X1", 1)
    _ = rig.sent()
    rig.session.endOfFile(now: rig.now)
    rig.run()
    #expect(rig.sent().isEmpty)
    rig.say("ok")
    #expect(rig.said() == ["M400"])
    rig.say("ok")
    #expect(rig.said() == ["M105"])
    #expect(rig.jobEnd == nil)
    rig.say("ok T:21.0 /0.0 B:20.0 /0.0")
    #expect(rig.jobEnd?.end == .done)
    #expect(rig.session.phase == .idle)
    #expect(!rig.session.isJobRunning)
  }

  @Test func theNextJobCountsItsLayersAfresh() throws {
    var rig = try Rig.printing()
    rig.session.note(.count(9))
    for _ in 1...3 { rig.session.note(.change) }
    rig.session.endOfFile(now: rig.now)
    rig.run()
    rig.say("ok")
    rig.say("ok T:21.0 /0.0 B:20.0 /0.0")
    #expect(rig.jobEnd?.end == .done)
    try rig.startJob()
    #expect(rig.session.modal.layer == nil)
    #expect(rig.session.modal.layerCount == nil)
  }

  @Test func emptyLinesMoveThePlaceOnly() throws {
    var rig = try Rig.printing()
    rig.supply("", 1)
    #expect(rig.sent().isEmpty)
    #expect(rig.session.wantsLine)
    rig.supply("G1 X1", 2)
    rig.say("ok")
    #expect(rig.session.progress.fileLine == 2)
  }

  @Test func temperaturesOverTheLimitStopTheJobBeforeTheyAreSent() throws {
    var rig = try Rig.printing { $0.maximumTool = 260 }
    rig.supply("M104 S261", 3)
    #expect(!rig.obey().contains("M104 S261"))
    #expect(rig.jobEnd?.end == .failed)
    #expect(rig.jobEnd?.code == "file.overTemperature")
    #expect(rig.jobEnd?.line == 3)
  }

  @Test(arguments: ["M302 S0", "M997", "M110 N5", "M112", "M28 x.gco"])
  func linesThatFilesMustNotHold(_ line: String) throws {
    var rig = try Rig.printing()
    rig.supply(line, 3)
    let all = rig.obey()
    #expect(!all.contains(line))
    #expect(rig.jobEnd?.end == .failed)
  }

  @Test func storedSettingsAreAskedAbout() throws {
    var rig = try Rig.printing()
    rig.supply("M500", 3)
    #expect(rig.sent().isEmpty)
    #expect(rig.session.phase == .needsAttention)
    #expect(rig.session.prompt?.choices == ["send it", "leave it out"])
    try rig.session.answer(choice: 0, now: rig.now)
    rig.run()
    #expect(rig.said() == ["M500"])
    rig.say("ok")
    #expect(rig.session.phase == .printing)
    rig.supply("M500", 4)
    try rig.session.answer(choice: 1, now: rig.now)
    rig.run()
    #expect(rig.sent().isEmpty)
    #expect(rig.session.wantsLine)
  }

  @Test func aLineTooLongForTheFirmwareStopsTheJob() throws {
    var rig = try Rig.printing()
    rig.supply("M117 " + String(repeating: "a", count: 100), 9)
    _ = rig.obey()
    #expect(rig.jobEnd?.code == "file.lineTooLong")
  }

  @Test func colonsAreTakenOutOfMessagesForMarlin1() throws {
    var rig = try Rig.printing { $0.dialect = .marlin1 }
    rig.supply("M117 Time left: 5", 1)
    #expect(rig.said() == ["M117 Time left  5"])
  }

  @Test func aLineThatWasNotWantedFailsTheJob() throws {
    var rig = try Rig.printing()
    rig.supply("G1 X1", 1)
    rig.supply("G1 X2", 2)
    _ = rig.obey()
    #expect(rig.jobEnd?.code == "stream.lineNotWanted")
  }

  @Test func aSourceThatFailsEndsTheJobSafely() throws {
    var rig = try Rig.printing()
    rig.session.sourceFailed(
      SessionFault(code: "file.changed", sentence: "it changed", scope: .job), now: rig.now)
    rig.run()
    let all = rig.obey()
    #expect(all.first == "M104 S0")
    #expect(rig.jobEnd?.code == "file.changed")
  }

  @Test func aResetInMidPrintEndsTheJobUncertain() throws {
    var rig = try Rig.printing()
    rig.supply("G1 X1", 1)
    rig.say("ok")
    rig.supply("G1 X2", 2)
    _ = rig.sent()
    rig.say("start")
    #expect(rig.sent().isEmpty)
    #expect(rig.jobEnd?.end == .uncertain)
    #expect(rig.jobEnd?.code == "firmware.reset")
    #expect(rig.jobEnd?.line == 1)
    #expect(rig.events.contains(.firmwareReset))
    #expect(rig.session.phase == .handshaking)
    #expect(!rig.session.wantsLine)
  }

  @Test func lostNumberingIsAReset() throws {
    var rig = try Rig.printing()
    for line in 1...20 {
      rig.supply("G1 X\(line)", Int64(line))
      rig.say("ok")
    }
    rig.supply("G1 X21", 21)
    _ = rig.sent()
    rig.burst("Error:Line Number is not Last Line Number+1, Last Line: 0", "Resend: 1", "ok")
    #expect(rig.sent().isEmpty)
    rig.pass(second / 5)
    #expect(rig.jobEnd?.end == .uncertain)
    #expect(rig.jobEnd?.code == "firmware.reset")
    #expect(!rig.said().contains { $0.hasPrefix("G1") })
  }

  @Test func aLostLinkEndsTheJobUncertain() throws {
    var rig = try Rig.printing()
    rig.supply("G1 X1", 1)
    rig.say("ok")
    rig.session.linkLost(reason: "/dev/ttyUSB0 was unplugged", now: rig.now)
    rig.run()
    // Kept as long as it may be a glitch.
    #expect(rig.jobEnd == nil)
    #expect(rig.session.isJobKept)
    rig.pass(31 * second)
    #expect(rig.jobEnd?.end == .uncertain)
    #expect(rig.jobEnd?.code == "link.lost")
    #expect(rig.session.phase == .linkLost)
  }

  @Test func aPrinterThatFallsSilentIsGivenUp() throws {
    var rig = try Rig.printing()
    rig.supply("G1 X1", 1)
    rig.pass(120 * second)
    #expect(rig.jobEnd?.end == .uncertain)
    #expect(rig.jobEnd?.code == "link.silent")
    #expect(rig.actions.last == .closeLink)
    #expect(rig.session.counters.asked > 2)
  }

  @Test func aBusyPrinterIsNotAsked() throws {
    var rig = try Rig.printing()
    rig.supply("G28", 1)
    _ = rig.sent()
    for _ in 0..<60 {
      rig.pass(2 * second)
      rig.say("echo:busy: processing")
    }
    #expect(rig.sent().isEmpty)
    rig.say("ok")
    #expect(rig.said() == ["M105"])
    rig.say("ok T:21.0 /0.0")
    #expect(rig.session.wantsLine)
  }

  @Test func aPrinterWithoutKeepalivesIsNotGivenUpBeforeItsTime() throws {
    var rig = try Rig.printing()
    rig.supply("G28", 1)
    rig.pass(100 * second)
    #expect(rig.jobEnd == nil)
    // The line itself and a question: room for M112 in the smallest queue.
    #expect(rig.said() == ["G28", "M105"])
    rig.burst("ok", "ok T:21.0 /0.0")
    #expect(rig.session.progress.fileLine == 1)
    #expect(rig.jobEnd == nil)
  }

  @Test func patienceWithAPersonHasNoEnd() throws {
    var rig = try Rig.printing()
    rig.supply("M0", 1)
    rig.pass(100_000 * second)
    #expect(rig.jobEnd == nil)
    #expect(rig.session.phase == .needsAttention)
    #expect(rig.said().count == 3)
  }

  @Test func aPrintStartedAtTheMachineIsNotPrintedOver() throws {
    var rig = Rig()
    rig.open()
    rig.say("Not SD printing", "ok", "ok", "FIRMWARE_NAME:X", "ok", "ok T:21.0 /0.0")
    #expect(rig.session.phase == .idle)
    _ = rig.sent()
    try rig.startJob()
    #expect(!rig.session.wantsLine)
    #expect(rig.said() == ["M27"])
    rig.say("SD printing byte 5/100", "ok")
    #expect(rig.session.phase == .printingNotOurs)
    #expect(rig.jobEnd?.end == .failed)
    #expect(rig.jobEnd?.code == "machine.printingNotOurs")
  }

  @Test func aPrintStartedAtTheMachineIsNoticedWhileIdle() {
    var rig = Rig()
    rig.open()
    rig.say("Not SD printing", "ok", "ok", "FIRMWARE_NAME:X", "ok", "ok T:21.0 /0.0")
    _ = rig.sent()
    rig.pass(2 * second)
    #expect(rig.said() == ["M27"])
    rig.say("SD printing byte 5/100", "ok")
    #expect(rig.session.phase == .printingNotOurs)
    for _ in 0..<2 {
      rig.pass(5 * second)
      rig.say("Not SD printing", "ok")
    }
    #expect(rig.session.phase == .idle)
  }

  @Test func temperaturesGoOnWhileTheJobRuns() throws {
    var rig = try Rig.printing()
    rig.say(" T:150.0 /200.0 B:55.0 /60.0 @:127 B@:0")
    #expect(rig.session.temperatures.first?.current == 150)
    #expect(rig.events.contains(.temperatures))
  }
}
