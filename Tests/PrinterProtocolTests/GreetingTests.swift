import Testing

@testable import PrinterProtocol

@Suite struct GreetingTests {
  @Test func theCardIsAskedBeforeTheNumbersAreSet() {
    var rig = Rig()
    rig.open()
    #expect(rig.sent() == ["M27"])
    rig.say("Not SD printing", "ok")
    #expect(rig.sent() == ["N0 M110*35"])
    rig.say("ok")
    #expect(rig.sent() == ["N1 M115*39"])
    rig.say("FIRMWARE_NAME:Marlin X", "Cap:AUTOREPORT_TEMP:1", "Cap:SDCARD:0", "ok")
    #expect(rig.sent() == ["N2 M105*37"])
    rig.say("ok T:21.0 /0.0 B:20.0 /0.0 @:0 B@:0")
    #expect(rig.sent() == ["N3 M155 S2*96"])
    rig.say("ok")
    #expect(rig.session.phase == .idle)
    #expect(rig.session.firmware == "FIRMWARE_NAME:Marlin X")
    #expect(rig.session.capabilities == ["AUTOREPORT_TEMP"])
    #expect(rig.events.contains(.connected(firmware: "FIRMWARE_NAME:Marlin X")))
    #expect(rig.session.temperatures.map(\.heater) == [.tool(0), .bed])
  }

  @Test func aBoardWithoutCapabilitiesIsPolled() {
    var rig = Rig()
    rig.connect()
    #expect(rig.session.phase == .idle)
    rig.pass(2 * second)
    #expect(rig.sent() == ["N3 M105*36"])
    rig.say("ok T:21.0 /0.0")
    rig.pass(2 * second)
    #expect(rig.said() == ["M105"])
  }

  @Test func aBoardThatResetsOnOpenIsGreetedAfterItsBanner() {
    var rig = Rig { $0.resetsOnOpen = .yes }
    rig.open()
    rig.pass(3 * second)
    #expect(rig.sent().isEmpty)
    rig.say("start", "Marlin bugfix-2.1.x", "echo: Free Memory: 5348  PlannerBufferBytes: 1264")
    rig.pass(400 * ms)
    #expect(rig.sent().isEmpty)
    rig.pass(200 * ms)
    #expect(rig.sent() == ["M27"])
    #expect(!rig.events.contains(.firmwareReset))
  }

  @Test func aBannerThatNeverComesIsNotWaitedForForEver() {
    var rig = Rig { $0.resetsOnOpen = .yes }
    rig.open()
    rig.pass(8 * second)
    #expect(rig.sent() == ["M27"])
  }

  @Test func aBoardThatStillBootsIsGreetedAgain() {
    var rig = Rig()
    rig.open()
    #expect(rig.sent() == ["M27"])
    rig.pass(second)
    rig.say("start", "echo:Marlin1.0.0")
    rig.pass(600 * ms)
    #expect(rig.sent() == ["M27"])
    rig.say("ok")
    #expect(rig.sent() == ["N0 M110*35"])
  }

  @Test func aPrintFromTheCardIsNotBroken() {
    var rig = Rig()
    rig.open()
    _ = rig.sent()
    rig.say("SD printing byte 100/400", "ok")
    #expect(rig.session.phase == .printingNotOurs)
    #expect(rig.session.sdPercent == 25)
    #expect(rig.sent().isEmpty)
    #expect(throws: SessionRefusal.self) { try rig.session.startJob(JobStart(token: 1), now: rig.now) }
    rig.pass(5 * second)
    #expect(rig.sent() == ["M27"])
    rig.say("SD printing byte 200/400", "ok")
    #expect(rig.session.sdPercent == 50)
  }

  @Test func afterAPrintFromTheCardTheGreetingGoesOn() {
    var rig = Rig()
    rig.open()
    _ = rig.sent()
    rig.say("SD printing byte 100/400", "ok")
    rig.pass(5 * second)
    rig.say("Not SD printing", "ok")
    #expect(rig.session.phase == .printingNotOurs)
    rig.pass(5 * second)
    _ = rig.sent()
    rig.say("Not SD printing", "ok")
    #expect(rig.sent() == ["N0 M110*35"])
  }

  @Test func thePrintFromTheCardCanBePausedAndStopped() throws {
    var rig = Rig()
    rig.open()
    rig.say("SD printing byte 100/400", "ok")
    _ = rig.sent()
    try rig.session.act(.pauseSD, token: 1, now: rig.now)
    rig.run()
    #expect(rig.sent() == ["M25"])
    rig.say("ok")
    #expect(rig.events.contains(.answered(token: 1, fault: nil)))
    try rig.session.act(.stopSD, token: 2, now: rig.now)
    rig.run()
    #expect(rig.sent() == ["M524"])
  }

  @Test func anUnreadableAnswerAboutTheCardIsAskedAgain() {
    var rig = Rig()
    rig.open()
    _ = rig.sent()
    rig.say("SD prin\u{1}ing byt\u{2} 1\u{3}0/4\u{4}0", "ok")
    #expect(rig.sent() == ["M27"])
    rig.say("SD printing byte 100/400", "ok")
    #expect(rig.session.phase == .printingNotOurs)
  }

  @Test func aPortThatNeverAnswersIsGivenUp() {
    var rig = Rig()
    rig.open()
    rig.pass(60 * second)
    #expect(rig.sent() == Array(repeating: "M27", count: 5))
    #expect(rig.session.phase == .linkLost)
    #expect(rig.actions.last == .closeLink)
    #expect(rig.faultCodes == ["handshake.noAnswer"])
    #expect(rig.session.nextDeadline == nil)
  }

  @Test func aWrongSpeedIsSaidToBeOne() {
    var rig = Rig { $0.baud = 115200 }
    rig.open()
    for _ in 0..<20 {
      rig.bytes([0xfe, 0x80, 0xf8, 0x00, 0x9c, 10, 0xe0, 0xff, 0x86, 10])
      rig.pass(2 * second)
    }
    #expect(rig.faultCodes == ["link.garbled"])
    #expect(rig.session.phase == .linkLost)
    #expect(rig.session.reason.contains("115200"))
  }

  @Test func numbersThatDidNotTakeAreSetAgain() {
    var rig = Rig()
    rig.open()
    rig.say("ok")
    _ = rig.sent()
    rig.say("Error:checksum mismatch, Last Line: 40", "Resend: 41", "ok")
    #expect(rig.sent() == ["N0 M110*35"])
  }

  @Test func aBoardThatRestartsAgainAndAgainIsGivenUp() {
    var rig = Rig()
    rig.open()
    for _ in 0..<8 {
      rig.say("start")
      rig.pass(600 * ms)
    }
    #expect(rig.session.phase == .linkLost)
  }
}

extension Rig {
  /// The codes of the faults told outside a job.
  var faultCodes: [String] {
    events.compactMap { if case .fault(let fault) = $0 { fault.code } else { nil } }
  }

  /// How the job ended.
  var jobEnd: (end: JobEnd, code: String?, line: Int64?)? {
    for event in events {
      if case .jobEnded(_, let end, let fault) = event { return (end, fault?.code, fault?.fileLine) }
    }
    return nil
  }
}
