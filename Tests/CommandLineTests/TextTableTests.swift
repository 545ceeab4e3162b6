import Testing

@testable import fabline

@Suite struct TextTableTests {
  private func table() -> TextTable {
    var table = TextTable([
      .init(title: "JOB", right: true), .init(title: "STATE"), .init(title: "FILE", minimum: 8),
      .init(title: "WHERE", minimum: 6, expendable: 1), .init(title: "NOTE", minimum: 6, expendable: 2),
    ])
    table.add(["7", "printing", "bracket-left-v2.gcode", "ender", "for the workshop"])
    table.add(["128", "queued", "clip.gcode", "any of minis", ""])
    return table
  }

  @Test func aPipeGetsEverythingUncut() {
    #expect(
      table().lines(width: nil) == [
        "JOB  STATE     FILE                   WHERE         NOTE",
        "  7  printing  bracket-left-v2.gcode  ender         for the workshop",
        "128  queued    clip.gcode             any of minis",
      ])
  }

  @Test(arguments: 24...90)
  func noLineIsWiderThanTheTerminal(_ width: Int) {
    for line in table().lines(width: width) {
      #expect(TextWidth.cells(line) <= width, "\(line)")
    }
  }

  @Test func theWidestColumnGivesWayFirst() {
    let lines = table().lines(width: 60)
    #expect(lines[1].contains("bracket-left-…"))
    #expect(lines[2].contains("clip.gcode"))
  }

  @Test func theLeastImportantColumnGoesFirst() {
    let narrow = table().lines(width: 34)
    #expect(narrow[0].contains("WHERE"))
    #expect(!narrow[0].contains("NOTE"))
    let narrower = table().lines(width: 24)
    #expect(!narrower[0].contains("WHERE"))
    #expect(narrower[1].hasPrefix("  7  printing"))
  }

  @Test func wideCharactersTakeTwoCells() {
    #expect(TextWidth.cells("部品.gcode") == 10)
    #expect(TextWidth.truncated("部品.gcode", to: 4) == "部…")
    #expect(TextWidth.truncated("abc", to: 3) == "abc")
    #expect(TextWidth.truncated("abcd", to: 3) == "ab…")
    #expect(TextWidth.truncated("abcd", to: 0) == "")
  }

  @Test func nothingSteersTheTerminal() {
    var table = TextTable([.init(title: "FILE")])
    table.add(["evil\u{1B}[2J\u{7}\u{202E}.gcode\r\n"])
    #expect(table.lines(width: nil)[1] == "evil?[2J??.gcode??")
  }
}
