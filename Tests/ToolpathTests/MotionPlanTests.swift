import GCode
import Testing

@testable import Toolpath

/// The seconds that a plan gives to these lines.
private func seconds(_ limits: MotionLimits, _ lines: String...) -> Double {
  var reading = PathReading(limits: limits)
  Array((["G90", "M83", "G1 X0 Y0 Z0 F3000"] + lines).joined(separator: "\n").utf8).withUnsafeBufferPointer {
    reading.feed($0)
  }
  return reading.finish().seconds
}

private func machine(jerk: Double = 1e-6) -> MotionLimits {
  var limits = MotionLimits()
  limits.printing = 1000
  limits.jerk = .init(jerk, jerk, jerk, jerk)
  return limits
}

private func isClose(_ a: Double, _ b: Double, _ share: Double = 1e-3) -> Bool {
  abs(a - b) <= share * abs(b)
}

@Suite struct MotionPlanTests {
  @Test("A long move from rest to rest takes its length at speed, and one ramp's time more")
  func trapezoid() {
    #expect(isClose(seconds(machine(), "G1 X100 F3000"), 100.0 / 50 + 50.0 / 1000))
  }

  @Test("A move too short to reach its speed is two ramps")
  func triangle() {
    #expect(isClose(seconds(machine(), "G1 X1 F6000"), 2 * (1.0 / 1000).squareRoot()))
  }

  @Test("A line in pieces takes as long as the line, however many pieces there are")
  func collinear() {
    let whole = seconds(machine(), "G1 X100 F3000")
    for count in [2, 7, 100, 1000] {
      let pieces = (1...count).map { "G1 X\(Double($0) * 100 / Double(count)) F3000" }
      #expect(isClose(seconds(machine(), pieces.joined(separator: "\n")), whole, 0.01), "\(count) pieces")
    }
  }

  @Test("A corner is passed as fast as jerk allows, and not at all without any")
  func corner() {
    let corner = ["G1 X50 F3000", "G1 X50 Y50"]
    let stopping = seconds(machine(), corner[0], corner[1])
    #expect(isClose(stopping, 2 * (50.0 / 50 + 50.0 / 1000)))
    let jerky = seconds(machine(jerk: 20), corner[0], corner[1])
    // Begins and ends at 10, half of the jerk or rest, and passes the corner at 20 on both axes.
    #expect(jerky < stopping - 0.04 && jerky > 2)
    #expect(seconds(machine(jerk: 1000), corner[0], corner[1]) < jerky)
  }

  @Test("Junction deviation takes the place of jerk")
  func junctionDeviation() {
    var limits = machine()
    limits.junctionDeviation = 0.05
    let square = seconds(limits, "G1 X50 F3000", "G1 Y50")
    // 0.05 mm at 1000 mm/s² and 90 degrees: 11 mm/s instead of a stop.
    #expect(square < 2.1 && square > 2.07)
    let back = seconds(limits, "G1 X50 F3000", "G1 X0")
    #expect(isClose(back, 2.1, 0.002))
  }

  @Test("M201 to M205 in the file count, M203 in mm/min as RepRapFirmware has it")
  func limitsOfTheFile() {
    #expect(isClose(seconds(machine(), "M204 S250", "G1 X100 F3000"), 2 + 50.0 / 250))
    #expect(isClose(seconds(machine(), "M201 X100", "G1 X100 F3000"), 2 + 50.0 / 100))
    #expect(isClose(seconds(machine(), "M203 X10", "G1 X100 F3000"), 10 + 10.0 / 1000))
    #expect(isClose(seconds(machine(), "M203 X6000 Y6000", "G1 X200 F60000"), 2 + 100.0 / 1000))
    #expect(isClose(seconds(machine(), "M220 S50", "G1 X100 F3000"), 4 + 25.0 / 1000))
    // Nonsense changes nothing.
    #expect(isClose(seconds(machine(), "M201 X0 Y-5", "M204 S0", "M203 X-1", "G1 X100 F3000"), 2.05))
  }

  @Test("Dwells count, retractions too, and an arc by its length")
  func others() {
    #expect(isClose(seconds(machine(), "G1 X100 F3000", "G4 P500", "G4 S2"), 2.05 + 2.5))
    #expect(isClose(seconds(machine(), "G1 E5 F600"), 5.0 / 10 + 10.0 / 1500))
    // Half a circle of radius 20.
    #expect(isClose(seconds(machine(), "G2 X40 Y0 I20 J0 F3000"), 62.83 / 50 + 0.05))
  }
}
