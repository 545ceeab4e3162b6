/// Doing the parts of a line, each when its turn comes; some wait for the motors, some for a time.
extension GrblFirmware {
  /// Does the next part or waits for what it needs.
  mutating func work(now: Int64) -> Bool {
    switch parts[partIndex] {
    case .synchronize:
      guard isSynchronized() else { return waitForMotors(now: now) }
    case .move(let move):
      guard planWhenThereIsRoom(move) else { return waitForMotors(now: now) }
    case .jog(let move):
      guard planWhenThereIsRoom(move) else { return waitForMotors(now: now) }
      if state == .idle, !planner.isEmpty {
        state = .jog
        startMotors()
      }
    case .arc(var arc):
      while !arc.isDone {
        var ahead = arc
        var move = arc.move
        move.target = ahead.step()
        guard planWhenThereIsRoom(move) else {
          parts[partIndex] = .arc(arc)
          return waitForMotors(now: now)
        }
        if aborted || isStuck { break }
        arc = ahead
      }
    case .probe(let move, let kind):
      guard probe(move, kind: kind) else { return waitForMotors(now: now) }
    case .setSpindle(let spindle, let speed, let becomesModal):
      if state != .check {
        guard isSynchronized() else { return waitForMotors(now: now) }
        setSpindle(spindle, speed: speed)
      }
      if becomesModal { interpreter.modes.spindle = spindle }
    case .setFlood(let on):
      if state != .check {
        guard isSynchronized() else { return waitForMotors(now: now) }
        flood = on
        overridesDueIn = 0
      }
      interpreter.modes.flood = on
    case .dwell(let time):
      if state != .check {
        guard passes(time) else { return sleep(until: partEnds, now: now) }
      }
    case .remember(let bytes):
      guard isSynchronized() else { return waitForMotors(now: now) }
      writeMemory(bytes: bytes)
    case .offsetsChanged:
      guard isSynchronized() else { return waitForMotors(now: now) }
      offsetsDueIn = 0
    case .pause:
      if state != .check { flags.insert(.feedHold) }
    case .completeProgram: completeProgram()
    case .home:
      guard home() else { return sleep(until: partEnds, now: now) }
    case .startupAnswer(let line, let code):
      put(">")
      put(line)
      put(":")
      answer(code)
    case .sayProbe: sayProbe()
    case .answer(let code): answer(code)
    }
    nextPart()
    answerAtOnce()
    return true
  }

  /// When nothing is left but the answer, no realtime byte comes in between; a reset, an alarm or `M0` does.
  private mutating func answerAtOnce() {
    guard pendingAlarm == 0, flags.isDisjoint(with: [.reset, .feedHold]), partIndex < parts.count else {
      return
    }
    guard case .answer(let code) = parts[partIndex] else { return }
    answer(code)
    nextPart()
  }

  mutating func nextPart() {
    if partIndex < parts.count { partIndex += 1 }
    partEnds = nil
    if partIndex >= parts.count {
      parts.removeAll(keepingCapacity: true)
      partIndex = 0
    }
  }

  /// A reset came while a line was being worked on: what is left of it is passed over, and it is still answered.
  mutating func abandonLine() {
    while partIndex < parts.count {
      switch parts[partIndex] {
      case .completeProgram: say("[MSG:Pgm End]")
      // grblHAL leaves it unanswered.
      case .answer(let code): if !profile.isHAL { answer(code) }
      default: break
      }
      partIndex += 1
    }
    parts.removeAll(keepingCapacity: true)
    partIndex = 0
    partEnds = nil
  }

  /// True once so much time has passed since the first asking.
  private mutating func passes(_ time: Int64) -> Bool {
    guard let end = partEnds else {
      partEnds = clock + time
      return time <= 0
    }
    return clock >= end
  }

  /// Everything planned has been done; otherwise the motors are set going.
  mutating func isSynchronized() -> Bool {
    stoppedOnPurpose = true
    if planner.isEmpty, state != .run { return true }
    if !planner.isEmpty, state == .idle { flags.insert(.cycleStart) }
    return false
  }

  private mutating func waitForMotors(now: Int64) -> Bool {
    if flags.contains(.cycleStart) || flags.contains(.cycleStop) || flags.contains(.feedHold)
      || pendingAlarm != 0
    {
      return true
    }
    return sleep(until: nil, now: now)
  }

  /// Plans a move; false when there is no room yet, and the motors are set going.
  private mutating func planWhenThereIsRoom(_ move: GrblPlanner.Move) -> Bool {
    if memory.settings.softLimits, state != .jog, !isJogPart, isBeyondTravel(move.target) {
      return stopAtSoftLimit()
    }
    if state == .check { return true }
    if planner.free == 0 {
      if state == .idle { flags.insert(.cycleStart) }
      return false
    }
    clock += profile.motionCost
    noteUnderrun()
    if planner.append(move, settings: memory.settings) {
      stepper.replanned(&planner)
      planner.replan()
    } else if memory.settings.laser, move.spindle == .clockwise {
      // A move of no length still sets the power of M3.
      let part = GrblPart.setSpindle(.clockwise, move.spindleSpeed, becomesModal: false)
      parts.insert(part, at: partIndex + 1)
    }
    return true
  }

  private var isJogPart: Bool {
    if partIndex < parts.count, case .jog = parts[partIndex] { return true }
    return false
  }

  private mutating func noteUnderrun() {
    guard planner.isEmpty, !stepper.isRunning, state == .idle else { return }
    let gap = clock - stepper.lastEnd
    if gap < 1_000_000_000, !stoppedOnPurpose {
      record.underruns += 1
      record.starved += gap
    }
    stoppedOnPurpose = false
  }

  /// Stops what runs, then raises the alarm; true when that is done.
  private mutating func stopAtSoftLimit() -> Bool {
    softLimitHit = true
    if state == .run {
      flags.insert(.feedHold)
      return false
    }
    if state == .hold { return false }
    softReset(at: clock)
    pendingAlarm = 2
    return true
  }

  // MARK: The parts themselves

  /// Sets direction and power at once; the motors stand.
  mutating func setSpindle(_ spindle: GrblSpindle, speed: Double) {
    if aborted { return }
    switch spindle {
    case .off:
      output.shown = 0
      beam.setPower(0, at: clock)
    case .clockwise: beam.setPower(output.power(speed), at: clock)
    case .counterclockwise:
      // A laser that follows the speed is dark while nothing moves.
      beam.setPower(output.power(output.isLaser ? 0 : speed), at: clock)
    }
    pinDirection = spindle
    overridesDueIn = 0
  }

  private mutating func completeProgram() {
    interpreter.modes.motion = .linear
    interpreter.modes.plane = 0
    interpreter.modes.incremental = false
    interpreter.modes.inverseTime = false
    interpreter.modes.coordinates = 0
    interpreter.modes.spindle = .off
    interpreter.modes.flood = false
    planner.feedOverride = 100
    planner.rapidOverride = 100
    output.override = 100
    if state != .check {
      interpreter.workOffset = memory.offsets[0]
      offsetsDueIn = 0
      setSpindle(.off, speed: 0)
      flood = false
    }
    say("[MSG:Pgm End]")
  }

  /// Each byte but the first waits for the one before, with interrupts off.
  mutating func writeMemory(bytes: Int) {
    if bytes < 2 || profile.eepromByteTime == 0 { return }
    // What has arrived by now has been heard.
    interrupts()
    clock += Int64(bytes - 1) * profile.eepromByteTime
    rx.deafUntil = clock
  }

  private mutating func home() -> Bool {
    guard let end = partEnds else {
      let time = homingTime
      partEnds = clock + time
      return false
    }
    if flags.contains(.door) {
      softReset(at: clock)
      pendingAlarm = 7
      return true
    }
    if clock < end { return false }
    if !profile.hasLimitSwitches {
      softReset(at: clock)
      pendingAlarm = 9
      return true
    }
    var place = GrblVector.zero
    let settings = memory.settings
    for axis in 0..<3 {
      let isAtFarEnd = Int(settings.homingDirections) & (1 << axis) != 0
      place[axis] = isAtFarEnd ? settings.homingPullOff - settings.travel[axis] : -settings.homingPullOff
    }
    stepper.setPosition((place * settings.stepsPerMillimetre).rounded)
    synchronizePosition()
    state = .idle
    runStartupLines()
    return true
  }

  /// Z first, then X and Y together: to the switch, off it, to it again slowly, and off.
  private var homingTime: Int64 {
    let settings = memory.settings
    let seek = max(settings.homingSeek, 1) / 60
    let distance =
      profile.hasLimitSwitches ? profile.homingDistance : 1.5 * max(settings.travel.x, settings.travel.z)
    var cycle = distance / seek + 4 * settings.homingDebounce * 0.001
    cycle += 2 * settings.homingPullOff / seek + settings.homingPullOff * 60 / max(settings.homingFeed, 1)
    return Int64(min(cycle * 2, 86_400) * 1e9)
  }

  /// Interpreter and planner go on from where the motors stand.
  mutating func synchronizePosition() {
    let place = stepper.position(at: clock)
    planner.reset(at: place)
    interpreter.position = place / memory.settings.stepsPerMillimetre
  }

  /// G38: true when it is over.
  private mutating func probe(_ move: GrblPlanner.Move, kind: Int) -> Bool {
    if state == .check { return true }
    if partEnds == nil {
      guard isSynchronized() else { return false }
      var move = move
      probeFound = false
      if kind < 4, let touch = probeTouchesAt {
        let from = interpreterPlace
        if from.z > touch, move.target.z <= touch {
          let part = (from.z - touch) / (from.z - move.target.z)
          move.target = from + (move.target - from).scaled(part)
          probeFound = true
        }
      }
      partEnds = clock
      if planner.append(move, settings: memory.settings) { planner.replan() }
      flags.insert(.cycleStart)
      return false
    }
    guard planner.isEmpty, state != .run, !flags.contains(.cycleStart) else { return false }
    probePlace = stepper.position(at: clock)
    synchronizePosition()
    if !probeFound {
      if kind == 3 || kind == 5 { return true }
      probePlace = .zero
      pendingAlarm = kind < 4 ? 5 : 4
    }
    parts.insert(.sayProbe, at: partIndex + 1)
    return true
  }

  private var interpreterPlace: GrblVector {
    stepper.position(at: clock) / memory.settings.stepsPerMillimetre
  }
}
