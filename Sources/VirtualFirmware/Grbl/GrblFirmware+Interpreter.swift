/// Checking a line and cutting it into parts: nothing is done before all of it has been found right.
extension GrblFirmware {
  /// Takes a line of G-code, or a jog from behind `$J=`; returns the code of the error or 0, and then `parts` is filled.
  mutating func interpret(_ line: [UInt8], from position: Int, isJog: Bool) -> UInt8 {
    var block = GrblBlock(modes: interpreter.modes, isJog: isJog, isHAL: profile.isHAL)
    var code = block.read(line, from: position)
    if code == 0 { code = check(&block) }
    return code
  }

  private mutating func check(_ block: inout GrblBlock) -> UInt8 {
    if block.hasAxes, block.axisCommand == .none { block.axisCommand = .motion }
    if block.has("N"), block["N"] > 10_000_000 { return 27 }
    if let code = checkFeed(&block) { return code }
    if !block.has("S") { block["S"] = interpreter.spindleSpeed }
    if block.nonModal == .dwell {
      if !block.has("P") { return 28 }
      block.used("P")
    }
    if block.modes.inches { block.axes = block.axes.scaled(25.4) }
    if block.axisCommand == .toolLength, block.modes.hasToolLength, block.words & (7 << 23) != 4 << 23 {
      return 37
    }
    var workOffset = interpreter.workOffset
    if block.groups & (1 << 9) != 0 { workOffset = memory.offsets[block.modes.coordinates] }
    // Where a command wants more than the block's own axes.
    var other = GrblVector.zero
    var arc: GrblArc?
    if let code = checkNonModal(&block, workOffset: workOffset, other: &other) { return code }
    if let code = checkMotion(&block, arc: &arc) { return code }
    for letter in ["N", "F"] as [Unicode.Scalar] { block.used(letter) }
    if !block.isJog { for letter in ["S", "T"] as [Unicode.Scalar] { block.used(letter) } }
    if block.axisCommand != .none {
      for letter in ["X", "Y", "Z"] as [Unicode.Scalar] { block.used(letter) }
    }
    // The axis words count below although they have been used here.
    if block.words != 0 { return 36 }
    if block.isJog { return takeJog(block) }
    take(block, workOffset: workOffset, other: other, arc: arc)
    return 0
  }

  private func checkFeed(_ block: inout GrblBlock) -> UInt8? {
    let inch = block.modes.inches ? 25.4 : 1
    if block.isJog {
      if !block.has("F") { return 22 }
      block["F"] *= inch
    } else if block.modes.inverseTime {
      let moves = block.modes.motion != .none && block.modes.motion != .rapid
      if block.axisCommand == .motion, moves, !block.has("F") { return 22 }
    } else if !interpreter.modes.inverseTime {
      if block.has("F") { block["F"] *= inch } else { block["F"] = interpreter.feed }
    }
    return nil
  }

  private func checkNonModal(
    _ block: inout GrblBlock, workOffset: GrblVector, other: inout GrblVector
  ) -> UInt8? {
    switch block.nonModal {
    case .setOffset: return checkSetOffset(&block, other: &other)
    case .setExtraOffset:
      if !block.hasAxes { return 26 }
      var offset = interpreter.extraOffset
      for axis in 0..<3 where block.hasAxis(axis) {
        offset[axis] = interpreter.position[axis] - workOffset[axis] - block.axes[axis]
        if axis == 2 { offset[axis] -= interpreter.toolLength }
      }
      other = offset
      return nil
    default: break
    }
    if block.axisCommand != .toolLength, block.hasAxes {
      var target = interpreter.position
      for axis in 0..<3 where block.hasAxis(axis) {
        let value = block.axes[axis]
        if block.nonModal == .machineCoordinates {
          target[axis] = value
        } else if block.modes.incremental {
          target[axis] += value
        } else {
          target[axis] = value + workOffset[axis] + interpreter.extraOffset[axis]
          if axis == 2 { target[axis] += interpreter.toolLength }
        }
      }
      block.axes = target
    }
    switch block.nonModal {
    case .goHome(let number):
      other = memory.offsets[number == 28 ? 6 : 7]
      if block.hasAxes {
        for axis in 0..<3 where !block.hasAxis(axis) { other[axis] = interpreter.position[axis] }
      } else {
        block.axisCommand = .none
      }
    case .machineCoordinates:
      if block.modes.motion != .rapid, block.modes.motion != .linear { return 30 }
    default: break
    }
    return nil
  }

  private func checkSetOffset(_ block: inout GrblBlock, other: inout GrblVector) -> UInt8? {
    if !block.hasAxes { return 26 }
    if !block.has("P"), !block.has("L") { return 28 }
    let number = Int(min(block["P"], 1000))
    if number > (profile.isHAL ? 9 : 6) { return 29 }
    let kind = Int(Int64(block["L"]) & 255)
    if kind != 20 {
      if kind != 2 || block.has("R") { return 20 }
    }
    block.used("L")
    block.used("P")
    let slot = number > 6 ? number + 1 : number > 0 ? number - 1 : block.modes.coordinates
    other = memory.offsets[slot]
    for axis in 0..<3 where block.hasAxis(axis) {
      if kind == 20 {
        other[axis] = interpreter.position[axis] - interpreter.extraOffset[axis] - block.axes[axis]
        if axis == 2 { other[axis] -= interpreter.toolLength }
      } else {
        other[axis] = block.axes[axis]
      }
    }
    block["P"] = Double(slot)
    return nil
  }

  private func checkMotion(_ block: inout GrblBlock, arc: inout GrblArc?) -> UInt8? {
    if block.modes.motion == .none { return block.hasAxes ? 31 : nil }
    guard block.axisCommand == .motion else { return nil }
    if block.modes.motion == .rapid {
      if !block.hasAxes { block.axisCommand = .none }
      return nil
    }
    if block["F"] == 0 { return 22 }
    switch block.modes.motion {
    case .linear:
      if !block.hasAxes { block.axisCommand = .none }
    case .clockwiseArc, .counterclockwiseArc: return checkArc(&block, arc: &arc)
    case .probe:
      if !block.hasAxes { return 26 }
      if block.axes == interpreter.position { return 33 }
    case .rapid, .none: break
    }
    return nil
  }

  private func checkArc(_ block: inout GrblBlock, arc: inout GrblArc?) -> UInt8? {
    let axes = block.modes.plane == 0 ? (0, 1, 2) : block.modes.plane == 1 ? (2, 0, 1) : (1, 2, 0)
    if !block.hasAxes { return 26 }
    if !block.hasAxis(axes.0), !block.hasAxis(axes.1) { return 32 }
    let x = block.axes[axes.0] - interpreter.position[axes.0]
    let y = block.axes[axes.1] - interpreter.position[axes.1]
    let isClockwise = block.modes.motion == .clockwiseArc
    let inch = block.modes.inches ? 25.4 : 1.0
    var offset = GrblVector(block["I"], block["J"], block["K"]).scaled(inch)
    var radius: Double
    if block.has("R") {
      block.used("R")
      if block.axes == interpreter.position { return 33 }
      radius = block["R"] * inch
      let rest = 4 * radius * radius - x * x - y * y
      if rest < 0 { return 34 }
      var height = -rest.squareRoot() / (x * x + y * y).squareRoot()
      if !isClockwise { height = -height }
      if radius < 0 { height = -height }
      radius = abs(radius)
      offset[axes.0] = 0.5 * (x - y * height)
      offset[axes.1] = 0.5 * (y + x * height)
    } else {
      let letters: [Unicode.Scalar] = ["I", "J", "K"]
      if !block.has(letters[axes.0]), !block.has(letters[axes.1]) { return 35 }
      for letter in letters { block.used(letter) }
      let (endX, endY) = (x - offset[axes.0], y - offset[axes.1])
      let end = (endX * endX + endY * endY).squareRoot()
      radius = (offset[axes.0] * offset[axes.0] + offset[axes.1] * offset[axes.1]).squareRoot()
      let difference = abs(end - radius)
      if difference > 0.5 || difference > 0.005 && difference > 0.001 * radius { return 33 }
    }
    arc = makeArc(block, axes: axes, offset: offset, radius: radius, isClockwise: isClockwise)
    return nil
  }

  private func makeArc(
    _ block: GrblBlock, axes: (Int, Int, Int), offset: GrblVector, radius: Double, isClockwise: Bool
  ) -> GrblArc {
    let begin = interpreter.position
    var center = begin
    var spoke = GrblVector.zero
    for axis in [axes.0, axes.1] {
      center[axis] += offset[axis]
      spoke[axis] = -offset[axis]
    }
    let end = block.axes - center
    var angle = GrblTrigonometry.arcTangent(
      spoke[axes.0] * end[axes.1] - spoke[axes.1] * end[axes.0],
      spoke[axes.0] * end[axes.0] + spoke[axes.1] * end[axes.1])
    if isClockwise {
      if angle >= -5e-7 { angle -= 2 * GrblTrigonometry.pi }
    } else if angle <= 5e-7 {
      angle += 2 * GrblTrigonometry.pi
    }
    let tolerance = memory.settings.arcTolerance
    let chord = (max(1e-9, tolerance * (2 * radius - tolerance))).squareRoot()
    let segments = Int(min(65_535, abs(0.5 * angle * radius) / chord))
    return GrblArc(
      move: GrblPlanner.Move(target: block.axes, feed: 0), center: center, radius: spoke, axes: axes,
      begin: begin, anglePerSegment: segments > 0 ? angle / Double(segments) : 0, segments: segments)
  }
}
