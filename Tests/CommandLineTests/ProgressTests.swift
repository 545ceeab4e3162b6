import Testing

@testable import fabline

@Suite struct ProgressTests {
  private let view = PrintView(
    name: "cable-clip.gcode", phase: "printing", fraction: 0.437, layer: 12, layers: 70, elapsed: 300,
    remaining: 725,
    resends: 2,
    heaters: [.init(name: "T0", current: 214.6, target: 215), .init(name: "B", current: 60.1, target: 60)])

  @Test func aWideTerminalShowsEverything() {
    let line = ProgressLine.bar(view, width: 120, colour: false, unicode: true)
    #expect(
      line
        == "cable-clip.gcode  █████████████░░░░░░░░░░░░░░░░░ 43%  layer 12/70  12 min left  T0 215/215° B 60/60°  2 resends"
    )
  }

  @Test func aTerminalWithoutUnicodeGetsASCII() {
    let line = ProgressLine.bar(view, width: 120, colour: false, unicode: false)
    #expect(line.utf8.allSatisfy { $0 < 0x80 })
    #expect(line.contains("[############") && line.contains("T0 215/215 B 60/60"))
  }

  @Test(arguments: 10...140)
  func theLineNeverFillsTheLastCell(_ width: Int) {
    #expect(TextWidth.cells(ProgressLine.bar(view, width: width, colour: false, unicode: true)) < width)
  }

  @Test func theLeastImportantGoesFirst() {
    let line = ProgressLine.bar(view, width: 70, colour: false, unicode: true)
    #expect(line.contains("43%") && line.contains("layer 12/70") && line.contains("12 min left"))
    #expect(!line.contains("resends"))
    #expect(ProgressLine.bar(view, width: 24, colour: false, unicode: true).contains("43%"))
  }

  @Test func aPhaseOtherThanPrintingIsNamed() {
    var paused = view
    paused.phase = "paused"
    #expect(ProgressLine.bar(paused, width: 120, colour: false, unicode: true).contains("43%  paused  layer"))
  }

  @Test func coloursOnlyWhereAsked() {
    #expect(ProgressLine.bar(view, width: 100, colour: true, unicode: true).contains("\u{1B}[32m"))
    #expect(!ProgressLine.bar(view, width: 100, colour: false, unicode: true).contains("\u{1B}"))
  }

  @Test(arguments: [Double.nan, -1, .infinity, 7])
  func anyFractionIsDrawn(_ fraction: Double) {
    var odd = view
    odd.fraction = fraction
    #expect(TextWidth.cells(ProgressLine.bar(odd, width: 80, colour: false, unicode: true)) < 80)
  }

  @Test func aPipeGetsALineATwentieth() {
    var progress = ProgressView(json: false, terminal: .pipe)
    var lines: [String] = []
    for step in 0...1000 {
      var now = view
      now.fraction = Double(step) / 1000
      lines += progress.rendered(now)
    }
    #expect(lines.count == 21)
    #expect(lines[0] == "0%, layer 12/70, 12 min left, T0 215/215° B 60/60°, 2 resends\n")
    #expect(lines.allSatisfy { !$0.contains("\r") && !$0.contains("\u{1B}") })
  }

  @Test func aPipeGetsALineAPhase() {
    var progress = ProgressView(json: false, terminal: .pipe)
    var lines: [String] = []
    for phase in ["opening", "opening", "greeting the firmware", "printing", "paused", "paused", "printing"] {
      var now = view
      now.phase = phase
      lines += progress.rendered(now)
    }
    #expect(lines.count == 5)
    #expect(lines[0].hasPrefix("opening, 43%"))
  }

  @Test func jsonGetsNoProgress() {
    var progress = ProgressView(json: true, terminal: .pipe)
    #expect(progress.rendered(view).isEmpty)
  }

  @Test func aTerminalIsRedrawn() {
    var progress = ProgressView(
      json: false, terminal: Terminal(isTerminal: true, width: 80, colour: false, unicode: true))
    let text = progress.rendered(view).joined()
    #expect(text.hasPrefix("\r") && text.hasSuffix("\u{1B}[K") && !text.contains("\n"))
  }
}
