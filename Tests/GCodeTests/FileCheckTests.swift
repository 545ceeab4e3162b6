import GCode
import Testing

/// A file checked whole.
func check(_ file: String, _ limits: FileCheckLimits = FileCheckLimits()) -> FileCheck {
  check(Array(file.utf8), limits)
}

/// A file checked whole.
func check(_ file: [UInt8], _ limits: FileCheckLimits = FileCheckLimits()) -> FileCheck {
  var check = FileCheck(limits: limits)
  check.update(file.span)
  check.finish()
  return check
}

/// The start of a file that gives no warnings.
let preamble = "G28\nM82\nM104 S200\nG90\nG1 X0 Y0 Z0 F1800\n"

@Suite struct FileCheckTests {
  @Test func aGoodFileHasNoProblems() {
    let good = check(
      preamble + "G1 X10 E1 ; wall with \u{e9}\nM117 Layer (1)*2\nM84\n", FileCheckLimits(maximumTool: 250))
    #expect(good.problems == [] && good.verdict == nil)
    #expect(good.facts.lines == 8 && good.facts.commands == 8)
  }

  @Test(arguments: [
    ("N5 G1 X1*97", "file.numbered"), ("G1 X1*97", "file.numbered"), ("N7 M105", "file.numbered"),
    ("G1 X\u{e9}1", "file.foreignByte"), ("G1 X1\u{0}", "file.nul"), ("; a\u{0}b", "file.nul"),
    ("G1 \u{1b}X1", "file.controlByte"), ("G1 X10 \u{1b} Y100.5", "file.controlByte"),
    ("G1 X10 \u{0} Y100.5", "file.nul"), ("M302 P1", "file.forbidden"), ("M28 x.g", "file.writesCard"),
    ("M112", "file.emergencyStop"), ("M110 N0", "file.setsLineNumber"), ("M997", "file.forbidden"),
    ("G1 X" + String(repeating: "1", count: 79), "file.lineTooLong"),
  ])
  func refused(line: String, code: String) {
    let check = check(preamble + line + "\nG1 X2\n")
    #expect(check.problems.map(\.code) == [code])
    #expect(check.problems.first?.line == 6 && check.verdict == .refused)
    #expect(check.problems.first?.sentence.contains("Line 6") == true)
  }

  @Test(arguments: [
    ("M500", "file.storesSettings"), ("M502", "file.resetsSettings"), ("M23 x.g", "file.startsCard"),
    ("M149 F", "file.temperatureUnit"), ("START_PRINT BED=60", "file.notACommand"), ("%", "file.notACommand"),
    ("T3", "file.tool"),
    ("M104 T2 S200", "file.tool"), ("G90 G21", "file.twoCommands"), ("G1X5M106S255", "file.twoCommands"),
    ("M82M107", "file.twoCommands"),
  ])
  func askedAbout(line: String, code: String) {
    let check = check(preamble + line + "\nG1 X2\n", FileCheckLimits(tools: 2))
    #expect(check.problems.map(\.code) == [code] && check.verdict == .forceable)
    #expect(check.problems.first?.line == 6)
  }

  @Test(arguments: [
    ("M117 \u{e9}t\u{e9}", "file.foreignText")
  ])
  func warnedOf(line: String, code: String) {
    let check = check(preamble + line + "\n")
    #expect(check.problems.map(\.code) == [code] && check.verdict == .warning)
  }

  @Test(arguments: [
    "M117 a*b", "M118 N5 *12", "; N5 G1*12", "G1 X1 ; \u{e9}\u{4e2d}", "\t", "", "M501", "M420 S1", "D3",
    "G29.1", "M149 C",
    "M117 \ta", "M104 S0", "T0", "M0 Click",
  ])
  func fine(line: String) {
    #expect(check(preamble + line + "\n").problems == [])
  }

  @Test func aByteOrderMarkIsNamed() {
    #expect(check([0xef, 0xbb, 0xbf] + Array("G28\n".utf8)).problems.first?.code == "file.byteOrderMark")
    #expect(check([0xef, 0xbb, 0xbf] + Array(";x\nG28\n".utf8)).problems.first?.code == "file.byteOrderMark")
  }

  @Test(arguments: [
    "M0 Click G1", "M862.3 P \"MK3SMMU2S\"", "M862.1 P0.4 M1", "M486 A M5 screw", "M117 G28 done", "G29 G",
  ])
  func wordsAreNoSecondCommand(line: String) {
    #expect(check(preamble + line + "\n").problems == [])
  }

  @Test func someFirmwaresDoEveryCommandOfALine() {
    let line = preamble + "G90 G21\n"
    #expect(check(line, FileCheckLimits(severalCommandsALine: true)).problems == [])
  }

  @Test func arcsAreForcedWhereTheFirmwareHasNone() {
    let file = preamble + "G2 X5 Y5 I2 J0\nG1 X0\nG3X1Y1R4\n"
    #expect(check(file).problems == [])
    let refused = check(file, FileCheckLimits(arcs: false))
    #expect(refused.problems.map(\.line) == [6, 8] && refused.verdict == .forceable)
    #expect(refused.problems.first?.code == "file.arc")
    #expect(refused.problems.first?.sentence.contains("Line 6 draws an arc (G2)") == true)
  }

  @Test func permissionsLiftRefusals() {
    let allowed = FileCheckLimits(allowed: [.coldExtrusion, .firmwareUpdate, .macros])
    #expect(check(preamble + "M302 P1\nM997\nSTART_PRINT\n", allowed).problems == [])
  }

  @Test(arguments: [
    ("M104 S301", "nozzle"), ("M109 R301", "nozzle"), ("M109 S10 R301", "nozzle"), ("M104 T1 S301", "nozzle"),
    ("M303 E0 S301", "nozzle"), ("M140 S121", "bed"), ("M190 R121", "bed"), ("M303 E-1 S121", "bed"),
    ("M141 S71", "chamber"),
    ("M191 S71", "chamber"),
  ])
  func temperatureLimitsAreNeverForced(line: String, heater: String) {
    let limits = FileCheckLimits(maximumTool: 300, maximumBed: 120, maximumChamber: 70)
    let problem = check(preamble + line + "\n", limits).problems.first
    #expect(problem?.code == "file.tooHot" && problem?.severity == .refused && problem?.line == 6)
    #expect(problem?.sentence.contains(heater) == true)
    #expect(check(preamble + line + "\n").problems.isEmpty)
  }

  @Test func temperaturesAtTheLimitPass() {
    let limits = FileCheckLimits(maximumTool: 300, maximumBed: 120)
    #expect(check(preamble + "M109 S300\nM190 S120\n", limits).problems == [])
  }

  @Test func theLongestLineThatFitsPasses() {
    // 82 characters, 13 for `N1234567 ` and `*255`: Marlin's 95.
    let fits = "M117 " + String(repeating: "x", count: 77)
    #expect(check(preamble + fits + "   ; \(fits)\n").problems == [])
    #expect(check(preamble + fits + "x\n").problems.first?.code == "file.lineTooLong")
    #expect(check(preamble + fits + "x\n", FileCheckLimits(widestNumber: 9999)).problems == [])
    let comment = ";" + String(repeating: "x", count: 100_000)
    #expect(check(preamble + comment + "\n").problems == [])
    let endless = check(preamble + "M117 " + String(repeating: "x", count: 100_000))
    #expect(endless.problems.first?.sentence.contains("100005 characters") == true)
  }

  @Test func longFilesGetWiderNumbers() {
    // With numbers up to 99 a line may have 95 - 8 characters; from the fiftieth command on, fewer.
    let line = "M117 " + String(repeating: "x", count: 82) + "\n"
    let few = check(line, FileCheckLimits(widestNumber: 99))
    #expect(few.problems == [])
    let many = check(String(repeating: "G21\n", count: 60) + line, FileCheckLimits(widestNumber: 99))
    #expect(many.problems.map(\.line) == [61])
  }

  @Test(arguments: ["", "\n\n", "; only\n;comments\n"])
  func nothingToPrint(file: String) {
    #expect(check(file).problems.map(\.code) == ["file.noCommands"] && check(file).verdict == .refused)
  }

  @Test func missingBeginningsAreWarnedOf() {
    let codes = check("G1 X5 F100\nG1 X10 E1\n").problems.map(\.code)
    #expect(codes == ["file.noHoming", "file.noHeat", "file.extruderMode"])
    #expect(check("G1 X5 F100\nG1 X10 E1\n").verdict == .warning)
  }

  @Test func theGravestFindingDecides() {
    #expect(check(preamble + "M997\nM500\nM117 \u{e9}\n").verdict == .refused)
    #expect(check(preamble + "M500\nM117 \u{e9}\n").verdict == .forceable)
  }

  @Test func problemsAreCountedButNotHoarded() {
    let bad = check(String(repeating: "hello\nG1*1\n", count: 1000))
    #expect(bad.problemCount == 2000)
    #expect(bad.problems.count == 2 * FileCheck.maximumPerCode)
  }

  @Test func crlfAndCRFilesAreTheSameFile() {
    let file = preamble + "G1 X10 E1\nM302\n;c\n\nG1 Y3 E2\n"
    let crlf = Array(file.replacing("\n", with: "\r\n").utf8)
    let cr = Array(file.replacing("\n", with: "\r").utf8)
    for variant in [check(crlf), check(cr)] {
      #expect(
        variant.problems == check(file).problems && variant.facts.commands == check(file).facts.commands)
      #expect(variant.facts.x == check(file).facts.x)
    }
  }

  @Test(arguments: 0..<200 as Range<UInt64>)
  func piecesMakeNoDifference(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let lines = [
      "G1 X1 Y2 E3", "N5 G1*3", "", ";LAYER_CHANGE", "hello", "M104 S300", "G28", "G91", "T4", "\u{0}",
      "M117 \u{e9}", "G92 E0",
      "G2 X5 I3 E1", String(repeating: "y", count: 90), "\r", "\t G1 Z5 ; c",
    ]
    var file: [UInt8] = []
    for _ in 0..<Int.random(in: 0...60, using: &generator) {
      file += Array(lines[Int.random(in: 0..<lines.count, using: &generator)].utf8)
      file += [[10], [13], [13, 10]][Int.random(in: 0...2, using: &generator)]
    }
    let limits = FileCheckLimits(maximumTool: 250, tools: 2)
    let whole = check(file, limits)
    var cut = FileCheck(limits: limits)
    for piece in pieces(file, longest: 9, &generator) { cut.update(piece.span) }
    cut.finish()
    #expect(cut.problems == whole.problems && cut.facts == whole.facts, "seed \(seed)")
    // The same by lines of another splitter.
    var splitter = LineSplitter()
    var byLines = FileCheck(limits: limits)
    var position = 0
    while let line = splitter.next(in: file.span, at: &position) { byLines.add(line, splitter.content) }
    if let line = splitter.finish() { byLines.add(line, splitter.content) }
    byLines.finishLines()
    #expect(byLines.problems == whole.problems && byLines.facts == whole.facts, "seed \(seed)")
  }
}
