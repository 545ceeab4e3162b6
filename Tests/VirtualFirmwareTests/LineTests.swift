import Testing

@testable import VirtualFirmware

@Suite("Lines: overflow, early M112, numbers")
struct LineTests {
  @Test func bytesBeyondTheRingAreLostOneByOne() {
    var bench = Bench()
    bench.send("G4 S2\n")
    bench.wait(seconds: 0.1)
    // Three lines find a slot, 127 bytes the ring, the rest nothing.
    for _ in 0..<40 { bench.send("M105\n") }
    bench.wait(seconds: 1)
    #expect(bench.firmware.record.overruns == 200 - 15 - 127)
    let answers = bench.wait(seconds: 5).filter { $0.hasPrefix("ok T:") }.count
    // 127 bytes are 25 whole lines and `M1`, which nothing completes.
    #expect(answers == 3 + 25)
    // A line that grows on to the piece is known for what it is.
    #expect(bench.firmware.record.damagedExecuted == 0)
    bench.ask("05")
    #expect(bench.firmware.record.damagedExecuted == 1)
  }

  @Test func aLargerRingTakesMore() {
    var bench = Bench(.marlin21full)
    bench.send("G4 S2\n")
    bench.wait(seconds: 0.1)
    for _ in 0..<40 { bench.send("M105\n") }
    bench.wait(seconds: 5)
    #expect(bench.firmware.record.overruns == 0)
  }

  @Test func m112ActsEarlyOnlyWithMFirst() {
    var early = Bench()
    early.send("G4 S5\n")
    early.wait(seconds: 0.5)
    early.send("M112\n")
    early.wait(seconds: 0.1)
    #expect(early.firmware.record.killed)

    var late = Bench()
    late.ask("M110 N0")
    late.send("G4 S5\n")
    late.wait(seconds: 0.5)
    late.send(1, "M112")
    late.wait(seconds: 0.5)
    #expect(!late.firmware.record.killed)
    late.wait(seconds: 5)
    #expect(late.firmware.record.killed)
  }

  @Test func m112WaitsBehindAFullQueue() {
    for (profile, isEarly) in [(FirmwareProfile.marlin21, false), (.marlin21full, true)] {
      var bench = Bench(profile)
      bench.send("G4 S5\n")
      for _ in 0..<15 { bench.send("M105\n") }
      bench.wait(seconds: 0.5)
      bench.send("M112\n")
      bench.wait(seconds: 0.5)
      #expect(bench.firmware.record.killed == isEarly)
      bench.wait(seconds: 6)
      #expect(bench.firmware.record.killed)
    }
  }

  @Test(arguments: ["M112\n", " M112\n", "N7 M112*36\n", "N7 M112*1\n", "M112 now\r"])
  func anEmergencyParserReadsThroughAFullQueue(_ line: String) {
    var bench = Bench(.marlin21full)
    bench.send("G4 S50\n")
    for _ in 0..<17 { bench.send("M105\n") }
    bench.send(line)
    bench.wait(seconds: 0.5)
    #expect(bench.firmware.record.killed)
  }

  @Test(arguments: ["G1 M112\n", "M11\n2\n", "M118 M112\n", ";M112\n"])
  func anEmergencyParserIsNotFooled(_ line: String) {
    var bench = Bench(.marlin21full)
    bench.send(line)
    bench.wait(seconds: 0.5)
    #expect(!bench.firmware.record.killed)
  }

  @Test func afterAKillThereIsSilenceUntilAReset() {
    var bench = Bench()
    bench.ask("M140 S50")
    bench.send("M112\n")
    bench.wait(seconds: 1)
    bench.send("M105\nM999\n")
    #expect(bench.wait(seconds: 30).isEmpty)
    #expect(bench.firmware.bedTarget == 0)
    bench.firmware.reset(now: bench.now)
    #expect(bench.wait(seconds: 1).first == "start")
    #expect(bench.ask("M105").first?.hasPrefix("ok T:") == true)
  }

  @Test func aKilledFirmwareDrawsNoDeadline() {
    var bench = Bench()
    bench.send("M112\n")
    bench.wait(seconds: 1)
    #expect(bench.firmware.nextDeadline == nil)
    #expect(!bench.firmware.isBusy)
  }

  @Test func aRejectedLineEmptiesTheRing() {
    var bench = Bench()
    bench.ask("M110 N0")
    bench.send(1, "M105")
    bench.send("N2 M105*1\n")
    bench.send(3, "M105")
    let said = bench.wait(seconds: 1)
    #expect(said.filter { $0 == "Resend: 2" }.count == 1)
    #expect(bench.firmware.record.executed == 2)
  }

  @Test func garbageAtTheWrongSpeed() {
    var bench = Bench()
    bench.firmware.hostSpeedMatches = false
    bench.send("M105\nM105\nM105\n")
    let said = bench.wait(seconds: 1)
    #expect(bench.firmware.record.unknownCommands == 3)
    #expect(!said.contains { $0.hasPrefix("ok") })
  }
}
