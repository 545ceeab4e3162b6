import GCode
import Testing

@Suite struct ExpectationTests {
  static func expect(_ line: String, after setup: String...) -> Expectation? {
    var state = ModalState()
    for line in setup { if let command = command(line) { state.apply(command) } }
    return command(line).map { Expectation.of($0, in: state) }
  }

  @Test(arguments: ["M104 S200", "M105", "M106", "G90", "M117 hi", "M220 S90", "M82", "X1"])
  func quick(line: String) {
    #expect(Self.expect(line) == .quick)
  }

  @Test(arguments: ["M400", "M114", "G92 E0", "M84", "M18", "M5"])
  func drains(line: String) {
    #expect(Self.expect(line) == .drain)
  }

  @Test(arguments: [
    ("G4 P1500", 1.5), ("G4 S2", 2), ("G4 S3 P10", 3), ("G4", 0), ("G4 S-5", 0),
    ("G4 S99999999999999999", 1e9),
  ])
  func dwells(line: String, seconds: Double) {
    #expect(Self.expect(line) == .dwell(seconds: seconds))
  }

  @Test(arguments: [
    ("M109 S200", Expectation.OpenReason.heating), ("M190 S60", .heating), ("M303 S200", .heating),
    ("M0", .person), ("M1", .person),
    ("M600", .person), ("M226", .person), ("M112", .firmware),
  ])
  func openEnds(line: String, reason: Expectation.OpenReason) {
    let expectation = Self.expect(line)
    #expect(
      expectation == .open(reason) && expectation?.mostSeconds == nil && expectation?.drainsPlanner == true)
  }

  @Test func homingDependsOnTheAxes() {
    let all = Self.expect("G28")?.mostSeconds ?? 0
    let one = Self.expect("G28 X")?.mostSeconds ?? 0
    #expect(all > one && one > 20 && all < 600)
  }

  @Test func movesAreBoundedFromBothSides() {
    let setup = ["G28", "G1 X0 Y0 Z0 F6000"]
    guard case .motion(let estimate) = Self.expect("G1 X100 F3000", after: setup[0], setup[1]) else {
      Issue.record("not a move")
      return
    }
    #expect(closeTo(estimate.least, 2))
    #expect(estimate.most > 2.5 && estimate.most < 10)
  }

  @Test func slowAxesRaiseTheUpperBoundOnly() {
    guard case .motion(let z) = Self.expect("G1 Z50 F9000", after: "G1 X0 Y0 Z0"),
      case .motion(let e) = Self.expect("G1 E80 F6000", after: "G92 X0 Y0 Z0 E0")
    else {
      Issue.record("not moves")
      return
    }
    // The firmware moves Z at 2 mm/s, whatever F says.
    #expect(closeTo(z.least, 50 * 60 / 9000) && z.most >= 25)
    #expect(closeTo(e.least, 0.8) && e.most >= 10)
  }

  @Test func unknownStartsGiveNoLowerBound() {
    guard case .motion(let move) = Self.expect("G1 X10 F600", after: "G28") else {
      Issue.record("not a move")
      return
    }
    #expect(move.least == 0 && move.most > 300 / 10)
  }

  @Test func speedFactorStretches() {
    guard case .motion(let half) = Self.expect("G1 X100 F3000", after: "G1 X0 Y0 Z0", "M220 S50"),
      case .motion(let stopped) = Self.expect("G1 X100 F3000", after: "G1 X0 Y0 Z0", "M220 S0")
    else {
      Issue.record("not moves")
      return
    }
    #expect(closeTo(half.least, 4) && stopped.most.isFinite)
  }

  /// A machine that accelerates at 500 mm/s² and obeys F is never slower than the bound nor faster than the least.
  @Test(arguments: 0..<200 as Range<UInt64>)
  func aPlausibleMachineKeepsTheBounds(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let length = Double.random(in: 0.01...300, using: &generator)
    let speed = Double.random(in: 1...40, using: &generator)
    let move = Move(
      start: Position(), end: Position(x: length), known: .xyz, path: .line, feedrate: speed * 60)
    guard case .motion(let estimate) = Expectation.of(move, in: ModalState()) else { return }
    let ramp = speed * speed / 500
    let seconds = length < ramp ? 2 * (length / 500).squareRoot() : length / speed + speed / 500
    #expect(estimate.least <= seconds + 1e-9 && seconds <= estimate.most, "seed \(seed)")
  }
}

@Suite struct PlannedTimeTests {
  static let second: Int64 = 1_000_000_000
  static func move(_ seconds: Double) -> Expectation { .motion(MoveEstimate(least: 0, most: seconds)) }

  @Test func sumsUpAndRunsDown() {
    var planned = PlannedTime()
    let start = 5 * Self.second
    #expect(planned.remaining(now: start) == 0)
    planned.add(Self.move(2), now: start)
    planned.add(Self.move(3), now: start)
    #expect(planned.remaining(now: start) == 5 * Self.second)
    #expect(planned.remaining(now: start + 4 * Self.second) == Self.second)
    #expect(planned.remaining(now: start + 9 * Self.second) == 0)
    #expect(planned.due(.drain, now: start) == start + 5 * Self.second)
    #expect(planned.due(.dwell(seconds: 1), now: start) == start + 6 * Self.second)
    #expect(planned.due(.open(.heating), now: start) == nil)
    planned.emptied()
    #expect(planned.remaining(now: start) == 0)
  }

  @Test func neverMoreThanThePlannerHolds() {
    var planned = PlannedTime(capacity: 16)
    // A thousand moves of a second each, sent within a second: the firmware took them, so most are done.
    for index in 0..<1000 { planned.add(Self.move(1), now: Int64(index) * 1_000_000) }
    #expect(planned.remaining(now: Self.second) <= 16 * Self.second)
    #expect(planned.remaining(now: Self.second) >= 14 * Self.second)
  }

  @Test func hugeTimesDoNotOverflow() {
    var planned = PlannedTime(capacity: 1000)
    for _ in 0..<200 { planned.add(.dwell(seconds: .infinity), now: .max - 10) }
    #expect(planned.remaining(now: 0) > 0)
    #expect(PlannedTime.nanoseconds(.nan) == 0 && PlannedTime.nanoseconds(-1) == 0)
  }
}
