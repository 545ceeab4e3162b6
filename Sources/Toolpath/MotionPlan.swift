import GCode

/// How long moves take on a machine that accelerates and looks ahead, as a firmware's planner does it.
///
/// Each move is a trapezoid of speed over its path. Between two moves the speed is bounded by jerk or junction deviation, and by what
/// the moves behind it need to stop in time. Moves are settled when enough others are known behind them; time goes to the tag that
/// each move carries. Memory does not grow with the file.
public struct MotionPlan: Sendable {
  /// Moves that are looked at together.
  private static let depth = 256
  /// Moves that stay open when the others are settled; firmware plans 16 to 64 ahead.
  private static let kept = 64

  /// The machine.
  public var limits: MotionLimits
  /// The seconds of each tag so far.
  public private(set) var seconds: [Double] = []
  private var blocks: [Block] = []
  private var last: Junction?

  private struct Block {
    var length: Double
    var speed: Double
    var acceleration: Double
    /// The greatest speed at its beginning that the corner allows; once the move before it is settled, the speed itself.
    var limit: Double
    /// The speed at its beginning, as far as the moves behind it are known.
    var entry = 0.0
    var tag: Int
  }

  /// How a move ends: its direction and speed.
  private struct Junction {
    var direction: SIMD4<Double>
    var speed: Double
  }

  /// Makes a plan for a machine at rest.
  public init(limits: MotionLimits = MotionLimits()) {
    self.limits = limits
    blocks.reserveCapacity(Self.depth)
  }

  /// Notes a move at `feedrate` in mm/s.
  public mutating func add(_ move: Move, feedrate: Double, isTravel: Bool, tag: Int) {
    let delta = SIMD4(
      move.end.x - move.start.x, move.end.y - move.start.y, move.end.z - move.start.z, move.extruded)
    let length = move.length
    guard length > 1e-6, length < 1e7 else { return }
    let (first, final) = Self.directions(move, delta, length)
    let most = Self.largest(abs(first), limits.speed.values)
    let speed = max(min(feedrate, most), 0.01)
    let isRetraction = delta.x == 0 && delta.y == 0 && delta.z == 0
    let asked =
      isRetraction ? limits.retracting : isTravel ? limits.travel ?? limits.printing : limits.printing
    let acceleration = max(min(asked, Self.largest(abs(first), limits.acceleration.values)), 1)
    let entry = junction(first, speed, acceleration)
    blocks.append(Block(length: length, speed: speed, acceleration: acceleration, limit: entry, tag: tag))
    last = Junction(direction: final, speed: speed)
    if blocks.count == Self.depth { settle(Self.depth - Self.kept) }
  }

  /// Notes that the machine comes to rest and stays there for some seconds.
  public mutating func rest(_ pause: Double = 0, tag: Int) {
    settle(blocks.count)
    last = nil
    if pause > 0 { spend(pause, tag) }
  }

  /// The sum of all tags.
  public var total: Double { seconds.reduce(0, +) }

  /// The direction at a move's beginning and at its end, as parts of its length.
  private static func directions(
    _ move: Move, _ delta: SIMD4<Double>, _ length: Double
  ) -> (SIMD4<Double>, SIMD4<Double>) {
    guard case .arc(let x, let y, let clockwise) = move.path else {
      return (delta / length, delta / length)
    }
    func tangent(_ place: Position) -> SIMD4<Double> {
      let (dx, dy) = (place.x - x, place.y - y)
      let radius = max((dx * dx + dy * dy).squareRoot(), 1e-9)
      let turn: Double = clockwise ? 1 : -1
      return SIMD4(turn * dy / radius, -turn * dx / radius, delta.z / length, delta.w / length)
    }
    return (tangent(move.start), tangent(move.end))
  }

  /// The greatest value along a direction at which no axis is beyond its limit.
  private static func largest(_ direction: SIMD4<Double>, _ limit: SIMD4<Double>) -> Double {
    (limit / direction.replacing(with: 1e-9, where: direction .< 1e-9)).min()
  }

  /// The greatest speed between the last move and this one.
  private func junction(_ direction: SIMD4<Double>, _ speed: Double, _ acceleration: Double) -> Double {
    guard let last else { return min(speed, Self.largest(abs(direction), limits.jerk.values / 2)) }
    let most = min(speed, last.speed)
    if let deviation = limits.junctionDeviation {
      return min(most, Self.cornerSpeed(last.direction, direction, acceleration, deviation))
    }
    return min(most, Self.largest(abs(direction - last.direction), limits.jerk.values))
  }

  /// The speed on the circle that leaves the corner by at most `deviation`.
  ///
  /// The idea is Sonny Jeon's, "Improving Grbl: Cornering Algorithm" (2011).
  private static func cornerSpeed(
    _ from: SIMD4<Double>, _ to: SIMD4<Double>, _ acceleration: Double, _ deviation: Double
  ) -> Double {
    let cosine = -(from.x * to.x + from.y * to.y + from.z * to.z)
    if cosine > 0.999999 { return 0.05 }
    let half = ((1 - max(cosine, -1)) / 2).squareRoot()
    guard half < 0.999999 else { return .infinity }
    return (acceleration * deviation * half / (1 - half)).squareRoot()
  }

  /// Fixes the speeds of the first `count` moves and spends their time.
  private mutating func settle(_ count: Int) {
    guard !blocks.isEmpty else { return }
    // From the last move back: what can still be braked.
    var exit = 0.0
    for index in blocks.indices.reversed() {
      let reach = exit * exit + 2 * blocks[index].acceleration * blocks[index].length
      blocks[index].entry = min(blocks[index].limit, reach.squareRoot())
      exit = blocks[index].entry
    }
    // From the first one on: what can be reached.
    for index in 0..<count {
      let block = blocks[index]
      let reach = (block.entry * block.entry + 2 * block.acceleration * block.length).squareRoot()
      var exit = 0.0
      if index + 1 < blocks.count {
        exit = min(blocks[index + 1].entry, reach)
        blocks[index + 1].entry = exit
      }
      spend(Self.duration(block, exit), block.tag)
    }
    blocks.removeFirst(count)
    // What follows may raise the speeds of the others, not this one.
    if !blocks.isEmpty { blocks[0].limit = blocks[0].entry }
  }

  private static func duration(_ block: Block, _ exit: Double) -> Double {
    let (entry, acceleration) = (block.entry, block.acceleration)
    let peak = ((2 * acceleration * block.length + entry * entry + exit * exit) / 2).squareRoot()
    if peak <= block.speed { return max(0, (2 * peak - entry - exit) / acceleration) }
    let ramps = (2 * block.speed * block.speed - entry * entry - exit * exit) / (2 * acceleration)
    return (2 * block.speed - entry - exit) / acceleration + max(0, block.length - ramps) / block.speed
  }

  private mutating func spend(_ time: Double, _ tag: Int) {
    while seconds.count <= tag { seconds.append(0) }
    seconds[tag] = min(seconds[tag] + time, 1e9)
  }
}

private func abs(_ vector: SIMD4<Double>) -> SIMD4<Double> {
  vector.replacing(with: -vector, where: vector .< 0)
}
