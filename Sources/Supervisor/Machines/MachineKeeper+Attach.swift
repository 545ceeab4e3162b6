import DriverInterface
import JobStore

/// Attaching to a driver: what it says now, what the store says, and the events in between.
extension MachineKeeper {
  /// Takes the driver's status, brings store and driver together, and asks for the events that were not seen.
  func attach(_ link: any DriverLink) async throws(HostError) {
    self.link = link
    absence = nil
    let status = try await fetchStatus(link)
    let stored = seen ?? SeenEvents.read(surroundings.seenPath(name))
    if let stored, stored.incarnation == link.driver.incarnation {
      seen = stored
    } else {
      seen = SeenEvents(incarnation: link.driver.incarnation, sequence: 0)
      await notReady("its driver was started anew")
    }
    seenIsWritten = false
    past = status.lastEvent
    replayed = 0
    liveFrom = nil
    hasCaughtUp = (seen?.sequence ?? 0) >= past
    isStale = surroundings.isStale(settings, port)
    noteOpen(status.phase)
    await bringTogether(status)
    await keepDisconnected(status)
    if owesOpening, port.state == .here, status.phase == .disconnected { _ = await ask(.connect) }
    owesOpening = false
    let after = seen?.sequence ?? 0
    guard case .done = try await link.request(.subscribe(after: after), timeout: .seconds(10)) else {
      throw HostError(code: "driver.malformed", sentence: "the driver does not give its events")
    }
    publishMachine(state: status.phase.word, reason: status.reason.isEmpty ? nil : status.reason)
  }

  /// A port that is or was open may be opened again by the driver after this one.
  func noteOpen(_ phase: MachinePhase) {
    if phase != .disconnected, phase != .opening { mayOpen = true }
  }

  /// A person's word to leave the port free outlives the driver that was told.
  private func keepDisconnected(_ status: DriverStatus) async {
    guard status.phase != .disconnected, status.running == nil,
      let machine = try? await surroundings.store.machine(name),
      machine.disconnectedBy != nil || port.state == .doubtful
    else { return }
    _ = await ask(.disconnect)
  }

  /// Asks for the status and keeps it.
  @discardableResult
  func fetchStatus(_ link: any DriverLink) async throws(HostError) -> DriverStatus {
    switch try await link.request(.status, timeout: .seconds(5)) {
    case .status(let status):
      self.status = status
      return status
    case .refused(let fault): throw HostError(code: fault.code, sentence: fault.sentence)
    case .hello, .done, .lines, .stopped, .link, .measured, .resumePoint:
      throw HostError(code: "driver.malformed", sentence: "the driver did not answer with its status")
    }
  }

  /// Brings the store to what the driver says, attempt by attempt.
  ///
  /// `status` has to be older than what is read from the store here: an attempt that ended in between is then no longer open
  /// in the store, and nothing is taken for lost.
  func bringTogether(_ status: DriverStatus) async {
    guard !isHandingOver else { return }
    do {
      let open = try await surroundings.store.openAttempts(machine: name)
      guard !isHandingOver else { return }
      for stored in open { await bringTogether(stored, status) }
      let known = Set(open.map(\.id))
      let others =
        status.staged + status.outcomes.map(\.progress.attempt) + [status.running?.attempt].compactMap { $0 }
      for attempt in others where !known.contains(attempt.description) {
        await bringTogetherEnded(attempt, status)
      }
    } catch {
      log.error("the store cannot be read: \(error.sentence)")
    }
  }

  private func bringTogether(_ stored: AttemptRecord, _ status: DriverStatus) async {
    guard let attempt = AttemptID(stored.id) else { return }
    let answer = DriverAnswer(attempt, in: status)
    let action = reconcile(stored.state, orderedToStart: stored.orderedAt != nil, answer)
    await perform(action, on: attempt, stored: stored, status: status)
    await carryOutCancellation(of: stored, attempt, answer)
  }

  /// An attempt that the driver knows and the store has closed, or never had.
  private func bringTogetherEnded(_ attempt: AttemptID, _ status: DriverStatus) async {
    let answer = DriverAnswer(attempt, in: status)
    do {
      let stored = try await surroundings.store.attempt(attempt.description)
      let action = reconcile(stored.state, orderedToStart: stored.orderedAt != nil, answer)
      await perform(action, on: attempt, stored: stored, status: status)
    } catch {
      guard error.code == .attemptUnknown else {
        log.error("the store cannot be read: \(error.sentence)")
        return
      }
      await meetStranger(attempt, answer)
    }
  }

  private func perform(
    _ action: ReconcileAction, on attempt: AttemptID, stored: AttemptRecord, status: DriverStatus
  ) async {
    switch action {
    case .agree: break
    case .withdraw:
      if await ask(.withdraw(attempt)) == .done, stored.state.isOpen {
        await requeue(stored, "its driver had not started it")
      }
    case .requeue: await requeue(stored, "its driver does not know it")
    case .adopt(let state): await adopt(stored, state, status)
    case .record(let outcome): await record(outcome)
    case .acknowledge: _ = await ask(.acknowledgeOutcome(attempt))
    case .markUncertain:
      await markUncertain(stored, "the driver that printed it is gone, and the new one does not know it")
    }
  }

  private func adopt(_ stored: AttemptRecord, _ state: AttemptRecord.State, _ status: DriverStatus) async {
    await storing(job: stored.job) { [self] in
      let at = surroundings.clock.wall() - (status.running?.elapsed ?? 0) * 1000
      _ = try await surroundings.store.attemptStarted(stored.id, at: at, by: driverName)
      if state != .printing {
        _ = try await surroundings.store.attemptMoved(
          stored.id, to: state, reason: status.reason.isEmpty ? status.phase.word : status.reason,
          by: driverName)
      } else if stored.state.isRunning {
        _ = try await surroundings.store.attemptMoved(stored.id, to: .printing, reason: nil, by: driverName)
      }
    }
    publishJob(stored.job, state: state.rawValue, reason: "found running on \(name)")
  }

  private func requeue(_ stored: AttemptRecord, _ reason: String) async {
    await storing(job: stored.job) { [self] in
      _ = try await surroundings.store.attemptWithdrawn(stored.id, reason: reason, by: "fablined")
    }
    publishJob(stored.job, state: "queued", reason: reason)
  }

  private func markUncertain(_ stored: AttemptRecord, _ reason: String) async {
    let end = AttemptEnd(
      .uncertain, at: surroundings.clock.wall(), reason: "\(name): \(reason); look at the machine",
      code: "attempt.lost")
    await storing(job: stored.job) { [self] in
      _ = try await surroundings.store.attemptEnded(stored.id, end, by: "fablined")
    }
    publishJob(stored.job, state: "uncertain", reason: end.reason)
  }

  /// The driver has something that is not in the queue: a database of another day, a print by hand.
  private func meetStranger(_ attempt: AttemptID, _ answer: DriverAnswer) async {
    switch answer {
    case .staged: _ = await ask(.withdraw(attempt))
    case .running: await occupyBed("its driver prints something that is not in the queue")
    case .ended:
      if await occupyBed("its driver printed something that is not in the queue") {
        _ = await ask(.acknowledgeOutcome(attempt))
      }
    case .unknown: break
    }
  }

  @discardableResult
  func occupyBed(_ reason: String) async -> Bool {
    await storing(job: nil) { [self] in
      _ = try await surroundings.store.occupyBed(name, reason: reason, by: driverName)
    }
  }

  /// A job that was cancelled while its driver could not be reached.
  private func carryOutCancellation(
    of stored: AttemptRecord, _ attempt: AttemptID, _ answer: DriverAnswer
  ) async {
    guard case .running(let phase) = answer, phase != .cancelling,
      let job = try? await surroundings.store.job(stored.job), job.cancellation != nil
    else { return }
    _ = await ask(.cancel(attempt))
  }

  /// No driver will come back: what was started is uncertain, what was not goes back to the queue.
  func abandonAttempts(_ reason: String) async {
    guard let open = try? await surroundings.store.openAttempts(machine: name) else { return }
    for stored in open {
      if stored.state == .staged, stored.orderedAt == nil {
        await requeue(stored, reason)
      } else {
        await markUncertain(stored, reason)
      }
    }
  }

  /// The last thing before giving up: a driver that only switches off, and tells what it knows. Tells what came of it.
  func switchOff() async -> String {
    let failed =
      "nothing could be switched off from here: look at the machine, and cut its power if it is hot."
    defer {
      link?.close()
      link = nil
      status = nil
    }
    do throws(HostError) {
      let order = try await order()
      let living = try await surroundings.host.adopt(machine: name)
      let last: any DriverLink = if let living { living } else { try await surroundings.host.start(order) }
      link = last
      await bringTogether(try await connectedStatus(last))
      let reply = try await last.request(.act(.cool), timeout: .seconds(10))
      _ = try? await last.request(.end(force: true), timeout: .seconds(10))
      return reply == .done || reply.isLines ? "its heaters were switched off." : failed
    } catch {
      return failed
    }
  }

  /// The status once the machine is connected, or after 15 seconds.
  private func connectedStatus(_ link: any DriverLink) async throws(HostError) -> DriverStatus {
    var status = try await fetchStatus(link)
    for _ in 0..<75 where status.phase == .opening || status.phase == .handshaking {
      do { try await surroundings.clock.sleep(200_000_000) } catch { break }
      status = try await fetchStatus(link)
    }
    return status
  }
}

extension DriverReply {
  var isLines: Bool { if case .lines = self { true } else { false } }
}
