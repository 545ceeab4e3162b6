import Glibc

/// Shows a print as it goes: redraws one line on a terminal, writes a line now and then into a pipe.
struct ProgressView: Sendable {
  private let json: Bool
  private let terminal: Terminal
  private var drawn = false
  private var lastPhase = ""
  private var lastStep = -1

  /// Draws on standard error where it is a terminal, so that standard output stays free for the answer.
  init(json: Bool, terminal: Terminal = Terminal.look(at: STDERR_FILENO)) {
    self.json = json
    self.terminal = terminal
  }

  /// Shows the newest state.
  mutating func show(_ view: PrintView) {
    for text in rendered(view) { Output.write(text, to: STDERR_FILENO) }
  }

  /// What `show` writes: a redrawn line, or a line where a twentieth is passed or the phase changed; nothing for JSON.
  mutating func rendered(_ view: PrintView) -> [String] {
    guard !json else { return [] }
    if terminal.isTerminal {
      let width = Terminal.look(at: STDERR_FILENO).width ?? terminal.width ?? 80
      let line = ProgressLine.bar(view, width: width, colour: terminal.colour, unicode: terminal.unicode)
      drawn = true
      return ["\r" + line + "\u{1B}[K"]
    }
    let step = Int(view.fraction * 20)
    guard view.phase != lastPhase || step > lastStep else { return [] }
    lastPhase = view.phase
    lastStep = step
    return [ProgressLine.words(view) + "\n"]
  }

  /// Writes a line above the bar.
  mutating func note(_ line: String) {
    guard !json else { return }
    clear()
    Output.complain(TextWidth.harmless(line))
  }

  /// Takes the bar away.
  mutating func clear() {
    guard drawn else { return }
    Output.write("\r\u{1B}[K", to: STDERR_FILENO)
    drawn = false
  }

  /// Leaves the bar as it stands and goes to the next line.
  mutating func finish() {
    guard drawn else { return }
    Output.write("\n", to: STDERR_FILENO)
    drawn = false
  }
}
