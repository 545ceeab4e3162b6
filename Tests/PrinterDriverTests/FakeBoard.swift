import CLinux
import Glibc
import SerialPort
import Synchronization

/// A printer reduced to what a driver's tests need: it answers `ok`, remembers the lines of the file, and holds its answers
/// back where a test wants the print to stand still. Faults of the wire are the business of the link tests.
///
/// Answers come in order, as a firmware's do: what is sent behind a held line, a host's question for instance, is held as
/// well, and `busy` says that it lives. Only an emergency stop overtakes.
final class FakeBoard: Sendable {
  struct State {
    /// Commands executed, without numbers and checksums; polls and the greeting left out.
    var executed: [String] = []
    /// Executes no more than so many, and answers none beyond.
    var limit = Int.max
    var held: [String] = []
    var isKilled = false
    var isEnding = false
    var hangUp = false
    /// When `busy` was said last.
    var busyAt: Int64 = 0
  }

  let path: String
  private let state = Mutex(State())
  private let bell: Int32

  init() throws {
    let terminal = try PseudoTerminal.open()
    path = terminal.slavePath
    bell = clinux_eventfd_create()
    let box = Box(terminal: terminal)
    _ = startTestThread { self.run(box.terminal) }
  }

  /// The terminal is used by the board's thread alone once it is handed over.
  private struct Box: @unchecked Sendable { let terminal: PseudoTerminal }

  var executed: [String] { state.withLock { $0.executed } }
  var isKilled: Bool { state.withLock { $0.isKilled } }

  /// Executes up to `count` commands of the file in all, then stands still.
  func limit(to count: Int) { change { $0.limit = count } }
  func release() { change { $0.limit = .max } }
  /// Pulls the cable.
  func unplug() { change { $0.hangUp = true } }
  func end() { change { $0.isEnding = true } }

  private func change(_ body: (inout State) -> Void) {
    state.withLock { body(&$0) }
    _ = clinux_eventfd_add(bell, 1)
  }

  private func run(_ terminal: PseudoTerminal) {
    var space = [UInt8](repeating: 0, count: 4096)
    var line: [UInt8] = []
    while !state.withLock({ $0.isEnding }) {
      var entries = [pollfd(fd: bell, events: Int16(POLLIN), revents: 0)]
      // A master whose slave is closed says POLLHUP all the time: looked at now and then instead.
      let isPresent = terminal.hostIsPresent
      if isPresent { entries.append(pollfd(fd: terminal.master, events: Int16(POLLIN), revents: 0)) }
      _ = poll(&entries, nfds_t(entries.count), isPresent ? 100 : 2)
      var rings: UInt64 = 0
      _ = clinux_eventfd_take(bell, &rings)
      if state.withLock({ $0.hangUp }) {
        terminal.close()
        return
      }
      for held in takeHeld() { write(answer(held), terminal) }
      if isPresent, saysBusy() { write("echo:busy: processing\n", terminal) }
      guard case .bytes(let count) = terminal.read(into: &space) else { continue }
      for byte in space[..<count] {
        if byte == 10 {
          take(String(decoding: line, as: UTF8.self), terminal)
          line = []
        } else {
          line.append(byte)
        }
      }
    }
    terminal.close()
  }

  private func take(_ raw: String, _ terminal: PseudoTerminal) {
    var text = raw.prefix { $0 != "*" }
    if text.first == "N", let blank = text.firstIndex(of: " ") { text = text[text.index(after: blank)...] }
    guard !text.isEmpty else { return }
    let command = String(text)
    let holds = state.withLock { state in
      if command == "M112" { state.isKilled = true }
      let isStopped = !FakeBoard.isOwn(command) && state.executed.count >= state.limit
      guard isStopped || !state.held.isEmpty, command != "M112" else { return false }
      if state.held.isEmpty { state.busyAt = clinux_monotonic_ns() }
      state.held.append(command)
      return true
    }
    if !holds { write(answer(command), terminal) }
  }

  private func takeHeld() -> [String] {
    state.withLock { state in
      var room = state.limit == .max ? Int.max : state.limit - state.executed.count
      var taken: [String] = []
      while let next = state.held.first {
        if !FakeBoard.isOwn(next) { room -= 1 }
        guard room >= 0 else { break }
        taken.append(state.held.removeFirst())
      }
      return taken
    }
  }

  /// Twice a second while a line is held.
  private func saysBusy() -> Bool {
    state.withLock { state in
      let now = clinux_monotonic_ns()
      guard !state.held.isEmpty, now - state.busyAt >= 500_000_000 else { return false }
      state.busyAt = now
      return true
    }
  }

  /// Lines that a host sends by itself.
  private static func isOwn(_ command: String) -> Bool {
    ["M27", "M105", "M110", "M114", "M115", "M112", "M155", "M400"].contains { command.hasPrefix($0) }
  }

  private func answer(_ command: String) -> String {
    if state.withLock({ $0.isKilled }) {
      return command == "M112" ? "Error:Printer halted. kill() called!\n" : ""
    }
    if !FakeBoard.isOwn(command) { state.withLock { $0.executed.append(command) } }
    if command.hasPrefix("M115") { return "FIRMWARE_NAME:Fake 1.0 MACHINE_TYPE:Test\nok\n" }
    if command.hasPrefix("M105") { return "ok T:21.0 /0.0 B:20.0 /0.0 @:0 B@:0\n" }
    if command.hasPrefix("M27") { return "Not SD printing\nok\n" }
    if command.hasPrefix("M114") { return "X:0.00 Y:0.00 Z:0.00 E:0.00 Count X:0 Y:0 Z:0\nok\n" }
    return "ok\n"
  }

  private func write(_ text: String, _ terminal: PseudoTerminal) {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      switch terminal.write(rest) {
      case .bytes(let count): rest = rest.dropFirst(count)
      case .wouldBlock: return
      case .hangUp: return
      }
    }
  }
}
