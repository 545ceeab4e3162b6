/// The ring of planned moves and the motors behind it: when a block ends, how fast it may be passed, whether one fits.
///
/// Moves accelerate: a block starts at the speed the one before it left with and leaves with what the blocks behind it
/// allow. Both are settled when it starts, from the blocks then known. A host cannot know any of this, which is the point.
struct Planner: Sendable {
  struct Block: Sendable {
    /// Length of the move, mm.
    var length: Double
    /// Feedrate after all limits, mm/s.
    var nominal: Double
    /// Acceleration after all limits, mm/s².
    var acceleration: Double
    /// Highest speed at which the corner before it may be taken, mm/s.
    var corner: Double
    /// Steps of the busiest motor.
    var steps: Double
    /// Where the motors stand when it is done.
    var end: Axes
    /// Where they stand before.
    var begin: Axes
  }

  /// When the last block ended; long ago at first.
  private(set) var lastEnd: Int64 = -1_000_000_000_000_000_000

  private let capacity: Int
  private let firstBlockDelay: Int64
  private let junctionDeviation: Double
  private var ring: [Block] = []
  private var head = 0
  private(set) var count = 0
  private var started = false
  private var startedAt: Int64 = 0
  private var endsAt: Int64 = 0
  private var leavesWith = 0.0
  /// Steps a second of the block under way.
  private(set) var stepRate = 0.0
  private var lonelySince: Int64 = 0
  private var previousDirection = Axes.zero
  private var previousNominal = 0.0
  /// Where the motors stand when nothing moves.
  private(set) var resting = Axes.zero

  init(_ profile: FirmwareProfile) {
    capacity = profile.plannerBlocks - 1
    firstBlockDelay = profile.firstBlockDelay
    junctionDeviation = profile.junctionDeviation
  }

  /// Blocks that still fit (`P` of an advanced ok).
  var free: Int { capacity - count }
  var isEmpty: Bool { count == 0 }

  /// When the next block ends or starts; nil when there is none.
  var nextChange: Int64? {
    if count == 0 { return nil }
    return started ? endsAt : startTime
  }

  /// Lets the motors run until `time`.
  mutating func advance(to time: Int64) {
    while count > 0 {
      if !started {
        if startTime > time { return }
        start(at: startTime, entry: 0)
      }
      if endsAt > time { return }
      let done = endsAt
      resting = ring[head].end
      head += 1
      count -= 1
      if head == ring.count || head > 64 { compact() }
      lastEnd = done
      if count == 0 {
        started = false
        stepRate = 0
        leavesWith = 0
        previousNominal = 0
      } else {
        start(at: done, entry: leavesWith)
      }
    }
  }

  /// Appends a move; the caller has made sure that it fits. Returns how many blocks' speeds had to be worked out anew.
  @discardableResult
  mutating func append(_ block: Block, direction: Axes, now: Int64) -> Int {
    var block = block
    block.corner = corner(to: direction, block: block)
    previousDirection = direction
    previousNominal = block.nominal
    if count == 0 { lonelySince = now }
    ring.append(block)
    count += 1
    // From the end backwards, until the corner before a block can be taken as fast as it ever may.
    var touched = 1
    var square = 2 * block.acceleration * block.length
    var index = head + count - 1
    while index > head, square < ring[index].corner * ring[index].corner {
      index -= 1
      touched += 1
      square += 2 * ring[index].acceleration * ring[index].length
    }
    return touched
  }

  /// Throws the moves away and returns where the motors stood.
  mutating func stop(at time: Int64) -> Axes {
    advance(to: time)
    resting = position(at: time)
    ring.removeAll(keepingCapacity: true)
    head = 0
    count = 0
    started = false
    stepRate = 0
    leavesWith = 0
    previousNominal = 0
    return resting
  }

  /// Where the motors stand at `time`.
  func position(at time: Int64) -> Axes {
    guard count > 0, started, endsAt > startedAt else { return resting }
    let block = ring[head]
    let part = Double(max(0, min(time, endsAt) - startedAt)) / Double(endsAt - startedAt)
    let way = block.end - block.begin
    return block.begin + Axes(way.x * part, way.y * part, way.z * part, way.e * part)
  }

  /// Declares the place where the motors stand.
  mutating func setResting(_ place: Axes) { resting = place }

  private var startTime: Int64 {
    count >= 3 ? lonelySince : lonelySince + firstBlockDelay
  }

  private mutating func compact() {
    ring.removeSubrange(..<head)
    head = 0
  }

  private mutating func start(at time: Int64, entry: Double) {
    let block = ring[head]
    var exit = fastestExit.squareRoot()
    let gain = 2 * block.acceleration * block.length
    exit = min(exit, (entry * entry + gain).squareRoot())
    let slowest = entry * entry - gain
    if slowest > exit * exit { exit = slowest.squareRoot() }
    started = true
    startedAt = time
    leavesWith = exit
    // No move takes longer than a day: nonsense in a line must not overflow the clock.
    let duration = min(seconds(block, entry: entry, exit: exit), 86_400)
    endsAt = time + Int64(duration * 1e9) + 1
    stepRate = block.steps / max(duration, 1e-6)
  }

  /// Square of the highest speed at which the first block may be left, so that every corner behind it and the end can be
  /// taken as they must.
  private var fastestExit: Double {
    if count < 2 { return 0 }
    let end = head + count
    var index = head + 1
    var fastest = ring[index].corner * ring[index].corner
    var shed = 0.0
    while index < end {
      shed += 2 * ring[index].acceleration * ring[index].length
      if shed >= fastest { break }
      index += 1
      let corner = index < end ? ring[index].corner : 0
      fastest = min(fastest, corner * corner + shed)
    }
    return fastest
  }

  /// Duration of a trapezoid, or of a triangle where the feedrate is not reached.
  private func seconds(_ block: Block, entry: Double, exit: Double) -> Double {
    let rate = block.acceleration
    let up = max(0, block.nominal * block.nominal - entry * entry) / (2 * rate)
    let down = max(0, block.nominal * block.nominal - exit * exit) / (2 * rate)
    if up + down <= block.length {
      return (block.nominal - entry) / rate + (block.nominal - exit) / rate
        + (block.length - up - down) / block.nominal
    }
    let peak = max(entry, exit, (rate * block.length + (entry * entry + exit * exit) / 2).squareRoot())
    return (peak - entry) / rate + (peak - exit) / rate
  }

  /// Corner speed by junction deviation: the speed at which a circle touching both moves asks for the acceleration.
  private func corner(to direction: Axes, block: Block) -> Double {
    if previousNominal == 0 { return 0 }
    let limit = min(block.nominal, previousNominal)
    let from = previousDirection
    let cosine = -(from.x * direction.x + from.y * direction.y + from.z * direction.z + from.e * direction.e)
    if cosine > 0.999_999 { return min(limit, 0.05) }
    if cosine < -0.999_999 { return limit }
    let half = ((1 - cosine) / 2).squareRoot()
    if half >= 0.999_999 { return limit }
    return min(limit, (block.acceleration * junctionDeviation * half / (1 - half)).squareRoot())
  }
}
