import GCode

/// The port opens, closes, vanishes; greeting.
extension GrblSession {
  /// The port is being opened or waited for.
  public mutating func linkOpening(now: Int64) { enter(.opening) }

  /// The port is open at the right speed. Sends 0x18 before anything is asked: whatever a dead driver left on goes off.
  public mutating func linkOpened(now: Int64) {
    forgetConversation()
    goodReplies = 0
    noiseReplies = 0
    unanswered = 0
    enter(.handshaking)
    let wait =
      configuration.resetsOnOpen == .yes
      ? configuration.patience.banner : configuration.patience.possibleBanner
    greet(now: now, wait: wait)
  }

  /// The port vanished or failed; `reason` names the port and what happened.
  public mutating func linkLost(reason: String, now: Int64) {
    loseLink(
      SessionFault(
        code: "link.lost", sentence: reason, scope: .connection, fileLine: job.map { _ in progress.fileLine }),
      now: now)
  }

  /// The port was closed on request; a running job ends uncertain.
  public mutating func linkClosed(now: Int64) {
    forgetConversation()
    endHands(SessionFault(code: "link.closed", sentence: "the port was closed", scope: .connection))
    endJob(
      .uncertain,
      SessionFault(
        code: "link.closed", sentence: "the port was closed while the job ran", scope: .job,
        fileLine: progress.fileLine))
    enter(.disconnected)
  }

  mutating func loseLink(_ fault: SessionFault, now: Int64) {
    if stop?.isEmergency == true { tell(.stopUnconfirmed) }
    let ending = stop
    forgetConversation()
    endHands(fault)
    if job != nil {
      endJob(ending?.end == .failed ? .failed : .uncertain, ending?.fault ?? fault)
    } else {
      tell(.fault(fault))
    }
    enter(.linkLost, reason: fault.sentence)
  }

  /// Nothing is in flight any more and nothing waits to be sent.
  mutating func forgetConversation() {
    dropOutput()
    parser.reset()
    forgetLines()
    greeting = nil
    stop = nil
    statusAt = nil
    isStatusDue = false
    setPrompt(nil)
  }

  /// The firmware's buffers are empty: it was reset.
  mutating func forgetLines() {
    ledger.removeAll()
    isAlone = false
    lastBlock = nil
    doubt = GrblDoubt()
    probes.removeAll(keepingCapacity: true)
    probeTries = 0
    probeAnsweredAt = .min
    verification = nil
    damagedAt = .min
    held = nil
    script = nil
    holdAt = nil
    repeats = 0
    isDrained = false
    isJogging = false
  }

  /// The clock reached `nextDeadline`; harmless when called earlier or later.
  public mutating func timeout(now: Int64) {
    if let at = statusAt, at <= now {
      statusAt = nil
      statusDue(now: now)
    }
    if let current = greeting, current.deadline <= now { greetingUnanswered(now: now) }
    if let current = stop, current.deadline <= now { stopUnanswered(now: now) }
    if let at = holdAt, at <= now { holdMissed(now: now) }
    if let at = supervisorAt, at <= now { pauseUnwatched(now: now) }
    advance(now: now)
  }

  private mutating func statusDue(now: Int64) {
    guard !isClosed || stop != nil else { return }
    let isPatient = hands.first?.isHoming == true || stop != nil || greeting?.step == .banner
    if !isPatient, unanswered >= configuration.patience.questions,
      now - heardAt > configuration.grbl.silence
    {
      return silent(now: now)
    }
    wantStatus(now: now)
  }

  // MARK: Greeting

  /// Resets the firmware and waits for its banner.
  mutating func greet(now: Int64, wait: Int64) {
    greeting = GrblGreeting(step: .banner, deadline: now + wait)
    writeRealtime(Realtime.reset)
  }

  /// The banner was seen: the rest of it is waited for.
  mutating func bannerSeen(now: Int64, tries: Int = 0) {
    forgetLines()
    statusAt = nil
    isStatusDue = false
    unanswered = 0
    followed = GrblModal()
    status = nil
    greeting = GrblGreeting(
      step: .quiet, deadline: now + configuration.patience.bannerQuiet, tries: tries)
  }

  /// Reads settings and offsets again: a line by hand may have changed them.
  mutating func readAgain(now: Int64) {
    greeting = GrblGreeting(step: .settings, deadline: now + configuration.patience.greeting, isReading: true)
  }

  mutating func sendGreeting(now: Int64) {
    guard var current = greeting, !current.isSent else { return }
    let line: String
    switch current.step {
    case .banner, .quiet: return
    case .build: line = "$I"
    case .settings: line = "$$"
    case .offsets: line = "$#"
    case .modes: line = "$G"
    case .state:
      current.isSent = true
      greeting = current
      return wantStatus(now: now)
    }
    guard ledger.isEmpty else { return }
    current.isSent = true
    current.deadline = now + configuration.patience.greeting
    greeting = current
    writeOwn(OwnLine.bytes(line), .own, now: now)
  }

  /// The step's line was acknowledged.
  mutating func greetingAnswered(now: Int64) {
    guard var current = greeting, current.isSent else { return }
    switch current.step {
    case .banner, .quiet, .state: return
    case .build: current.step = .settings
    case .settings:
      // A damaged line of the list is asked for again: without $32 no job may start.
      if settings.laserMode == nil, current.tries < 2 {
        greeting?.tries += 1
        greeting?.isSent = false
        greeting?.deadline = now + configuration.patience.greeting
        return
      }
      current.step = .offsets
    case .offsets: current.step = .modes
    case .modes:
      if current.isReading {
        greeting = nil
        return wantStatus(now: now)
      }
      current.step = .state
    }
    current.tries = 0
    current.isSent = false
    current.deadline = now + configuration.patience.greeting
    greeting = current
  }

  mutating func greetingUnanswered(now: Int64) {
    guard var current = greeting else { return }
    if current.step == .quiet {
      current.step = .build
      current.isSent = false
      current.deadline = now + configuration.patience.greeting
      greeting = current
      return
    }
    current.tries += 1
    guard current.tries < configuration.patience.greetings else { return giveUpGreeting(now: now) }
    if current.isReading {
      // What runs idle is not reset for a lost answer: `$G` finds out whether it is still to come.
      greeting = nil
      return wantStatus(now: now)
    }
    // A late answer would be taken for another line's: the reset takes it along.
    ledger.removeAll()
    isAlone = false
    greeting = GrblGreeting(
      step: .banner, deadline: now + configuration.patience.possibleBanner, tries: current.tries)
    writeRealtime(Realtime.reset)
  }

  mutating func giveUpGreeting(now: Int64) {
    let isGarbled = noiseReplies > 0 && goodReplies == 0
    let fault =
      isGarbled
      ? SessionFault(
        code: "link.garbled",
        sentence: "the port answers bytes that are no words: most likely the baud rate is not the machine's",
        scope: .connection)
      : SessionFault(
        code: "handshake.noAnswer",
        sentence:
          "the port opened, but no GRBL answered \(configuration.patience.greetings) times: is the machine on, is this its port, does it need a reset?",
        scope: .connection)
    loseLink(fault, now: now)
    actions.append(.closeLink)
  }

  /// The first report after the greeting: what the machine is doing.
  mutating func greeted(_ report: GrblStatus, now: Int64) {
    greeting = nil
    tell(.connected(firmware: firmware))
    compareOffsets()
    settle(report, now: now)
  }

  /// Without a job: idle, or locked.
  mutating func settle(_ report: GrblStatus, now: Int64) {
    switch report.state {
    case .idle:
      alarmCode = nil
      if phase == .needsAttention { setPrompt(nil) }
      if let place = workPosition(report) { followed.standsAt(place) }
      enter(.idle)
    case .alarm: lock(now: now)
    case .run, .jog, .home, .holding, .check: enter(.idle)
    case .held, .door, .sleep, .tool:
      enter(.needsAttention, reason: "the machine is \(report.state.name)")
    }
  }

  /// An alarm locks the machine; home or unlock leads on, each on a person's word.
  func lockReason() -> String {
    guard let code = alarmCode else {
      return "the machine is locked until it is homed ($H) or unlocked ($X); its position may be lost"
    }
    return "ALARM:\(code), \(GrblCodes.alarm(code)); it is locked until it is homed ($H) or unlocked ($X)"
  }

  mutating func lock(now: Int64) {
    guard phase != .killed else { return }
    modal.homed = []
    isHomed = false
    enter(.needsAttention, reason: lockReason())
    setPrompt(SessionPrompt(text: lockReason(), choices: ["home ($H)", "unlock ($X)"]))
  }

  /// Behind `$C`: leaving it resets, which clears G92 and the tool offset (safety rule 18).
  private mutating func compareOffsets() {
    guard let before = offsetsBeforeCheck else { return }
    offsetsBeforeCheck = nil
    guard !before.isSame(as: offsets) else { return }
    startObstacle = SessionRefusal(
      code: "offset.changed",
      sentence: "the check by $C changed a work offset: set zero again before a job starts"
    )
  }
}
