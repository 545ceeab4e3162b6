import Testing

@testable import VirtualFirmware

@Suite("GRBL: lines, alarms, memory")
struct GrblMachineTests {
  /// One line each on a fresh controller, with what stands in its manual's table of errors.
  @Test(
    arguments: [
      ("X1*5", 1), ("G1 X", 2), ("G1 X1 F-5", 4), ("$N0=M999", 23), ("$H", 5), ("$0=2", 6), ("$20=1", 10),
      ("$J=X5", 22), ("$J=G90 G1 X1 F100", 16), ("$J=M3 X1 F100", 16), ("$JX1F100", 3), ("G7", 20),
      ("M7", 20),
      ("M6", 20), ("G90.1", 20), ("G59.1", 23), ("G17 G18", 21), ("M3 M4", 21), ("G1 X1", 22),
      ("G93 G1 X1", 22), ("G21.1", 23), ("G10 G1 X1", 24), ("G0 G92 X1", 24), ("G1 X1 X2 F5", 25),
      ("G92", 26),
      ("G2 F5 I1", 26), ("N99999999 G0", 27), ("G4", 28), ("G10 X1", 28), ("G10 L2 P9 X1", 29),
      ("G53 G2 X1 I1 F5", 30),
      ("G80 X1", 31), ("G2 Z1 I1 F5", 32), ("G2 X0 Y0 R5 F5", 33), ("G2 X10 R1 F5", 34), ("G2 X1 Y1 F5", 35),
      ("G0 X1 I5", 36), ("P5", 36), ("G43.1 X1", 37), ("T300", 38), ("$77=1", 3), ("$$x", 3), ("$0=", 2),
      ("G38.2 Z0 F5", 33), ("G38.2 F5", 26), ("G10 L3 P1 X1", 20), ("G10 L2 P1 R1 X1", 20),
    ])
  func errorsAreNumbered(_ line: String, code: Int) {
    var bench = GrblBench()
    #expect(bench.ask(line).last == "error:\(code)")
    #expect(bench.firmware.record.executed == 0)
    #expect(bench.firmware.errors == 1)
    #expect(bench.ask("G0 X0") == ["ok"])
  }

  @Test func offsetsAddUp() {
    var bench = GrblBench(GrblProfile.grbl11.asLaser)
    for line in ["G10 L2 P1 X10 Y20", "G92 X5", "G43.1 Z2", "G90 G0 X0 Y0 Z0"] {
      #expect(bench.ask(line) == ["ok"], "\(line)")
    }
    bench.wait(seconds: 5)
    // G92 was said at machine zero with an offset of ten: 0 = 5 + 10 + (-15).
    #expect(bench.firmware.machinePosition.x == -5)
    #expect(bench.firmware.machinePosition.y == 20)
    #expect(bench.firmware.machinePosition.z == 2)
    #expect(bench.status().contains("|WCO:-5.000,20.000,2.000"))
    let offsets = bench.ask("$#")
    #expect(offsets.contains("[G54:10.000,20.000,0.000]"))
    #expect(offsets.contains("[G92:-15.000,0.000,0.000]"))
    #expect(offsets.contains("[TLO:2.000]"))
    bench.ask("G10 L20 P2 X0 Y0 Z0")
    #expect(bench.ask("$#").contains("[G55:10.000,20.000,0.000]"))
    bench.ask("G28.1")
    #expect(bench.ask("$#").contains("[G28:-5.000,20.000,2.000]"))
    bench.send(realtime: 0x18)
    bench.wait(seconds: 1)
    // A reset forgets G92 and G43.1, not what lies in the EEPROM.
    let after = bench.ask("$#")
    #expect(after.contains("[G92:0.000,0.000,0.000]"))
    #expect(after.contains("[TLO:0.000]"))
    #expect(after.contains("[G54:10.000,20.000,0.000]"))
  }

  /// While the EEPROM is written nothing is heard but what the UART holds: the next lines are cut up.
  @Test func writingTheMemoryDeafens() {
    var bench = GrblBench()
    bench.send("G10 L2 P1 X12.345 Y67.891 Z-3.217\nG0 X1\nG0 X2\nG0 X3\n")
    bench.wait(seconds: 2)
    #expect(bench.firmware.bytesLostToMemory > 5)
    #expect(bench.said.count { $0 == "ok" } < 4)
    // Sent alone, each is heard.
    var careful = GrblBench()
    for line in ["G10 L2 P1 X12.345 Y67.891 Z-3.217", "G91 G0 X1", "$110=400.5", "G0 X2"] {
      #expect(careful.ask(line) == ["ok"])
      careful.wait(seconds: 3)
    }
    #expect(careful.firmware.bytesLostToMemory == 0)
    // A value that is there already is not written.
    var same = GrblBench()
    same.send("$10=1\nG0 X1\nG0 X2\n")
    same.wait(seconds: 1)
    #expect(same.firmware.bytesLostToMemory == 0)
    #expect(same.said.count { $0 == "ok" } == 3)
  }

  @Test func checkModeMovesNothingAndItsEndResets() {
    var bench = GrblBench()
    bench.ask("G92 X5")
    #expect(bench.ask("$C") == ["[MSG:Enabled]", "ok"])
    #expect(bench.ask("G1 X50 F100") == ["ok"])
    #expect(bench.ask("G1 X5 K9") == ["error:36"])
    #expect(bench.ask("G4 P9") == ["ok"])
    #expect(bench.status().hasPrefix("<Check|"))
    #expect(bench.firmware.isStandingStill)
    #expect(bench.firmware.record.lines == 1)
    #expect(bench.ask("$C") == ["[MSG:Disabled]", "ok"])
    #expect(bench.wait(seconds: 1) == ["", "Grbl 1.1h ['$' for help]"])
    #expect(bench.ask("$#").contains("[G92:0.000,0.000,0.000]"))
  }

  @Test func softLimitStopsInOrderThenLocks() {
    var bench = GrblBench()
    bench.ask("$22=1")
    bench.ask("$20=1")
    bench.ask("$H")
    #expect(bench.status().hasPrefix("<Idle|MPos:-1.000,-1.000,-1.000|"))
    bench.ask("G91 G1 X-20 F400")
    bench.wait(seconds: 1)
    bench.send("G0 X500\n")
    let said = bench.wait(seconds: 5)
    #expect(said == ["ALARM:2", "[MSG:Reset to continue]"])
    // The move was braked, not cut off.
    #expect(bench.firmware.stepper.speed == 0)
    bench.send("?$X\n")
    #expect(bench.wait(seconds: 1).isEmpty)
    bench.send(realtime: 0x18)
    #expect(bench.wait(seconds: 1) == ["ok", "", "Grbl 1.1h ['$' for help]", "[MSG:'$H'|'$X' to unlock]"])
    #expect(bench.ask("$J=G91 X300 F100") == ["error:8"])
    #expect(bench.ask("$X") == ["[MSG:Caution: Unlocked]", "ok"])
    #expect(bench.ask("$J=G91 X300 F100") == ["error:15"])
  }

  @Test func hardLimitStopsDead() {
    var bench = GrblBench()
    bench.ask("$21=1")
    bench.ask("G1 X50 F400")
    bench.wait(seconds: 1)
    bench.firmware.pressLimit(now: bench.now)
    #expect(bench.wait(seconds: 1) == ["ALARM:1", "[MSG:Reset to continue]"])
    #expect(!bench.firmware.stepper.isRunning)
    #expect(bench.firmware.lastAlarm == 1)
  }

  @Test func homingWithoutSwitchesFails() {
    var profile = GrblProfile.grbl11
    profile.hasLimitSwitches = false
    var bench = GrblBench(profile)
    bench.ask("$22=1")
    bench.send("$H\n")
    bench.send("?")
    #expect(bench.wait(seconds: 30).isEmpty)
    #expect(bench.wait(seconds: 200).prefix(1) == ["ALARM:9"])
    #expect(bench.firmware.lastAlarm == 9)
  }

  @Test func resetDuringHomingIsAlarm6() {
    var bench = GrblBench()
    bench.ask("$22=1")
    bench.send("$H\n")
    bench.wait(seconds: 2)
    bench.send(realtime: 0x18)
    #expect(bench.wait(seconds: 2).first == "ALARM:6")
  }

  @Test func probeTouchesOrFails() {
    var bench = GrblBench()
    bench.firmware.probeTouchesAt = -3
    #expect(bench.ask("G38.2 Z-10 F200") == ["[PRB:0.000,0.000,-3.000:1]", "ok"])
    #expect(bench.firmware.machinePosition.z == -3)
    bench.firmware.probeTouchesAt = nil
    let said = bench.ask("G38.2 Z-10 F200") + bench.wait(seconds: 1)
    #expect(said.contains("ALARM:5"))
    #expect(said.contains("ok"))
    #expect(bench.ask("G0 Z0") == ["error:9"])
  }

  @Test func jogIsCancelled() {
    var bench = GrblBench()
    #expect(bench.ask("$J=G91 X50 F400") == ["ok"])
    #expect(bench.ask("$J=G91 X50 F400") == ["ok"])
    bench.wait(seconds: 1)
    #expect(bench.status().hasPrefix("<Jog|"))
    #expect(bench.ask("G0 X1") == ["error:9"])
    bench.send(realtime: 0x85)
    bench.wait(seconds: 2)
    #expect(bench.status().hasPrefix("<Idle|"))
    #expect(bench.firmware.isStandingStill)
    // The next move begins where the jog ended.
    bench.ask("G91 G1 X1 F400")
    let from = bench.firmware.machinePosition.x
    bench.wait(seconds: 2)
    #expect(abs(bench.firmware.machinePosition.x - from - 1) < 0.01)
  }

  @Test func overridesChangeTheSpeedUnderWay() {
    var bench = GrblBench(GrblProfile.grbl11.asLaser)
    bench.ask("G1 X200 F1000")
    bench.wait(seconds: 1)
    bench.send(realtime: 0x92)
    bench.wait(seconds: 0.2)
    #expect(bench.status().contains("|FS:900,"))
    bench.send(realtime: 0x93)
    bench.wait(seconds: 0.2)
    #expect(bench.status().contains("|FS:910,"))
    for _ in 0..<30 {
      bench.send(realtime: 0x91)
      bench.wait(seconds: 0.05)
    }
    #expect(bench.status().contains("|FS:2000,"))
    bench.send(realtime: 0x90)
    bench.wait(seconds: 0.2)
    #expect(bench.status().contains("|FS:1000,"))
    bench.wait(seconds: 30)
    bench.send(realtime: 0x97)
    bench.ask("G0 X0")
    bench.wait(seconds: 1)
    #expect(bench.status().contains("|FS:2500,"))
  }

  @Test func arcsArriveWhereTheyShould() {
    var bench = GrblBench(GrblProfile.grbl11.asLaser)
    bench.send("G2 X10 Y0 I5 J0 F3000\n")
    var highest = 0.0
    for _ in 0..<100 {
      bench.wait(seconds: 0.01)
      highest = max(highest, bench.firmware.machinePosition.y)
    }
    #expect(bench.firmware.machinePosition.x == 10)
    #expect(abs(highest - 5) < 0.1)
    #expect(bench.ask("G3 X0 Y0 R-20 F3000") == ["ok"])
    bench.wait(seconds: 10)
    #expect(bench.firmware.machinePosition.x == 0)
    #expect(bench.ask("G18 G2 X4 Z4 I4 F3000") == ["ok"])
    bench.wait(seconds: 5)
    #expect(bench.firmware.machinePosition.z == 4)
  }

  @Test func sleepsUntilReset() {
    var bench = GrblBench()
    #expect(bench.ask("$SLP") == ["ok"])
    #expect(bench.wait(seconds: 0.1) == ["[MSG:Sleeping]"])
    #expect(bench.status().hasPrefix("<Sleep|"))
    bench.send("G0 X1\n~")
    #expect(bench.wait(seconds: 1).isEmpty)
    bench.send(realtime: 0x18)
    #expect(bench.wait(seconds: 1).last == "[MSG:'$H'|'$X' to unlock]")
  }

  @Test func startupLinesRunAtEveryStart() {
    var bench = GrblBench()
    #expect(bench.ask("$N0=G91") == ["ok"])
    #expect(bench.ask("$N1=G20") == ["ok"])
    bench.send(realtime: 0x18)
    #expect(bench.wait(seconds: 1) == ["", "Grbl 1.1h ['$' for help]", ">G91:ok", ">G20:ok"])
    #expect(bench.ask("$G").first?.contains("G20 G91") == true)
  }

  @Test func starvedPlannerIsCounted() {
    var bench = GrblBench(GrblProfile.grbl11.asLaser)
    for line in ["G91", "G1 X5 F3000"] { bench.ask(line) }
    bench.wait(seconds: 0.5)
    bench.ask("G1 X5")
    bench.wait(seconds: 0.5)
    #expect(bench.firmware.record.underruns == 1)
    // A dwell, or a second without anything, is no starvation.
    bench.ask("G4 P0.1")
    bench.ask("G1 X5")
    bench.wait(seconds: 3)
    bench.ask("G1 X5")
    #expect(bench.firmware.record.underruns == 1)
  }

  @Test func reportsAreInTurn() {
    var bench = GrblBench()
    var offsets: [Int] = []
    var overrides: [Int] = []
    for turn in 0..<31 {
      let status = bench.status()
      if status.contains("|WCO:") { offsets.append(turn) }
      if status.contains("|Ov:") { overrides.append(turn) }
    }
    #expect(offsets == [0, 10, 20, 30])
    #expect(overrides == [1, 11, 21])
    bench.ask("$10=2")
    #expect(bench.status().contains("|WPos:0.000,0.000,0.000|Bf:15,128|FS:0,0"))
    bench.ask("$13=1")
    bench.ask("G0 X2.54")
    bench.wait(seconds: 5)
    #expect(bench.status().contains("|WPos:0.1000,0.0000,0.0000|"))
  }

  @Test func executedLinesAreHashedAsTheFileHasThem() {
    var bench = GrblBench()
    bench.firmware.keepsExecuted = true
    for line in [" g0 x1 ; comment", "(note) G1 Y2 F100", "; nothing", "", "$G", "M105", "G4 P0"] {
      bench.ask(line)
    }
    let texts = bench.firmware.takeExecuted().map { String(decoding: $0.text, as: UTF8.self) }
    #expect(texts == ["g0 x1", "(note) G1 Y2 F100", "G4 P0"])
    #expect(bench.firmware.record.lines == 3)
  }
}
