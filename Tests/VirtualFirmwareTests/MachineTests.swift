import Testing

@testable import VirtualFirmware

@Suite("Motion, heat, people")
struct MachineTests {
  @Test func theSixteenthMoveWaitsForTheFirst() {
    var bench = Bench()
    bench.ask("G91")
    for _ in 0..<20 { bench.send("G1 X1 F60\n") }
    #expect(bench.wait(seconds: 0.5).count == 15)
    #expect(bench.wait(seconds: 1).count == 1)
  }

  @Test func accelerationTakesTimeThatTheFeedrateDoesNotTell() {
    var slow = Bench(paced: false)
    var fast = Bench(paced: false)
    slow.ask("M204 S50")
    let start = slow.now
    slow.ask("G1 X10 F6000")
    slow.ask("M400")
    fast.ask("G1 X10 F6000")
    fast.ask("M400")
    // 10 mm at 100 mm/s is 0.1 s; with 50 mm/s² it is 2 · sqrt(10 / 50) s.
    #expect(abs(Double(slow.now - start) * 1e-9 - 0.1 - 0.894) < 0.02)
    #expect(fast.now < slow.now / 2)
  }

  @Test func cornersAreSlowerThanStraights() {
    func seconds(_ moves: [String]) -> Int64 {
      var bench = Bench(paced: false)
      bench.ask("G91")
      for move in moves { bench.ask(move) }
      bench.ask("M400")
      return bench.now
    }
    let straight = seconds(Array(repeating: "G1 X5 F6000", count: 12))
    let zigzag = seconds((0..<12).map { $0 % 2 == 0 ? "G1 X5 F6000" : "G1 Y5 F6000" })
    #expect(zigzag > straight)
  }

  @Test func aHostThatIsSlowLetsThePlannerRunDry() {
    var bench = Bench()
    for x in 1...10 {
      bench.ask("G1 X\(x) F6000")
      bench.wait(seconds: 0.4)
    }
    #expect(bench.firmware.record.underruns >= 8)
    // Ten moves of a tenth of a second or less, each 0.4 s after the last.
    #expect(abs(Double(bench.firmware.record.starved) * 1e-9 - 9 * 0.27) < 0.6)
    var quick = Bench()
    for x in 1...10 { quick.ask("G1 X\(x * 10) F3000") }
    #expect(quick.firmware.record.underruns == 0)
  }

  @Test func heatingTakesItsTimeAndReportsEverySecond() {
    var bench = Bench()
    let said = bench.ask("M109 S200")
    #expect(bench.now > 15_000_000_000 && bench.now < 60_000_000_000)
    #expect(said.filter { $0.hasPrefix(" T:") }.count >= 20)
    #expect(said.filter { $0 == "echo:busy: processing" }.count >= 8)
    #expect(abs(bench.firmware.hotEndTemperature - 200) < 4)
    bench.firmware.settle(now: bench.now)
    #expect(bench.firmware.record.highestHotEnd < 212)
  }

  @Test func m108EndsAWaitForHeat() {
    var bench = Bench()
    bench.send("M109 S200\n")
    bench.wait(seconds: 2)
    bench.send("M108\n")
    #expect(bench.wait(seconds: 0.2).filter { $0 == "ok" }.count == 2)
  }

  @Test func coldFilamentIsNotPushed() {
    var bench = Bench()
    #expect(bench.ask("G1 E5 F100").first == "echo: cold extrusion prevented")
    bench.ask("M302 P1")
    bench.ask("G1 E10 F100")
    #expect(bench.firmware.record.extrudedCold)
    #expect(bench.firmware.record.coldExtrusionsPrevented == 1)
  }

  @Test func motorsAreLetGoAfterAWhile() {
    var bench = Bench()
    bench.ask("G28")
    bench.wait(seconds: 119)
    #expect(!bench.firmware.record.steppersTimedOut)
    bench.wait(seconds: 2)
    #expect(bench.firmware.record.steppersTimedOut)
    var held = Bench()
    held.ask("G28")
    held.ask("M84 S0")
    held.wait(seconds: 1000)
    #expect(!held.firmware.record.steppersTimedOut)
  }

  @Test func m85KillsAFirmwareThatNobodyTalksTo() {
    var bench = Bench()
    bench.ask("M104 S60")
    bench.ask("M85 S30")
    #expect(bench.wait(seconds: 29).isEmpty)
    #expect(bench.wait(seconds: 2).last == "Error:Printer halted. kill() called!")
    #expect(bench.firmware.hotEndTarget == 0)
  }

  @Test func reportsComeByThemselves() {
    var bench = Bench()
    bench.ask("M155 S2")
    #expect(bench.wait(seconds: 9).count == 4)
    bench.ask("M155 S0")
    #expect(bench.wait(seconds: 9).isEmpty)
  }

  @Test func aPauseWaitsForM108() {
    var bench = Bench(.marlin21full)
    bench.send("M0 Change the plate\n")
    let said = bench.wait(seconds: 5)
    #expect(said.contains("//action:prompt_show"))
    #expect(said.contains("echo:busy: paused for user"))
    bench.send("M108\n")
    // The waiting M0 and the M108 itself.
    #expect(bench.wait(seconds: 1).filter { $0.hasPrefix("ok") }.count == 2)
  }

  @Test func aFilamentChangeAsksAndGoesOn() {
    var faults = FaultPlan()
    faults.filamentChangeAt = 2
    var bench = Bench(.marlin21full, faults: faults)
    bench.ask("G1 X1 F3000")
    bench.send("G1 X2 F3000\n")
    let said = bench.wait(seconds: 10)
    #expect(said.contains("//action:paused"))
    #expect(said.contains("//action:prompt_button Continue"))
    #expect(!said.contains { $0.hasPrefix("ok") })
    bench.send("M876 S0\n")
    #expect(bench.wait(seconds: 8).contains("//action:prompt_button PurgeMore"))
    bench.send("M876 S1\n")
    let end = bench.wait(seconds: 8)
    #expect(end.contains("//action:resumed"))
    #expect(bench.firmware.record.lines == 2 + 2)
  }

  @Test func aPrintFromTheCardShowsInM27() {
    var bench = Bench(card: true)
    #expect(bench.ask("M27").first?.hasPrefix("SD printing byte ") == true)
    #expect(bench.ask("M115").contains("Cap:SDCARD:1"))
    bench.ask("M524")
    #expect(bench.ask("M27").first == "Not SD printing")
    var without = Bench()
    #expect(without.ask("M27").first == #"echo:Unknown command: "M27""#)
  }

  @Test func positionsFollowModesAndShifts() {
    var bench = Bench()
    bench.ask("G28")
    bench.ask("G91")
    bench.ask("G1 X10 Z2 F3000")
    bench.ask("G90")
    #expect(bench.ask("G92 X100").first == "X:100.00 Y:0.00 Z:7.00 E:0.00 Count X:800 Y:0 Z:2800")
    bench.ask("G1 X90")
    #expect(bench.ask("M114").first == "X:90.00 Y:0.00 Z:7.00 E:0.00 Count X:0 Y:0 Z:2800")
  }

  @Test func anArcIsAsLongAsItsAngle() {
    var bench = Bench(paced: false)
    bench.ask("G1 X10 Y0 F600")
    bench.ask("M400")
    let start = bench.now
    bench.ask("G3 X-10 Y0 I-10 J0 F600")
    bench.ask("M400")
    // Half a circle of radius 10 at 10 mm/s.
    #expect(abs(Double(bench.now - start) * 1e-9 - 3.1416 - 0.1) < 0.05)
  }
}
