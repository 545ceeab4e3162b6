import GCode

/// Stopping for good, alarms, restarts.
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

  /// Ends the running job. Sends 0x18 first and asks afterwards.
  public mutating func cancel(now: Int64) throws(SessionRefusal) {
    guard job != nil else { throw SessionRefusal(code: "job.none", sentence: "no job is running") }
    if stop != nil { return }
    beginStop(.cancelled, nil, mayHold: false, now: now)
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
    // What was on the wire meanwhile runs behind the restart, a spindle or beam among it: 0x18 takes that along too.
    let hadLines = !wasAsked && !ledger.isEmpty
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
    if hadLines { greet(now: now, wait: configuration.patience.stop) } else { bannerSeen(now: now) }
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
}
