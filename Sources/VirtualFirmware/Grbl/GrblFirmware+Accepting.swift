/// A line that was found right becomes modes and parts.
extension GrblFirmware {
  mutating func takeJog(_ block: GrblBlock) -> UInt8 {
    // Distance, units and machine coordinates are all that a jog may say.
    if block.groups & ~((1 << 3) | (1 << 6) | (1 << 0)) != 0 { return 16 }
    if block.nonModal != .none, block.nonModal != .machineCoordinates { return 16 }
    if memory.settings.softLimits, isBeyondTravel(block.axes) { return 15 }
    var move = GrblPlanner.Move(target: block.axes, feed: block["F"])
    move.ignoresFeedOverride = true
    move.spindle = interpreter.modes.spindle
    move.spindleSpeed = interpreter.spindleSpeed
    interpreter.position = block.axes
    parts.append(.jog(move))
    return 0
  }

  mutating func take(
    _ block: GrblBlock, workOffset: GrblVector, other: GrblVector, arc: GrblArc?
  ) {
    let before = interpreter.modes
    let laser = laserSituation(block)
    interpreter.feed = block["F"]
    let speed = block["S"]
    if speed != interpreter.spindleSpeed || laser.needsStop {
      if before.spindle != .off, !laser.isMotion {
        parts.append(.setSpindle(before.spindle, laser.isDark ? 0 : speed, becomesModal: false))
      }
      interpreter.spindleSpeed = speed
    }
    let planned = laser.isDark ? 0 : speed
    interpreter.tool = block["T"]
    if before.spindle != block.modes.spindle {
      parts.append(.setSpindle(block.modes.spindle, planned, becomesModal: true))
    }
    if before.flood != block.modes.flood { parts.append(.setFlood(block.modes.flood)) }
    if block.nonModal == .dwell {
      parts.append(.synchronize)
      // In steps of 50 ms.
      parts.append(.dwell(Int64((min(block["P"], 86_400) * 20).rounded(.up)) * 50_000_000))
    }
    takeOffsets(block, before: before, workOffset: workOffset)
    takeNonModal(block, other: other, planned: planned)
    takeMotion(block, arc: arc, planned: planned)
    interpreter.modes = block.modes
    interpreter.modes.spindle = before.spindle
    interpreter.modes.flood = before.flood
    interpreter.modes.flow = .running
    takeFlow(block.modes.flow)
  }

  /// What laser mode makes of a line.
  private func laserSituation(_ block: GrblBlock) -> (isDark: Bool, isMotion: Bool, needsStop: Bool) {
    guard memory.settings.laser else { return (false, false, false) }
    let isDark = !cuts(block.modes.motion)
    if block.hadAxes, block.axisCommand == .motion { return (isDark, true, false) }
    let needsStop = interpreter.modes.spindle == .clockwise && cuts(interpreter.modes.motion) == isDark
    return (isDark, false, needsStop)
  }

  private func cuts(_ motion: GrblMotionMode) -> Bool {
    motion == .linear || motion == .clockwiseArc || motion == .counterclockwiseArc
  }

  private mutating func takeOffsets(_ block: GrblBlock, before: GrblModes, workOffset: GrblVector) {
    if block.axisCommand == .toolLength {
      let length = block.modes.hasToolLength ? block.axes.z : 0
      if interpreter.toolLength != length {
        interpreter.toolLength = length
        parts.append(.offsetsChanged)
      }
    }
    if before.coordinates != block.modes.coordinates {
      interpreter.workOffset = workOffset
      parts.append(.offsetsChanged)
    }
  }

  private mutating func takeNonModal(_ block: GrblBlock, other: GrblVector, planned: Double) {
    switch block.nonModal {
    case .none, .dwell, .machineCoordinates: break
    case .setOffset:
      let slot = Int(block["P"])
      remember(other, in: slot)
      if block.modes.coordinates == slot {
        interpreter.workOffset = other
        parts.append(.offsetsChanged)
      }
    case .goHome:
      var move = GrblPlanner.Move(target: block.axes, feed: 0)
      move.isRapid = true
      move.spindle = block.modes.spindle
      move.spindleSpeed = planned
      if block.axisCommand != .none { parts.append(.move(move)) }
      move.target = other
      parts.append(.move(move))
      interpreter.position = other
    case .setHome(let number): remember(interpreter.position, in: number == 28 ? 6 : 7)
    case .setExtraOffset:
      interpreter.extraOffset = other
      parts.append(.offsetsChanged)
    case .clearExtraOffset:
      interpreter.extraOffset = .zero
      parts.append(.offsetsChanged)
    }
  }

  private mutating func remember(_ place: GrblVector, in slot: Int) {
    var bytes = 0
    for axis in 0..<3 { bytes += eepromBytesChanged(memory.offsets[slot][axis], place[axis]) }
    memory.offsets[slot] = place
    parts.append(.remember(bytes: bytes == 0 ? 0 : bytes + 1))
  }

  private mutating func takeMotion(_ block: GrblBlock, arc: GrblArc?, planned: Double) {
    guard block.modes.motion != .none, block.axisCommand == .motion else { return }
    var move = GrblPlanner.Move(target: block.axes, feed: block["F"])
    move.isInverseTime = block.modes.inverseTime
    move.spindle = block.modes.spindle
    move.spindleSpeed = planned
    switch block.modes.motion {
    case .rapid:
      move.isRapid = true
      parts.append(.move(move))
    case .clockwiseArc, .counterclockwiseArc:
      guard var arc else { return }
      if move.isInverseTime, arc.segments > 0 {
        // So many segments share the time of the whole.
        move.feed *= Double(arc.segments)
      }
      arc.move = move
      parts.append(.arc(arc))
    case .probe(let kind):
      move.ignoresFeedOverride = true
      parts.append(.probe(move, kind: kind))
    case .linear, .none: parts.append(.move(move))
    }
    interpreter.position = block.axes
  }

  private mutating func takeFlow(_ flow: GrblProgramFlow) {
    switch flow {
    case .running: break
    case .paused:
      parts.append(.synchronize)
      parts.append(.pause)
    case .completed:
      parts.append(.synchronize)
      parts.append(.completeProgram)
    }
  }

  /// A place outside the travel that homing has established.
  func isBeyondTravel(_ place: GrblVector) -> Bool {
    for axis in 0..<3 where place[axis] > 0 || place[axis] < -memory.settings.travel[axis] { return true }
    return false
  }
}
