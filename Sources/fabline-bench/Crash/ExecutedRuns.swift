import CanonicalFile
import Foundation

/// One print as a printer's own log shows it.
struct ExecutedRun {
  let part: Int
  /// How many commands of the file were executed, in order and once each.
  var commands = 0
  /// Of the executed commands of the file, as a third reader would have it.
  private(set) var hash = CanonicalHash()
  /// Lines of a host's own between its first and its last.
  var ownLines = 0
  /// The firmware restarted in it: nothing of it may follow.
  var wasReset = false
  /// What was executed and should not have been.
  var mistakes: [String] = []

  init(part: Int) { self.part = part }

  mutating func take(_ command: String) {
    commands += 1
    hash.update(Array(command.utf8) + [10])
  }
}

/// A printer's log of executed lines, read on from where it was left.
struct ExecutedRuns {
  private(set) var runs: [ExecutedRun] = []
  /// Moves of ours that belong to no print.
  private(set) var strays: [String] = []
  private var rest: [UInt8] = []
  private var offset: UInt64 = 0
  private var path: String
  private var parts: (Int) -> CrashPart?

  init(path: String, parts: @escaping (Int) -> CrashPart?) {
    self.path = path
    self.parts = parts
  }

  /// The printer was switched off and on: its next log is another file.
  mutating func restart(path: String) {
    read()
    self.path = path
    offset = 0
    rest = []
    if !runs.isEmpty { runs[runs.count - 1].wasReset = true }
  }

  /// Takes in what was written since.
  mutating func read() {
    guard let handle = FileHandle(forReadingAtPath: path) else { return }
    defer { try? handle.close() }
    try? handle.seek(toOffset: offset)
    guard let data = try? handle.readToEnd(), !data.isEmpty else { return }
    offset += UInt64(data.count)
    rest += data
    while let end = rest.firstIndex(of: 10) {
      let line = String(decoding: rest[..<end], as: UTF8.self)
      rest.removeFirst(end + 1)
      if let space = line.firstIndex(of: " ") { take(line[line.index(after: space)...]) }
    }
  }

  private mutating func take(_ line: Substring) {
    if let number = CrashPart.beginning(line) {
      var run = ExecutedRun(part: number)
      run.take(String(line))
      runs.append(run)
      return
    }
    guard let last = runs.indices.last, let part = parts(runs[last].part) else {
      if CrashPart.isMove(line) { strays.append(String(line)) }
      return
    }
    let next = runs[last].commands
    if next < part.commands.count, part.commands[next] == line {
      // Switching off is also what a driver does by itself behind a print that was cut short.
      if runs[last].wasReset, !line.hasSuffix(" S0") {
        runs[last].mistakes.append("went on after a restart of the firmware with \(line)")
      }
      runs[last].take(String(line))
    } else if CrashPart.isMove(line) || line.hasPrefix("M117 end") {
      let wanted = next < part.commands.count ? part.commands[next] : "nothing"
      runs[last].mistakes.append("executed \(line), where \(wanted) was to come (command \(next + 1))")
    } else if next < part.commands.count {
      runs[last].ownLines += 1
    }
  }
}
