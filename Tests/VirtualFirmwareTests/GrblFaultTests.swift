import Testing

@testable import VirtualFirmware

@Suite("GRBL: faults, floods and nonsense")
struct GrblFaultTests {
  private func faults(_ text: String) throws -> FaultPlan { try FaultPlan(specification: text) }

  @Test func oksAreLostAndDoubled() throws {
    var lost = GrblBench(faults: try faults("lose-ok=1"))
    lost.send("G90\nG91\n")
    #expect(lost.wait(seconds: 1).isEmpty)
    #expect(lost.firmware.record.okLost == 2)
    #expect(lost.firmware.record.lines == 2)
    var doubled = GrblBench(faults: try faults("double-ok=1"))
    doubled.send("G90\n")
    #expect(doubled.wait(seconds: 1) == ["ok", "ok"])
  }

  @Test func resetAtALineBootsAnew() throws {
    var bench = GrblBench(faults: try faults("reset@1"))
    bench.ask("M3 S100")
    bench.send("G91\n")
    #expect(bench.wait(seconds: 2) == ["", "Grbl 1.1h ['$' for help]"])
    #expect(bench.firmware.record.resets == 1)
    #expect(bench.firmware.nextEvent() == .reset)
    #expect(bench.firmware.beam.power == 0)
    #expect(bench.firmware.record.lines == 1)
  }

  /// A crash of the controller is no stop of the beam: nobody is left who would switch it off.
  @Test func hangingControllerKeepsTheBeam() throws {
    var bench = GrblBench(GrblProfile.grbl11.asLaser, faults: try faults("silent@3"))
    for line in ["G91", "M3 S100", "G1 X1 F600"] { bench.ask(line) }
    bench.send("G1 X1\n?")
    bench.send(realtime: 0x18)
    #expect(bench.wait(seconds: 5).isEmpty)
    bench.firmware.settle(now: bench.now)
    #expect(bench.firmware.beam.power == 100)
    #expect(bench.firmware.beam.onStill > 4_000_000_000)
    bench.firmware.reset(now: bench.now)
    #expect(bench.firmware.beam.power == 0)
    #expect(bench.wait(seconds: 1).last == "Grbl 1.1h ['$' for help]")
  }

  @Test func resetButtonIsPressed() throws {
    var bench = GrblBench(faults: try faults("kill@1"))
    bench.ask("G1 X50 F300")
    bench.wait(seconds: 1)
    bench.send("G1 X51\n")
    #expect(bench.wait(seconds: 2).contains("ALARM:3"))
  }

  @Test func splitAndStalledRepliesArriveWhole() throws {
    var bench = GrblBench(faults: try faults("split=1,stall=0.5"), seed: 3)
    for _ in 0..<10 { #expect(bench.ask("G4 P0") == ["ok"]) }
  }

  @Test func damagedBytesAreCounted() throws {
    var bench = GrblBench(
      faults: try faults("flip-in=0.05,lose-byte-in=0.05,flip-out=0.05,lose-byte-out=0.05"))
    for _ in 0..<50 { bench.send("G1 X1 F100\n") }
    bench.wait(seconds: 5)
    #expect(bench.firmware.record.bytesDamaged > 20)
  }

  @Test func linesThatWereDamagedAreMarked() throws {
    var bench = GrblBench(faults: try faults("lose-lf-in=0.2,overrun=0.2,flip-in=0.01"), seed: 4)
    bench.firmware.keepsExecuted = true
    for turn in 0..<100 {
      bench.send("G4 P0 (\(turn))\n")
      bench.wait(seconds: 0.1)
    }
    let lines = bench.firmware.takeExecuted()
    let whole = Set((0..<100).map { "G4 P0 (\($0))" })
    for line in lines where !line.isDamaged {
      #expect(whole.contains(String(decoding: line.text, as: UTF8.self)))
    }
    #expect(lines.contains { $0.isDamaged })
    #expect(lines.contains { !$0.isDamaged })
    let record = bench.firmware.record
    #expect(record.damagedExecuted == lines.count { $0.isDamaged })
    #expect(record.faults.lineEndsIn > 5 && record.faults.overruns > 5 && record.faults.flippedIn > 2)
  }

  @Test func repliesLoseTheirEnds() throws {
    var bench = GrblBench(faults: try faults("cut=0.3,lose-lf-out=0.3"), seed: 2)
    for _ in 0..<30 {
      bench.send("G90\n")
      bench.wait(seconds: 0.1)
    }
    #expect(bench.firmware.record.faults.cut > 3)
    #expect(bench.firmware.record.faults.lineEndsOut > bench.firmware.record.faults.cut + 3)
    #expect(bench.said.contains { $0.count > 4 })
  }

  @Test func fullestRingIsRecorded() throws {
    var bench = GrblBench()
    bench.ask("G91")
    for _ in 0..<20 { bench.send("G1 X0.5 F100\n") }
    bench.wait(seconds: 1)
    #expect((50...60).contains(bench.firmware.record.fullestRing))
    #expect(bench.firmware.record.overruns == 0)
  }

  @Test func sameSeedSameStory() throws {
    var stories: [[String]] = []
    for _ in 0..<2 {
      var bench = GrblBench(faults: try faults("flip-in=0.01,stall=0.1,split=0.2"), seed: 7)
      for turn in 0..<40 {
        bench.send("G91 G1 X0.\(turn) F400\n?")
        bench.wait(seconds: 0.05)
      }
      bench.send("~\n")
      bench.wait(seconds: 60)
      stories.append(bench.said)
    }
    #expect(stories[0] == stories[1])
    #expect(stories[0].count > 15)
  }

  /// Whatever a host sends, time goes on, the beam obeys the last reset, and a reset is always answered.
  @Test(arguments: ["grbl11", "grblhal"], [1, 2, 3, 4, 5, 6] as [UInt64])
  func anythingGoes(_ name: String, seed: UInt64) throws {
    var profile = try #require(GrblProfile.named(name))
    if seed % 2 == 0 { profile = profile.asLaser }
    var random = Randomness(seed: seed)
    var bench = GrblBench(
      profile, faults: try faults("flip-in=0.001,lose-byte-in=0.001,stall=0.01"), seed: seed)
    for turn in 0..<400 {
      if random.happens(0.3) {
        let realtime: [UInt8] = [
          0x18, 0x3F, 0x21, 0x7E, 0x84, 0x85, 0x90, 0x91, 0x92, 0x97, 0x9A, 0x9E, 0xA0, 0x87,
        ]
        bench.send(realtime: realtime[random.below(realtime.count)])
      }
      bench.send(random.happens(0.2) ? noise(&random) : line(&random))
      bench.wait(seconds: random.happens(0.1) ? 20 : 0.05)
      if turn % 10 == 9 { calmDown(&bench, seed: seed) }
    }
    #expect(bench.firmware.record.executed > 20, "seed \(seed)")
  }

  /// Brings the controller back from wherever it is, and sees that it answers.
  private func calmDown(_ bench: inout GrblBench, seed: UInt64) {
    let faults = bench.firmware.faults
    bench.firmware.faults = FaultPlan()
    defer { bench.firmware.faults = faults }
    bench.send("\n")
    bench.wait(seconds: 1)
    for _ in 0..<2 {
      bench.send(realtime: 0x18)
      bench.wait(seconds: 3)
    }
    #expect(bench.firmware.beam.power == 0, "seed \(seed)")
    #expect(bench.ask("$X").last == "ok", "seed \(seed)")
    #expect(bench.ask("G90").last == "ok", "seed \(seed)")
  }

  private func line(_ random: inout Randomness) -> String {
    let words = [
      "G0", "G1", "G1", "G2", "G3", "G4", "G10", "G17", "G18", "G19", "G20", "G21", "G28", "G28.1", "G38.2",
      "G43.1",
      "G49", "G53", "G54", "G55", "G90", "G91", "G92", "G92.1", "G93", "G94", "M0", "M2", "M3", "M4", "M5",
      "M8",
      "M9", "$H", "$X", "$C", "$$", "$#", "$J=", "$SLP", "$22=1", "$20=1", "$21=1", "$32=1", "$110=", "$120=",
      "$RST=#",
    ]
    let values = [
      "", "0", "-1", "1.5", "99999999999999999999999999", "-0.0000000001", ".", "1..2", "255", "20", "2",
    ]
    var text = words[random.below(words.count)]
    for letter in ["X", "Y", "Z", "F", "S", "P", "L", "R", "I", "J"] where random.happens(0.3) {
      text += letter + values[random.below(values.count)]
    }
    return text + "\n"
  }

  private func noise(_ random: inout Randomness) -> String {
    let characters = Array("GMXYFS$=;()/% -.\"0123456789\n\r\u{0}\u{8}é?!~")
    return String((0..<random.below(200)).map { _ in characters[random.below(characters.count)] })
  }
}
