import Testing

@testable import VirtualFirmware

@Suite("RepRapFirmware 3.5 over USB, as its source has it")
struct RepRapFirmwareTests {
  @Test func saysWhatItIs() {
    var bench = Bench(.repRapFirmware, coldStart: true)
    #expect(bench.wait(seconds: 2) == ["RepRapFirmware for Duet 3 Mini 5+ is up and running."])
    #expect(
      bench.ask("M115").first?.hasPrefix(
        "FIRMWARE_NAME: RepRapFirmware for Duet 3 Mini 5+ FIRMWARE_VERSION: 3.5") == true)
    #expect(bench.ask("M105") == ["ok T:21.9 /0.0 T0:21.9 /0.0 B:21.9 /0.0"])
    #expect(bench.ask("m105").first?.hasPrefix("ok T:") == true)
  }

  /// A damaged line vanishes: no error, no resend, no `ok`.
  @Test(arguments: ["N1 G1 X1*1", "N1 G1 X1*", "N1 G1 X1*0000", "N1 G1 \u{7f}X1*102"])
  func aWrongChecksumIsMetWithSilence(_ line: String) {
    var bench = Bench(.repRapFirmware)
    bench.send(line + "\n")
    #expect(bench.wait(seconds: 60).isEmpty)
    #expect(bench.firmware.record.executed == 0)
    #expect(bench.firmware.record.resendsAsked == 0)
  }

  /// Numbers are not compared: a repeat runs twice, a gap is not noticed.
  @Test func numbersAreNotCompared() {
    var bench = Bench(.repRapFirmware)
    for number in [1, 1, 7, 3] { #expect(bench.ask(bench.numbered(number, "G90")) == ["ok"]) }
    #expect(bench.firmware.record.lines == 4)
    #expect(bench.ask("N9 G90") == ["ok"])
  }

  @Test func fiveDigitsAreACyclicRedundancyCheck() {
    var bench = Bench(.repRapFirmware)
    // Polynomial 0x1021, begun at zero: 0x31C3 is the known sum of the digits 1 to 9.
    #expect(crc("123456789") == 0x31c3)
    let text = "N5 G1 X10"
    bench.send(text + "*\(padded(crc(text)))\n")
    #expect(bench.wait(seconds: 1) == ["ok"])
    bench.send(text + "*\(padded(crc(text) ^ 1))\n")
    #expect(bench.wait(seconds: 1).isEmpty)
  }

  private func crc(_ text: String) -> UInt16 {
    text.utf8.reduce(0) { sum, byte in
      (0..<8).reduce(sum ^ UInt16(byte) << 8) { rest, _ in rest & 0x8000 == 0 ? rest << 1 : rest << 1 ^ 0x1021
      }
    }
  }

  private func padded(_ value: UInt16) -> String {
    let digits = String(value)
    return String(repeating: "0", count: 5 - digits.count) + digits
  }

  @Test func severalCommandsShareOneOk() {
    var bench = Bench(.repRapFirmware)
    #expect(bench.ask("G90 G1 X5 F3000") == ["ok"])
    #expect(bench.firmware.record.lines == 2)
  }

  @Test func nothingOverflowsAndTooLongIsRefused() {
    var bench = Bench(.repRapFirmware)
    bench.send("G4 S2\n")
    for number in 0..<200 { bench.send(bench.numbered(number, "G1 X\(number % 90)")) }
    #expect(bench.wait(seconds: 60).count == 201)
    #expect(bench.firmware.record.overruns == 0)
    let long = String(repeating: "1", count: 300)
    #expect(bench.ask("M117 " + long) == ["Error: GCode command too long", "ok"])
  }

  @Test func heatingTellsTheTemperatureAndNothingElse() {
    var bench = Bench(.repRapFirmware)
    let said = bench.ask("M109 S100")
    #expect(said.count > 4)
    #expect(said.dropLast().allSatisfy { $0.hasPrefix("T:") })
  }

  @Test func aHeaterFaultSwitchesOffAndGoesOn() {
    var faults = FaultPlan()
    faults.noPower = true
    var bench = Bench(.repRapFirmware, faults: faults)
    let said = bench.ask("M109 S200")
    #expect(said.contains { $0.hasPrefix("Error: Heater 1 fault: temperature rising too slowly") })
    #expect(said.last == "ok")
    #expect(bench.firmware.hotEndTarget == 0)
    #expect(bench.ask("G1 X5") == ["ok"])
  }

  @Test func m112HaltsUntilM999() {
    var bench = Bench(.repRapFirmware)
    bench.ask("M104 S200")
    #expect(bench.ask("M112").first == "Emergency Stop! Reset the controller to continue.")
    #expect(bench.ask("G1 X5") == ["Error: G1: Machine is halted", "ok"])
    #expect(bench.firmware.hotEndTarget == 0)
    bench.send("M999\n")
    #expect(bench.wait(seconds: 3).contains { $0.hasSuffix("is up and running.") })
    #expect(bench.ask("G1 X5") == ["ok"])
  }
}
