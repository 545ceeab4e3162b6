extension ModalState {
  /// Follows the M commands: targets, fans, factors, modes.
  mutating func applyM(_ command: Command) {
    switch command.number {
    case 82: extruderSetRelative = false
    case 83: extruderSetRelative = true
    case 104, 109: applyToolTarget(command)
    case 140, 190: bedTarget = target(command) ?? bedTarget
    case 141, 191: chamberTarget = target(command) ?? chamberTarget
    case 106, 107: applyFan(command)
    case 18, 84: applyRelease(command)
    case 85: break
    case 204: applyAcceleration(command)
    case 220: applySpeedFactor(command)
    case 221: applyFlowFactor(command)
    case 290: applyBabyStep(command)
    case 420: levelling = command["S"].map { $0 != 0 } ?? levelling
    case 112, 999: allHeatersOff()
    default: break
    }
  }

  /// The temperature that a heater command asks for: S, or R, with which M109 and M190 also wait to cool down.
  private func target(_ command: Command) -> Double? { command["S"] ?? command["R"] }

  private mutating func applyToolTarget(_ command: Command) {
    guard let target = target(command) else { return }
    let index = smallIndex(command["T"]) ?? Int(tool)
    if index < Self.maximumTools { toolTargets[index] = target }
  }

  /// M106 P S and M107 P; a bare M106 means full speed. M106 T sets speeds for later and is not followed.
  private mutating func applyFan(_ command: Command) {
    let index = command.has("P") ? smallIndex(command["P"]) : 0
    guard let index, index < Self.maximumFans, !command.has("T") else { return }
    fanSpeeds[index] = command.number == 107 ? 0 : max(0, min(255, command["S"] ?? 255))
  }

  /// M84 and M18 release at once, all motors or the named ones; with S they set the timeout instead.
  private mutating func applyRelease(_ command: Command) {
    if let seconds = command["S"] {
      stepperTimeout = max(0, seconds)
      return
    }
    let named = Axes(namedBy: command)
    motorsReleased(named.isEmpty ? .xyz : named.intersection(.xyz))
  }

  private mutating func applyAcceleration(_ command: Command) {
    if let value = command["S"] {
      acceleration.printing = value * unit
      acceleration.travel = value * unit
    }
    if let value = command["P"] { acceleration.printing = value * unit }
    if let value = command["R"] { acceleration.retracting = value * unit }
    if let value = command["T"] { acceleration.travel = value * unit }
  }

  /// M220 S; B stores the factor and R brings it back, where the firmware has them.
  private mutating func applySpeedFactor(_ command: Command) {
    if command.has("B") { storedSpeedFactor = speedFactor }
    if let percent = command["S"] {
      speedFactor = percent
    } else if command.has("R"), let stored = storedSpeedFactor {
      speedFactor = stored
    }
  }

  /// M221 S; with T for another tool than the active one it changes nothing now.
  private mutating func applyFlowFactor(_ command: Command) {
    guard let percent = command["S"] else { return }
    if let other = command["T"], other != Double(tool) { return }
    flowFactor = percent
  }

  private mutating func applyBabyStep(_ command: Command) {
    guard let step = command["Z"] ?? command["S"] else { return }
    babySteps = max(-DecimalNumber.limit, min(DecimalNumber.limit, babySteps + step * unit))
  }

  private mutating func allHeatersOff() {
    toolTargets = InlineArray(repeating: 0)
    bedTarget = 0
    chamberTarget = 0
  }

  /// A tool's or fan's number from a parameter; nil where it is no small whole number.
  private func smallIndex(_ value: Double?) -> Int? {
    guard let value, value >= 0, value < 256 else { return nil }
    return Int(value)
  }
}
