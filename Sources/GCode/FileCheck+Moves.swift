extension FileCheck {
  /// Follows a move: extents, heights, filament, time.
  @inline(__always)
  mutating func follow(_ move: Move, _ line: Int64) {
    if !seen.contains([.homing, .moved]) { checkFirstMove(move, line) }
    if !limits.arcs, command.number == 2 || command.number == 3 { report(arc: line) }
    facts.leastSeconds = min(facts.leastSeconds + leastSeconds(move), DecimalNumber.limit)
    let extruded = move.extruded
    guard extruded != 0 else { return }
    facts.filament = max(-DecimalNumber.limit, min(facts.filament + extruded, DecimalNumber.limit))
    guard move.isExtruding else { return }
    if !seen.contains(.extruded) { firstExtrusion(line) }
    include(move, line)
  }

  @inline(__always)
  private func leastSeconds(_ move: Move) -> Double {
    guard let feedrate = move.feedrate, move.known.isSuperset(of: [.x, .y]) else { return 0 }
    return move.length * 60 / feedrate * (100 / max(state.speedFactor, 1))
  }

  @inline(__always)
  private mutating func include(_ move: Move, _ line: Int64) {
    // An axis whose start is a guess counts from where the move leads to; one that is still a guess does not count.
    let bounds = move.bounds
    let knowsX = move.known.contains(.x)
    let knowsY = move.known.contains(.y)
    if state.known.contains(.x) {
      Self.include(&facts.x, knowsX ? bounds.minX : move.end.x, knowsX ? bounds.maxX : move.end.x, line)
    }
    if state.known.contains(.y) {
      Self.include(&facts.y, knowsY ? bounds.minY : move.end.y, knowsY ? bounds.maxY : move.end.y, line)
    }
    guard state.known.contains(.z) else { return }
    let z = move.end.z
    Self.include(&facts.z, z, z, line)
    if z > highest + 1e-6 {
      highest = z
      heights = heights &+ 1
    }
  }

  @inline(__always)
  private static func include(
    _ extent: inout FileFacts.Extent?, _ least: Double, _ most: Double, _ line: Int64
  ) {
    if extent == nil {
      extent = FileFacts.Extent(
        least: FileFacts.Peak(value: least, line: line), most: FileFacts.Peak(value: most, line: line))
    } else {
      extent?.include(least, most, line)
    }
  }

  private mutating func checkFirstMove(_ move: Move, _ line: Int64) {
    let isTravel = move.start.x != move.end.x || move.start.y != move.end.y || move.start.z != move.end.z
    guard isTravel, !seen.contains(.moved) else { return }
    seen.insert(.moved)
    if !seen.contains(.homing) {
      guard admits(.noHoming) else { return }
      keep(
        .noHoming, line,
        "Line \(line) moves before the file homed (G28): the machine has to be homed already.")
    }
  }

  private mutating func firstExtrusion(_ line: Int64) {
    seen.insert(.extruded)
    facts.tools |= 1 << UInt32(truncatingIfNeeded: state.tool)
    if !seen.contains(.heat) {
      guard admits(.noHeat) else { return }
      keep(
        .noHeat, line,
        "Line \(line) extrudes before the file set a nozzle temperature: the nozzle has to be hot already.")
    }
    if !seen.contains(.extruderMode) {
      guard admits(.extruderMode) else { return }
      keep(
        .extruderMode, line,
        "Line \(line) extrudes before the file said whether E is absolute (M82) or relative (M83): the"
          + " firmware's default counts.")
    }
  }
}
