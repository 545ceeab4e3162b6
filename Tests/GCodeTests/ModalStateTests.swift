import GCode
import Testing

@Suite struct ModalStateTests {
  @Test func absoluteAndRelativeMoves() {
    let end = state(after: "G90", "G1 X10 Y20 Z0.3 E1 F1800", "G91", "G1 X-1 Y2 Z.2 E.5").position
    #expect(end == Position(x: 9, y: 22, z: 0.5, e: 1.5))
  }

  @Test(arguments: [
    (ExtruderModeRule.setByG90, "M83", "G90", false), (.setByG90, "M82", "G91", true),
    (.setByG90, "G91", "M82", false),
    (.relativeIfEither, "M83", "G90", true), (.relativeIfEither, "M82", "G91", true),
    (.relativeIfEither, "G90", "M82", false), (.independent, "M82", "G91", false),
    (.independent, "M83", "G90", true),
  ])
  func extruderModes(rule: ExtruderModeRule, first: String, second: String, isRelative: Bool) {
    #expect(state(after: first, second, rule: rule).isExtruderRelative == isRelative)
  }

  @Test func inchesAreKeptInMillimetres() {
    let inches = state(after: "G20", "G1 X1 E2 F10")
    #expect(inches.position.x == 25.4 && inches.position.e == 50.8 && inches.feedrate == 254)
    #expect(state(after: "G20", "G21", "G1 X1").position.x == 1)
  }

  @Test func namingThePlaceMovesNothing() {
    let renamed = state(after: "G28", "G1 X10 Y5 E7", "G92 X0 E0")
    #expect(renamed.position.x == 0 && renamed.position.y == 5 && renamed.position.e == 0)
    #expect(renamed.offset.x == 10 && renamed.offset.e == 7)
    let bare = state(after: "G1 X10 Y5 Z3 E7", "G92")
    #expect(bare.position.x == 10 && bare.known == [] && bare.offset == Position())
    #expect(state(after: "G1 X10", "G92.1 X0", "G92 X").position.x == 10)
    #expect(state(after: "G20", "G92 X1").position.x == 25.4)
  }

  @Test func homing() {
    var home = state(after: "G92 X5", "G28 X")
    #expect(home.homed == .x && home.trusted == .x && home.offset.x == 0 && !home.known.contains(.x))
    #expect(state(after: "G28").homed == .xyz)
    #expect(state(after: "M420 S1", "G28").levelling == false)
    #expect(state(after: "G28", "M420 S1").levelling == true && state(after: "G28", "G29").levelling == true)
    home = ModalState()
    home.homePosition = Position(x: -5, y: 200, z: 0)
    if let command = command("G28") { home.apply(command) }
    #expect(home.position.x == -5 && home.position.y == 200 && home.known == .xyz)
  }

  @Test func releasingMotors() {
    #expect(state(after: "G28", "M84").trusted == [] && state(after: "G28", "M84").homed == .xyz)
    #expect(state(after: "G28", "M18 Z").trusted == [.x, .y])
    #expect(state(after: "G28", "M84 E").trusted == .xyz)
    let timeout = state(after: "G28", "M84 S0")
    #expect(timeout.trusted == .xyz && timeout.stepperTimeout == 0)
    var idle = timeout
    idle.motorsReleased()
    #expect(idle.trusted == [])
  }

  @Test func heatersAndTools() {
    let hot = state(after: "T1", "M104 S210", "M109 T0 R180", "M140 S60", "M141 S35")
    #expect(hot.tool == 1 && hot.target(tool: 1) == 210 && hot.target(tool: 0) == 180)
    #expect(hot.bedTarget == 60 && hot.chamberTarget == 35 && hot.isAnyHeaterOn)
    #expect(hot.target(tool: 2) == nil && hot.target(tool: -1) == nil && hot.target(tool: 99) == nil)
    #expect(state(after: "M104 S210", "M104").target(tool: 0) == 210)
    #expect(!state(after: "M104 S210", "M104 S0").isAnyHeaterOn)
    #expect(!state(after: "M104 S210", "M112").isAnyHeaterOn)
    #expect(state(after: "T99999", "Tx").tool == 0)
  }

  @Test func fansFactorsAccelerations() {
    let state = state(
      after: "M106", "M106 P1 S99", "M107 P0", "M220 S150 B", "M221 S95", "M204 P800 T1500", "M204 R900")
    #expect(state.fan(0) == 0 && state.fan(1) == 99 && state.fan(2) == nil && state.fan(-3) == nil)
    #expect(state.speedFactor == 150 && state.storedSpeedFactor == 100 && state.flowFactor == 95)
    #expect(state.acceleration == Accelerations(printing: 800, retracting: 900, travel: 1500))
  }

  @Test func flowOfAnotherToolIsItsOwn() {
    #expect(
      state(after: "M221 T1 S90").flowFactor == 100 && state(after: "T1", "M221 T1 S90").flowFactor == 90)
  }

  @Test func storedSpeedFactorComesBack() {
    #expect(state(after: "M220 S120", "M220 B", "M220 S50", "M220 R").speedFactor == 120)
  }

  @Test func babySteps() {
    #expect(closeTo(state(after: "M290 Z0.05", "M290 S-.02").babySteps, 0.03))
  }

  @Test func feedrateIsModal() {
    var state = state(after: "G1 X1 F1200")
    let move = command("G1 X5").flatMap { state.apply($0) }
    #expect(move?.feedrate == 1200 && move?.length == 4 && move?.isExtruding == false)
    #expect(command("G1 X9").flatMap { state.move(of: $0) }?.end.x == 9 && state.position.x == 5)
    #expect(command("G28").flatMap { state.move(of: $0) } == nil)
  }

  @Test func layerMarks() {
    var state = ModalState()
    for line in [";LAYER_COUNT:3", ";LAYER:0", ";LAYER:1"] {
      if let mark = LayerMark.read(bytes(line)) { state.note(mark) }
    }
    #expect(state.layer == 1 && state.layerCount == 3)
    var prusa = ModalState()
    prusa.note(.change)
    prusa.note(.change)
    #expect(prusa.layer == 1)
  }

  @Test(
    arguments: [
      (";LAYER_CHANGE", LayerMark.change), ("; CHANGE_LAYER", .change), (";LAYER:12", .number(12)),
      (";LAYER:-2", .number(-2)),
      ("; layer 7, Z = 1.4", .number(7)), (";LAYER_COUNT:120", .count(120)),
      ("; total layer number: 50", .count(50)),
      (";LAYER_CHANGED", nil), ("; layer end", nil), (";LAYER:", nil), ("G1 X1 ;LAYER:1", nil),
      (";LAYER:9999999999999", nil),
    ] as [(String, LayerMark?)])
  func layerComments(line: String, expected: LayerMark?) {
    #expect(LayerMark.read(bytes(line)) == expected)
  }

  @Test func hostileSumsStayFinite() {
    let far = String(repeating: "9", count: 300)
    var state = state(after: "G91")
    for line in [
      "G1 X\(far) Y-\(far)", "G92 X-\(far)", "G20", "G1 X\(far)", "M290 Z\(far)", "G2 X1 I\(far) J\(far)",
    ] {
      for _ in 0..<5 { if let command = command(line) { state.apply(command) } }
    }
    #expect(state.position.x.isFinite && state.offset.x.isFinite && state.babySteps.isFinite)
  }

  @Test func valueIsSmall() {
    // Snapshots of it go into the progress page and the journal.
    #expect(MemoryLayout<ModalState>.size <= 768)
  }
}
