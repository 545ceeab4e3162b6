import Testing

@testable import VirtualFirmware

@Suite("Prusa 3.14, as its source has it")
struct PrusaTests {
  @Test func saysWhatItIs() {
    var bench = Bench(.prusa, coldStart: true)
    #expect(bench.wait(seconds: 4).first == "start")
    let said = bench.ask("M115")
    #expect(said.first?.hasPrefix("FIRMWARE_NAME:Prusa-Firmware 3.14.0") == true)
    #expect(said.contains("Cap:AUTOREPORT_TEMP:1"))
    #expect(said.last == "ok")
    #expect(bench.ask("M105") == ["ok T:21.9 /0.0 B:21.9 /0.0 T0:21.9 /0.0 @:0 B@:0 P:0.0 A:0.0"])
  }

  /// A checksum without a number asks for a resend, unlike Marlin 1.0.
  @Test(
    arguments: [
      ("N1 G1 X1*1", "Error:checksum mismatch, Last Line: 0"),
      ("N3 G1 X1*119", "Error:Line Number is not Last Line Number+1, Last Line: 0"),
      ("N1 G1 X1", "Error:No Checksum with line number, Last Line: 0"),
      ("G1 X1*23", "Error:No Line Number with checksum, Last Line: 0"),
    ])
  func everyErrorAsksForAResend(_ line: String, error: String) {
    var bench = Bench(.prusa)
    bench.ask("M110 N0")
    bench.send(line + "\n")
    #expect(bench.wait(seconds: 1) == [error, "Resend: 1", "ok"])
    #expect(bench.firmware.record.lines == 0)
  }

  /// Repeats are errors, not silence.
  @Test func aRepeatIsAnError() {
    var bench = Bench(.prusa)
    bench.ask("N0 M110*35")
    bench.ask(bench.numbered(1, "G90"))
    #expect(bench.ask(bench.numbered(1, "G90")).first?.hasPrefix("Error:Line Number is not") == true)
  }

  @Test func aCommentEatsItsLineAndTheNext() {
    var bench = Bench(.prusa)
    bench.send("M105 ; how warm\nM105\nM105\n")
    #expect(bench.wait(seconds: 1).count == 1)
  }

  @Test func halfALineIsForgotten() {
    var bench = Bench(.prusa)
    bench.send("G1 X5")
    #expect(bench.wait(seconds: 1.9).isEmpty)
    #expect(bench.wait(seconds: 0.3) == ["RX timeout"])
    #expect(bench.ask("G90") == ["ok"])
    #expect(bench.firmware.record.lines == 1)
  }

  /// Lines lie one behind the other: more short ones fit than there are slots for long ones.
  @Test func shortLinesShareTheQueue() {
    var bench = Bench(.prusa)
    bench.ask("M110 N0")
    bench.send(1, "G4 S2")
    bench.wait(seconds: 0.1)
    for number in 2...20 { bench.send(number, "G1 X\(number)") }
    bench.wait(seconds: 5)
    #expect(bench.firmware.record.overruns == 0)
    #expect(bench.firmware.lastLineNumber == 20)
  }

  @Test func aFullRingIsEmptied() {
    var bench = Bench(.prusa)
    bench.send("G4 S2\n")
    bench.wait(seconds: 0.1)
    for number in 0..<60 { bench.send("G1 X10.00\(number % 10) Y10\n") }
    #expect(bench.wait(seconds: 5).contains("Full RX Buffer"))
    #expect(bench.firmware.record.overruns > 0)
  }

  @Test func m112RestartsItAndItWaitsForItsButton() {
    var bench = Bench(.prusa)
    bench.ask("M104 S200")
    bench.send("M112\n")
    let said = bench.wait(seconds: 5)
    #expect(said.prefix(2) == ["Error:Printer halted. kill() called!", "M112 called. Emergency Stop."])
    #expect(said.contains("start"))
    #expect(bench.firmware.hotEndTarget == 0)
    bench.send("M105\n")
    #expect(bench.wait(seconds: 5).isEmpty)
    bench.firmware.reset(now: bench.now)
    bench.wait(seconds: 5)
    #expect(bench.ask("M105").first?.hasPrefix("ok T:") == true)
  }

  /// Stopped by its heater it drops lines without a word and without counting them, and says that it waits.
  @Test func aHeaterFaultStopsItForGood() {
    var faults = FaultPlan()
    faults.noPower = true
    var bench = Bench(.prusa, faults: faults)
    bench.ask("M110 N0")
    bench.send(1, "M109 S200")
    let said = bench.wait(seconds: 60)
    let start = said.firstIndex(of: "Error: THERMAL RUNAWAY (PREHEAT HOTEND)") ?? 0
    #expect(said[start...].prefix(3).dropFirst().first == "//action:cancel")
    #expect(said.contains("Error:Printer stopped due to errors. Supervision required."))
    #expect(bench.firmware.hotEndTarget == 0)
    bench.send(2, "G90")
    bench.send("M108\n")
    #expect(bench.wait(seconds: 4).allSatisfy { $0 == "echo:busy: paused for user" })
    #expect(bench.firmware.lastLineNumber == 1)
    #expect(bench.firmware.record.heaterFault)
  }

  @Test func signsOfLifeAndPauses() {
    var bench = Bench(.prusa)
    #expect(bench.ask("G4 S5").filter { $0 == "echo:busy: processing" }.count == 2)
    #expect(bench.ask("M601") == ["//action:paused", "ok"])
    #expect(bench.ask("M602") == ["//action:resumed", "ok"])
    #expect(bench.ask("M771 S1") == ["Unknown M code: M771 S1", "ok"])
  }
}
