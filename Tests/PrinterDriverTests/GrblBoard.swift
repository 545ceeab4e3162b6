import Glibc
import SerialPort
import Synchronization

/// A laser with GRBL reduced to what a driver's tests need: it answers each line at once, as told, and rests or jogs as told.
final class GrblBoard: Sendable {
  struct State {
    /// Lines taken, without the greeting's questions.
    var taken: [String] = []
    /// What `?` says that it does.
    var does: String
    /// What lines are answered instead of `ok`.
    var answers: [String: String] = [:]
    var isEnding = false
  }

  let path: String
  private let state: Mutex<State>

  init(does: String = "Idle") throws {
    state = Mutex(State(does: does))
    let terminal = try PseudoTerminal.open()
    path = terminal.slavePath
    let box = Box(terminal: terminal)
    _ = startTestThread { self.run(box.terminal) }
  }

  /// The terminal is used by the board's thread alone once it is handed over.
  private struct Box: @unchecked Sendable { let terminal: PseudoTerminal }

  var taken: [String] { state.withLock { $0.taken } }
  /// What `?` says from now on, as long as no line changes it.
  func does(_ what: String) { state.withLock { $0.does = what } }
  func answers(_ line: String, _ answer: String) { state.withLock { $0.answers[line] = answer } }
  func end() { state.withLock { $0.isEnding = true } }

  private func run(_ terminal: PseudoTerminal) {
    var space = [UInt8](repeating: 0, count: 4096)
    var line: [UInt8] = []
    while !state.withLock({ $0.isEnding }) {
      let isPresent = terminal.hostIsPresent
      var entry = pollfd(fd: terminal.master, events: Int16(POLLIN), revents: 0)
      // A master whose slave is closed says POLLHUP all the time: looked at now and then instead.
      _ = poll(&entry, isPresent ? 1 : 0, isPresent ? 20 : 2)
      guard isPresent, case .bytes(let count) = terminal.read(into: &space) else { continue }
      for byte in space[..<count] {
        switch byte {
        case 0x3f:
          say("<\(state.withLock { $0.does })|MPos:0.000,0.000,0.000|FS:0,0|WCO:0.000,0.000,0.000>", terminal)
        case 0x18:
          line = []
          say("\r\nGrbl 1.1h ['$' for help]", terminal)
        case 10:
          say(answer(String(decoding: line, as: UTF8.self)), terminal)
          line = []
        default: line.append(byte)
        }
      }
    }
    terminal.close()
  }

  private func answer(_ line: String) -> String {
    switch line {
    case "$I": return "[VER:1.1h.20190830:]\r\n[OPT:V,15,128]\r\nok"
    case "$$":
      return "$10=1\r\n$22=0\r\n$30=1000\r\n$32=1\r\n$130=200.000\r\n$131=200.000\r\n$132=50.000\r\nok"
    case "$#": return "[G54:0.000,0.000,0.000]\r\n[G92:0.000,0.000,0.000]\r\nok"
    case "$G": return "[GC:G0 G54 G17 G21 G90 G94 M5 M9 T0 F0 S0]\r\nok"
    default:
      return state.withLock { state in
        state.taken.append(line)
        if line == "$X" { state.does = "Idle" }
        if line.hasPrefix("$J=") { state.does = "Jog" }
        return state.answers[line] ?? "ok"
      }
    }
  }

  private func say(_ text: String, _ terminal: PseudoTerminal) {
    var rest = Array((text + "\r\n").utf8)[...]
    while !rest.isEmpty {
      guard case .bytes(let count) = terminal.write(rest) else { return }
      rest = rest.dropFirst(count)
    }
  }
}
