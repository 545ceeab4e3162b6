import DriverInterface
import JobStore

/// Why a machine's port is left alone although its driver runs.
enum PortHold: Equatable, Sendable {
  /// A person has to say whether its device is the right one.
  case doubtful(String)
  /// A laser or a mill: opening resets it, and may fire the beam.
  case attended(MachineRecord.Kind)
  /// A person disconnected it.
  case disconnected(by: String)
  /// Opening would reset the board, and others may use it (safety.md rule 16).
  case resets

  /// Reads it from what is stored. `isStart` is true for the first driver that a supervisor starts for the machine, and no one
  /// of our prints was under way: then nobody knows what the machine does just now.
  init?(_ machine: MachineRecord, isStart: Bool, port: MachinePort? = nil) {
    if let port, port.state == .doubtful {
      self = .doubtful(port.sentence)
    } else if let who = machine.disconnectedBy {
      self = .disconnected(by: who)
    } else if isStart, machine.settings.kind != .printer {
      self = .attended(machine.settings.kind)
    } else if isStart, machine.resetsOnOpen == true, !machine.settings.hostOnly {
      self = .resets
    } else {
      return nil
    }
  }

  /// Why, and what opens it.
  func sentence(_ machine: String) -> String {
    switch self {
    case .doubtful(let sentence): sentence
    case .attended(let kind):
      "a \(kind.rawValue) is opened by a person only: opening its port may reset it and fire the beam; "
        + "`fabline connect \(machine)` opens it"
    case .disconnected(let who): "disconnected by \(who); `fabline connect \(machine)` opens its port"
    case .resets:
      "opening its port resets the board, and it is not declared host-only, so it is not opened at the start; "
        + "`fabline connect \(machine)` opens it"
    }
  }
}

/// Whether a board was seen to restart when its port was opened.
enum OpeningBanner {
  /// Looks in a flight recorder's lines between the last opening and the first line that was sent then; nil where the opening
  /// is not in them.
  static func wasSeen(in lines: [String]) -> Bool? {
    guard let opening = lines.lastIndex(where: { content(of: $0, from: "#")?.hasPrefix("opened ") == true })
    else { return nil }
    for line in lines[(opening + 1)...] {
      if content(of: line, from: ">") != nil { return false }
      if let words = content(of: line, from: "<"), isBanner(words) { return true }
    }
    return false
  }

  /// A line is a time, a direction and the words.
  private static func content(of line: String, from direction: String) -> Substring? {
    let parts = line.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
    guard parts.count == 3, parts[1] == direction else { return nil }
    return parts[2]
  }

  private static func isBanner(_ words: Substring) -> Bool {
    words.hasSuffix("start") || words.hasPrefix("Grbl ") || words.hasPrefix("GrblHAL ")
      || words.hasPrefix("Smoothie") || words.hasPrefix("Marlin ") || words.hasPrefix("echo:Marlin ")
  }
}
