/// What a GRBL remembers from line to line, followed through everything that it acknowledged or was sent.
///
/// Lengths in mm in work coordinates, whatever G20 says. An axis whose position the lines do not tell is not `known`.
struct GrblModal: Equatable, Sendable {
  var motion: UInt8 = 0
  var plane: UInt8 = 17
  var isInch = false
  var isRelative = false
  var system: UInt8 = 54
  var spindle = GrblBlock.Spindle.off
  var speed: Double = 0
  var isCooling = false
  /// In mm/min; nil before the first F.
  var feedrate: Double?
  /// Where the last line leads to.
  var position = GrblPoint()
  /// The axes of which that is known: 1 for X, 2 for Y, 4 for Z.
  var known: UInt8 = 0

  static let all: UInt8 = 7

  /// Follows one line.
  mutating func apply(_ block: GrblBlock) {
    guard block.isReadable, !block.isSystemLine else {
      if block.words > 0 { known = 0 }
      return
    }
    if let inch = block.isInch { isInch = inch }
    let unit = isInch ? 25.4 : 1
    if let feed = block.value("F") { feedrate = feed * unit }
    if let speed = block.value("S") { self.speed = speed }
    if let spindle = block.spindle { self.spindle = spindle }
    if let coolant = block.coolant { isCooling = coolant != 0 }
    if let plane = block.plane { self.plane = plane }
    if let system = block.system {
      if system != self.system { known = 0 }
      self.system = system
    }
    if let relative = block.isRelative { isRelative = relative }
    if let motion = block.motion { self.motion = motion }
    move(block, unit)
    if block.ends { programEnded() }
  }

  private mutating func move(_ block: GrblBlock, _ unit: Double) {
    switch block.once {
    case .dwell, .store: return
    case .setOffset:
      let place = block.value("P") ?? 0
      guard place == 0 || place == Double(system) - 53 else { return }
      if block.value("L") == 20 { put(block, unit) } else { known = 0 }
    case .shift: put(block, unit)
    case .unshift, .toolLength, .goStored: known = 0
    case .machineCoordinates: forget(block)
    case nil:
      guard block.hasAxes else { return }
      if motion == 38 { return known = 0 }
      guard motion <= 3 else { return }
      if isRelative { shift(block, unit) } else { put(block, unit) }
    }
  }

  /// Named axes stand at their values.
  private mutating func put(_ block: GrblBlock, _ unit: Double) {
    if let x = block.value("X") { (position.x, known) = (x * unit, known | 1) }
    if let y = block.value("Y") { (position.y, known) = (y * unit, known | 2) }
    if let z = block.value("Z") { (position.z, known) = (z * unit, known | 4) }
  }

  private mutating func shift(_ block: GrblBlock, _ unit: Double) {
    position.x += (block.value("X") ?? 0) * unit
    position.y += (block.value("Y") ?? 0) * unit
    position.z += (block.value("Z") ?? 0) * unit
  }

  private mutating func forget(_ block: GrblBlock) {
    if block.value("X") != nil { known &= ~1 }
    if block.value("Y") != nil { known &= ~2 }
    if block.value("Z") != nil { known &= ~4 }
  }

  /// M2 and M30 set these back.
  private mutating func programEnded() {
    motion = 1
    plane = 17
    isRelative = false
    spindle = .off
    isCooling = false
    if system != 54 { known = 0 }
    system = 54
  }

  /// The machine stands still and says where.
  mutating func standsAt(_ point: GrblPoint) {
    position = point
    known = Self.all
  }

  /// Whether the machine, which stands still at `point`, is where the lines lead to, as far as they tell.
  func isConsistent(with point: GrblPoint, _ tolerance: Double) -> Bool {
    if known & 1 != 0, abs(point.x - position.x) > tolerance { return false }
    if known & 2 != 0, abs(point.y - position.y) > tolerance { return false }
    if known & 4 != 0, abs(point.z - position.z) > tolerance { return false }
    return true
  }

  /// Whether the modes that the firmware reports (`[GC:…]`) are those that the lines set.
  func isConsistent(with report: GrblBlock) -> Bool {
    if let motion = report.motion, motion != self.motion { return false }
    if let plane = report.plane, plane != self.plane { return false }
    if let isInch = report.isInch, isInch != self.isInch { return false }
    if let isRelative = report.isRelative, isRelative != self.isRelative { return false }
    if let system = report.system, system != self.system { return false }
    if let spindle = report.spindle, spindle != self.spindle { return false }
    if let coolant = report.coolant, (coolant != 0) != isCooling { return false }
    if let speed = report.value("S"), abs(speed - self.speed) > 1 { return false }
    return true
  }

  /// Takes the modes over that the firmware reports.
  mutating func adopt(_ report: GrblBlock) {
    if let motion = report.motion { self.motion = motion }
    if let plane = report.plane { self.plane = plane }
    if let isInch = report.isInch { self.isInch = isInch }
    if let isRelative = report.isRelative { self.isRelative = isRelative }
    if let system = report.system { self.system = system }
    if let spindle = report.spindle { self.spindle = spindle }
    if let coolant = report.coolant { isCooling = coolant != 0 }
    if let speed = report.value("S") { self.speed = speed }
    if let feed = report.value("F"), feed > 0 { feedrate = feed * (isInch ? 25.4 : 1) }
  }
}
