import GCode

/// Pausing and going on.
extension GrblSession {
  /// Pauses. A laser by `!`, confirmed by Hold:0 and a dark beam; a beam under M3 is reset at once instead.
  ///
  /// A turning spindle must not rub where it stands, and must not start in the work (safety rule 17): what the machine has
  /// is finished, then the tool is raised and the spindle goes off. A second word holds at once, the spindle turning.
  public mutating func pause(now: Int64) throws(SessionRefusal) {
    guard let stage = job?.stage else {
      throw SessionRefusal(code: "job.none", sentence: "no job is running")
    }
    switch (phase, stage) {
    case (.pausing, .draining(.pause)), (.printing, .draining(.toolChange)), (.printing, .draining(.stop)):
      hold(why: "", now: now)
    case (.printing, .streaming), (.printing, .draining(.finish)):
      guard machineClass == .cnc, followed.spindle != .off else { return hold(why: "", now: now) }
      job?.stage = .draining(.pause)
      enter(.pausing, reason: "the lines that the machine has are finished first, then the tool is raised")
      wantStatus(now: now)
      advance(now: now)
    default: throw notReady()
    }
  }

  /// The tool is on its way out of the work, or out of it, for a pause.
  var isRaising: Bool {
    switch job?.stage {
    case .draining(.pause), .asking(.pause): holdAt == nil
    default: false
    }
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
    guard phase == .paused || phase == .needsAttention else { throw notReady() }
    if case .asking = job?.stage { return unpark(now: now) }
    if machineClass == .cnc, followed.spindle != .off, followed.speed > 0, let speed = status?.spindle,
      speed == 0
    {
      throw SessionRefusal(
        code: "spindle.stopped",
        sentence:
          "the spindle stands still in the work: it must not go on from here; cancel, lift, and start over")
    }
    // It was held before it could be raised: on it goes with the file.
    if job?.stage == .draining(.pause) { job?.goOn() }
    setPrompt(nil)
    enter(.resuming)
    writeRealtime(Realtime.start)
    wantStatus(now: now)
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
}
