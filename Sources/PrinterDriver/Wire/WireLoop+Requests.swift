import CLinux
import DriverInterface
import PrinterProtocol

/// What each request does. The emergency stop is not among them: it never waits for its turn.
extension WireLoop {
  func carryOut(_ request: DriverRequest, _ address: ReplyAddress) {
    let now = clinux_monotonic_ns()
    if measuring != nil, request.needsTheWire {
      return refuse(
        address, "machine.busy", "\(configuration.machine) is being measured, which takes some seconds")
    }
    switch request {
    case .hello(let versions, let name): greet(versions, name, address)
    case .status: reply(address, .status(status(now)))
    case .subscribe(let after):
      reply(address, .done)
      let known = after > events.last ? 0 : after  // a number of an earlier incarnation means nothing here
      clients[address.client]?.subscribe(events.frames(after: known))
    case .stage, .start:
      if ending != nil || suspension != nil {
        refuse(address, "driver.ending", "the driver is ending and starts nothing any more")
      } else {
        attempt(request, address, now)
      }
    case .withdraw, .acknowledgeOutcome, .pause, .resume, .cancel: attempt(request, address, now)
    case .answer(let choice):
      answer(address) { () throws(SessionRefusal) in try session.answer(choice: choice, now: now) }
    case .reset: answer(address) { () throws(SessionRefusal) in try session.reset(now: now) }
    case .send(let line): send(line, address, now)
    case .act(let act): perform(act, address, now)
    case .linkReport: reportLink(address, now)
    case .unlock:
      perform(address) { token throws(SessionRefusal) in try session.unlock(token: token, now: now) }
    case .homeCycle:
      perform(address) { token throws(SessionRefusal) in try session.homeCycle(token: token, now: now) }
    case .emergencyStop: emergencyStop(address)
    case .disconnect, .connect: moveLink(request, address, now)
    case .wireLog(let isOn):
      turnWireLog(isOn)
      reply(address, .done)
    case .recorder: reply(address, .lines(recorder.lines()))
    case .end(let force): end(force, address)
    case .resumePoint(let attempt): reply(address, .resumePoint(resumePoint(of: attempt)))
    case .suspend(let milliseconds): suspend(milliseconds, address, now)
    }
    pump(now)
  }

  private func greet(_ versions: VersionRange, _ name: String, _ address: ReplyAddress) {
    guard let version = VersionRange.current.agreed(with: versions) else {
      let ours = VersionRange.current
      refuse(
        address, "interface.version",
        "this driver (\(driverVersion)) speaks versions \(ours.lowest) to \(ours.highest) of its interface, the client "
          + "\(versions.lowest) to \(versions.highest): bring both to one version")
      clients[address.client]?.closesWhenWritten = true
      return
    }
    clients[address.client]?.isGreeted = true
    log("client \(address.client): \(name)")
    reply(address, .hello(version: version, driver: identity))
  }

  private func attempt(_ request: DriverRequest, _ address: ReplyAddress, _ now: Int64) {
    switch request {
    case .stage(let staged): stage(staged, address)
    case .start(let attempt): start(attempt, address)
    case .withdraw(let attempt): withdraw(attempt, address)
    case .acknowledgeOutcome(let attempt): acknowledge(attempt, address)
    case .pause(let attempt):
      takeBackResume(of: attempt)
      running(attempt, address) { () throws(SessionRefusal) in try session.pause(now: now) }
    case .resume(let attempt): resume(attempt, address, now)
    case .cancel(let attempt):
      running(attempt, address) { () throws(SessionRefusal) in try session.cancel(now: now) }
    case .hello, .status, .subscribe, .answer, .send, .act, .emergencyStop, .reset, .disconnect, .connect,
      .wireLog, .recorder, .end, .linkReport, .unlock, .homeCycle, .resumePoint, .suspend:
      break  // not of an attempt
    }
  }

  /// The disk has to know that the head leaves the place where the journal says it is parked, before it does: after a loss of power
  /// a plan that believed the nozzle there would press it into the part.
  private func resume(_ attempt: AttemptID, _ address: ReplyAddress, _ now: Int64) {
    guard resuming == nil else {
      return refuse(address, "job.changing", "the job is being resumed")
    }
    guard session.phase == .paused, publication.anchoredPaused, let running = ledger.running,
      running.staged.attempt == attempt
    else {
      return self.running(attempt, address) { () throws(SessionRefusal) in try session.resume(now: now) }
    }
    var point = resumePoint(of: running)
    point.modal.parkedAt = []
    let token = token()
    resuming = Resuming(token: token, attempt: attempt, address: address, askedAt: now)
    orders.post(.note(.reply(number: 0, .resumePoint(point)), token: token))
  }

  /// How long the disk may take until whoever said resume has gone: the supervisor gives up after 10 s.
  static let resumePatience: Int64 = 5_000_000_000

  /// The end of a pause is on the disk, or the disk takes nothing: then it stays due there, and the print is not held up by it.
  func resumeNoted(_ token: UInt64, _ now: Int64) {
    guard let asked = resuming, asked.token == token else { return }
    resuming = nil
    publication.anchoredPaused = false
    guard now - asked.askedAt < WireLoop.resumePatience else {
      return refuse(
        asked.address, "job.changing",
        "the disk was too slow to note that the pause ends, so nothing was moved: say resume once more")
    }
    running(asked.attempt, asked.address) { () throws(SessionRefusal) in try session.resume(now: now) }
  }

  /// A pause is the last word: a resume that still waits for the disk does not come after it.
  private func takeBackResume(of attempt: AttemptID) {
    guard let asked = resuming, asked.attempt == attempt else { return }
    resuming = nil
    publication.anchoredPaused = false
    refuse(asked.address, "job.changing", "the job was told to pause before it could go on")
  }

  /// Does something to the running attempt, if it is this one: a late word for an earlier attempt must not hit the next.
  private func running(
    _ attempt: AttemptID, _ address: ReplyAddress, _ body: () throws(SessionRefusal) -> Void
  ) {
    guard ledger.running?.staged.attempt == attempt else {
      refuse(address, "attempt.notRunning", "attempt \(attempt) does not run on \(configuration.machine)")
      return
    }
    answer(address, body)
  }

  private func answer(_ address: ReplyAddress, _ body: () throws(SessionRefusal) -> Void) {
    do throws(SessionRefusal) {
      try body()
      reply(address, .done)
    } catch {
      reply(address, .refused(Fault(error)))
    }
  }

  private func perform(_ act: ManualAct, _ address: ReplyAddress, _ now: Int64) {
    guard act.hasOnlyFiniteNumbers else {
      return refuse(
        address, "act.notANumber", "a length, feedrate or temperature of this act is no finite number")
    }
    if case .zero(let axes) = act {
      perform(address) { token throws(SessionRefusal) in
        try session.zero(axes: axes, token: token, now: now)
      }
      return
    }
    if case .frame(let attempt) = act { return frame(attempt, address) }
    if act == .measure { return measure(address, now) }
    guard let ours = SessionAct(act) else {
      refuse(
        address, "act.unknown", "this driver (\(driverVersion)) cannot do that with this kind of machine")
      return
    }
    let token = token()
    answer(address) { () throws(SessionRefusal) in
      try session.act(ours, token: token, now: now)
      noteAdjustment()
    }
  }

  private func send(_ line: String, _ address: ReplyAddress, _ now: Int64) {
    let token = token()
    console[token] = ConsoleLine(address: address)
    do throws(SessionRefusal) {
      try session.send(line: Array(line.utf8)[...], token: token, now: now)
      noteAdjustment()
    } catch {
      console[token] = nil
      reply(address, .refused(Fault(error)))
    }
  }

  private func moveLink(_ request: DriverRequest, _ address: ReplyAddress, _ now: Int64) {
    if request == .connect {
      if link.port == nil { connect() }
      reply(address, .done)
    } else if ledger.isBusy {
      refuse(address, "machine.busy", "an attempt runs: cancel it before the port can be freed")
    } else {
      disconnect(now)
      reply(address, .done)
    }
  }

  private func end(_ force: Bool, _ address: ReplyAddress) {
    guard force || !ledger.isBusy else {
      refuse(address, "driver.busy", "an attempt runs: cancel it first, or end with force")
      return
    }
    reply(address, .done)
    beginEnding("a client asked for it")
  }

  // MARK: - Emergency stop

  /// Stops the machine. The reply comes when the session knows more, within about a second.
  func emergencyStop(_ address: ReplyAddress) {
    let now = clinux_monotonic_ns()
    recorder.note("emergency stop", now: now)
    guard link.port != nil else {
      let reason = currentReason.isEmpty ? "" : " (\(currentReason))"
      let sentence =
        "not sent: \(configuration.port) is not open\(reason); if the machine is in danger, cut its power"
      reply(address, .stopped(confirmed: false, sentence: sentence))
      return
    }
    abandonMeasurement("the machine is stopped")
    stops.append(address)
    stopDeadline = now + 1_500_000_000
    // What the port did not take yet is thrown away by the session's flush, so nothing stands before the stop.
    link.awaitsRoom = false
    session.emergencyStop(now: now)
    pump(now)
    log("emergency stop sent")
  }

  func answerStops(confirmed: Bool) {
    let machine = configuration.machine
    let sentence =
      confirmed
      ? "\(machine) stopped: the firmware confirmed it"
      : "sent, not confirmed: cut the power of \(machine)"
    for address in stops { reply(address, .stopped(confirmed: confirmed, sentence: sentence)) }
    stops = []
    stopDeadline = nil
    log("emergency stop \(confirmed ? "confirmed" : "not confirmed")")
    dumpRecorder("emergency stop")
  }

  /// The session's word on a stop is due within a second; whoever waits is told even if it stays out.
  func giveUpStops(_ now: Int64) {
    guard let deadline = stopDeadline, deadline <= now else { return }
    answerStops(confirmed: false)
  }
}

extension DriverRequest {
  /// Whether it cannot be done while something else has the port to itself.
  fileprivate var needsTheWire: Bool {
    switch self {
    case .start, .answer, .send, .act, .reset, .unlock, .homeCycle: true
    case .hello, .status, .subscribe, .stage, .withdraw, .acknowledgeOutcome, .pause, .resume, .cancel,
      .emergencyStop, .disconnect, .connect, .wireLog, .recorder, .end, .linkReport, .resumePoint, .suspend:
      false
    }
  }
}
