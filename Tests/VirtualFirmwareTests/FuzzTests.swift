import Testing

@testable import VirtualFirmware

@Suite("Whatever a host sends, the firmware survives")
struct FuzzTests {
  /// Lines from the table of commands with absurd values, and bytes from nowhere.
  @Test(
    arguments: ["marlin21", "marlin21full", "marlin10", "prusa", "rrf", "repetier", "smoothie", "klipper"],
    [1, 2] as [UInt64])
  func anythingGoes(_ name: String, seed: UInt64) throws {
    let profile = try #require(FirmwareProfile.named(name))
    var random = Randomness(seed: seed)
    var faults = FaultPlan()
    faults.flipIn = 0.001
    faults.loseByteIn = 0.001
    faults.stall = 0.01
    var bench = Bench(profile, faults: faults, seed: seed, card: seed % 2 == 0)
    for turn in 0..<200 {
      bench.send(random.happens(0.2) ? noise(&random) : line(&random))
      bench.wait(seconds: random.happens(0.1) ? 30 : 0.05)
      if bench.firmware.record.killed || turn % 50 == 49 { bench.firmware.reset(now: bench.now) }
    }
    bench.firmware.settle(now: bench.now)
    #expect(bench.firmware.record.executed > 20, "seed \(seed)")
    #expect(bench.firmware.hotEndTemperature < 300, "seed \(seed)")
  }

  private func line(_ random: inout Randomness) -> String {
    let codes = [
      "G0", "G1", "G1", "G2", "G3", "G4", "G28", "G90", "G91", "G92", "M0", "M18", "M82", "M83", "M84", "M85",
      "M92",
      "M104", "M105", "M106", "M109", "M110", "M112", "M113", "M114", "M115", "M118", "M140", "M154", "M155",
      "M190",
      "M201", "M203", "M204", "M220", "M221", "M26", "M27", "M302", "M400", "M410", "M503", "M600", "M876",
      "M108", "T3",
    ]
    let values = [
      "", "0", "-1", "1.5", "99999999999999999999999999", "-0.0000000001", ".", "1..2", "255", "abc",
    ]
    var text = codes[random.below(codes.count)]
    for letter in ["X", "Y", "Z", "E", "F", "S", "P", "R", "I", "J", "N", "T"] where random.happens(0.3) {
      text += " " + letter + values[random.below(values.count)]
    }
    return text + "\n"
  }

  private func noise(_ random: inout Randomness) -> String {
    let characters = Array("NGM*;:\\\u{8}\u{0} -.\"()0123456789\n\rXé")
    return String((0..<random.below(150)).map { _ in characters[random.below(characters.count)] })
  }
}
