import Glibc

/// Where answers and errors go: people's text or JSON on standard output, errors on standard error.
struct Output: Sendable {
  /// JSON was asked for.
  let json: Bool
  /// What standard output is.
  var standard: Terminal { Terminal.look(at: STDOUT_FILENO) }

  /// Writes a line for people; nothing with `--json`.
  func say(_ line: String = "") {
    if !json { Output.write(line + "\n", to: STDOUT_FILENO) }
  }

  /// Writes a JSON document with `--json`, else what `text` makes of it.
  func answer<Value: Encodable>(_ value: Value, _ text: (Output) -> Void) throws(Failure) {
    guard json else { return text(self) }
    Output.write(try JSONText.encode(value, pretty: true) + "\n", to: STDOUT_FILENO)
  }

  /// Writes one document on one line, for what follows live.
  func line<Value: Encodable>(_ value: Value) throws(Failure) {
    Output.write(try JSONText.encode(value, pretty: false) + "\n", to: STDOUT_FILENO)
  }

  /// Writes a table cut to the terminal, titles dimmed.
  func table(_ table: TextTable) {
    let terminal = standard
    for (index, line) in table.lines(width: terminal.width).enumerated() {
      say(index == 0 ? Colour.dim.paint(line, on: terminal.colour) : line)
    }
  }

  /// Writes a line on standard error.
  static func complain(_ line: String) {
    write(line + "\n", to: STDERR_FILENO)
  }

  /// Reports a failure: its sentence on standard error, or the problem document on standard output with `--json`.
  static func report(_ failure: Failure, json: Bool) {
    if json, let text = try? JSONText.encode(failure.document, pretty: true) {
      return write(text + "\n", to: STDOUT_FILENO)
    }
    let colour = Terminal.look(at: STDERR_FILENO).colour
    complain(
      Colour.red.paint("fabline:", on: colour) + " "
        + TextWidth.harmless(failure.sentence))
    for detail in failure.details { complain("  " + TextWidth.harmless(detail)) }
  }

  /// Writes all of `text`; a reader that is gone, or a terminal that is closed, is no error of ours.
  static func write(_ text: String, to descriptor: Int32) {
    let bytes = Array(text.utf8)
    var start = 0
    while start < bytes.count {
      let written = bytes[start...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if written > 0 {
        start += written
      } else if errno != EINTR {
        return
      }
    }
  }
}
