import Testing

@testable import VirtualFirmware

@Suite("grblHAL, where it differs from GRBL")
struct GrblHALTests {
  @Test func lastErrorSticksUntilItIsCleared() {
    var bench = GrblBench(.grblhal)
    #expect(bench.ask("G1 X1") == ["error:22"])
    #expect(bench.ask("G0 X1") == ["error:22"])
    #expect(bench.ask("") == ["ok"])
    #expect(bench.ask("G0 X1") == ["ok"])
    #expect(bench.ask("G0 I1") == ["error:36"])
    #expect(bench.ask("$G").last == "ok")
    #expect(bench.ask("G0 X2") == ["ok"])
    #expect(bench.ask("G0 I1") == ["error:36"])
    bench.send(realtime: 0x85)
    #expect(bench.ask("G0 X2") == ["ok"])
    #expect(bench.firmware.record.lines == 3)
  }

  @Test func lineEndsOfTwoBytesAreOne() {
    var bench = GrblBench(.grblhal)
    bench.send("G90\r\nG91\r\n\n")
    #expect(bench.wait(seconds: 1) == ["ok", "ok", "ok"])
    var grbl = GrblBench()
    grbl.send("G90\r\nG91\r\n\n")
    #expect(grbl.wait(seconds: 1) == ["ok", "ok", "ok", "ok", "ok"])
  }

  /// A reset leaves the line that was being worked on without an answer; GRBL answers it.
  @Test(arguments: [("grblhal", 0), ("grbl11", 1)])
  func resetInADwell(_ name: String, answers: Int) throws {
    var bench = GrblBench(try #require(GrblProfile.named(name)))
    bench.send("G4 P10\n")
    bench.wait(seconds: 1)
    bench.send(realtime: 0x18)
    #expect(bench.wait(seconds: 2).count { $0 == "ok" } == answers)
  }

  @Test func criticalAlarmStillReports() {
    var bench = GrblBench(.grblhal)
    for line in ["$22=1", "$20=1", "$H"] { bench.ask(line) }
    bench.send("G90 G0 X500\n")
    #expect(bench.wait(seconds: 1).contains("ALARM:2"))
    #expect(bench.status().hasPrefix("<Alarm|"))
    #expect(bench.ask("G0 X1") == ["error:9"])
    bench.send(realtime: 0x18)
    #expect(bench.wait(seconds: 1).suffix(1) == ["[MSG:'$H'|'$X' to unlock]"])
    #expect(bench.ask("$X").last == "ok")
  }

  @Test func overridesAreCountedEach() {
    var bench = GrblBench(.grblhal)
    bench.firmware.receive([0x91, 0x91, 0x91, 0x94], now: bench.now)
    bench.wait(seconds: 0.1)
    #expect(bench.status().contains("|Ov:129,100,100"))
  }

  @Test func moreWordsAndSystemsAreKnown() {
    var bench = GrblBench(.grblhal)
    for line in ["G59.3", "G10 L2 P9 X3", "G98 G50", "M48", "M7", "$341=2"] {
      #expect(bench.ask(line) == ["ok"])
    }
    #expect(bench.ask("$#").contains("[G59.3:3.000,0.000,0.000]"))
    #expect(bench.ask("$G").first?.contains(" G59.3 ") == true)
    #expect(bench.ask("$$").contains("$341=2"))
    bench.send("T1 M6\n")
    #expect(bench.wait(seconds: 1).isEmpty)
    bench.send("~")
    #expect(bench.wait(seconds: 1).last == "ok")
    #expect(bench.ask("$999=1") == ["error:3"])
  }
}
