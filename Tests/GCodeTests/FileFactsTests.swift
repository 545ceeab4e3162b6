import GCode
import Testing

@Suite struct FileFactsTests {
  @Test func extentsOfWhatIsLaidDown() {
    let facts = check(
      preamble
        + "G1 X-5 Y-3 E9\n;LAYER_CHANGE\nG92 E0\nG1 X10 Y20 Z0.2\nG1 X30 Y5 E1\nG1 X200\nG1 X30\nG1 X15 Y15 E2\nG1 Z0.4\nG1 X16 E3\n"
    ).facts
    // The purge line ahead of the first layer and the travel to X200 do not count.
    #expect(facts.x?.least.value == 10 && facts.x?.most.value == 30)
    #expect(facts.y?.least.value == 5 && facts.y?.most.value == 20 && facts.y?.most.line == 10)
    #expect(facts.z?.least.value == 0.2 && facts.z?.most.value == 0.4)
  }

  @Test func whereTheNozzleIsAfterHomingIsNoExtent() {
    let facts = check("G28\nM82\nM104 S200\nG1 Y10 E1\nG1 Y20 E2\n").facts
    #expect(facts.x == nil && facts.z == nil && facts.y?.least.value == 10 && facts.y?.most.value == 20)
  }

  @Test func arcsCountWithTheirBulge() {
    let facts = check(preamble + "G1 X0 Y0\nG2 X20 Y0 I10 J0 E1\n").facts
    #expect(closeTo(facts.y?.most.value, 10, within: 1e-6))
  }

  @Test func outsideTheVolume() {
    let volume = FileCheckLimits.Volume(least: Position(), most: Position(x: 200, y: 200, z: 180))
    let limits = FileCheckLimits(volume: volume)
    #expect(check(preamble + "G1 X200 E1\nG1 X200.05 E2\n", limits).problems == [])
    let wide = check(preamble + "G1 X100 E1\nG1 X200.5 E2\n", limits).problems
    #expect(
      wide.map(\.code) == ["file.outsideVolume"] && wide.first?.line == 7
        && wide.first?.severity == .forceable)
    #expect(wide.first?.sentence.contains("X 200.5 mm") == true)
    #expect(
      check(preamble + "G1 Z181\nG1 X5 E1\n", limits).problems.first?.sentence.contains("Z 181 mm") == true)
    #expect(check(preamble + "G1 Y-1 E1\n", limits).problems.first?.sentence.contains("Y -1 mm") == true)
  }

  @Test(
    arguments: [
      (";LAYER_CHANGE\nG1 X1 E1\n;LAYER_CHANGE\n", 2),
      (";LAYER_COUNT:9\n;LAYER:0\nG1 X1 E1\n;LAYER:1\n;LAYER:2\n", 3),
      ("G1 Z0.2\nG1 X1 E1\nG1 Z0.4\nG1 X2 E2\nG1 Z5\nG1 X3\nG1 Z0.4\nG1 X4 E3\n", 2), ("G1 X1\n", 0),
      ("G1 Z0.4\nG1 X1 E1\nG1 Z0.2\nG1 X2 E2\nG1 Z0.4\nG1 X3 E3\n", 1),
    ] as [(String, Int32)])
  func layers(file: String, expected: Int32) {
    #expect(check(preamble + file).facts.layers == expected)
  }

  @Test func temperaturesToolsFilamentTime() {
    let facts = check(
      "M140 S60\nM104 T1 S210\nG28\nG1 X0 Y0 Z0 F600\nT1\nM83\nG1 X100 E5 F6000\nG1 E-2 F1200\nG4 P500\nM109 S205\nM0\nM600\n"
    ).facts
    #expect(
      facts.hottestTool == FileFacts.Peak(value: 210, line: 2)
        && facts.hottestBed == FileFacts.Peak(value: 60, line: 1))
    #expect(facts.tools == 0b10 && facts.highestTool == 1)
    #expect(closeTo(facts.filament, 3) && facts.stops == 2)
    // 1 s for 100 mm at 100 mm/s, 0.1 s for the retraction, half a second of G4.
    #expect(closeTo(facts.leastSeconds, 1.6, within: 1e-6))
  }

  @Test func noToolsMeansNone() {
    #expect(check("G28\n").facts.highestTool == nil)
  }

  /// The slicer's own figures, from a file that PrusaSlicer 2.5.0 wrote for a pyramid of 8 mm.
  @Test func agreesWithTheSlicer() throws {
    let file = try fixture("prusaslicer-2.5-pyramid.gcode")
    let check = check(file, FileCheckLimits(maximumTool: 260, maximumBed: 100, tools: 1))
    #expect(check.problems == [])
    var comments = SlicerComments()
    for line in file.split(separator: 10) { comments.read(line) }
    #expect(closeTo(check.facts.filament, comments.millimetres ?? 0, within: 2.5), "\(check.facts.filament)")
    let seconds = comments.seconds ?? 0
    #expect(
      check.facts.leastSeconds < seconds && check.facts.leastSeconds > seconds * 0.4,
      "\(check.facts.leastSeconds)")
    #expect(
      check.facts.layers == Int32(text(file).split(separator: "\n").filter { $0 == ";LAYER_CHANGE" }.count))
    #expect(check.facts.hottestTool?.value == 240 && check.facts.hottestBed?.value == 90)
    #expect(check.facts.bytes == Int64(file.count))
    #expect(check.facts.lines == Int64(file.filter { $0 == 10 }.count))
  }
}
