/// Feed, rapids, spindle and coolant, changed while the machine works.
extension GrblFirmware {
  mutating func obeyOverrides() {
    let asked = overrides
    overrides = GrblPendingOverrides()
    if !asked.feed.isEmpty { overrideFeed(asked.feed) }
    if !asked.spindle.isEmpty { overrideSpindle(asked.spindle) }
    if asked.stopSpindle, state == .hold {
      if stopOverride == .none {
        stopOverride = .begin
      } else if stopOverride == .active {
        stopOverride = .restore
      }
    }
    if asked.toggleFlood {
      switch state {
      case .idle, .run, .hold, .jog:
        flood.toggle()
        interpreter.modes.flood = flood
        overridesDueIn = 0
      case .alarm, .check, .homing, .door, .sleep: break
      }
    }
  }

  /// Bytes of one kind that arrive together count once, as on the board, where each is one bit; grblHAL queues them.
  private mutating func overrideFeed(_ bytes: [UInt8]) {
    if profile.isHAL {
      for byte in bytes { overrideFeedOnce([byte]) }
    } else {
      overrideFeedOnce(bytes)
    }
  }

  private mutating func overrideFeedOnce(_ bytes: [UInt8]) {
    var feed = planner.feedOverride
    var rapid = planner.rapidOverride
    if bytes.contains(0x90) { feed = 100 }
    if bytes.contains(0x91) { feed += 10 }
    if bytes.contains(0x92) { feed -= 10 }
    if bytes.contains(0x93) { feed += 1 }
    if bytes.contains(0x94) { feed -= 1 }
    if bytes.contains(0x95) { rapid = 100 }
    if bytes.contains(0x96) { rapid = 50 }
    if bytes.contains(0x97) { rapid = 25 }
    feed = max(10, min(200, feed))
    if feed == planner.feedOverride, rapid == planner.rapidOverride { return }
    planner.feedOverride = feed
    planner.rapidOverride = rapid
    overridesDueIn = 0
    planner.applyOverrides()
    stepper.replanned(&planner)
    planner.replan()
  }

  private mutating func overrideSpindle(_ bytes: [UInt8]) {
    var speed = output.override
    if bytes.contains(0x99) { speed = 100 }
    if bytes.contains(0x9A) { speed += 10 }
    if bytes.contains(0x9B) { speed -= 10 }
    if bytes.contains(0x9C) { speed += 1 }
    if bytes.contains(0x9D) { speed -= 1 }
    speed = max(10, min(200, speed))
    if speed == output.override { return }
    output.override = speed
    if state == .idle {
      setSpindle(interpreter.modes.spindle, speed: interpreter.spindleSpeed)
    } else {
      stepControl.insert(.updatePower)
    }
    overridesDueIn = 0
  }
}
