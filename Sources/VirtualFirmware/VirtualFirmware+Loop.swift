/// What the firmware is doing besides reading lines. Each case waits for one thing; `finish` ends it with its `ok`.
enum Activity: Sendable {
  /// Nothing: the next line of the queue may be executed.
  case idle
  /// A move that waits for room in the planner.
  case plan(Move)
  /// Waits for the motors to stand still, then goes on.
  case synchronize(AfterMotion)
  /// Does nothing until then (`G4`, homing, storing settings), then reports as told.
  case pass(until: Int64, then: AfterPassing)
  /// Heats or cools.
  case heat(HeatWait)
  /// Waits for a person.
  case user(UserWait)
}

/// What follows a standstill.
enum AfterMotion: Sendable {
  case acknowledge
  case dwell(Int64)
  case home
  case releaseMotors
  case askUser(UserWait)
}

/// What follows a fixed time.
enum AfterPassing: Sendable {
  case acknowledge
  case homed
  case settingsStored
}

extension VirtualFirmware {
  /// Lets everything happen up to and including `now`.
  public mutating func run(until now: Int64) {
    var sleeps = false
    lastRun = max(lastRun, now)
    while clock <= now, !sleeps { sleeps = !step(now: now) }
    if !sleeps {
      // Still at work beyond `now`.
      wake = clock
      timerWake = clock
    }
    // Nobody reads before the CPU wakes, so what has arrived by now may as well lie in the ring.
    if life == .running { rx.deliver(upTo: now, emergency: &emergency) }
    record.overruns = rx.overruns
    record.repeatsDropped = reader.repeatsDropped
  }

  /// One turn of the main loop, or of the loop inside a waiting command; false when nothing happens before `now`.
  private mutating func step(now: Int64) -> Bool {
    switch life {
    case .off, .killed, .hung:
      rx.clear()
      wake = nil
      timerWake = nil
      clock = max(clock, now)
      return false
    case .booting(let until):
      if until > now {
        wake = until
        timerWake = until
        return false
      }
      clock = max(clock, until)
      rx.deliver(upTo: clock, emergency: &emergency)
      rx.flush()
      reader.dropPending()
      life = .running
      sayBanner()
      return true
    case .running:
      tick()
      readSerial()
      if life != .running { return true }
      return proceed(now: now)
    }
  }

  /// The part of the loop that the firmware itself runs between two glances at the serial line.
  private mutating func proceed(now: Int64) -> Bool {
    switch activity {
    case .idle:
      if queue.isEmpty { return sleep(until: nil, now: now) }
      execute()
      return true
    case .plan(let move):
      if planner.free > 0 {
        plan(move)
        return true
      }
      return sleep(until: planner.nextChange, now: now)
    case .synchronize(let next):
      if planner.isEmpty {
        goOn(next)
        return true
      }
      return sleep(until: planner.nextChange, now: now)
    case .pass(let until, let next):
      if clock >= until {
        passed(next)
        return true
      }
      return sleep(until: until, now: now)
    case .heat(let wait):
      if waitForHeat(wait) { return true }
      return sleep(until: clock + 20_000_000, now: now)
    case .user(let wait):
      if let until = wait.until, clock >= until {
        userAnswered(wait, choice: nil)
        return true
      }
      return sleep(until: wait.until, now: now)
    }
  }

  /// Moves the CPU to the next thing that happens by `now`; false when there is none.
  private mutating func sleep(until wanted: Int64?, now: Int64) -> Bool {
    var next = earlier(wanted, nextTimer)
    timerWake = next
    if !queueRefusesBytes || emergency != nil { next = earlier(next, rx.nextArrival) }
    wake = next
    guard let next, next <= now else { return false }
    clock = max(clock, next)
    return true
  }

  func earlier(_ one: Int64?, _ other: Int64?) -> Int64? {
    guard let one else { return other }
    guard let other else { return one }
    return min(one, other)
  }

  /// Marlin 1.0 reads only while more than one slot is free.
  private var queueRefusesBytes: Bool {
    queue.isFull || profile.lineRules == .marlin1 && queue.count >= queue.slots - 1
  }

  // MARK: Reading

  private mutating func readSerial() {
    rx.deliver(upTo: clock, emergency: &emergency)
    if emergency != nil { obeyEmergency() }
    if life != .running || queueRefusesBytes { return }
    // Marlin 1.0 stops reading at a bad line, but its idle loop calls the reader twice a turn.
    var badLinesToGo = profile.lineRules == .marlin2 ? Int.max : 2
    while !queue.isFull, badLinesToGo > 0, let byte = rx.read() {
      switch reader.read(byte) {
      case .nothing: continue
      case .command:
        if emergency == nil, actsEarly() { return }
        queue.append(reader.line[...])
      case .rejected(let reason):
        reject(reason)
        badLinesToGo -= 1
        rx.deliver(upTo: clock, emergency: &emergency)
      }
    }
  }

  private mutating func reject(_ reason: LineReader.Rejection) {
    put("Error:")
    switch reason {
    case .lineNumber:
      put("Line Number is not Last Line Number+1, Last Line: ")
      record.lineNumberErrors += 1
    case .checksum:
      put("checksum mismatch, Last Line: ")
      record.checksumErrors += 1
    case .noChecksum:
      put("No Checksum with line number, Last Line: ")
      record.checksumErrors += 1
    case .noLineNumber:
      put("No Line Number with checksum, Last Line: ")
      record.lineNumberErrors += 1
    }
    put(Int64(reader.lastNumber))
    endLine()
    if reason == .noLineNumber { return }
    record.resendsAsked += 1
    clock += profile.rejectionCost
    askForResend()
    reader.dropPending()
  }

  /// The ring is emptied first: what was sent behind the bad line never existed.
  mutating func askForResend() {
    rx.deliver(upTo: clock, emergency: &emergency)
    rx.flush()
    put("Resend: ")
    put(Int64(reader.lastNumber &+ 1))
    endLine()
    put("ok")
    endLine()
  }

  /// Without an emergency parser three commands act when their line is read; true when the firmware is dead afterwards.
  private mutating func actsEarly() -> Bool {
    let text = reader.line
    switch profile.lineRules {
    case .marlin1:
      if text.spells("M112") { kill(nil) }
    case .marlin2:
      guard let start = text.firstIndex(where: { $0 != UInt8(ascii: " ") }) else { return false }
      let head = text[start...].prefix(4)
      if head.spells("M108") {
        breakWaits()
      } else if head.spells("M112") {
        kill("M112 Shutdown")
      } else if head.spells("M410") {
        quickStop()
      }
    }
    return life != .running
  }

  private mutating func obeyEmergency() {
    guard var seen = emergency else { return }
    if seen.kills {
      kill("M112 Shutdown")
      return
    }
    if seen.stopsMotion { quickStop() }
    if seen.breaksWaits { breakWaits() }
    let choice = seen.promptAnswer
    seen.stopsMotion = false
    seen.breaksWaits = false
    seen.promptAnswer = nil
    emergency = seen
    if let choice { answerPrompt(Int(choice)) }
  }

  // MARK: Timers

  /// When something is due without the host's doing.
  private var nextTimer: Int64? {
    var next = reports.nextTemperature
    next = earlier(next, reports.nextPosition)
    next = earlier(next, reports.nextCardStatus)
    if hotEnd.target > 0 || bed.target > 0 { next = earlier(next, reports.nextHeaterCheck) }
    if case .idle = activity {} else { next = earlier(next, reports.nextBusy) }
    if modes.motorsOn, modes.stepperTimeout > 0, case .idle = activity {
      next = earlier(
        next, planner.nextChange ?? max(modes.lastCommand, planner.lastEnd) + modes.stepperTimeout)
    }
    if modes.inactivityLimit > 0, case .idle = activity {
      next = earlier(next, modes.lastCommand + modes.inactivityLimit)
    }
    if let next { return max(next, clock) }
    return nil
  }

  /// What `idle()` does: motors, heaters, reports that are due.
  private mutating func tick() {
    planner.advance(to: clock)
    checkHeaters()
    if life != .running { return }
    sayDueReports()
    letGoOfMotors()
    guard modes.inactivityLimit > 0, case .idle = activity else { return }
    if clock >= modes.lastCommand + modes.inactivityLimit {
      say("Error:KILL caused by too much inactive time - current command: ")
      kill(nil)
    }
  }

  private mutating func checkHeaters() {
    guard hotEnd.target > 0 || bed.target > 0, clock >= reports.nextHeaterCheck else { return }
    reports.nextHeaterCheck = clock + 500_000_000
    let verdicts = (hotEnd.check(now: clock), bed.check(now: clock))
    guard profile.thermalProtection else { return }
    switch verdicts {
    case (.fine, .fine): break
    case (.heatingFailed, _): stopForHeater("Heating failed", "Heating Failed", "E0")
    case (.runaway, _): stopForHeater("Thermal Runaway", "Thermal Runaway", "E0")
    case (.fine, .heatingFailed): stopForHeater("Heating failed", "Bed Heating Failed", "bed")
    case (.fine, .runaway): stopForHeater("Thermal Runaway", "Bed Thermal Runaway", "bed")
    }
  }

  private mutating func stopForHeater(_ what: StaticString, _ display: StaticString, _ heater: StaticString) {
    record.heaterFault = true
    put("Error:")
    put(what)
    put(", system stopped! Heater_ID: ")
    put(heater)
    endLine()
    kill(display)
  }

  private mutating func letGoOfMotors() {
    guard modes.motorsOn, planner.isEmpty, modes.stepperTimeout > 0 else { return }
    guard case .idle = activity else { return }
    if clock >= max(modes.lastCommand, planner.lastEnd) + modes.stepperTimeout {
      modes.motorsOn = false
      modes.homed = false
      record.steppersTimedOut = true
    }
  }

  // MARK: Ends

  /// `kill()`: the reason, the verdict, then silence until a reset.
  mutating func kill(_ display: StaticString?) {
    if let display {
      put("echo:")
      put(display)
      endLine()
    }
    put("Error:Printer halted. kill() called!")
    endLine()
    if profile.hostActions {
      put("//action:poweroff")
      endLine()
    }
    _ = planner.stop(at: clock)
    hotEnd.resetController()
    bed.resetController()
    noteHeaters(now: clock)
    activity = .idle
    queue.removeAll()
    record.killed = true
    record.kills += 1
    life = .killed
  }

  /// `M410`: what is planned is thrown away and a second passes.
  mutating func quickStop() {
    modes.position = planner.stop(at: clock)
    clock += 1_025_000_000
  }

  mutating func breakWaits() {
    switch activity {
    case .heat: finish()
    case .user(let wait): userAnswered(wait, choice: nil)
    default: break
    }
  }

  // MARK: Watching the heaters

  mutating func noteHeaters(now: Int64) {
    let unattended = !hostPresent && (hotEnd.target > 0 || bed.target > 0)
    if let since = heatersUnattendedSince {
      record.heatersOnAfterHostGone += max(0, now - since)
      heatersUnattendedSince = nil
    }
    if unattended { heatersUnattendedSince = now }
  }

  mutating func noteHighest(now: Int64) {
    hotEnd.advance(to: now)
    bed.advance(to: now)
    record.highestHotEnd = hotEnd.highest
    record.highestBed = bed.highest
  }
}
