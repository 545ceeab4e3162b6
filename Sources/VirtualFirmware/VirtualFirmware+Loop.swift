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
    // Still at work beyond `now`.
    if !sleeps { wake = clock }
    // Nobody reads before there is room, so what has arrived by now may as well lie in the ring.
    if life == .running, queueRefusesBytes { rx.deliver(upTo: now, emergency: &emergency) }
    record.overruns = rx.overruns
    record.fullestRing = Int64(rx.fullest)
    record.repeatsDropped = reader.repeatsDropped
  }

  /// One turn of the main loop, or of the loop inside a waiting command; false when nothing happens before `now`.
  private mutating func step(now: Int64) -> Bool {
    switch life {
    case .off, .killed, .hung:
      rx.clear()
      wake = nil
      clock = max(clock, now)
      return false
    case .booting(let until):
      if until > now {
        wake = until
        return false
      }
      clock = max(clock, until)
      rx.deliver(upTo: clock, emergency: &emergency)
      rx.flush()
      reader.dropPending()
      life = .running
      lastByteRead = clock
      sayBanner()
      if waitsForButton {
        waitsForButton = false
        life = .hung
      }
      return true
    case .running:
      tick()
      if owesResend {
        owesResend = false
        askForResend()
        return true
      }
      readSerial(now: now)
      if life != .running || owesResend || clock > now { return true }
      badLinesLeft = profile.badLinesATurn
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
      // No temperature changes before the heaters' next step, and nothing else does by itself.
      return sleep(until: min(hotEnd.nextStep, bed.nextStep, max(wait.nextReport, clock + 1)), now: now)
    case .user(let wait):
      if let until = wait.until, clock >= until {
        userAnswered(wait, choice: nil)
        return true
      }
      return sleep(until: wait.until, now: now)
    }
  }

  /// The CPU computes for so long, or longer while the stepper interrupt takes its share.
  mutating func work(_ time: Int64) {
    let share = min(planner.stepRate * Double(profile.stepCost) * 1e-9, 0.7)
    clock += share > 0 ? time + Int64(Double(time) * share / (1 - share)) : time
  }

  /// Moves the CPU to the next thing that happens by `now`; false when there is none.
  private mutating func sleep(until wanted: Int64?, now: Int64) -> Bool {
    var next = earlier(wanted, nextTimer)
    let reads = !queueRefusesBytes
    if reads || emergency != nil { next = earlier(next, rx.stretchEnd) }
    wake = next
    idleSince = clock
    readsWhileIdle = reads
    guard let next, next <= now else { return false }
    clock = max(clock, next)
    return true
  }

  func earlier(_ one: Int64?, _ other: Int64?) -> Int64? {
    guard let one else { return other }
    guard let other else { return one }
    return min(one, other)
  }

  /// Marlin 1.0 reads only while more than one slot is free, others only while nothing is to be done.
  var queueRefusesBytes: Bool {
    if profile.readsOneByOne { return !queue.isEmpty }
    return queue.isFull || profile.lineRules == .marlin1 && queue.count >= queue.slots - 1
  }
}
