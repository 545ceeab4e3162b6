import CLinux
import Glibc
import SerialPort
import Synchronization

/// A printer that counts its lines as Marlin does, and outlives its cable: unplugged, it goes on with what it has; plugged in
/// again, it is another terminal behind the same symlink.
///
/// Commands beyond `limit` are taken and counted, but neither run nor answered until `release`.
final class CountingBoard: Sendable {
  struct State {
    var executed: [String] = []
    var lastLine: Int64 = 0
    var held: [String] = []
    var limit = Int.max
    /// What comes behind this command is held.
    var stopsBehind: String?
    var hotEnd = 21.0
    var hotEndTarget = 0.0
    var x = 0.0
    var y = 0.0
    var z = 0.0
    var isRelative = false
    /// What is put into M114's X besides.
    var displacement = 0.0
    var isPlugged = true
    var isEnding = false
    /// A banner is due as soon as somebody listens.
    var owesBanner = false
    var bannerAt: Int64 = 0
    var resetsOnOpen = false
    /// Lines that came, numbers and checksums included.
    var received: [String] = []
  }

  /// The path that leads to it while it is plugged in.
  let link: String
  private let state = Mutex(State())
  private let bell: Int32

  init(link: String, resetsOnOpen: Bool = false) throws {
    self.link = link
    bell = clinux_eventfd_create()
    state.withLock { $0.resetsOnOpen = resetsOnOpen }
    let terminal = try CountingBoard.plug(link)
    let box = Box(terminal: terminal)
    _ = startTestThread { self.run(box.terminal) }
  }

  /// The terminal is used by the board's thread alone once it is handed over.
  private struct Box: @unchecked Sendable { let terminal: PseudoTerminal }

  var executed: [String] { state.withLock { $0.executed } }
  /// The commands of the file that ran.
  var moves: [String] { executed.filter { $0.hasPrefix("G1 X") } }
  var received: [String] { state.withLock { $0.received } }
  var isPlugged: Bool { state.withLock { $0.isPlugged } }
  var hotEndTarget: Double { state.withLock { $0.hotEndTarget } }
  var heldCount: Int { state.withLock { $0.held.count } }

  func change(_ body: (inout State) -> Void) {
    state.withLock { body(&$0) }
    _ = clinux_eventfd_add(bell, 1)
  }
  func limit(to count: Int) { change { $0.limit = count } }
  func release() { change { $0.limit = .max } }
  func unplug() { change { $0.isPlugged = false } }
  func plugIn() { change { $0.isPlugged = true } }
  func end() { change { $0.isEnding = true } }

  /// The controller starts anew: numbers, targets and what was queued are gone.
  func reset() {
    change { state in
      state.lastLine = 0
      state.held = []
      state.hotEndTarget = 0
      state.owesBanner = true
    }
  }

  private static func plug(_ link: String) throws -> PseudoTerminal {
    let terminal = try PseudoTerminal.open()
    unlink(link)
    symlink(terminal.slavePath, link)
    return terminal
  }

  private func run(_ first: PseudoTerminal) {
    var terminal: PseudoTerminal? = first
    var space = [UInt8](repeating: 0, count: 4096)
    var line: [UInt8] = []
    var wasPresent = false
    while !state.withLock({ $0.isEnding }) {
      if terminal != nil, !isPlugged {
        unlink(link)
        terminal?.close()
        terminal = nil
        wasPresent = false
      } else if terminal == nil, isPlugged {
        terminal = try? CountingBoard.plug(link)
      }
      let isPresent = terminal?.hostIsPresent ?? false
      if isPresent, !wasPresent { opened() }
      wasPresent = isPresent
      var entries = [pollfd(fd: bell, events: Int16(POLLIN), revents: 0)]
      if isPresent, let terminal {
        entries.append(pollfd(fd: terminal.master, events: Int16(POLLIN), revents: 0))
      }
      _ = poll(&entries, nfds_t(entries.count), isPresent ? 100 : 2)
      var rings: UInt64 = 0
      _ = clinux_eventfd_take(bell, &rings)
      if isPresent { write(takeBanner(), terminal) }
      for answer in runHeld() { write(answer, terminal) }
      guard let terminal, case .bytes(let count) = terminal.read(into: &space) else { continue }
      for byte in space[..<count] {
        if byte == 10 {
          take(String(decoding: line, as: UTF8.self), terminal)
          line = []
        } else {
          line.append(byte)
        }
      }
    }
    terminal?.close()
  }

  private func opened() {
    guard state.withLock({ $0.resetsOnOpen }) else { return }
    reset()
    // No board speaks sooner: what it said while the host still set the speed would be thrown away.
    change { $0.bannerAt = clinux_monotonic_ns() + 150_000_000 }
  }

  private func takeBanner() -> String {
    state.withLock { state in
      guard state.owesBanner, clinux_monotonic_ns() >= state.bannerAt else { return "" }
      state.owesBanner = false
      return "start\necho:Marlin 2.1.2\n"
    }
  }

  private func take(_ raw: String, _ terminal: PseudoTerminal) {
    guard !raw.isEmpty else { return }
    let answer: String = state.withLock { state in
      state.received.append(raw)
      guard raw.hasPrefix("N") else { return accept(raw, &state) }
      let parts = raw.split(separator: "*", maxSplits: 1)
      let sum = parts[0].utf8.reduce(UInt8(0), ^)
      guard parts.count == 2, UInt8(parts[1]) == sum else {
        return refusal("checksum mismatch", state.lastLine)
      }
      let words = parts[0].split(separator: " ", maxSplits: 1)
      guard words.count == 2, let number = Int64(words[0].dropFirst()) else {
        return refusal("checksum mismatch", state.lastLine)
      }
      let command = String(words[1])
      guard command.hasPrefix("M110") || number == state.lastLine + 1 else {
        return refusal("Line Number is not Last Line Number+1", state.lastLine)
      }
      state.lastLine = number
      return accept(command, &state)
    }
    write(answer, terminal)
  }

  private func refusal(_ words: String, _ last: Int64) -> String {
    "Error:\(words), Last Line: \(last)\nResend: \(last + 1)\nok\n"
  }

  private func accept(_ command: String, _ state: inout State) -> String {
    if !state.held.isEmpty || (!isOwn(command) && isFull(state)) {
      state.held.append(command)
      return ""
    }
    return execute(command, &state)
  }

  /// Runs what was held, as far as the limit lets it; the answers. At once, so that nothing is neither held nor executed.
  private func runHeld() -> [String] {
    state.withLock { state in
      var answers: [String] = []
      while let next = state.held.first, isOwn(next) || !isFull(state) {
        state.held.removeFirst()
        answers.append(execute(next, &state))
      }
      return answers
    }
  }

  private func isFull(_ state: State) -> Bool {
    state.executed.count >= state.limit
      || (state.stopsBehind != nil && state.executed.last == state.stopsBehind)
  }

  private func isOwn(_ command: String) -> Bool {
    ["M27", "M105", "M110", "M114", "M115", "M155", "M400"].contains { command.hasPrefix($0) }
  }

  private func execute(_ command: String, _ state: inout State) -> String {
    if !isOwn(command) { state.executed.append(command) }
    if command == "G90" || command == "G91" { state.isRelative = command == "G91" }
    if command == "G28" { (state.x, state.y, state.z) = (0, 0, 0) }
    if command.hasPrefix("G1") {
      for word in command.split(separator: " ").dropFirst() {
        guard let value = Double(word.dropFirst()) else { continue }
        switch word.first {
        case "X": state.x = state.isRelative ? state.x + value : value
        case "Y": state.y = state.isRelative ? state.y + value : value
        case "Z": state.z = state.isRelative ? state.z + value : value
        default: break
        }
      }
    }
    if command.hasPrefix("M104") || command.hasPrefix("M109"),
      let target = command.split(separator: "S").last.flatMap({ Double($0) })
    {
      state.hotEndTarget = target
      state.hotEnd = max(21, target)
    }
    if command.hasPrefix("M115") { return "FIRMWARE_NAME:Marlin 2.1.2 MACHINE_TYPE:Test\nok\n" }
    if command.hasPrefix("M105") {
      return "ok T:\(state.hotEnd) /\(state.hotEndTarget) B:20.0 /0.0 @:0 B@:0\n"
    }
    if command.hasPrefix("M27") { return "Not SD printing\nok\n" }
    if command.hasPrefix("M114") {
      return "X:\(state.x + state.displacement) Y:\(state.y) Z:\(state.z) E:0.00 Count X:0 Y:0 Z:0\nok\n"
    }
    return "ok\n"
  }

  private func write(_ text: String, _ terminal: PseudoTerminal?) {
    guard let terminal else { return }
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      guard case .bytes(let count) = terminal.write(rest) else { return }
      rest = rest.dropFirst(count)
    }
  }
}
