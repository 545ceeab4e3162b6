/// What drives the spindle's pin during a move.
enum GrblSpindle: Sendable, Equatable {
  /// `M5`.
  case off
  /// `M3`: constant power, on as well when nothing moves.
  case clockwise
  /// `M4`: with `$32=1` the power follows the speed and is dark at a standstill.
  case counterclockwise
}

/// The moves that are planned but not yet cut into segments, and the speeds at which they meet.
///
/// Whenever a move is added, all junction speeds are worked out anew: backwards, so that each can be braked from, and
/// forwards, so that each can be reached. Lengths in mm, speeds in mm/s.
struct GrblPlanner: Sendable {
  struct Block: Sendable {
    /// Where the motors stand before and after, in steps.
    var begin: GrblVector
    var end: GrblVector
    var length: Double
    /// What has not been cut into segments.
    var remaining: Double
    var acceleration: Double
    /// The fastest that the axes allow in this direction.
    var rapidRate: Double
    /// As programmed, overrides left aside.
    var programmedRate: Double
    var isRapid: Bool
    var ignoresFeedOverride: Bool
    /// Squares of speeds: at which it begins, may begin at most, and may begin by the corner's sharpness alone.
    var entry: Double
    var highestEntry: Double
    var highestCorner: Double
    var spindle: GrblSpindle
    var spindleSpeed: Double
  }

  /// A move as the interpreter asks for it.
  struct Move: Sendable {
    /// Target in machine coordinates, mm.
    var target: GrblVector
    /// mm/min, or moves a minute with `isInverseTime`.
    var feed: Double
    var isRapid = false
    var isInverseTime = false
    var ignoresFeedOverride = false
    var spindle = GrblSpindle.off
    var spindleSpeed = 0.0
  }

  let capacity: Int
  private(set) var blocks: [Block] = []
  /// Percent.
  var feedOverride = 100
  var rapidOverride = 100
  /// Where the last planned move ends, in steps.
  private(set) var position = GrblVector.zero
  private var previousUnit = GrblVector.zero
  private var previousNominal = 0.0

  init(capacity: Int) { self.capacity = capacity }

  var free: Int { capacity - blocks.count }
  var isEmpty: Bool { blocks.isEmpty }

  /// Appends a move; false when it has no length.
  mutating func append(_ move: Move, settings: GrblSettings) -> Bool {
    let target = (move.target * settings.stepsPerMillimetre).rounded
    let way = (target - position) / settings.stepsPerMillimetre
    let length = way.length
    if target == position { return false }
    let unit = way.scaled(1 / length)
    let rapidRate = unit.limit(by: settings.maxRate) / 60
    var rate = move.isRapid ? rapidRate : move.feed / 60
    if move.isInverseTime, !move.isRapid { rate *= length }
    var block = Block(
      begin: position, end: target, length: length, remaining: length,
      acceleration: max(unit.limit(by: settings.acceleration), 1e-6), rapidRate: rapidRate,
      programmedRate: rate, isRapid: move.isRapid, ignoresFeedOverride: move.ignoresFeedOverride, entry: 0,
      highestEntry: 0, highestCorner: 0, spindle: move.spindle, spindleSpeed: move.spindleSpeed)
    if !blocks.isEmpty { block.highestCorner = corner(to: unit, settings: settings) }
    let nominal = nominalSpeed(of: block)
    block.highestEntry = highestEntry(of: block, nominal: nominal, previous: previousNominal)
    previousNominal = nominal
    previousUnit = unit
    position = target
    blocks.append(block)
    return true
  }

  /// The square of the speed at which a corner may be taken, by junction deviation.
  private func corner(to unit: GrblVector, settings: GrblSettings) -> Double {
    let product = previousUnit * unit
    let cosine = -(product.x + product.y + product.z)
    if cosine > 0.999_999 { return 0 }
    if cosine < -0.999_999 { return 1e38 }
    let turn = unit - previousUnit
    let acceleration = turn.scaled(1 / turn.length).limit(by: settings.acceleration)
    let half = ((1 - cosine) / 2).squareRoot()
    return max(0, acceleration * settings.junctionDeviation * half / (1 - half))
  }

  /// Speed of the cruise with the overrides as they are.
  func nominalSpeed(of block: Block) -> Double {
    var speed = block.programmedRate
    if block.isRapid {
      speed *= Double(rapidOverride) * 0.01
    } else {
      if !block.ignoresFeedOverride { speed *= Double(feedOverride) * 0.01 }
      speed = min(speed, block.rapidRate)
    }
    return max(speed, 1.0 / 60)
  }

  private func highestEntry(of block: Block, nominal: Double, previous: Double) -> Double {
    let slower = min(nominal, previous)
    return min(slower * slower, block.highestCorner)
  }

  /// Works the highest junction speeds out anew after an override has changed.
  mutating func applyOverrides() {
    var previous = 1e15
    for index in blocks.indices {
      let nominal = nominalSpeed(of: blocks[index])
      blocks[index].highestEntry = highestEntry(of: blocks[index], nominal: nominal, previous: previous)
      previous = nominal
    }
    previousNominal = previous
  }

  /// Works all junction speeds out anew; the first block begins as it does.
  mutating func replan() {
    var exit = 0.0
    var index = blocks.count - 1
    while index > 0 {
      let gain = 2 * blocks[index].acceleration * blocks[index].remaining
      exit = min(blocks[index].highestEntry, exit + gain)
      blocks[index].entry = exit
      index -= 1
    }
    for index in blocks.indices.dropLast() {
      let reached = blocks[index].entry + 2 * blocks[index].acceleration * blocks[index].remaining
      if blocks[index + 1].entry > reached { blocks[index + 1].entry = reached }
    }
  }

  /// Square of the speed at which the first block is to end.
  var firstExit: Double { blocks.count > 1 ? blocks[1].entry : 0 }

  mutating func setFirst(entry: Double) { blocks[0].entry = entry }
  mutating func setFirst(remaining: Double) { blocks[0].remaining = remaining }

  /// The first block is cut up: its room is free.
  mutating func dropFirst() { blocks.removeFirst() }

  /// Forgets all moves; the next one begins at `place`, in steps.
  mutating func reset(at place: GrblVector) {
    blocks.removeAll(keepingCapacity: true)
    previousUnit = .zero
    previousNominal = 0
    position = place
  }
}
