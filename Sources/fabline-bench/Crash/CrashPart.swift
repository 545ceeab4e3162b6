import CanonicalFile

/// A file whose every move tells which file it is of and where it stands there, so that a printer's log can be judged alone.
struct CrashPart {
  /// Tells it from all others of a campaign.
  let number: Int
  /// Commands as a machine has to execute them.
  let commands: [String]
  /// The line of the file in which each command stands, from 1.
  let fileLines: [Int64]
  /// The raw file.
  let text: String

  var name: String { "part-\(number).gcode" }

  /// Reads the number out of a job's name.
  static func number(of name: String) -> Int? {
    guard name.hasPrefix("part-"), name.hasSuffix(".gcode") else { return nil }
    return Int(name.dropFirst(5).dropLast(6))
  }

  /// What the part is for: a hot end that is waited for, one that is not, or a beam.
  enum Kind: Sendable { case warm, hot, burnt }

  init(number: Int, moves: Int, kind: Kind) {
    self.number = number
    var head = ["G21", "G90"]
    var tail: [String] = []
    switch kind {
    case .warm: head = ["M117 part \(number)", "M140 S50", "M104 S180", "G28"] + head
    case .hot: head = ["M117 part \(number)", "M140 S50", "M104 S180", "G28", "M109 S180"] + head
    case .burnt:
      // M3 leaves the beam on where the head stands still; M4 does not.
      head = ["G0 Y1 X1.\(Self.digits(number))"] + head + [number % 2 == 0 ? "M4 S300" : "M3 S300"]
      tail = ["M5"]
    }
    if kind != .burnt { tail = ["M104 S0", "M140 S0", "M117 end \(number)"] }
    var commands = head
    // A word order that no host writes by itself: whatever looks like this is a line of a file.
    for move in 0..<moves {
      let x = "\(20 + move * 37 % 140).\(Self.digits(move))"
      let y = "\(20 + move * 53 % 140).\(Self.digits(number % 1000))"
      commands.append("G1 F\(kind == .burnt ? 3000 : 9000) Y\(y) X\(x)")
    }
    commands += tail
    var text = "; part \(number), made to be interrupted\n"
    var line: Int64 = 1
    var fileLines: [Int64] = []
    for (index, command) in commands.enumerated() {
      if index % 40 == 39 {
        text += ";LAYER_CHANGE\n\n"
        line += 2
      }
      text += index % 3 == 0 ? command + " ; number \(index)\n" : command + "\n"
      line += 1
      fileLines.append(line)
    }
    self.commands = commands
    self.fileLines = fileLines
    self.text = text
  }

  private static func digits(_ number: Int) -> String { String("\(1000 + number % 1000)".dropFirst()) }

  /// What a third reader makes of the file.
  var hash: String {
    var hash = CanonicalHash()
    hash.update(Array(text.utf8))
    hash.finish()
    return hash.hex
  }

  /// Whether a line can only come from a file of ours.
  static func isMove(_ line: Substring) -> Bool {
    line.hasPrefix("G1 F9000 Y") || line.hasPrefix("G1 F3000 Y")
  }

  /// The number of the part that a line begins; nil for any other line.
  static func beginning(_ line: Substring) -> Int? {
    if line.hasPrefix("M117 part ") { return Int(line.dropFirst(10)) }
    return line.hasPrefix("G0 Y1 X1.") ? Int(line.dropFirst(9)) : nil
  }
}
