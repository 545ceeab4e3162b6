import Testing

@testable import VirtualFirmware

@Suite("Smoothieware, as its source has it")
struct SmoothieTests {
  @Test func saysWhatItIs() {
    var bench = Bench(.smoothie, coldStart: true)
    #expect(bench.wait(seconds: 1) == ["Smoothie Running @100MHz"])
    #expect(bench.ask("M115").first?.hasPrefix("FIRMWARE_NAME:Smoothieware, FIRMWARE_URL:http%3A//") == true)
    #expect(bench.ask("M105") == ["ok T:21.9 /0.0 @0 B:21.9 /0.0 @0 "])
    #expect(bench.ask("M114") == ["ok C: X:0.0000 Y:0.0000 Z:0.0000 E:0.0000"])
  }

  /// `rs N1`, no `ok`, and nothing is thrown away.
  @Test(arguments: ["N1 G1 X1*1", "N5 G1 X1*113"])
  func aWrongLineIsAskedForWithoutAnOk(_ line: String) {
    var bench = Bench(.smoothie)
    bench.ask("N0 M110*35")
    bench.send(line + "\n")
    bench.send(2, "G90")
    #expect(bench.wait(seconds: 1) == ["rs N1", "rs N1"])
    #expect(bench.ask(bench.numbered(1, "G90")) == ["ok"])
    #expect(bench.ask(bench.numbered(1, "G90") + "\n") == ["rs N2", "ok"])
  }

  /// A checksum may be missing, a number too; `M110` counts only with its own `N`.
  @Test func whatPassesUnchecked() {
    var bench = Bench(.smoothie)
    bench.ask("N0 M110*35")
    #expect(bench.ask("N1 G90") == ["ok"])
    #expect(bench.ask("G91") == ["ok"])
    #expect(bench.ask("M110 N40") == ["ok"])
    #expect(bench.firmware.lastLineNumber == 1)
  }

  @Test func anOkForEachCommandAndForNothing() {
    var bench = Bench(.smoothie)
    bench.send("G90 M83\n\n; comment\nFOO\nAB\nM771\n")
    #expect(bench.wait(seconds: 1) == ["ok", "ok", "ok", "ok", "ok", "ok - ignored", "ok"])
    #expect(bench.firmware.record.lines == 4)
  }

  /// A move is answered before it is planned: the answer to the next line waits, not its own.
  @Test func movesAreAnsweredFirst() {
    var bench = Bench(.smoothie)
    for number in 1...60 { bench.send("G1 X\(number) F60\n") }
    // 32 are planned, the next waits with its `ok` said, and what else was sent overflows.
    #expect(bench.wait(seconds: 0.5).filter { $0 == "ok" }.count == 33)
    #expect(bench.firmware.record.overruns > 0)
  }

  @Test func haltAndItsEnd() {
    var bench = Bench(.smoothie)
    bench.ask("M104 S200")
    #expect(bench.ask("M112").first?.hasPrefix("ok Emergency Stop Requested") == true)
    bench.send("G1 X5\n")
    #expect(bench.wait(seconds: 1) == ["!!"])
    #expect(bench.ask("M105").first?.hasPrefix("ok T:") == true)
    #expect(bench.firmware.hotEndTarget == 0)
    #expect(bench.ask("M999").first?.hasPrefix("WARNING: After HALT") == true)
    #expect(bench.ask("G1 X5 F3000") == ["ok"])
  }

  @Test func aHeaterFaultHalts() {
    var faults = FaultPlan()
    faults.noPower = true
    var bench = Bench(.smoothie, faults: faults)
    bench.send("M109 S200\n")
    #expect(
      bench.wait(seconds: 60).contains { $0.hasPrefix("ERROR: Temperature took too long to be reached on T") }
    )
    bench.send("G1 X5\n")
    #expect(bench.wait(seconds: 1) == ["!!"])
  }

  @Test func realtimeBytesAreNoPartOfALine() {
    var bench = Bench(.smoothie)
    bench.send("G4 S5\n")
    bench.wait(seconds: 0.1)
    bench.send("?")
    #expect(bench.wait(seconds: 0.1).first?.hasPrefix("<Idle|MPos:") == true)
    bench.send("\u{18}")
    #expect(bench.wait(seconds: 0.1) == ["HALTED, M999 or $X to exit HALT state"])
    bench.send("G1 X1\n")
    #expect(bench.wait(seconds: 1) == ["!!"])
  }

  @Test func heatingTellsItsHeaterOnly() {
    var bench = Bench(.smoothie)
    let said = bench.ask("M109 S100")
    #expect(said.count > 4)
    #expect(said.dropLast().allSatisfy { $0.hasPrefix("T:") && $0.contains(" @") && !$0.contains("B:") })
  }
}
