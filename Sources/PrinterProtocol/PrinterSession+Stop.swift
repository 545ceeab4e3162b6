import GCode

/// Emergency stop, killed firmware, restarts.
extension PrinterSession {
  /// Stops the machine at once. Sends `M112`, unnumbered: without an emergency parser Marlin acts early only on a line whose
  /// first byte is M, and the line feed in front ends a line that was cut off.
  public mutating func emergencyStop(now: Int64) {
    guard phase != .disconnected, phase != .opening, phase != .linkLost else {
      tell(.stopUnconfirmed)
      return
    }
    noteInterruption()
    forgetConversation()
    actions.append(.flushOutput)
    writeStop()
    if isKillSeen {
      // It is dead already; the line went out all the same.
      tell(.stopConfirmed)
      return
    }
    stopWatch = StopWatch(
      deadline: now + configuration.patience.stop, againAt: now + configuration.patience.stop / 3)
    endHands(
      SessionFault(code: "machine.stopped", sentence: "an emergency stop came between", scope: .connection))
    heatersAreOff()
    enter(.killed, reason: "emergency stop")
  }

  private mutating func writeStop() {
    let start = output.count
    output.append(contentsOf: [ASCII.lineFeed, UInt8(ascii: "M"), 49, 49, 50, ASCII.lineFeed])
    counted.linesSent += 1
    outputGrew(from: start)
  }

  mutating func stopTimeout(now: Int64) {
    guard var watch = stopWatch else { return }
    if watch.deadline <= now {
      stopWatch = nil
      let fault = SessionFault(
        code: "firmware.stopUnconfirmed",
        sentence: "the emergency stop was sent, but nothing confirms it: cut the power", scope: .connection,
        fileLine: job.map { _ in progress.fileLine })
      endJob(.uncertain, fault, now: now)
      tell(.stopUnconfirmed)
      if configuration.resetsOnOpen == .yes { actions.append(.pulseDTR) }
      enter(.killed, reason: fault.sentence)
    } else if watch.againAt <= now {
      watch.againAt = watch.deadline
      stopWatch = watch
      writeStop()
    }
  }

  private mutating func confirmStop(now: Int64) {
    guard stopWatch != nil else { return }
    stopWatch = nil
    let fault = SessionFault(
      code: "machine.stopped", sentence: "stopped by hand with an emergency stop", scope: .job,
      fileLine: job.map { _ in progress.fileLine })
    tell(.stopConfirmed)
    endJob(.cancelled, fault, now: now)
  }

  /// The firmware says that it is dead.
  mutating func killed(_ error: FirmwareError, now: Int64) {
    let words = String(decoding: parser.words, as: UTF8.self)
    isKillSeen = true
    confirmStop(now: now)
    let isHeater = error == .heater
    let fault = SessionFault(
      code: isHeater ? "firmware.heaterFault" : "firmware.killed",
      sentence: isHeater
        ? "the firmware found a heater out of control and stopped: \(words)"
        : "the firmware stopped itself: \(words); find the cause, then reset it", scope: .connection,
      fileLine: job.map { _ in progress.fileLine })
    guard phase != .killed else { return }
    noteInterruption()
    forgetConversation()
    endHands(fault)
    heatersAreOff()
    if job != nil { endJob(.failed, fault, now: now) } else { tell(.fault(fault)) }
    enter(.killed, reason: fault.sentence)
  }

  private mutating func heatersAreOff() {
    toolOffAt = nil
    bedOffAt = nil
    isToolOverdue = false
    isBedOverdue = false
    modal = ModalState(extruderRule: modal.extruderRule)
    planned.emptied()
  }

  /// The firmware restarted: its banner or lost numbering was seen. Nothing more of the job is sent.
  mutating func restarted(words: String, now: Int64) {
    if phase == .killed, !isResetWanted {
      isKillSeen = true
      confirmStop(now: now)
      reason = "the board restarted after the stop; reset it to go on"
      return
    }
    if var current = greeting, !current.isRenumbering {
      if isOpeningAwaited { openingShowed(resets: true) }
      // The rest of the same banner, or a board that restarts in the greeting.
      heatersAreOff()
      current.restarts += current.step == .banner ? 0 : 1
      guard current.restarts < configuration.patience.greetings else { return giveUpGreeting(now: now) }
      stream.close()
      dropOutput()
      greeting = Greeting(
        step: .banner, bannerAt: now + configuration.patience.bannerQuiet, restarts: current.restarts)
      return
    }
    guard phase != .disconnected, phase != .opening, phase != .linkLost else { return }
    counted.resets += 1
    noteInterruption()
    forgetConversation()
    heatersAreOff()
    isResetWanted = false
    tell(.firmwareReset)
    tell(.link(.reset(reason: words)))
    let fault = SessionFault(
      code: "firmware.reset",
      sentence:
        "the printer restarted by itself (\(words)); the last line it took is line \(progress.fileLine) of the file",
      scope: .job, fileLine: job.map { _ in progress.fileLine })
    endHands(fault)
    if let ending = job?.ending {
      endJob(ending.end, ending.fault ?? fault, now: now)
    } else {
      endJob(.uncertain, fault, now: now)
    }
    greeting = Greeting(step: .banner, bannerAt: now + configuration.patience.bannerQuiet)
    enter(.handshaking, reason: "the printer restarted")
  }

  /// Leaves the killed state: DTR pulse where the board resets by it, else `M999`, then a new greeting.
  public mutating func reset(now: Int64) throws(SessionRefusal) {
    guard phase == .killed else {
      throw SessionRefusal(code: "machine.notKilled", sentence: "the firmware is not stopped")
    }
    guard stopWatch == nil else {
      throw SessionRefusal(code: "machine.stopping", sentence: "the emergency stop is still under way")
    }
    forgetConversation()
    goodReplies = 0
    noiseReplies = 0
    isResetWanted = true
    isKillSeen = false
    let start = output.count
    if configuration.resetsOnOpen != .no { actions.append(.pulseDTR) }
    if configuration.resetsOnOpen != .yes {
      output.append(contentsOf: OwnLine.bytes("\n" + (dialect.revival ?? "M999") + "\n"))
    }
    outputGrew(from: start)
    let wait =
      configuration.resetsOnOpen == .yes
      ? configuration.patience.banner : configuration.patience.possibleBanner
    greeting = Greeting(step: .banner, bannerAt: now + wait)
    enter(.handshaking, reason: "reset")
  }
}
