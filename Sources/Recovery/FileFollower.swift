import GCode

/// Reads the raw file from its first byte to the end of what may have run, and keeps what a plan needs on the way.
///
/// Memory stays bounded: at most 64 commands before the last acknowledged one, one place a height, and the place asked for.
struct FileFollower: Sendable {
  /// A line and what came before it.
  struct Place: Sendable {
    var line: Int64
    var offset: Int64
    var track: Track
  }

  /// A height at which the nozzle may stand.
  struct Height: Sendable {
    /// The first line in doubt that begins there.
    var place: Place
    /// The least of the heights that are taken for one.
    var least: Double
  }

  /// As many commands may be queued and planned at most: Marlin's planner has 16 moves, others up to 40, and queues hold 8.
  static let deepest = 64
  /// Doubtful commands behind the last one sent that are followed at most.
  private static let farthest = 20_000

  private let record: StopRecord
  private let choice: RecoveryChoice
  private let checkLine: Int64
  private var splitter = LineSplitter()
  private var track: Track
  private var secondsBehind: Double = 0
  /// What the file says that the lines between the record's two anchors take at least.
  private var secondsBetween: Double = 0
  private var lineNow: Int64 = 0

  /// The commands in doubt up to the last acknowledged one, oldest first.
  private var doubtful: [Place] = []
  /// The heights in doubt, in the order of the file.
  private(set) var heights: [Height] = []
  /// The first line in doubt, and what came before it.
  private(set) var first: Place?
  /// How many commands are in doubt.
  private(set) var doubtfulCount: Int64 = 0
  /// The last line that may have run.
  private(set) var lastDoubtful: Int64 = 0
  /// The place that a person chose.
  private(set) var chosen: Place?
  /// The least height at which plastic goes down between the place chosen and the first line in doubt.
  private(set) var lowestSinceChosen: Double?
  /// The state behind the line that the record was written down at.
  private(set) var checked: ModalState?
  /// Where the acknowledged line ends in this file.
  private(set) var acknowledgedEnd: Int64?
  /// A line in doubt that homes, probes or renames the position.
  private(set) var frameLine: Int64?
  /// Whatever is behind is of no interest.
  private(set) var isOver = false

  init(record: StopRecord, extruderRule: ExtruderModeRule, choice: RecoveryChoice) {
    self.record = record
    self.choice = choice
    checkLine = max(record.acknowledged.line, record.sent.line)
    track = Track(state: ModalState(extruderRule: extruderRule))
  }

  /// Reads the next piece; false where the rest is of no interest.
  mutating func feed(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    guard !isOver else { return false }
    var splitter = self.splitter
    var position = 0
    let span = bytes.span
    while !isOver, let line = splitter.next(in: span, at: &position) { read(line, splitter.content) }
    self.splitter = splitter
    return !isOver
  }

  /// Ends the file.
  mutating func finish() {
    guard !isOver else { return }
    if let line = splitter.finish() { read(line, splitter.content) }
    guard !isOver else { return }
    // All of the file may have run.
    arrive(Place(line: lineNow + 1, offset: splitter.offset, track: track))
    isOver = true
  }

  private mutating func read(_ line: LineSplitter.Line, _ content: ArraySlice<UInt8>) {
    lineNow = line.number
    if let mark = LayerMark.read(content) { track.state.note(mark) }
    let bytes = cleaned(content)
    if !bytes.isEmpty {
      var place: Place?
      if isOfInterest(line.number) {
        let here = Place(line: line.number, offset: line.start, track: track)
        arrive(here)
        place = here
      }
      guard !isOver else { return }
      if let command = Command(bytes) { follow(command, bytes, at: place) }
    }
    if line.number == record.acknowledged.line { acknowledgedEnd = line.end }
    if line.number == checkLine { checked = track.state }
  }

  /// Whether it matters what came before this line; most of a file does not.
  private func isOfInterest(_ line: Int64) -> Bool {
    if line >= firstUnsure { return true }
    guard chosen == nil else { return false }
    return switch choice.place {
    case .proposed: false
    case .line(let wanted): line >= wanted
    case .layer(let wanted): track.state.layer.map { $0 &+ 1 } == wanted
    }
  }

  private var firstUnsure: Int64 { record.firstUnsure?.line ?? (record.acknowledged.line + 1) }

  private mutating func follow(_ command: Command, _ bytes: ArraySlice<UInt8>, at place: Place?) {
    let move = track.follow(command, bytes)
    if let place { note(layerOf: move, at: place) }
    if chosen != nil, first == nil, let move, move.isExtruding {
      lowestSinceChosen = min(lowestSinceChosen ?? move.end.z, move.end.z)
    }
    if record.earlierLine > 0, lineNow > record.earlierLine, lineNow <= record.acknowledged.line, let move {
      secondsBetween += leastSeconds(move)
    }
    guard let place, first != nil || !doubtful.isEmpty else { return }
    if Self.changesFrame(command) { frameLine = place.line }
    if place.line > record.acknowledged.line, let move { secondsBehind += leastSeconds(move) }
  }

  private func leastSeconds(_ move: Move) -> Double {
    MoveEstimate(
      move, speedFactor: max(track.state.speedFactor, record.speedFactor), acceleration: nil,
      settings: .slowMachine
    ).least
  }

  /// As fast as the speed knob goes: 999 %.
  ///
  /// Source: Marlin, `SPEED_EDIT_MAX` in Configuration_adv.h.
  static let fastest = 10.0

  /// How many times faster than the file says the machine went; 1 where it was not, nil where the record tells nothing of it. A
  /// speed set at the printer itself is told to no host.
  var pace: Double? {
    guard record.earlierLine > 0, record.earlierSeconds >= 0.5 else { return nil }
    return min(1000, max(1, secondsBetween / record.earlierSeconds))
  }

  /// How much of the file, in its own seconds, may have run since the record was written down. The pace is measured: a tenth more
  /// keeps it from being a little too small.
  private var secondsInDoubt: Double {
    guard let pace else { return record.staleSeconds * Self.fastest }
    return record.staleSeconds * (pace > 1 ? pace * 1.1 : 1)
  }

  /// A layer begins where its first plastic goes down: what stands before that is travel at another height.
  private mutating func note(layerOf move: Move?, at place: Place) {
    guard case .layer(let wanted) = choice.place, chosen == nil, let move, move.isExtruding,
      track.state.layer.map({ $0 &+ 1 }) == wanted
    else { return }
    chosen = place
  }

  /// Decides what a command's place is: certainly done, in doubt, or certainly not reached.
  private mutating func arrive(_ place: Place) {
    if case .line(let wanted) = choice.place, chosen == nil, place.line >= wanted { chosen = place }
    guard place.line >= firstUnsure else { return }
    if place.line <= record.acknowledged.line {
      doubtful.append(place)
      if doubtful.count > Self.deepest { doubtful.removeFirst() }
      return
    }
    if first == nil { beginDoubt(place) }
    let mayHaveRun =
      place.line <= record.sent.line || (secondsBehind < secondsInDoubt && record.staleSeconds > 0)
    addHeight(place)
    guard mayHaveRun, doubtfulCount < Int64(Self.farthest) else {
      isOver = true
      return
    }
    doubtfulCount += 1
    lastDoubtful = place.line
  }

  private mutating func beginDoubt(_ place: Place) {
    for earlier in doubtful {
      addHeight(earlier)
      doubtfulCount += 1
      lastDoubtful = earlier.line
    }
    first = doubtful.first ?? place
    doubtful = []
  }

  /// Heights closer than this are one to a person's eye, in mm; a vase rises so slowly.
  private static let sameHeight = 0.05

  private mutating func addHeight(_ place: Place) {
    let z = place.track.state.position.z
    if let index = heights.firstIndex(where: {
      abs($0.place.track.state.position.z - z) <= Self.sameHeight
    }) {
      heights[index].least = min(heights[index].least, z)
    } else if heights.count < 16 {
      heights.append(Height(place: place, least: z))
    }
  }

  private static func changesFrame(_ command: Command) -> Bool {
    if command.matches("G", 92) {
      return command.isBare || command.has("X") || command.has("Y") || command.has("Z")
    }
    let traits = CommandTraits.of(command)
    return traits.contains(.homing) || (traits.contains(.changesPosition) && !command.matches("G", 92))
  }
}
