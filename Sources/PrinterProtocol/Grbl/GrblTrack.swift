/// Where the machine may be: the box around the moves that it may still be in, for comparing with what it reports.
///
/// Of the moves sent, the machine is in one of the last that fit its planner and its buffer. Two boxes take turns, each over at
/// least that many, so that together they hold them all and not many more. Lines that plan nothing are in the boxes and do not
/// count: however many of them follow, they push no move out. A box too large misses a fault, one too small spoils a sound print.
/// No allocation.
struct GrblTrack: Sendable {
  private struct Box: Sendable {
    var least = GrblPoint(x: .infinity, y: .infinity, z: .infinity)
    var most = GrblPoint(x: -.infinity, y: -.infinity, z: -.infinity)
    /// The axes known at both ends of every move in it; 1 for X, 2 for Y, 4 for Z.
    var axes: UInt8 = GrblModal.all
    var moves = 0

    mutating func include(_ point: GrblPoint, _ margin: Double) {
      least.x = min(least.x, point.x - margin)
      least.y = min(least.y, point.y - margin)
      least.z = min(least.z, point.z - margin)
      most.x = max(most.x, point.x + margin)
      most.y = max(most.y, point.y + margin)
      most.z = max(most.z, point.z + margin)
    }
  }

  private var current = Box()
  private var previous = Box()
  /// Where the last move ended that counts.
  private var anchor = GrblPoint()

  /// How far lines have to lead, in mm, to be a block of the planner for certain: less may be under one step of a motor.
  private static let step = 0.2
  /// The blocks of the largest planner that is usual; a build that was changed may tell less than it has.
  private static let usualBlocks = 36
  /// Moves that have left the planner and still are in the stepper's buffer, the one in motion, and one being read.
  private static let leaving = 12

  /// How many moves the machine may not have passed yet; `blocks` as `$I` tells, nil where it does not.
  static func depth(blocks: Int32?, inFlight: Int) -> Int {
    max(Int(blocks ?? 128), usualBlocks) + inFlight + leaving
  }

  /// The machine rests at the place that `modal` holds.
  mutating func rests(_ modal: GrblModal) {
    current = Box()
    current.axes = modal.known
    current.include(modal.position, 0)
    previous = current
    anchor = modal.position
  }

  /// A line was sent that leads from one state to another; `depth` moves may not have been passed yet.
  mutating func follow(_ block: GrblBlock, from: GrblModal, to: GrblModal, depth: Int) {
    if current.moves >= depth {
      previous = current
      current = Box()
      current.include(from.position, 0)
    }
    var axes = from.known & to.known
    switch block.once {
    // The origin moves: what is reported and what the lines say part for a while.
    case .setOffset, .shift, .unshift, .toolLength: axes = 0
    case .dwell, .goStored, .store, .machineCoordinates, nil: break
    }
    if from.system != to.system { axes = 0 }
    current.axes &= axes
    if axes == 0 { previous.axes = 0 }
    count(block, to, axes)
    current.include(from.position, 0)
    current.include(to.position, bulge(block, from, to))
  }

  /// Counts the line where it is a block of the planner for certain: modes, dwells and moves to where the machine is are none.
  private mutating func count(_ block: GrblBlock, _ to: GrblModal, _ axes: UInt8) {
    // From where it leads is not known, or the coordinates changed and nothing moved.
    guard axes == GrblModal.all else { return anchor = to.position }
    guard block.once == nil, block.hasAxes, !anchor.isNear(to.position, Self.step) else { return }
    current.moves += 1
    anchor = to.position
  }

  /// How far an arc may reach beyond its ends: its diameter.
  private func bulge(_ block: GrblBlock, _ from: GrblModal, _ to: GrblModal) -> Double {
    guard to.motion == 2 || to.motion == 3, block.hasAxes || block.letters != 0 else { return 0 }
    let unit = to.isInch ? 25.4 : 1
    if let radius = block.value("R") { return 2 * abs(radius) * unit }
    let i = block.value("I") ?? 0
    let j = block.value("J") ?? 0
    let k = block.value("K") ?? 0
    return 2 * (i * i + j * j + k * k).squareRoot() * unit
  }

  /// Whether the machine may be at `point`.
  func mayBe(at point: GrblPoint, _ tolerance: Double) -> Bool {
    let axes = current.axes & previous.axes
    func isOutside(
      _ value: Double, _ least: Double, _ otherLeast: Double, _ most: Double, _ otherMost: Double
    )
      -> Bool
    {
      value < min(least, otherLeast) - tolerance || value > max(most, otherMost) + tolerance
    }
    if axes & 1 != 0,
      isOutside(point.x, current.least.x, previous.least.x, current.most.x, previous.most.x)
    {
      return false
    }
    if axes & 2 != 0,
      isOutside(point.y, current.least.y, previous.least.y, current.most.y, previous.most.y)
    {
      return false
    }
    return axes & 4 == 0
      || !isOutside(point.z, current.least.z, previous.least.z, current.most.z, previous.most.z)
  }
}
