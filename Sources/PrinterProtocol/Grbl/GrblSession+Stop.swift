import GCode

/// Stopping for good, pausing, alarms, restarts.
extension GrblSession {
  // MARK: The stop

  /// Ends the job by 0x18; before it a hold, where that keeps the position and nothing burns meanwhile (safety rule 17).
  ///
  /// Lines in the firmware's buffers would run on after an error, so waiting for them is no way out.
  mutating func beginStop(_ end: JobEnd, _ fault: SessionFault?, mayHold: Bool, now: Int64) {
    guard stop == nil else { return }
    setPrompt(nil)
    script = nil
    held = nil
    holdAt = nil
    // What was being read again is read in full behind the stop.
    greeting = nil
    let isUrgent = machineClass == .laser || job?.usedConstant == true
    let isDeaf = alarmCode.map { GrblCodes.isDeaf(after: $0) } ?? false
    enter(.cancelling, reason: fault?.sentence ?? "")
    if mayHold, !isUrgent, !isDeaf {
      stop = GrblStop(step: .holding, deadline: now + configuration.grbl.hold, end: end, fault: fault)
      writeRealtime(Realtime.hold)
      wantStatus(now: now)
    } else {
      stop = GrblStop(step: .holding, deadline: now, end: end, fault: fault)
      resetNow(now: now)
    }
  }

  /// Sends 0x18: spindle, beam and coolant go off, and what is buffered is gone.
  private mutating func resetNow(now: Int64) {
    var tries = 0
    if case .resetting(let before) = stop?.step { tries = before }
    actions.append(.flushOutput)
    dropOutput()
    forgetLines()
    writeRealtime(Realtime.reset)
    let wait = stop?.isEmergency == true ? configuration.patience.stop / 3 : configuration.patience.stop
    stop?.step = .resetting(tries: tries + 1)
    stop?.deadline = now + wait
  }

  mutating func stopReported(_ report: GrblStatus, now: Int64) {
    guard let current = stop, current.step == .holding else { return }
    switch report.state {
    case .held, .idle, .check, .sleep, .alarm, .tool:
      if report.state == .idle, current.deadline - now > configuration.grbl.hold / 2 {
        // The hold may not have arrived; one more costs nothing.
        writeRealtime(Realtime.hold)
        return
      }
      resetNow(now: now)
    case .door: if (report.feedrate ?? 0) == 0 { resetNow(now: now) }
    case .run, .jog, .home: writeRealtime(Realtime.hold)
    case .holding: break
    }
  }

  mutating func stopUnanswered(now: Int64) {
    guard let current = stop else { return }
    switch current.step {
    case .holding: resetNow(now: now)
    case .resetting(let tries):
      guard tries >= 3 else { return resetNow(now: now) }
      stop = nil
      let fault = SessionFault(
        code: "firmware.stopUnconfirmed",
        sentence: "0x18 was sent \(tries) times, but no banner confirms it: cut the power",
        scope: .connection,
        fileLine: job.map { _ in progress.fileLine })
      if current.isEmergency {
        endJob(.uncertain, fault)
        tell(.stopUnconfirmed)
        if configuration.resetsOnOpen == .yes { actions.append(.pulseDTR) }
        enter(.killed, reason: fault.sentence)
      } else {
        tell(.fault(fault))
        endJob(current.end == .failed ? .failed : .uncertain, current.fault ?? fault)
        if configuration.resetsOnOpen == .yes { actions.append(.pulseDTR) }
        loseLink(fault, now: now)
        actions.append(.closeLink)
      }
    }
  }

  /// Stops the machine at once. Sends 0x18; its banner confirms it.
  public mutating func emergencyStop(now: Int64) {
    guard phase != .disconnected, phase != .opening, phase != .linkLost else {
      tell(.stopUnconfirmed)
      return
    }
    let ending = stop
    greeting = nil
    statusAt = nil
    isStatusDue = false
    setPrompt(nil)
    endHands(
      SessionFault(code: "machine.stopped", sentence: "an emergency stop came between", scope: .connection))
    stop = GrblStop(
      step: .holding, deadline: now, end: ending?.end ?? .cancelled, fault: ending?.fault, isEmergency: true)
    resetNow(now: now)
    enter(.killed, reason: "emergency stop")
  }

  /// Leaves the killed state. Sends 0x18 and greets anew.
  public mutating func reset(now: Int64) throws(SessionRefusal) {
    let isLocked = phase == .needsAttention && job == nil
    guard phase == .killed || isLocked else {
      throw SessionRefusal(code: "machine.notKilled", sentence: "the machine is not stopped")
    }
    guard stop == nil else {
      throw SessionRefusal(code: "machine.stopping", sentence: "the emergency stop is still under way")
    }
    forgetConversation()
    goodReplies = 0
    noiseReplies = 0
    alarmCode = nil
    enter(.handshaking, reason: "reset")
    greet(now: now, wait: configuration.patience.stop)
  }

  /// Nothing answers any more.
  mutating func silent(now: Int64) {
    guard stop == nil else { return }
    if let current = greeting, !current.isReading { return giveUpGreeting(now: now) }
    let fault = SessionFault(
      code: "link.silent",
      sentence: job == nil
        ? "the machine answers no longer"
        : "the machine answers no longer; the last line it took is line \(progress.fileLine) of the file",
      scope: .connection, fileLine: job.map { _ in progress.fileLine })
    guard job != nil else {
      loseLink(fault, now: now)
      actions.append(.closeLink)
      return
    }
    // It may still listen.
    beginStop(.uncertain, fault, mayHold: false, now: now)
  }

  // MARK: Alarms and restarts

  mutating func alarm(_ code: Int32, now: Int64) {
    // 0x18 while moving brings ALARM:3 by itself.
    alarmCode = code
    isHomed = false
    guard stop == nil, greeting == nil || greeting?.isReading == true else { return }
    greeting = nil
    let fault = SessionFault(
      code: "firmware.alarm",
      sentence: "ALARM:\(code): \(GrblCodes.alarm(code))"
        + (job == nil ? "" : "; line \(progress.fileLine) was taken last"),
      scope: job == nil ? .connection : .job, fileLine: job.map { _ in progress.fileLine })
    endHands(fault)
    if job != nil { return beginStop(.failed, fault, mayHold: false, now: now) }
    tell(.fault(fault))
    if GrblCodes.isDeaf(after: code) {
      forgetLines()
      statusAt = nil
      enter(.killed, reason: fault.sentence)
    } else {
      lock(now: now)
    }
  }

  /// A banner: the end of a stop or of a greeting's wait, or a restart that nobody asked for.
  mutating func restarted(isHAL: Bool, now: Int64) {
    dialect = isHAL ? .grblHAL : .grbl
    if let current = stop, current.step != .holding {
      stop = nil
      stopped(current, now: now)
      return
    }
    if phase == .killed {
      reason = "the machine restarted after the stop; reset it to go on"
      return
    }
    if let current = greeting, !current.isReading {
      let tries = current.tries + (current.step == .banner || current.step == .quiet ? 0 : 1)
      guard tries < configuration.patience.greetings else { return giveUpGreeting(now: now) }
      return bannerSeen(now: now, tries: tries)
    }
    counted.resets += 1
    let wasAsked = hands.first?.changesSettings == true || offsetsBeforeCheck != nil
    let ending = stop
    stop = nil
    dropOutput()
    let fault = SessionFault(
      code: "firmware.reset",
      sentence:
        "the machine restarted by itself: its banner was seen; the last line it took is line \(progress.fileLine) of the file",
      scope: .job, fileLine: job.map { _ in progress.fileLine })
    if !wasAsked { tell(.firmwareReset) }
    endHands(wasAsked ? nil : fault)
    endJob(ending?.end ?? .uncertain, ending?.fault ?? fault)
    isHomed = false
    enter(.handshaking, reason: wasAsked ? "" : "the machine restarted")
    bannerSeen(now: now)
  }

  /// The stop's banner was seen: everything is off.
  private mutating func stopped(_ ended: GrblStop, now: Int64) {
    dropOutput()
    if ended.isEmergency {
      tell(.stopConfirmed)
      let fault = SessionFault(
        code: "machine.stopped", sentence: "stopped by hand with an emergency stop", scope: .job,
        fileLine: job.map { _ in progress.fileLine })
      endJob(ended.fault == nil ? .cancelled : ended.end, ended.fault ?? fault)
      forgetLines()
      return
    }
    endJob(ended.end, ended.fault)
    enter(.handshaking, reason: "reset")
    bannerSeen(now: now)
  }

  // MARK: Pause

  /// Pauses by `!`; confirmed by Hold:0, and for a laser by a dark beam. A beam under M3 is reset at once instead.
  public mutating func pause(now: Int64) throws(SessionRefusal) {
    guard job != nil else { throw SessionRefusal(code: "job.none", sentence: "no job is running") }
    guard phase == .printing, case .streaming? = job?.stage else {
      guard phase == .printing, case .draining? = job?.stage else { throw notReady() }
      return hold(why: "", now: now)
    }
    hold(why: "", now: now)
  }

  mutating func hold(why: String, now: Int64) {
    if machineClass == .laser, job?.hasConstantBeam == true {
      let fault = SessionFault(
        code: "laser.constantBeam",
        sentence:
          "a beam under M3 stays on when motion stops, so the pause was a reset; the job cannot go on"
          + (why.isEmpty ? "" : " (\(why))"), scope: .job, fileLine: progress.fileLine)
      return beginStop(.failed, fault, mayHold: false, now: now)
    }
    enter(.pausing, reason: why)
    holdAt = now + configuration.grbl.hold
    writeRealtime(Realtime.hold)
    wantStatus(now: now)
  }

  /// The hold was not confirmed in time: for a laser the beam goes off by 0x18, a spindle is held once more.
  mutating func holdMissed(now: Int64) {
    holdAt = nil
    guard phase == .pausing else { return }
    guard machineClass == .laser else {
      holdAt = now + configuration.grbl.hold
      writeRealtime(Realtime.hold)
      return wantStatus(now: now)
    }
    beginStop(
      .failed,
      SessionFault(
        code: "laser.holdUnconfirmed",
        sentence: "the pause was not confirmed by a standing machine with a dark beam, so it was reset",
        scope: .job,
        fileLine: progress.fileLine), mayHold: false, now: now)
  }

  /// Goes on from a hold. Sends `~`.
  public mutating func resume(now: Int64) throws(SessionRefusal) {
    guard job != nil else { throw SessionRefusal(code: "job.none", sentence: "no job is running") }
    if phase == .needsAttention, case .asking = job?.stage {
      return unpark(now: now)
    }
    guard phase == .paused || phase == .needsAttention else { throw notReady() }
    if machineClass == .cnc, followed.spindle != .off, followed.speed > 0, let speed = status?.spindle,
      speed == 0
    {
      throw SessionRefusal(
        code: "spindle.stopped",
        sentence:
          "the spindle stands still in the work: it must not go on from here; cancel, lift, and start over")
    }
    setPrompt(nil)
    enter(.resuming)
    writeRealtime(Realtime.start)
    wantStatus(now: now)
  }

  /// Ends the running job. Sends 0x18 first and asks afterwards.
  public mutating func cancel(now: Int64) throws(SessionRefusal) {
    guard job != nil else { throw SessionRefusal(code: "job.none", sentence: "no job is running") }
    if stop != nil { return }
    beginStop(.cancelled, nil, mayHold: false, now: now)
  }

  /// The supervisor is gone: a laser pauses where it does not come back in time (safety rule 17).
  public mutating func supervisorGone(now: Int64) {
    guard supervisorAt == nil else { return }
    supervisorAt = now + configuration.grbl.supervisor
  }

  /// The supervisor is back; what was paused waits for a person's word.
  public mutating func supervisorBack(now: Int64) { supervisorAt = nil }

  mutating func pauseUnwatched(now: Int64) {
    supervisorAt = nil
    guard machineClass == .laser, job != nil, phase == .printing || phase == .resuming else { return }
    hold(why: "nobody watches over the laser: its supervisor is gone", now: now)
  }

  // MARK: What reports say of a job

  mutating func jobReported(_ report: GrblStatus, now: Int64) {
    switch report.state {
    case .alarm: return alarm(alarmCode ?? -2, now: now)
    case .check, .sleep, .home:
      return failJob(
        SessionFault(
          code: "machine.strayed",
          sentence: "the machine is \(report.state.name), which the job did not ask for",
          scope: .job, fileLine: progress.fileLine), now: now)
    case .door, .tool: return stand(report.state, now: now)
    case .held, .holding, .idle, .run, .jog: break
    }
    scriptRests(report, now: now)
    switch phase {
    case .pausing: pausingReported(report, now: now)
    case .resuming where script == nil:
      if report.state == .held {
        writeRealtime(Realtime.start)
      } else if report.state == .run || report.state == .idle {
        enter(.printing)
      }
    case .paused,
      .needsAttention where job?.parked == nil:
      if report.state == .run || (report.state == .idle && phase == .needsAttention) {
        tell(.message("the machine goes on: somebody pressed its start button"))
        enter(.printing)
      }
    case .printing:
      if report.state == .held {
        return heldUnasked(report, now: now)
      }
      if job?.stage == .starting {
        lookForMissing(report, now: now)
        return beginStreaming(report, now: now)
      }
      guard isOnTrack(report, now: now) else { return }
      checkBuffer(report, now: now)
      lookForMissing(report, now: now)
      if report.state == .idle { drained(report, now: now) }
    case .disconnected, .opening, .handshaking, .idle, .resuming, .cancelling, .needsAttention, .killed,
      .linkLost, .printingNotOurs:
      lookForMissing(report, now: now)
    }
  }

  /// Whether the machine is where the last lines may have brought it; one report may be damaged, two in a row are not.
  private mutating func isOnTrack(_ report: GrblStatus, now: Int64) -> Bool {
    guard script == nil, let place = workPosition(report), !track.mayBe(at: place, 0.5) else {
      strays = 0
      return true
    }
    strays += 1
    guard strays >= 2 else { return true }
    beginStop(
      .failed,
      SessionFault(
        code: "stream.strayed",
        sentence:
          "the machine is where no line of the file leads (X\(OwnLine.text(place.x)) Y\(OwnLine.text(place.y)) Z\(OwnLine.text(place.z))), near line \(progress.fileLine): a byte was damaged on the way, and GRBL has no checksum. Check cable and grounding",
        scope: .job, fileLine: progress.fileLine), mayHold: true, now: now)
    return false
  }

  /// A hold that nobody asked for: a button of the machine, or a byte of a line that was damaged into `!`.
  private mutating func heldUnasked(_ report: GrblStatus, now: Int64) {
    guard !configuration.grbl.hasHoldButton, !report.isHoldPressed else {
      return enter(.paused, reason: "somebody held the machine at its own button")
    }
    beginStop(
      .failed,
      SessionFault(
        code: "stream.unaskedHold",
        sentence:
          "the machine holds, near line \(progress.sentFileLine) of the file, and nobody asked it to: most likely a byte of a line was damaged into `!`. Check cable and grounding; where the machine has a hold button, say so in its settings",
        scope: .job, fileLine: progress.fileLine), mayHold: false, now: now)
  }

  private mutating func pausingReported(_ report: GrblStatus, now: Int64) {
    switch report.state {
    case .held:
      let isDark = machineClass != .laser || (report.spindle ?? 0) == 0
      guard (report.feedrate ?? 0) == 0, isDark else { return }
      holdAt = nil
      let why = machineClass == .cnc && followed.spindle != .off ? "held; the spindle keeps turning" : reason
      enter(.paused, reason: why)
    case .run, .idle: writeRealtime(Realtime.hold)
    case .holding, .jog, .alarm, .door, .check, .home, .sleep, .tool: break
    }
  }

  /// The machine waits at the machine: door or tool.
  private mutating func stand(_ state: GrblState, now: Int64) {
    guard phase != .needsAttention, stop == nil else { return }
    holdAt = nil
    let text =
      state == .door ? "the safety door was opened: close it, then resume" : "the machine waits for a tool"
    enter(.needsAttention, reason: text)
    setPrompt(SessionPrompt(text: text, choices: []))
  }

  /// Answers a prompt: home or unlock where an alarm locks, else on it goes.
  public mutating func answer(choice: Int32?, now: Int64) throws(SessionRefusal) {
    guard prompt != nil else {
      throw SessionRefusal(code: "prompt.none", sentence: "the machine asks nothing")
    }
    guard job == nil else { return try resume(now: now) }
    switch choice {
    case 0: try queue([OwnLine.bytes("$H")], token: 0, isHoming: true, now: now)
    case 1: try queue([OwnLine.bytes("$X")], token: 0, now: now)
    default:
      throw SessionRefusal(code: "prompt.choice", sentence: "choose 0 to home or 1 to unlock")
    }
  }
}
