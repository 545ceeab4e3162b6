/// What the machine is doing, as a status report names it.
enum GrblState: Sendable, Equatable {
  case idle, alarm, check, homing, run, hold, jog, door, sleep
}

/// How far a hold, door or sleep has come.
struct GrblSuspend: OptionSet, Sendable {
  let rawValue: UInt8
  static var holdComplete: GrblSuspend { GrblSuspend(rawValue: 1) }
  static var outputsOff: GrblSuspend { GrblSuspend(rawValue: 2) }
  static var restoring: GrblSuspend { GrblSuspend(rawValue: 4) }
  static var restored: GrblSuspend { GrblSuspend(rawValue: 8) }
  static var doorAjar: GrblSuspend { GrblSuspend(rawValue: 16) }
  static var motionCancel: GrblSuspend { GrblSuspend(rawValue: 32) }
  static var jogCancel: GrblSuspend { GrblSuspend(rawValue: 64) }
}

/// What interrupts and realtime bytes ask the main program for.
struct GrblFlags: OptionSet, Sendable {
  let rawValue: UInt16
  static var report: GrblFlags { GrblFlags(rawValue: 1) }
  static var cycleStart: GrblFlags { GrblFlags(rawValue: 2) }
  static var cycleStop: GrblFlags { GrblFlags(rawValue: 4) }
  static var reset: GrblFlags { GrblFlags(rawValue: 8) }
  static var feedHold: GrblFlags { GrblFlags(rawValue: 16) }
  static var door: GrblFlags { GrblFlags(rawValue: 32) }
  static var motionCancel: GrblFlags { GrblFlags(rawValue: 64) }
  static var sleep: GrblFlags { GrblFlags(rawValue: 128) }
  static var fullReport: GrblFlags { GrblFlags(rawValue: 256) }
}

/// How often a host has sent the realtime bytes that matter for safety.
public struct GrblRealtimeCounts: Sendable, Equatable {
  /// 0x18.
  public internal(set) var resets: Int64 = 0
  /// `!`.
  public internal(set) var holds: Int64 = 0
  /// `~`.
  public internal(set) var starts: Int64 = 0
  /// `?`.
  public internal(set) var reports: Int64 = 0
  /// 0x9E, the toggle that arms a standing beam.
  public internal(set) var spindleStops: Int64 = 0

  /// Nothing has been asked for.
  public init() {}
}

/// Override bytes that have not been obeyed yet.
struct GrblPendingOverrides: Sendable {
  var feed: [UInt8] = []
  var spindle: [UInt8] = []
  var stopSpindle = false
  var toggleFlood = false
  var isEmpty: Bool { feed.isEmpty && spindle.isEmpty && !stopSpindle && !toggleFlood }
}

/// The spindle stop of a hold: toggled by 0x9E, and by laser mode itself at every hold.
enum GrblStopOverride: Sendable, Equatable {
  case none, begin, active, restore, restoreAndGoOn
}

/// What a hold, door or sleep remembers to restore.
struct GrblSuspension: Sendable {
  var spindle: GrblSpindle
  var spindleSpeed: Double
  var flood: Bool
  /// A spindle or pump needs so long to come up.
  var restoredAt: Int64?
}

/// The line that is being read: the controller's copy without blanks and comments, and what was really received.
struct GrblLineReader: Sendable {
  /// Upper case, no blanks, no comments.
  var text: [UInt8] = []
  /// As received, for the record of what was executed.
  var raw: [UInt8] = []
  var overflows = false
  var inParentheses = false
  var afterSemicolon = false
  /// Something in it is not what the host sent.
  var isDamaged = false
  /// The last byte was a line's end: its twin is no empty line (grblHAL).
  var lastEnd: UInt8 = 0

  mutating func take(_ byte: UInt8, limit: Int) {
    if raw.count < 1024 { raw.append(byte) }
    if overflows || inParentheses || afterSemicolon {
      if byte == UInt8(ascii: ")"), inParentheses { inParentheses = false }
      return
    }
    switch byte {
    case 0...32, UInt8(ascii: "/"): return
    case UInt8(ascii: "("): inParentheses = true
    case UInt8(ascii: ";"): afterSemicolon = true
    default:
      if text.count >= limit - 1 {
        overflows = true
      } else {
        text.append(byte >= 97 && byte <= 122 ? byte - 32 : byte)
      }
    }
  }

  mutating func clear() {
    text.removeAll(keepingCapacity: true)
    raw.removeAll(keepingCapacity: true)
    isDamaged = false
    overflows = false
    inParentheses = false
    afterSemicolon = false
  }

  /// The received line without its `;` comment and outer blanks.
  var canonical: ArraySlice<UInt8> {
    let end = raw.firstIndex(of: UInt8(ascii: ";")) ?? raw.endIndex
    var line = raw[..<end]
    while let last = line.last, last == 32 || last == 9 { line.removeLast() }
    while let first = line.first, first == 32 || first == 9 { line.removeFirst() }
    return line
  }
}
