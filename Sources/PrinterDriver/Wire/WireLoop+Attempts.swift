import CLinux
import DriverInterface
import GCode
import PrinterProtocol

/// Attempts: staging, the one start, the end.
extension WireLoop {
  func stage(_ attempt: StagedAttempt, _ address: ReplyAddress) {
    if let refusal = ledger.refusalToStage(attempt) {
      reply(address, .refused(refusal))
      return
    }
    let token = token()
    staging[token] = (attempt, address)
    orders.post(.stage(attempt, token: token))
  }

  /// Asks the disk to note the start; the first line waits for its word.
  func start(_ attempt: AttemptID, _ address: ReplyAddress?) {
    do throws(Fault) {
      if ledger.wasStarted(attempt) || ledger.isBusy { _ = try ledger.beginStart(attempt) }
      guard session.phase == .idle, ending == nil else { throw notReady() }
      let staged = try ledger.beginStart(attempt)
      let ring = ByteRing(capacity: configuration.ringCapacity)
      startAddress = address
      startRing = ring
      orders.post(.start(staged, ring))
    } catch {
      reply(address, .refused(error))
    }
  }

  private func notReady() -> Fault {
    let reason = currentReason
    let why = reason.isEmpty ? "" : ": \(reason)"
    let phase = MachinePhase(session.phase).word
    return Fault(
      code: "machine.notReady",
      sentence: "\(configuration.machine) is not ready to start, its phase is \(phase)\(why)",
      scope: .connection)
  }

  func withdraw(_ attempt: AttemptID, _ address: ReplyAddress) {
    if ledger.starting?.attempt == attempt || ledger.wasStarted(attempt) {
      let sentence = "attempt \(attempt) was started: cancel it instead"
      reply(address, .refused(Fault(code: "attempt.started", sentence: sentence, scope: .job)))
      return
    }
    // An attempt that is still being looked at is withdrawn too: it must not turn up as staged afterwards.
    for (token, entry) in staging where entry.attempt.attempt == attempt {
      let sentence = "attempt \(attempt) was withdrawn"
      reply(entry.address, .refused(Fault(code: "attempt.withdrawn", sentence: sentence, scope: .job)))
      staging[token] = nil
    }
    ledger.withdraw(attempt)
    orders.post(.unstage(attempt))
    reply(address, .done)
  }

  func acknowledge(_ attempt: AttemptID, _ address: ReplyAddress) {
    guard ledger.acknowledge(attempt) else {
      reply(address, .done)  // acknowledged before, or never ended: the same to the one who asks
      return
    }
    let token = token()
    acknowledging[token] = address
    orders.post(.note(.request(number: 0, .acknowledgeOutcome(attempt)), token: token))
  }

  // MARK: - What the disk says

  func takeReports() {
    let now = clinux_monotonic_ns()
    for report in reports.takeAll() {
      switch report {
      case .staged(let token, let fault): staged(token, fault)
      case .startNoted(let attempt, let modified, let fault): startNoted(attempt, modified, fault, now)
      case .noted(let token, let fault):
        noted(token, fault)
        resumeNoted(token, now)
      case .sourceFailed(let attempt, let fault): sourceFailed(attempt, fault, now)
      case .dumped(let path): emit(.recorderDumped(path: path))
      case .trouble(let fault): tell(fault)
      case .bounded(let token, let bounds): bounded(token, bounds, now)
      case .looked(let token, let surroundings): looked(token, surroundings)
      case .finished: ending?.diskIsDone = true
      case .ready, .unready: break  // the first letter, taken before this loop began
      }
    }
  }

  private func staged(_ token: UInt64, _ fault: Fault?) {
    guard let (attempt, address) = staging.removeValue(forKey: token) else { return }
    if let fault {
      reply(address, .refused(fault))
    } else {
      ledger.stage(attempt)
      log("staged attempt \(attempt.attempt) of job \(attempt.job): \(attempt.name)")
      reply(address, .done)
    }
  }

  private func startNoted(_ attempt: AttemptID, _ modified: Int64, _ fault: Fault?, _ now: Int64) {
    guard let staged = ledger.starting, staged.attempt == attempt else { return }
    let address = startAddress
    let ring = startRing
    startAddress = nil
    startRing = nil
    guard fault == nil, let ring else {
      ledger.endStarting()
      guard let fault else { return }
      reply(address, .refused(fault))
      if address == nil { tell(fault) }
      return
    }
    ledger.startNoted()
    ledger.endStarting()
    ledger.running = AttemptLedger.Running(
      staged: staged, startedAt: now, startedWhen: clinux_realtime_ns() / 1_000_000)
    source = LineSource(ring: ring)
    ledger.running?.modified = modified
    beginPublication(staged, now)
    if ending != nil {
      // The end was asked for while the disk wrote. The number is spent, and nothing is sent.
      endAttempt(.cancelled, nil, now)
      refuse(address, "driver.ending", "the driver was told to end before the first line")
      return
    }
    do throws(SessionRefusal) {
      try session.startJob(JobStart(token: attempt.rawValue), now: now)
      reply(address, .done)
    } catch {
      // The machine changed while the disk wrote. The number is spent, and nothing was sent.
      endAttempt(.failed, Fault(error), now)
      reply(address, .refused(Fault(error)))
    }
  }

  private func noted(_ token: UInt64, _ fault: Fault?) {
    if let address = acknowledging.removeValue(forKey: token) {
      reply(address, fault.map { .refused($0) } ?? .done)
    }
    if let state = suspension, state.token == token { suspended(fault) }
    if let outcome = endsToTell.removeValue(forKey: token) {
      if !ledger.isBusy { page.write(ProgressSnapshot()) }
      emit(.ended(outcome))
    }
  }

  private func sourceFailed(_ attempt: AttemptID, _ fault: Fault, _ now: Int64) {
    guard ledger.running?.staged.attempt == attempt else { return }
    let line = session.progress.sentFileLine
    var placed = fault
    placed.fileLine = line
    placed.sentence += " (stopped after line \(line))"
    session.sourceFailed(SessionFault(placed), now: now)
  }

  // MARK: - Start and end

  func tellStarted() {
    guard let staged = ledger.running?.staged else { return }
    log("started attempt \(staged.attempt) of job \(staged.job): \(staged.name)")
    emit(.started(staged.attempt, job: staged.job))
  }

  /// Puts an end down, on the disk before anyone hears of it.
  func endAttempt(_ kind: OutcomeKind, _ fault: Fault?, _ now: Int64) {
    guard let running = ledger.running else { return }
    var cause = fault
    if let ending, kind != .done { cause = ending.fault(after: fault) }
    var kind = kind
    if let point = running.suspended, kind != .done {
      // Parked and written down: the safe ending that followed took nothing back.
      kind = .uncertain
      cause?.code = "driver.suspended"
      ledger.keep(point)
    } else if kind == .uncertain {
      keep(resumePoint(of: running))
    }
    let outcome = AttemptOutcome(
      kind: kind, progress: progress(of: running, now), fault: cause,
      endedAt: clinux_realtime_ns() / 1_000_000)
    ledger.end(outcome)
    source = nil
    let words = cause.map { ": \($0.code): \($0.sentence)" } ?? ""
    log("attempt \(running.staged.attempt) ended \(kind) after line \(outcome.progress.fileLine)\(words)")
    if kind == .failed || kind == .uncertain {
      dumpRecorder("attempt \(running.staged.attempt) ended \(kind)\(words)")
    }
    tellEnd(outcome)
    orders.post(.stopReading(running.staged.attempt))
    // A machine that ejects goes on by itself, but only after a part that was finished.
    if kind == .done, let next = ledger.staged.first, next.startWhenDone { start(next.attempt, nil) }
  }

  func tellEnd(_ outcome: AttemptOutcome) {
    let token = token()
    endsToTell[token] = outcome
    let event = JournalImage.event(.ended(outcome), at: outcome.endedAt)
    orders.post(.note(.event(event), token: token))
  }
}
