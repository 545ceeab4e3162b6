/// Power-on and the soft start after a reset.
extension GrblFirmware {
  mutating func powerOn() {
    if memory.isBlank {
      memory.isBlank = false
      memory.settings = profile.settings
      say("error:7")
      saySettings()
    }
    state = memory.settings.homing ? .alarm : .idle
    stepper.setPosition(.zero)
    tellsHomed = true
    restart()
  }

  /// Everything but position, state and EEPROM starts anew, and the banner says so.
  mutating func restart() {
    let position = stepper.position(at: clock)
    rx.flush()
    lineReader.clear()
    beam.setPower(0, at: clock)
    clearRun()
    interpreter = GrblInterpreter()
    interpreter.workOffset = memory.offsets[0]
    stepper.setPosition(position)
    synchronizePosition()
    if paced, memory.settings.idleLock < 255, !profile.isHAL {
      clock += Int64(memory.settings.idleLock) * 1_000_000
    }
    endLine()
    put(profile.banner)
    endLine()
    if state == .alarm || state == .sleep {
      state = .alarm
      say("[MSG:'$H'|'$X' to unlock]")
    } else {
      state = .idle
      runStartupLines()
    }
  }

  /// What no reset survives.
  mutating func clearRun() {
    flags = []
    overrides = GrblPendingOverrides()
    pendingAlarm = 0
    isStuck = false
    aborted = false
    softLimitHit = false
    suspend = []
    suspension = nil
    stopOverride = .none
    isAsleep = false
    isFreshlyStarted = true
    stepControl = []
    parts.removeAll(keepingCapacity: true)
    partIndex = 0
    partEnds = nil
    stickyError = 0
    offsetsDueIn = 0
    overridesDueIn = 0
    flood = false
    probeFound = false
    probePlace = .zero
    pinDirection = .off
    planner.feedOverride = 100
    planner.rapidOverride = 100
    stepper.reset()
    loadOutput()
  }

  /// Settings and overrides of the spindle's pin at their defaults.
  mutating func loadOutput() {
    output = GrblOutput()
    output.isLaser = memory.settings.laser
    output.lowest = memory.settings.spindleLowest
    output.highest = memory.settings.spindleHighest
  }

  /// Queues the stored lines before whatever is left to do.
  mutating func runStartupLines() {
    let rest = Array(parts[min(partIndex + 1, parts.count)...])
    let done = Array(parts[..<min(partIndex + 1, parts.count)])
    parts = []
    for index in memory.startupLines.indices {
      let line = memory.startupLines[index]
      if memory.startupIsBlank {
        parts.append(.startupAnswer([], 7))
      } else if !line.isEmpty {
        let code = interpret(line, from: 0, isJog: false)
        parts.append(.startupAnswer(line, code))
      }
    }
    memory.startupIsBlank = false
    parts = done + parts + rest
  }
}
