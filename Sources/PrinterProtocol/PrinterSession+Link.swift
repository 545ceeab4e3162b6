import GCode

/// The port opens, closes, vanishes.
extension PrinterSession {
  /// The port is being opened or waited for.
  public mutating func linkOpening(now: Int64) {
    // A job that is kept waits for its port: that is said already.
    guard gap == nil else { return }
    enter(.opening)
  }

  /// The port is open at the right speed; its input was flushed once, unless this is a reopening.
  public mutating func linkOpened(now: Int64) {
    if gap != nil { return reopened(now: now) }
    forgetConversation()
    goodReplies = 0
    noiseReplies = 0
    isKillSeen = false
    // After a loss a banner may as well come from a board whose power came back with the cable.
    isOpeningAwaited = !wasLost
    let wait: Int64
    switch configuration.resetsOnOpen {
    case .no: wait = 0
    case .yes: wait = configuration.patience.banner
    case .unknown: wait = configuration.patience.possibleBanner
    }
    greeting = Greeting(step: .banner, bannerAt: now + wait)
    enter(.handshaking)
    if wait == 0 { timeout(now: now) }
  }

  /// The port vanished or failed; `reason` names the port and what happened.
  public mutating func linkLost(reason: String, now: Int64) {
    wasLost = true
    if keepJob(reason, now: now) { return }
    let fault = SessionFault(
      code: "link.lost", sentence: reason, scope: .connection, fileLine: job.map { _ in progress.fileLine })
    loseLink(fault, now: now)
  }

  /// The port was closed on request; a running job ends uncertain.
  public mutating func linkClosed(now: Int64) {
    forgetConversation()
    wasLost = false
    endHands(SessionFault(code: "link.closed", sentence: "the port was closed", scope: .connection))
    if job != nil {
      let fault = SessionFault(
        code: "link.closed", sentence: "the port was closed while the job ran", scope: .job,
        fileLine: progress.fileLine)
      endJob(.uncertain, fault, now: now)
    }
    enter(.disconnected)
  }

  /// The connection is of no use any more; a running job ends uncertain, and heaters are remembered.
  mutating func loseLink(_ fault: SessionFault, now: Int64) {
    if stopWatch != nil { tell(.stopUnconfirmed) }
    noteInterruption()
    isOpeningAwaited = false
    forgetConversation()
    endHands(fault)
    if job != nil {
      endJob(.uncertain, fault, now: now)
    } else {
      tell(.fault(fault))
      if modal.isAnyHeaterOn { armHeaterTimers(now: now) }
    }
    enter(.linkLost, reason: fault.sentence)
  }

  /// Nothing is in flight any more and nothing waits to be sent.
  mutating func forgetConversation() {
    stream.close()
    parser.reset()
    dropOutput()
    greeting = nil
    gap = nil
    script = nil
    stopWatch = nil
    heatWatch = nil
    heatWait = nil
    pollAt = nil
    isPollDue = false
    cardPollAt = nil
    standbyAt = nil
    promptBegun = nil
    setPrompt(nil)
  }

  /// The clock reached `nextDeadline`; harmless when called earlier or later.
  public mutating func timeout(now: Int64) {
    streamTimeout(now: now)
    if let at = greeting?.bannerAt, at <= now { bannerOver(now: now) }
    if let at = pollAt, at <= now {
      pollAt = nil
      isPollDue = true
    }
    if let at = cardPollAt, at <= now { askCard(now: now) }
    heaterTimeouts(now: now)
    gapTimeout(now: now)
    stopTimeout(now: now)
    advance(now: now)
  }

  private mutating func streamTimeout(now: Int64) {
    let start = output.count
    let answer = stream.timeout(now: now, into: &output)
    outputGrew(from: start)
    switch answer {
    case .nothing, .resumed: break
    case .asked:
      counted.asked += 1
      counted.linesSent += 1
      if let line = stream.ledger.first, line.facts.isOpenEnded, !line.facts.waitsForHeat,
        line.facts.kind == .file
      {
        needAttention(.line, "the firmware waits for a person at the machine", now: now)
      }
    case .replaying(let first):
      if let number = stream.insertedAt {
        stream.insertedAt = nil
        if progress.lineNumber >= number { progress.lineNumber += 1 }
        if progress.sentLineNumber >= number { progress.sentLineNumber += 1 }
      }
      // Which numbers are the file's may have changed.
      modesChanged &+= 1
      rewindProgress(before: first)
      countReplay()
    case .settled(let taken): gapSettled(taken: taken, now: now)
    case .unanswered: plainUnanswered(now: now)
    case .failed(let failure): streamFailed(failure, now: now)
    }
    takeRetired(now: now)
  }
}
