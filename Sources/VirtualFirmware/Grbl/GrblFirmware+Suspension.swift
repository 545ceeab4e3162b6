/// Holds, the open door and sleep: the machine stands still on purpose.
extension GrblFirmware {
  /// One turn of the loop in which a hold, an open door or sleep keeps the main program; true when something changed.
  mutating func goThroughSuspension() -> Bool {
    if suspension == nil {
      let block = planner.blocks.first
      suspension = GrblSuspension(
        spindle: block?.spindle ?? interpreter.modes.spindle,
        spindleSpeed: block?.spindleSpeed ?? interpreter.spindleSpeed, flood: flood)
      // In laser mode every hold stops the beam by itself.
      if memory.settings.laser { overrides.stopSpindle = true }
      return true
    }
    guard suspend.contains(.holdComplete) else { return false }
    switch state {
    case .door, .sleep: return goThroughDoor()
    default: return goThroughHold()
    }
  }

  private mutating func goThroughHold() -> Bool {
    switch stopOverride {
    case .begin:
      if interpreter.modes.spindle == .off {
        stopOverride = .none
      } else {
        setSpindle(.off, speed: 0)
        stopOverride = .active
      }
      return true
    case .restore, .restoreAndGoOn:
      if interpreter.modes.spindle != .off {
        say("[MSG:Restoring spindle]")
        restoreSpindle()
      }
      if stopOverride == .restoreAndGoOn { flags.insert(.cycleStart) }
      stopOverride = .none
      return true
    case .active: return false
    case .none:
      guard stepControl.contains(.updatePower), let before = suspension else { return false }
      stepControl.remove(.updatePower)
      setSpindle(before.spindle, speed: before.spindleSpeed)
      return true
    }
  }

  private mutating func restoreSpindle() {
    guard let before = suspension else { return }
    if memory.settings.laser {
      // On again with the next segment, or at once if nothing moves.
      stepControl.insert(.updatePower)
    } else {
      setSpindle(before.spindle, speed: before.spindleSpeed)
    }
  }

  private mutating func goThroughDoor() -> Bool {
    if !suspend.contains(.outputsOff) {
      stopOverride = .none
      setSpindle(.off, speed: 0)
      flood = false
      suspend.insert(.outputsOff)
      return true
    }
    if state == .sleep {
      if isAsleep { return false }
      isAsleep = true
      say("[MSG:Sleeping]")
      return true
    }
    // There is no door switch: what 0x84 opened counts as closed at once.
    if suspend.contains(.doorAjar) {
      suspend.remove(.doorAjar)
      return true
    }
    guard suspend.contains(.restoring), !suspend.contains(.restored), let before = suspension else {
      return false
    }
    guard let ready = before.restoredAt else {
      var delay: Int64 = 0
      if interpreter.modes.spindle != .off {
        restoreSpindle()
        if !memory.settings.laser { delay += 4_000_000_000 }
      }
      if interpreter.modes.flood {
        flood = before.flood
        delay += 1_000_000_000
      }
      suspension?.restoredAt = clock + delay
      return true
    }
    if clock < ready { return false }
    suspend.insert(.restored)
    flags.insert(.cycleStart)
    return true
  }
}
