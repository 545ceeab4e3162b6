/// On whose account a line goes to a GRBL.
enum GrblLineKind: UInt8, Sendable {
  /// The job's file.
  case file
  /// A step of the greeting, of a pause or of an act: the session's own.
  case own
  /// `$G`, by which missing answers are found: its `[GC:…]` comes behind the answers to everything before it.
  case probe
  /// A line by hand.
  case hand
}

/// A line that a GRBL has not answered yet.
struct GrblSentLine: Equatable, Sendable {
  var kind: GrblLineKind
  /// Bytes on the wire, line feed included.
  var length: Int
  var fileLine: Int64 = 0
  var endOffset: Int64 = 0
  var sentAt: Int64
  /// How long it may stay without answer although nothing moves: a dwell, a spindle that starts, homing.
  var patience: Int64 = 0
}

/// The lines in flight, oldest first: character counting.
struct GrblLedger: Sendable {
  /// 127 bytes hold no more lines than this, since the shortest has two.
  private static let capacity = 256
  private var lines = [GrblSentLine]()
  private var head = 0
  /// Bytes that may still lie in the firmware's receive buffer.
  private(set) var bytes = 0

  init() { lines.reserveCapacity(Self.capacity) }

  var count: Int { lines.count - head }
  var isEmpty: Bool { head == lines.count }
  var first: GrblSentLine? { head < lines.count ? lines[head] : nil }
  var last: GrblSentLine? { head < lines.count ? lines[lines.count - 1] : nil }

  /// The line at `index`, from the oldest.
  subscript(index: Int) -> GrblSentLine { lines[head + index] }

  mutating func append(_ line: GrblSentLine) {
    if head > 0, lines.count == Self.capacity {
      lines.removeSubrange(0..<head)
      head = 0
    }
    lines.append(line)
    bytes += line.length
  }

  /// Takes the oldest line out: it was answered.
  mutating func retire() -> GrblSentLine? {
    guard head < lines.count else { return nil }
    let line = lines[head]
    head += 1
    bytes -= line.length
    if head == lines.count {
      lines.removeAll(keepingCapacity: true)
      head = 0
    }
    return line
  }

  mutating func removeAll() {
    lines.removeAll(keepingCapacity: true)
    head = 0
    bytes = 0
  }

  /// The longest patience of the lines in flight, all added up: a dwell behind a dwell.
  var patience: Int64 {
    var sum: Int64 = 0
    for index in head..<lines.count { sum += lines[index].patience }
    return sum
  }

  /// Whether a line of this kind is in flight.
  func contains(_ kind: GrblLineKind) -> Bool {
    for index in head..<lines.count where lines[index].kind == kind { return true }
    return false
  }
}
