extension ModalState {
  /// Follows a command that was or will be sent; returns the move where it is one.
  ///
  /// Call it once for each command in the order of the stream.
  @discardableResult
  @inline(__always)
  public mutating func apply(_ command: Command) -> Move? {
    if command.letter == ASCII.upperG {
      switch command.number {
      case 0, 1, 2, 3, 5:
        var move = command
        return applyMove(&move)
      default: applyG(command)
      }
    } else if command.letter == ASCII.upperM {
      applyM(command)
    } else if command.letter == ASCII.upperT, command.number >= 0, command.number < Self.maximumTools {
      tool = command.number
    }
    return nil
  }

  /// Follows a command as `apply` does, and tells what to expect of it; for those who would ask both anyway.
  ///
  /// The command is not changed; `inout`, so that it is not copied.
  public mutating func follow(_ command: inout Command) -> Expectation {
    guard command.letter == ASCII.upperG, CommandTraits.isPlannedMove(command.number) else {
      let expectation = Expectation.ofUnplanned(command, .slowMachine)
      apply(command)
      return expectation
    }
    let move = applyMove(&command)
    return .motion(
      MoveEstimate(
        move, speedFactor: speedFactor, acceleration: acceleration.slowest, settings: .slowMachine))
  }

  /// The move that a command would make now, without following it; nil where it is none.
  public func move(of command: Command) -> Move? {
    guard command.letter == ASCII.upperG, CommandTraits.isPlannedMove(command.number) else { return nil }
    var copy = self
    var move = command
    return copy.applyMove(&move)
  }

  /// The factor from the stream's unit of length to mm.
  @inline(__always)
  var unit: Double { isInch ? 25.4 : 1 }

  @inline(__always)
  private mutating func applyMove(_ command: inout Command) -> Move {
    let start = position
    let wasKnown = known
    if let x = command.word("X") { position.x = step(start.x, .x, x, isRelative) }
    if let y = command.word("Y") { position.y = step(start.y, .y, y, isRelative) }
    if let z = command.word("Z") { position.z = step(start.z, .z, z, isRelative) }
    if let e = command.word("E") { position.e = step(start.e, .e, e, extrudesRelatively()) }
    if let asked = command.word("F"), asked > 0 { feedrate = asked * unit }
    let isArc = command.number == 2 || command.number == 3
    return Move(
      start: start, end: position, known: wasKnown,
      path: isArc ? arc(from: start, command) : .line, feedrate: feedrate)
  }

  /// Where a word takes an axis.
  @inline(__always)
  private mutating func step(_ value: Double, _ axis: Axes, _ word: Double, _ isRelative: Bool) -> Double {
    if isRelative { return bounded(value + word * unit) }
    known.insert(axis)
    return bounded(word * unit)
  }

  /// The centre of a G2 or G3 from I and J or from R; a line where the plane is not XY or neither is given.
  private func arc(from start: Position, _ command: Command) -> Move.Path {
    guard plane == 17 else { return .line }
    let clockwise = command.number == 2
    if let radius = command["R"] { return arc(from: start, radius: radius * unit, clockwise) }
    let i = command["I"]
    let j = command["J"]
    guard i != nil || j != nil else { return .line }
    return .arc(
      centreX: start.x + (i ?? 0) * unit, centreY: start.y + (j ?? 0) * unit, clockwise: clockwise)
  }

  /// The centre lies on the chord's perpendicular bisector, on the side that the direction and R's sign give.
  private func arc(from start: Position, radius: Double, _ clockwise: Bool) -> Move.Path {
    let dx = position.x - start.x
    let dy = position.y - start.y
    let chord = hypotenuse(dx, dy)
    guard chord > 0, radius != 0 else { return .line }
    let square = radius * radius - chord * chord / 4
    let height = square > 0 ? square.squareRoot() : 0
    let side: Double = (clockwise == (radius > 0)) ? -1 : 1
    return .arc(
      centreX: start.x + dx / 2 - side * height * dy / chord,
      centreY: start.y + dy / 2 + side * height * dx / chord, clockwise: clockwise)
  }

  private mutating func applyG(_ command: Command) {
    switch command.number {
    case 10: isRetracted = true
    case 11: isRetracted = false
    case 17, 18, 19: plane = UInt8(truncatingIfNeeded: command.number)
    case 20: isInch = true
    case 21: isInch = false
    case 28: applyHoming(command)
    case 29:
      if command.isBare { levelling = true }
      known.subtract(.xyz)
    case 27, 12, 26, 30, 32, 33, 34, 35, 38, 42, 53, 54, 55, 56, 57, 58, 59, 60, 61, 76, 80:
      known.subtract(.xyz)
    case 90, 91:
      isRelative = command.number == 91
      if extruderRule == .setByG90 { extruderSetRelative = nil }
    case 92: applySetPosition(command)
    default: break
    }
  }

  /// G28: the named axes, or all; takes back their G92 offsets and, in Marlin, turns levelling off.
  private mutating func applyHoming(_ command: Command) {
    var axes = Axes(namedBy: command).intersection(.xyz)
    if axes.isEmpty { axes = .xyz }
    homed.formUnion(axes)
    trusted.formUnion(axes)
    known.subtract(axes)
    levelling = false
    let home = homePosition ?? Position()
    if axes.contains(.x) {
      offset.x = 0
      position.x = home.x
    }
    if axes.contains(.y) {
      offset.y = 0
      position.y = home.y
    }
    if axes.contains(.z) {
      offset.z = 0
      position.z = home.z
    }
    if homePosition != nil { known.formUnion(axes) }
  }

  /// G92: gives the current place new coordinates on the axes that have a number.
  ///
  /// Without any word it does nothing in Marlin and zeroes all axes in Klipper: what is known is known no more.
  private mutating func applySetPosition(_ command: Command) {
    if let subcode = command.subcode, subcode != 0 { return }
    if command.isBare { known = [] }
    let old = position
    if let x = command["X"] { position.x = newName(x, .x) }
    if let y = command["Y"] { position.y = newName(y, .y) }
    if let z = command["Z"] { position.z = newName(z, .z) }
    if let e = command["E"] { position.e = newName(e, .e) }
    offset.x = bounded(offset.x + old.x - position.x)
    offset.y = bounded(offset.y + old.y - position.y)
    offset.z = bounded(offset.z + old.z - position.z)
    offset.e = bounded(offset.e + old.e - position.e)
  }

  private mutating func newName(_ word: Double, _ axis: Axes) -> Double {
    known.insert(axis)
    return bounded(word * unit)
  }

  /// Holds a sum within what `DecimalNumber` allows, so that no file makes it grow without end.
  @inline(__always)
  private func bounded(_ value: Double) -> Double {
    max(-DecimalNumber.limit, min(DecimalNumber.limit, value))
  }
}
