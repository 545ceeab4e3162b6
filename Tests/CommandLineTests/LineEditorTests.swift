import Testing

@testable import fabline

@Suite struct LineEditorTests {
  private func typed(_ text: String, history: [String] = []) -> (LineEditor, [LineEditor.Order]) {
    var editor = LineEditor(history: history)
    let orders = editor.receive(text.utf8)
    return (editor, orders)
  }

  @Test func aLineEndsWithReturn() {
    let (editor, orders) = typed("M115\r")
    #expect(orders.last == .line("M115"))
    #expect(editor.line == "" && editor.history == ["M115"])
  }

  @Test func arrowsMoveTheCursor() {
    let (editor, _) = typed("G1 X1\u{1B}[D\u{1B}[D0\u{1B}[C2")
    #expect(editor.line == "G1 0X21")
  }

  @Test(arguments: [
    ("abc\u{1}x", "xabc"), ("abc\u{1}\u{5}x", "abcx"), ("abc\u{1B}[Hx", "xabc"), ("abc\u{1B}OHx", "xabc"),
    ("abc\u{1B}[1~\u{1B}[Fx", "abcx"), ("abc\u{7F}", "ab"), ("abc\u{1}\u{1B}[3~", "bc"),
    ("abc\u{1}\u{4}", "bc"),
    ("ab cd\u{17}", "ab "), ("ab cd\u{15}", ""), ("ab cd\u{1}\u{B}", ""), ("a b\u{1B}[1;5Dx", "a xb"),
    ("a\u{1B}[99;99Zb", "ab"), ("a\u{1B}zb", "ab"), ("a\tb", "a b"),
  ])
  func keysEdit(_ keys: String, _ line: String) {
    #expect(typed(keys).0.line == line)
  }

  @Test func upAndDownWalkThroughHistory() {
    let (editor, _) = typed("dra\u{1B}[A\u{1B}[A", history: ["M105", "M114"])
    #expect(editor.line == "M105")
    var down = editor
    _ = down.receive("\u{1B}[B\u{1B}[B".utf8)
    #expect(down.line == "dra")
    var top = editor
    _ = top.receive("\u{1B}[A\u{1B}[A".utf8)
    #expect(top.line == "M105")
  }

  @Test func historyKeepsNoBlanksAndNoRepeats() {
    let (editor, _) = typed("M105\r  \rM105\rM114\r")
    #expect(editor.history == ["M105", "M114"])
  }

  @Test func historyIsBounded() {
    var editor = LineEditor()
    for number in 0..<(LineEditor.memory + 50) { _ = editor.receive("M117 \(number)\r".utf8) }
    #expect(editor.history.count == LineEditor.memory)
    #expect(editor.history.first == "M117 50")
  }

  @Test func ctrlCDropsTheLineAndCtrlDEndsOnlyWhenEmpty() {
    var (editor, orders) = typed("M1\u{3}")
    #expect(orders.last == .interrupted && editor.line == "")
    _ = editor.receive("x".utf8)
    #expect(editor.receive([4]) == [.redraw])
    _ = editor.receive([0x15])
    #expect(editor.receive([4]) == [.end])
  }

  @Test func charactersMayComeInPieces() {
    var editor = LineEditor()
    for byte in "ä€😀x".utf8 { _ = editor.receive([byte]) }
    #expect(editor.line == "ä€😀x")
    #expect(editor.cursorCells == 5)
    _ = editor.receive([0x7F, 0x7F])
    #expect(editor.line == "ä€")
    for byte in "\u{1B}[D".utf8 { _ = editor.receive([byte]) }
    _ = editor.receive("y".utf8)
    #expect(editor.line == "äy€")
  }

  @Test func anyBytesAreSurvived() {
    var random = SystemRandomNumberGenerator()
    let seed = UInt64.random(in: 1...UInt64.max, using: &random)
    var state = seed
    var editor = LineEditor(history: ["a", "b"])
    for _ in 0..<20_000 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      _ = editor.receive([UInt8(truncatingIfNeeded: state >> 33)])
      #expect(editor.cursorCells >= 0, "seed \(seed)")
    }
  }
}
