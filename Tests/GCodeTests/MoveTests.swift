import Foundation
import GCode
import Testing

@Suite struct MoveTests {
  static func move(_ line: String, from start: String = "G1 X0 Y0 Z0 E0") -> Move? {
    var state = state(after: start)
    return command(line).flatMap { state.apply($0) }
  }

  @Test(
    arguments: [
      ("G1 X3 Y4", 5), ("G1 X2 Y3 Z6", 7), ("G1 E-4", 4), ("G1 F100", 0), ("G1 X3 Y4 E9", 5),
      // A quarter, a half and a whole turn about a radius of 10.
      ("G3 X-10 Y10 I-10 J0", 15.70796), ("G2 X20 Y0 I10 J0", 31.41593), ("G2 I10 J0", 62.83185),
      ("G2 X20 Y0 R10", 31.41593),
      // The long way round with a negative radius.
      ("G3 X10 Y10 R-10", 47.12389), ("G3 X10 Y10 R10", 15.70796),
      // A helix.
      ("G2 I10 J0 Z5", 63.0305),
    ] as [(String, Double)])
  func lengths(line: String, expected: Double) {
    #expect(
      closeTo(Self.move(line)?.length, expected, within: 2e-3), "\(line): \(Self.move(line)?.length ?? -1)")
  }

  @Test func arcsBulgeBeyondTheirEnds() {
    let bounds = Self.move("G2 X20 Y0 I10 J0")?.bounds
    #expect(closeTo(bounds?.minX, 0, within: 1e-6) && closeTo(bounds?.maxX, 20, within: 1e-6))
    #expect(closeTo(bounds?.maxY, 10, within: 1e-6) && closeTo(bounds?.minY, 0, within: 1e-6))
    let under = Self.move("G3 X20 Y0 I10 J0")?.bounds
    #expect(closeTo(under?.minY, -10, within: 1e-6) && closeTo(under?.maxY, 0, within: 1e-6))
    let turn = Self.move("G2 I10 J0")?.bounds
    #expect(closeTo(turn?.minY, -10, within: 1e-6) && closeTo(turn?.maxX, 20, within: 1e-6))
  }

  @Test(arguments: 0..<200 as Range<UInt64>)
  func arcsAgreeWithManySmallSteps(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let radius = Double.random(in: 0.5...100, using: &generator)
    let from = Double.random(in: -Double.pi...Double.pi, using: &generator)
    let turn = Double.random(in: 0.01...6.2, using: &generator)
    let clockwise = Bool.random(using: &generator)
    func point(_ part: Double) -> (x: Double, y: Double) {
      let angle = from + (clockwise ? -turn : turn) * part
      return (radius * cos(angle), radius * sin(angle))
    }
    let start = point(0)
    let end = point(1)
    let move = Move(
      start: Position(x: start.x, y: start.y), end: Position(x: end.x, y: end.y), known: .xyz,
      path: .arc(centreX: 0, centreY: 0, clockwise: clockwise), feedrate: nil)
    #expect(closeTo(move.length, radius * turn, within: radius * 1e-4), "seed \(seed)")
    let points = (0...1000).map { point(Double($0) / 1000) }
    let bounds = move.bounds
    let tolerance = radius * 1e-4
    #expect(closeTo(points.map(\.x).max(), bounds.maxX, within: tolerance), "seed \(seed)")
    #expect(closeTo(points.map(\.x).min(), bounds.minX, within: tolerance), "seed \(seed)")
    #expect(closeTo(points.map(\.y).max(), bounds.maxY, within: tolerance), "seed \(seed)")
    #expect(closeTo(points.map(\.y).min(), bounds.minY, within: tolerance), "seed \(seed)")
  }

  @Test func whatExtrudes() {
    #expect(Self.move("G1 X1 E1", from: "G92 X0 Y0 Z0 E0")?.isExtruding == true)
    #expect(Self.move("G1 E1", from: "G92 X0 Y0 Z0 E0")?.isExtruding == false)
    #expect(Self.move("G1 X1 E-1", from: "G92 X0 Y0 Z0 E0")?.isExtruding == false)
    #expect(Self.move("G2 I5 E1", from: "G92 X0 Y0 Z0 E0")?.isExtruding == true)
  }
}
