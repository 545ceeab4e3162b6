/// The main program: one turn at a time, each at the CPU's clock.
extension GrblFirmware {
  /// Lets everything happen up to and including `now`.
  public mutating func run(until now: Int64) {
    var sleeps = false
    lastRun = max(lastRun, now)
    while clock <= now, !sleeps { sleeps = !step(now: now) }
    if !sleeps { wake = clock }
    record.overruns = rx.overruns + rx.unheard
    record.fullestRing = Int64(rx.fullest)
  }

  private mutating func step(now: Int64) -> Bool {
    switch life {
    case .off, .hung:
      rx.clear()
      if let end = stepper.advance(to: now, beam: &beam) { clock = max(clock, end) }
      clock = max(clock, now)
      wake = stepper.nextChange
      return false
    case .booting(let until):
      if until > now {
        wake = until
        return false
      }
      clock = max(clock, until)
      // Nobody listens to the line meanwhile: what the host had sent before it saw the reset is gone.
      while rx.deliver(upTo: clock) != nil {}
      rx.flush()
      life = .running
      powerOn()
      return true
    case .running:
      interrupts()
      return turn(now: now)
    }
  }

  /// What the board does beside the main program: bytes arrive, motors turn.
  mutating func interrupts() {
    while let (byte, time) = rx.deliver(upTo: clock) {
      turnMotors(to: time)
      takeRealtime(byte, at: time)
    }
    turnMotors(to: clock)
  }

  private mutating func turnMotors(to time: Int64) {
    guard let end = stepper.advance(to: time, beam: &beam) else { return }
    flags.insert(.cycleStop)
    // The interrupt that finds nothing more to do holds the motors a while, and the main program with it.
    if paced, memory.settings.idleLock < 255, !profile.isHAL {
      clock = max(clock, end + Int64(memory.settings.idleLock) * 1_000_000)
    }
  }

  private mutating func turn(now: Int64) -> Bool {
    if isStuck { return waitForReset(now: now) }
    if isHoming, pendingAlarm == 0, !flags.contains(.reset) { return work(now: now) }
    if obeyRealtime() { return true }
    if aborted {
      abandonLine()
      restart()
      return true
    }
    if !suspend.isEmpty {
      if goThroughSuspension() { return true }
      return sleep(until: suspension?.restoredAt, now: now)
    }
    if partIndex < parts.count { return work(now: now) }
    if readLine() { return true }
    if startCycle() { return true }
    return sleep(until: nil, now: now)
  }

  /// In the loop that homes nothing is listened to but a reset and the door.
  private var isHoming: Bool {
    if partIndex < parts.count, case .home = parts[partIndex] { return true }
    return false
  }

  /// After a hard or soft limit nothing is done, not even a report, until a reset comes.
  private mutating func waitForReset(now: Int64) -> Bool {
    guard flags.contains(.reset) else {
      if profile.isHAL, pollWhileStuck() { return true }
      return sleep(until: nil, now: now)
    }
    isStuck = false
    // The reset of a machine that was being stopped is no second alarm.
    pendingAlarm = 0
    return true
  }

  /// Moves the CPU to the next thing that happens by `now`; false when there is none.
  mutating func sleep(until wanted: Int64?, now: Int64) -> Bool {
    var next = earlierOf(wanted, rx.nextNotable)
    next = earlierOf(next, stepper.nextChange)
    if let time = next { next = max(time, clock) }
    wake = next
    guard let next, next <= now else { return false }
    clock = next
    return true
  }

  /// `plan_get_current_block`: with something planned and nobody holding it back, the motors start.
  private mutating func startCycle() -> Bool {
    guard !planner.isEmpty, state == .idle else { return false }
    flags.insert(.cycleStart)
    return true
  }

  /// Reads bytes until a line is complete and takes it on; false when there is no complete line.
  private mutating func readLine() -> Bool {
    while let byte = rx.read() {
      if rx.readDamage {
        rx.readDamage = false
        lineReader.isDamaged = true
      }
      if byte != 10, byte != 13 {
        lineReader.lastEnd = 0
        lineReader.take(byte, limit: profile.lineBuffer)
        continue
      }
      if profile.isHAL, lineReader.lastEnd != 0, lineReader.lastEnd != byte, lineReader.raw.isEmpty {
        lineReader.lastEnd = 0
        continue
      }
      lineReader.lastEnd = byte
      takeLine()
      return true
    }
    return false
  }

  private mutating func takeLine() {
    if faultStrikes() {
      lineReader.clear()
      return
    }
    clock += profile.lineCost
    let code = dispatch(lineReader.text)
    if code == 0, isProgramLine { noteExecuted() }
    if code != 0 { errors += 1 }
    lineReader.clear()
    if parts.isEmpty {
      answer(code)
    } else {
      parts.append(.answer(code))
    }
  }

  private var isProgramLine: Bool {
    guard let first = lineReader.text.first else { return false }
    return first != UInt8(ascii: "$") && state != .check
  }

  private mutating func noteExecuted() {
    let text = lineReader.canonical
    record.execute(text, number: nil, isHostQuestion: false, isDamaged: lineReader.isDamaged)
  }

  /// The line as the controller sees it; returns the code of the error or 0, with `parts` still to be done.
  private mutating func dispatch(_ text: [UInt8]) -> UInt8 {
    if lineReader.overflows { return remembered(11) }
    guard let first = text.first else { return remembered(0) }
    if first == UInt8(ascii: "$") { return remembered(executeSystemLine(text)) }
    if state == .alarm || state == .jog { return remembered(9) }
    // grblHAL answers every further line with the last error until that is cleared.
    if profile.isHAL, stickyError != 0 { return stickyError }
    return remembered(interpret(text, from: 0, isJog: false))
  }

  private mutating func remembered(_ code: UInt8) -> UInt8 {
    stickyError = code
    return code
  }

  private mutating func faultStrikes() -> Bool {
    let number = record.lines
    if number == faults.unplugAt {
      faults.unplugAt = nil
      events.append(.unplugged(duration: faults.unplugFor))
    }
    if number == faults.resetAt {
      faults.resetAt = nil
      events.append(.reset)
      reset(now: clock)
      return true
    }
    if number == faults.silentAt {
      faults.silentAt = nil
      life = .hung
      return true
    }
    if number == faults.killAt {
      // The reset button of the machine.
      faults.killAt = nil
      record.kills += 1
      softReset(at: clock)
    }
    return false
  }
}
