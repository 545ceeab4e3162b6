import Testing

@testable import PrinterProtocol

extension Rig {
  /// Sends a line by hand; the refusal's code, or nil where it was taken.
  mutating func hand(_ line: String, token: UInt64 = 9) -> String? {
    do {
      try session.send(line: Array(line.utf8)[...], token: token, now: now)
      run()
      return nil
    } catch {
      return error.code
    }
  }

  /// Does an act; the refusal's code, or nil.
  mutating func act(_ act: SessionAct, token: UInt64 = 9) -> String? {
    do {
      try session.act(act, token: token, now: now)
      run()
      return nil
    } catch {
      return error.code
    }
  }
}

@Suite struct SafetyTests {
  // MARK: Rule 9

  @Test(arguments: [
    "G1 X1", "G0 Z5", "G28", "G29", "G30", "G90", "G91", "G92 E0", "M82", "M83", "T1", "M18", "M84", "G4 P1",
    "M600",
    "M109 S200", "M190 S60", "M500", "M999",
  ])
  func refusedWhileAJobRuns(_ line: String) throws {
    var rig = try Rig.printing()
    #expect(rig.hand(line) == "line.refusedWhileRunning")
    #expect(rig.sent().isEmpty)
  }

  @Test(arguments: [
    "M104 S200", "M140 S60", "M106 S128", "M220 S90", "M221 S95", "M290 Z0.05", "M117 hello", "M105", "M119",
  ])
  func allowedWhileAJobRuns(_ line: String) throws {
    var rig = try Rig.printing()
    #expect(rig.hand(line) == nil)
    #expect(rig.said() == [line])
  }

  @Test(arguments: ["M110 N0", "m110"])
  func theNumbersAreTheDrivers(_ line: String) {
    var rig = Rig()
    rig.connect()
    #expect(rig.hand(line) == "line.numbering")
  }

  @Test(arguments: ["N5 G28", "G28*44"])
  func numberedLinesByHandAreRefused(_ line: String) {
    var rig = Rig()
    rig.connect()
    #expect(rig.hand(line) == "line.numbering")
  }

  @Test func limitsHoldForHandsToo() {
    var rig = Rig()
    rig.connect()
    #expect(rig.hand("M104 S301") == "limit.temperature")
    #expect(rig.hand("M190 S121") == "limit.temperature")
    #expect(rig.act(.heatTool(tool: 0, target: 301)) == "limit.temperature")
    #expect(rig.act(.heatBed(target: 121)) == "limit.temperature")
    #expect(rig.act(.heatTool(tool: 1, target: 100)) == "limit.tool")
    #expect(rig.act(.heatTool(tool: 0, target: 300)) == nil)
  }

  @Test func linesThatTheFirmwareCannotTakeAreRefused() {
    var rig = Rig()
    rig.connect()
    #expect(rig.hand("M117 \u{e9}") == "line.bytes")
    #expect(rig.hand("M117 " + String(repeating: "x", count: 100)) == "line.tooLong")
    #expect(rig.hand("hello") == "line.noCommand")
  }

  @Test func answersToALineByHandComeWithItsToken() {
    var rig = Rig()
    rig.connect()
    rig.actions.removeAll()
    #expect(rig.hand("M119", token: 44) == nil)
    rig.say("Reporting endstop status", "x_min: open", "ok")
    #expect(
      rig.events == [
        .answerLine(token: 44, text: "Reporting endstop status"), .answerLine(token: 44, text: "x_min: open"),
        .answered(token: 44, fault: nil),
      ])
  }

  @Test func jogsAreRelativeAndRestoreTheModes() {
    var rig = Rig()
    rig.connect()
    #expect(rig.hand("G28") == nil)
    _ = rig.obey()
    #expect(rig.act(.jog(x: 10, y: 0, z: 0, e: 0, feedrate: 3000, unhomed: false)) == nil)
    #expect(rig.obey() == ["G91", "M83", "G1 X10 F3000", "G90", "M82"])
  }

  @Test func unhomedAxesAreNotJogged() {
    var rig = Rig()
    rig.connect()
    #expect(rig.act(.jog(x: 10, y: 0, z: 0, e: 0, feedrate: 3000, unhomed: false)) == "limit.unhomed")
    #expect(rig.act(.jog(x: 10, y: 0, z: 0, e: 0, feedrate: 3000, unhomed: true)) == nil)
  }

  @Test func axesWhoseMotorsWereLetGoAreNotHomed() {
    var rig = Rig()
    rig.connect()
    #expect(rig.hand("G28") == nil)
    _ = rig.obey()
    for _ in 0..<400 {
      rig.pass(second)
      _ = rig.obey()
    }
    #expect(rig.act(.jog(x: 10, y: 0, z: 0, e: 0, feedrate: 3000, unhomed: false)) == "limit.unhomed")
  }

  @Test func actsThatMoveAreRefusedWhileAJobRuns() throws {
    var rig = try Rig.printing()
    #expect(rig.act(.home(axes: "")) == "line.refusedWhileRunning")
    #expect(rig.act(.jog(x: 1, y: 0, z: 0, e: 0, feedrate: 600, unhomed: true)) == "line.refusedWhileRunning")
    #expect(rig.act(.load(tool: 0, target: 200, length: 50)) == "line.refusedWhileRunning")
    #expect(rig.act(.babystep(z: 0.05)) == nil)
    #expect(rig.said() == ["M290 Z0.05"])
  }

  // MARK: Rule 13

  @Test func noExtruderMoveBelowTheColdLimit() {
    var rig = Rig()
    rig.connect()
    #expect(rig.act(.jog(x: 0, y: 0, z: 0, e: 5, feedrate: 300, unhomed: true)) == "limit.coldExtrusion")
    #expect(rig.act(.load(tool: 0, target: 150, length: 50)) == "limit.coldExtrusion")
    #expect(rig.act(.load(tool: 0, target: 200, length: 50)) == nil)
    #expect(rig.obey() == ["M109 S200", "M83", "G1 E50 F300", "M400", "G90", "M82"])
  }

  @Test func macrosAreJudgedLineByLine() {
    var rig = Rig()
    rig.connect()
    #expect(rig.act(.script(name: "level", lines: ["G28", "G29 ; probe"])) == nil)
    #expect(rig.obey() == ["G28", "G29"])
    #expect(rig.act(.script(name: "bad", lines: ["G28", "M104 S999"])) == "limit.temperature")
  }

  // MARK: Rule 12

  @Test func aHeaterThatDoesNotRiseHoldsTheJob() throws {
    var rig = try Rig.printing()
    rig.supply("M109 S200", 4)
    _ = rig.sent()
    for _ in 0..<62 {
      rig.say(" T:21.9 /200.0 B:20.0 /0.0 @:127 B@:0 W:?")
      rig.pass(second)
    }
    #expect(rig.faultCodes == ["heat.noRise"])
    #expect(rig.session.phase == .needsAttention)
    #expect(rig.session.reason.contains("power supply"))
    #expect(rig.sent() == ["M108"])
    rig.burst("ok", "ok")
    #expect(rig.obey(tool: 22).prefix(2) == ["M104 S0", "M140 S0"])
    #expect(rig.jobEnd == nil)
    try rig.session.resume(now: rig.now)
    rig.run()
    #expect(rig.obey().contains("M109 S200"))
    #expect(rig.session.phase == .printing)
  }

  @Test func aHeatUpMayTakeAsLongAsItRises() throws {
    var rig = try Rig.printing()
    rig.supply("M190 S100", 4)
    var bed = 20.0
    for _ in 0..<900 {
      rig.say(" T:21.9 /0.0 B:\(OwnLine.text(bed)) /100.0 @:0 B@:127 W:?")
      rig.pass(second)
      bed += 0.05
    }
    #expect(rig.session.phase == .printing)
    #expect(rig.faultCodes.isEmpty)
  }

  @Test func coolingDownIsNotAFault() throws {
    var rig = try Rig.printing()
    rig.supply("M109 R50", 4)
    for _ in 0..<200 {
      rig.say("T:120.0 E:0 W:?")
      rig.pass(second)
    }
    #expect(rig.faultCodes.isEmpty)
  }

  // MARK: Rule 11

  @Test func aFirmwareThatPausedByItselfIsLeftAlone() throws {
    var rig = try Rig.printing()
    rig.supply("M600", 4)
    _ = rig.sent()
    rig.say("//action:paused", "echo:busy: paused for user")
    #expect(rig.session.phase == .needsAttention)
    for _ in 0..<1000 {
      rig.pass(2 * second)
      rig.say("echo:busy: paused for user")
    }
    #expect(rig.sent().isEmpty)
    #expect(rig.session.phase == .needsAttention)
    rig.say("//action:resumed", "ok")
    #expect(rig.session.phase == .printing)
  }

  @Test func aPromptIsAnsweredByItsChoice() throws {
    var rig = try Rig.printing()
    rig.supply("M600", 4)
    _ = rig.sent()
    rig.say(
      "//action:prompt_begin Filament runout", "//action:prompt_choice PurgeMore",
      "//action:prompt_choice Continue",
      "//action:prompt_show")
    #expect(
      rig.session.prompt == SessionPrompt(text: "Filament runout", choices: ["PurgeMore", "Continue"]))
    #expect(rig.session.phase == .needsAttention)
    try rig.session.answer(choice: 1, now: rig.now)
    rig.run()
    #expect(rig.sent() == ["M876 S1"])
    rig.say("//action:prompt_end", "ok", "ok")
    #expect(rig.session.phase == .printing)
  }

  /// Without EMERGENCY_PARSER, M876 is a line of the queue like others, behind the one that waits.
  @Test func anAnswerThatWouldBeReadTooLateIsNotSent() throws {
    func asked(_ choices: String...) throws -> Rig {
      var rig = try Rig.printing(capabilities: ["AUTOREPORT_TEMP"], without: "EMERGENCY_PARSER")
      rig.supply("M0", 4)
      _ = rig.sent()
      rig.say("//action:prompt_begin Go on?")
      for choice in choices { rig.say("//action:prompt_choice \(choice)") }
      rig.say("//action:prompt_show")
      return rig
    }
    var single = try asked("Continue")
    try single.session.answer(choice: 0, now: single.now)
    single.run()
    #expect(single.sent() == ["M108"])
    single.say("//action:prompt_end", "ok", "ok")
    #expect(single.session.phase == .printing)
    // Marlin's early M108 ends a wait for heat as well, and the print would go on cold.
    var heating = try Rig.printing(capabilities: ["AUTOREPORT_TEMP"], without: "EMERGENCY_PARSER")
    heating.supply("M109 S200", 4)
    _ = heating.sent()
    heating.say(
      "//action:prompt_begin Warming up", "//action:prompt_choice Dismiss", "//action:prompt_show")
    try heating.session.answer(choice: 0, now: heating.now)
    heating.run()
    #expect(heating.sent() == ["M876 S0"])
    var several = try asked("PurgeMore", "Continue")
    let refusal = #expect(throws: SessionRefusal.self) {
      try several.session.answer(choice: 1, now: several.now)
    }
    several.run()
    #expect(refusal?.code == "prompt.atPrinter")
    #expect(several.sent().isEmpty && several.session.prompt != nil)
  }

  @Test func aWaitWithoutPromptIsEndedByM108() throws {
    var rig = try Rig.printing()
    rig.supply("M0", 4)
    _ = rig.sent()
    rig.say("echo:busy: paused for user")
    #expect(rig.session.phase == .needsAttention)
    try rig.session.answer(choice: nil, now: rig.now)
    rig.run()
    #expect(rig.sent() == ["M108"])
    rig.burst("ok", "ok")
    #expect(rig.session.phase == .printing)
    #expect(rig.session.wantsLine)
  }

  @Test func actionPauseRunsOurs() throws {
    var rig = try Rig.printing()
    rig.say("//action:pause")
    #expect(rig.session.phase == .pausing)
    #expect(rig.said() == ["M400"])
  }

  @Test func actionCancelCancels() throws {
    var rig = try Rig.printing()
    rig.say("// action:cancel")
    #expect(rig.session.phase == .cancelling)
    #expect(rig.said() == ["M104 S0"])
  }

  @Test func theFirmwareParkedAndNoPauseScriptRuns() throws {
    var rig = try Rig.printing()
    rig.say("//action:paused")
    rig.pass(60 * second)
    #expect(!rig.said().contains { $0.hasPrefix("G") || $0 == "M400" })
  }

  // MARK: Rule 3

  @Test func afterALostLinkTheHeatersGoOffWhenTheirTimeIsOver() throws {
    var rig = try Rig.printing()
    for (index, line) in ["M104 S200", "M140 S60"].enumerated() {
      rig.supply(line, Int64(index + 1))
      rig.say("ok")
    }
    rig.session.linkLost(reason: "unplugged", now: rig.now)
    rig.run()
    rig.pass(301 * second)
    _ = rig.sent()
    rig.open()
    rig.say("ok")
    rig.say("ok")
    rig.say("ok")
    _ = rig.sent()
    rig.say("ok T:200.0 /200.0 B:60.0 /60.0")
    #expect(rig.said() == ["M104 S0"])
    rig.say("ok")
    for _ in 0..<400 {
      rig.pass(10 * second)
      _ = rig.obey()
    }
    #expect(rig.session.modal.bedTarget == 0)
  }

  @Test func aRestartedDriverTurnsTheHeatersOffFirst() {
    var rig = Rig { $0.coolsOnConnect = true }
    rig.open()
    #expect(rig.obey().suffix(2) == ["M104 S0", "M140 S0"])
    // Once: a link that is lost and found later must not cool what a person has heated meanwhile.
    rig.session.linkLost(reason: "pulled", now: rig.now)
    _ = rig.said()
    rig.open()
    #expect(!rig.obey().contains("M104 S0"))
  }
}
