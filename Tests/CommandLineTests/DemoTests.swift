import Testing

@testable import fabline

@Suite struct DemoTests {
  @Test func theDemosFileIsARealOne() {
    let (lines, hash) = DemoSummary.canonical(DemoFile.gcode)
    #expect(lines > 5000)
    #expect(hash.utf8.count == 16)
  }

  @Test func onlyTheSameHashAndCountAreTheFile() {
    var summary = DemoSummary(
      file: "clip.gcode", executed: 7000, expected: 7000, resends: 0, seconds: 10, linesPerSecond: 700,
      fileHash: "00000000000000aa", executedHash: "00000000000000aa", identical: true)
    #expect(summary.lines.last == "what the firmware executed is the file")
    summary.identical = false
    #expect(summary.lines.last == "what the firmware executed is NOT the file")
  }

  @Test func oneChangedLineChangesTheHash() {
    let (lines, hash) = DemoSummary.canonical("G28\nG1 X1\nG1 X2\n")
    #expect(DemoSummary.canonical("G28 ; home\n\n  G1 X1\r\nG1 X2") == (lines, hash))
    for other in ["G28\nG1 X1\n", "G28\nG1 X1\nG1 X1\nG1 X2\n", "G1 X1\nG28\nG1 X2\n", "G28\nG1 X1\nG1 X3\n"]
    {
      #expect(DemoSummary.canonical(other).hash != hash)
    }
  }
}
