import Testing

@testable import VirtualFirmware

@Suite("A laser on GRBL: when the beam is on")
struct GrblLaserTests {
  private func burning(_ mode: String, seconds: Double = 1) -> GrblBench {
    var bench = GrblBench(GrblProfile.grbl11.asLaser)
    bench.ask("G91")
    bench.ask("\(mode) S500")
    bench.ask("G1 X100 F1200")
    bench.wait(seconds: seconds)
    return bench
  }

  @Test func constantPowerStaysOnWhenTheMoveEnds() {
    var bench = burning("M3")
    #expect(bench.status().contains("|FS:1200,500|"))
    #expect(bench.firmware.beam.power == 500)
    bench.wait(seconds: 10)
    bench.firmware.settle(now: bench.now)
    #expect(bench.firmware.isStandingStill)
    #expect(bench.firmware.beam.power == 500)
    // Five seconds and a little more for the move, of eleven.
    #expect((5.5...6.5).contains(Double(bench.firmware.beam.onStill) * 1e-9))
  }

  @Test func dynamicPowerFollowsTheSpeedAndGoesDark() {
    var bench = burning("M4")
    #expect(bench.firmware.beam.power == 500)
    bench.wait(seconds: 10)
    bench.firmware.settle(now: bench.now)
    #expect(bench.firmware.beam.power == 0)
    #expect(bench.firmware.beam.onStill == 0)
    #expect(bench.firmware.beam.on > 4_900_000_000)
  }

  @Test func dynamicPowerRampsWithTheMotors() {
    var bench = GrblBench(GrblProfile.grbl11.asLaser)
    bench.firmware.beam.keepsChanges = true
    for line in ["G91", "M4 S1000", "G1 X50 F6000"] { bench.ask(line) }
    bench.wait(seconds: 3)
    let powers = bench.firmware.beam.changes.map(\.power)
    #expect(powers.count > 15)
    #expect(powers.max() == 1000)
    #expect(powers.first.map { $0 > 0 && $0 < 200 } == true)
    #expect(powers.last == 0)
    let top = powers.firstIndex(of: 1000) ?? 0
    #expect(zip(powers[..<top], powers[1..<top]).allSatisfy { $0 <= $1 })
  }

  @Test func rapidsAreDark() {
    var bench = burning("M3")
    bench.wait(seconds: 10)
    bench.ask("G0 X-100")
    bench.wait(seconds: 0.3)
    #expect(bench.firmware.beam.power == 0)
    bench.wait(seconds: 3)
    bench.ask("G1 X1")
    bench.wait(seconds: 0.02)
    #expect(bench.firmware.beam.power == 500)
  }

  /// Rule 17: a hold darkens the beam, but only when the motors have come to rest.
  @Test(arguments: ["M3", "M4"])
  func holdDarkens(_ mode: String) {
    var bench = burning(mode)
    bench.send("!")
    bench.wait(seconds: 0.02)
    #expect(bench.firmware.beam.power == 500)
    bench.wait(seconds: 0.5)
    let status = bench.status()
    #expect(status.hasPrefix("<Hold:0|"))
    #expect(status.contains("|FS:0,0"))
    #expect(bench.firmware.beam.power == 0)
    bench.send("~")
    bench.wait(seconds: 0.5)
    #expect(bench.firmware.beam.power == 500)
    #expect(bench.said.contains("[MSG:Restoring spindle]"))
  }

  /// 0x9E in a hold is a toggle, and in laser mode the hold has toggled it already: it arms an M3 beam that stands.
  @Test(arguments: [("M3", 500.0), ("M4", 0)])
  func spindleStopByteRearmsTheBeam(_ mode: String, power: Double) {
    var bench = burning(mode)
    bench.send("!")
    bench.wait(seconds: 0.5)
    bench.send(realtime: 0x9E)
    bench.wait(seconds: 1)
    #expect(bench.status().hasPrefix("<Hold:0|"))
    #expect(bench.firmware.beam.power == power)
    bench.firmware.settle(now: bench.now)
    #expect((bench.firmware.beam.onStill > 900_000_000) == (power > 0))
  }

  @Test func resetDarkensAtOnceAndLosesThePosition() {
    var bench = burning("M3")
    bench.send(realtime: 0x18)
    bench.wait(seconds: 0.001)
    #expect(bench.firmware.beam.power == 0)
    #expect(bench.firmware.isStandingStill || !bench.firmware.stepper.isRunning)
    #expect(bench.wait(seconds: 1).first == "ALARM:3")
    #expect(bench.ask("G1 X1") == ["error:9"])
  }

  @Test func resetAfterTheHoldKeepsThePosition() {
    var bench = burning("M3")
    bench.send("!")
    bench.wait(seconds: 0.5)
    let place = bench.firmware.machinePosition.x
    bench.send(realtime: 0x18)
    #expect(bench.wait(seconds: 1) == ["", "Grbl 1.1h ['$' for help]"])
    #expect(bench.firmware.machinePosition.x == place)
    #expect(bench.ask("G90") == ["ok"])
    #expect(bench.firmware.beam.power == 0)
  }

  @Test func doorDarkens() {
    var bench = burning("M3")
    bench.send(realtime: 0x84)
    bench.wait(seconds: 0.5)
    #expect(bench.status().hasPrefix("<Door:0|"))
    #expect(bench.firmware.beam.power == 0)
    bench.send("~")
    bench.wait(seconds: 0.3)
    #expect(bench.status().hasPrefix("<Run|"))
    #expect(bench.firmware.beam.power == 500)
  }

  /// Rule 19: the cable is out in mid-burn; what is planned goes on, and M3 goes on after that.
  @Test(arguments: [("M3", 4.0...4.5), ("M4", 0...0)])
  func cablePulledInMidBurn(_ mode: String, still: ClosedRange<Double>) {
    var bench = burning(mode)
    bench.firmware.hostClosed(now: bench.now)
    bench.wait(seconds: 8.3)
    bench.firmware.settle(now: bench.now)
    let beam = bench.firmware.beam
    #expect(still.contains(Double(beam.onStillAfterHostGone) * 1e-9))
    #expect(beam.onStill == beam.onStillAfterHostGone)
    #expect(beam.onAfterHostGone >= 3_900_000_000)
    #expect(beam.on > beam.onAfterHostGone + 900_000_000)
  }

  @Test func withoutLaserModeTheSpindleRunsOnInAHold() {
    var bench = GrblBench()
    for line in ["G91", "M3 S800", "G1 X20 F400"] { bench.ask(line) }
    bench.wait(seconds: 0.5)
    bench.send("!")
    bench.wait(seconds: 2)
    #expect(bench.status().contains("<Hold:0|"))
    #expect(bench.firmware.beam.power == 800)
    bench.send(realtime: 0x9E)
    bench.wait(seconds: 0.1)
    #expect(bench.firmware.beam.power == 0)
    bench.send(realtime: 0x9E)
    bench.wait(seconds: 0.1)
    #expect(bench.firmware.beam.power == 800)
  }

  @Test func programEndDarkens() {
    var bench = burning("M3")
    bench.ask("M2")
    #expect(bench.said.suffix(2) == ["[MSG:Pgm End]", "ok"])
    #expect(bench.firmware.beam.power == 0)
    #expect(bench.ask("$G").first == "[GC:G1 G54 G17 G21 G90 G94 M5 M9 T0 F1200 S500]")
  }

  @Test func powerIsScaledByTheOverrideAndTheSettings() {
    var bench = burning("M3")
    bench.send(realtime: 0x9A)
    bench.wait(seconds: 0.1)
    #expect(bench.firmware.beam.power == 550)
    bench.send(realtime: 0x9B)
    bench.send(realtime: 0x9B)
    bench.wait(seconds: 0.1)
    #expect(bench.firmware.beam.power == 450)
    #expect(bench.status().contains("|FS:1200,450|WCO:0.000,0.000,0.000>"))
    #expect(bench.status().contains("|Ov:100,100,90|A:S>"))
    bench.ask("S5000")
    bench.wait(seconds: 0.1)
    #expect(bench.firmware.beam.power == 1000)
  }
}
