/// Realtime bytes: picked off the line as they arrive, obeyed when the main program gets to it.
extension GrblFirmware {
  /// The interrupt's part.
  mutating func takeRealtime(_ byte: UInt8, at time: Int64) {
    switch byte {
    case 0x18:
      asked.resets += 1
      softReset(at: time)
    case UInt8(ascii: "?"):
      asked.reports += 1
      flags.insert(.report)
    case UInt8(ascii: "!"):
      asked.holds += 1
      flags.insert(.feedHold)
    case UInt8(ascii: "~"):
      asked.starts += 1
      flags.insert(.cycleStart)
    case 0x84: flags.insert(.door)
    case 0x85:
      if state == .jog { flags.insert(.motionCancel) }
      if profile.isHAL {
        // It takes with it what has not been read, and the last error.
        rx.flush()
        lineReader.clear()
        stickyError = 0
      }
    case 0x90...0x97: overrides.feed.append(byte)
    case 0x99...0x9D: overrides.spindle.append(byte)
    case 0x9E:
      asked.spindleStops += 1
      overrides.stopSpindle = true
    case 0xA0: overrides.toggleFlood.toggle()
    default: if profile.isHAL { takeExtraRealtime(byte, at: time) }
    }
  }

  /// grblHAL's own: the old bytes by other numbers, and a full report.
  private mutating func takeExtraRealtime(_ byte: UInt8, at time: Int64) {
    switch byte {
    case 0x80: flags.insert(.report)
    case 0x81: flags.insert(.cycleStart)
    case 0x82: flags.insert(.feedHold)
    case 0x87: flags.formUnion([.report, .fullReport])
    case 0x05: flags.insert(.report)
    default: break
    }
  }

  /// The end of everything that goes on: outputs off, motors stopped dead if they turn. The position is then in doubt.
  mutating func softReset(at time: Int64) {
    if flags.contains(.reset) { return }
    flags.insert(.reset)
    beam.setPower(0, at: time)
    flood = false
    let moves = state == .run || state == .homing || state == .jog || stepControl.contains(.hold)
    guard moves else { return }
    if state == .homing {
      if pendingAlarm == 0 { pendingAlarm = 6 }
    } else {
      pendingAlarm = 3
    }
    stepper.kill(at: time, beam: &beam)
    if paced, memory.settings.idleLock < 255, !profile.isHAL {
      // The motors are held a while with interrupts off.
      clock = max(clock, time + Int64(memory.settings.idleLock) * 1_000_000)
      rx.deafUntil = clock
    }
  }

  /// The main program's part; true when something was done and another look is due.
  mutating func obeyRealtime() -> Bool {
    var acted = false
    if pendingAlarm != 0 {
      raiseAlarm()
      if isStuck { return true }
    }
    if flags.contains(.reset) {
      aborted = true
      return false
    }
    if !flags.isEmpty {
      obeyFlags()
      acted = true
    }
    if !overrides.isEmpty {
      obeyOverrides()
      acted = true
    }
    switch state {
    case .run, .hold, .door, .sleep, .jog:
      stepper.prepare(&planner, control: &stepControl, output: &output)
    case .idle, .alarm, .check, .homing: break
    }
    return acted
  }

  private mutating func raiseAlarm() {
    let code = pendingAlarm
    pendingAlarm = 0
    lastAlarm = code
    state = .alarm
    put("ALARM:")
    put(Int64(code))
    endLine()
    if paced { clock += 500_000_000 }
    if code > 2 { return }
    say("[MSG:Reset to continue]")
    flags.remove(.reset)
    isStuck = true
  }

  private mutating func obeyFlags() {
    let asked = flags
    if asked.contains(.report) {
      flags.subtract([.report, .fullReport])
      sayStatus(full: asked.contains(.fullReport))
    }
    let stops: GrblFlags = [.motionCancel, .feedHold, .door, .sleep]
    if !asked.isDisjoint(with: stops) {
      obeyStops(asked)
      flags.subtract(stops)
    }
    if asked.contains(.cycleStart) {
      if asked.isDisjoint(with: [.feedHold, .motionCancel, .door]) { obeyCycleStart() }
      flags.remove(.cycleStart)
    }
    if asked.contains(.cycleStop) {
      flags.remove(.cycleStop)
      motorsHaveStopped()
    }
  }

  private mutating func obeyStops(_ asked: GrblFlags) {
    if state != .alarm, state != .check {
      if state == .run || state == .jog, suspend.isDisjoint(with: [.motionCancel, .jogCancel]) {
        stepper.replanned(&planner)
        stepControl = [.hold]
        stoppedOnPurpose = true
        if state == .jog, !asked.contains(.sleep) { suspend.insert(.jogCancel) }
      }
      if state == .idle { suspend = [.holdComplete] }
      if asked.contains(.motionCancel), state != .jog { suspend.insert(.motionCancel) }
      if asked.contains(.feedHold), state != .door, state != .jog, state != .sleep { state = .hold }
      if asked.contains(.door) { openDoor() }
    }
    if asked.contains(.sleep) {
      if state == .alarm { suspend.formUnion([.outputsOff, .holdComplete]) }
      state = .sleep
    }
  }

  private mutating func openDoor() {
    say("[MSG:Check Door]")
    if !suspend.contains(.jogCancel) {
      if state == .door, suspend.contains(.restoring) {
        suspend.subtract([.outputsOff, .restoring, .restored])
        suspension?.restoredAt = nil
      }
      if state != .sleep { state = .door }
    }
    suspend.insert(.doorAjar)
  }

  private mutating func obeyCycleStart() {
    if state == .door, !suspend.contains(.doorAjar) {
      if suspend.contains(.restored) {
        state = .idle
      } else if suspend.contains(.outputsOff) {
        suspend.insert(.restoring)
      }
    }
    guard state == .idle || state == .hold && suspend.contains(.holdComplete) else { return }
    if state == .hold, stopOverride != .none {
      stopOverride = .restoreAndGoOn
      return
    }
    if profile.isHAL, state == .hold { say("[MSG:]") }
    stepControl = []
    let goesOn = !planner.isEmpty && !suspend.contains(.motionCancel)
    suspend = []
    suspension = nil
    state = goesOn ? .run : .idle
    if goesOn { startMotors() }
  }

  /// Cuts the first segments and lets the motors turn.
  mutating func startMotors() {
    stepper.prepare(&planner, control: &stepControl, output: &output)
    stepper.wake(at: clock, beam: &beam)
  }

  private mutating func motorsHaveStopped() {
    let isHeld = state == .hold || state == .door || state == .sleep
    if isHeld, !softLimitHit, !suspend.contains(.jogCancel) {
      stepper.replanned(&planner)
      planner.replan()
      if stepControl.contains(.hold) { suspend.insert(.holdComplete) }
      stepControl.remove(.hold)
      return
    }
    if suspend.contains(.jogCancel) {
      stepControl = []
      stepper.reset()
      synchronizePosition()
    }
    if suspend.contains(.doorAjar) {
      suspend.remove(.jogCancel)
      suspend.insert(.holdComplete)
      state = .door
    } else {
      suspend = []
      suspension = nil
      state = .idle
    }
  }
}
