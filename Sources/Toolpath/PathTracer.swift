import GCode

/// What a path needs to be followed from the middle of a file on.
public struct PathStart: Equatable, Sendable {
  /// The logical position in mm.
  public var position = Position()
  /// G91.
  public var isRelative = false
  /// M82 or M83; nil where neither was seen.
  public var extruderSetRelative: Bool?
  /// G20.
  public var isInch = false
  /// Arcs' plane: 17, 18 or 19.
  public var plane: UInt8 = 17
  /// What the comments said last.
  public var kind = PathKind.plain
  /// Whether the file extrudes, so that a spindle word is none.
  public var extrudes = false
  /// The motion command in force for lines without one: 0 to 3.
  public var motion: UInt8 = 0
  /// M3 or M4 is in force.
  public var isBeamOn = false
  /// The power is above 0.
  public var hasPower = true

  /// The start of a file.
  public init() {}
}

/// One move of the path, and what it is for.
public struct PathStep: Sendable {
  /// The move.
  public var move: Move
  /// `.travel` where nothing is laid down.
  public var kind: PathKind
}

/// Follows a file's moves line by line: what lays down plastic, what cuts, what only travels.
///
/// Printers' files have a command a line. Lines as lasers and mills take them, several commands or none in front of the axes,
/// are taken apart.
public struct PathTracer: Sendable {
  /// The state that the lines so far left behind.
  public private(set) var state = ModalState()
  /// The command that was read last.
  public private(set) var command = Command()
  private var kind = PathKind.plain
  private var extrudes = false
  private var motion: UInt8 = 0
  private var isBeamOn = false
  private var hasPower = true
  /// What the last command of `next` does; nil where it is no move.
  public private(set) var step: PathStep?
  /// `command` is read and not yet followed.
  private var isRead = false
  /// A line that is taken apart, and how far.
  private var words: [UInt8] = []
  private var rest = 0

  /// Starts at the beginning of a file, or where `start` was noted.
  public init(_ start: PathStart = PathStart()) {
    state.position = start.position
    // Whoever starts in mid-file starts where something was drawn.
    if start != PathStart() { state.known = [.x, .y, .z, .e] }
    state.isRelative = start.isRelative
    state.extruderSetRelative = start.extruderSetRelative
    state.isInch = start.isInch
    state.plane = start.plane
    kind = start.kind
    extrudes = start.extrudes
    motion = start.motion
    isBeamOn = start.isBeamOn
    hasPower = start.hasPower
  }

  /// What is needed to go on from here.
  public var place: PathStart {
    var place = PathStart()
    place.position = state.position
    place.isRelative = state.isRelative
    place.extruderSetRelative = state.extruderSetRelative
    place.isInch = state.isInch
    place.plane = state.plane
    place.kind = kind
    place.extrudes = extrudes
    place.motion = motion
    place.isBeamOn = isBeamOn
    place.hasPower = hasPower
    return place
  }

  /// Takes one raw line without its ending; `next` then gives its commands.
  @inline(__always)
  public mutating func begin(_ line: UnsafeBufferPointer<UInt8>) {
    rest = 0
    words.removeAll(keepingCapacity: true)
    guard let first = line.first else { return }
    if first == UInt8(ascii: ";") {
      if let told = PathKind.read(line) { kind = told }
      return
    }
    let range = cleanedRange(line.span)
    guard !range.isEmpty else { return }
    let cleaned = UnsafeBufferPointer(rebasing: line[range])
    if !Self.isAxis(cleaned[0]) {
      command.read(cleaned.span)
      isRead = !command.isNone && (!Self.isCommand(cleaned[0]) || !command.has("G") && !command.has("M"))
      if isRead || !Self.isCommand(cleaned[0]) { return }
    } else {
      words = [UInt8(ascii: "G"), 48 + motion]
    }
    words.append(contentsOf: cleaned)
  }

  /// Follows the next command of the line; false where there is none left. `command` and `step` tell what it was.
  @inline(__always)
  public mutating func next() -> Bool {
    if !isRead {
      guard rest < words.count, readWord() else { return false }
    }
    isRead = false
    step = follow()
    return true
  }

  /// Reads up to the next G or M of a line such as `G90 G0 X1`, `X10 Y5` or `M3S500`.
  private mutating func readWord() -> Bool {
    while rest < words.count {
      var end = rest + 1
      while end < words.count, !Self.isCommand(words[end]) { end += 1 }
      var word = Command()
      word.read(words.span.extracting(rest..<end))
      command = word
      rest = end
      if !command.isNone { return true }
    }
    return false
  }

  /// Follows the command that was read.
  @inline(__always)
  private mutating func follow() -> PathStep? {
    let isG = command.letter == UInt8(ascii: "G")
    if isG, command.number >= 0, command.number < 4 {
      motion = UInt8(truncatingIfNeeded: command.number)
      if isBeamOn, let power = command["S"] { hasPower = power > 0 }
    } else if command.isM, command.number >= 3, command.number <= 5 {
      isBeamOn = command.number != 5
      hasPower = command["S"].map { $0 > 0 } ?? hasPower
    }
    let move = state.apply(command)
    guard let move else { return nil }
    if move.isExtruding {
      extrudes = true
      return PathStep(move: move, kind: kind)
    }
    let cuts = isBeamOn && hasPower && !extrudes && command.number > 0 && move.extruded == 0
    return PathStep(move: move, kind: cuts ? .cut : .travel)
  }

  private static func isCommand(_ byte: UInt8) -> Bool {
    let letter = byte & 0xDF
    return letter == UInt8(ascii: "G") || letter == UInt8(ascii: "M")
  }

  private static func isAxis(_ byte: UInt8) -> Bool {
    switch byte & 0xDF {
    case UInt8(ascii: "X"), UInt8(ascii: "Y"), UInt8(ascii: "Z"), UInt8(ascii: "I"), UInt8(ascii: "J"): true
    default: false
    }
  }
}
