import DriverInterface
import JobStore

/// What people and the dispatcher ask of a machine. These go to the driver at once.
extension MachineKeeper {
  /// Asks; nil where there is no driver or it does not answer. For things that are tried again anyway.
  func ask(_ request: DriverRequest) async -> DriverReply? {
    guard let link else { return nil }
    do {
      let reply = try await link.request(request, timeout: .seconds(10))
      if case .refused(let fault) = reply { log.info("the driver refused: \(fault.sentence)") }
      return reply
    } catch {
      log.warning("the driver does not answer: \(error.sentence)")
      return nil
    }
  }

  /// Asks on a person's behalf: a refusal or a missing driver becomes an error with its reason.
  func request(_ request: DriverRequest, timeout: Duration = .seconds(10)) async throws(HostError)
    -> DriverReply
  {
    guard let link else {
      throw HostError(
        code: "machine.noDriver", sentence: "\(name) has no driver: \(absence ?? "it is being started").")
    }
    let reply = try await link.request(request, timeout: timeout)
    if case .refused(let fault) = reply { throw HostError(code: fault.code, sentence: fault.sentence) }
    return reply
  }

  /// What dispatch has to know.
  var activity: MachineFacts.Activity {
    if isHandingOver { return .occupied("is being given a job") }
    guard let status else { return .away("has no driver\(absence.map { ": \($0)" } ?? "")") }
    guard hasCaughtUp else { return .away("is being looked at after a restart") }
    if port.state == .doubtful || (port.state == .gone && status.running == nil) {
      return .away(port.sentence)
    }
    guard !isStale else { return .away("is about to get its new settings") }
    return status.phase.activity(reason: status.reason)
  }

  /// Gives an attempt to the driver and starts it: staged first, committed as ordered, then started on the word for this
  /// attempt (safety.md rules 5 and 6). What went wrong is taken back where it certainly did not start.
  func handOver(_ stored: AttemptRecord, _ file: FileRecord, path: String) async throws(HostError) {
    guard let attempt = AttemptID(stored.id) else { return }
    let staged = StagedAttempt(
      attempt: attempt, job: stored.job, path: path, size: file.size, name: file.name,
      lines: file.facts.lines > 0 ? file.facts.lines : nil, seconds: file.facts.seconds,
      layers: file.facts.layers.map { Int32(clamping: $0) })
    do {
      _ = try await request(.stage(staged), timeout: .seconds(30))
    } catch {
      await takeBack(stored, attempt, error.sentence)
      throw error
    }
    do {
      _ = try await surroundings.store.attemptOrdered(stored.id, by: "fablined")
    } catch {
      await takeBack(stored, attempt, error.sentence)
      throw HostError(code: error.code.rawValue, sentence: error.sentence)
    }
    do {
      _ = try await request(.start(attempt), timeout: .seconds(30))
    } catch {
      await takeBack(stored, attempt, error.sentence)
      throw error
    }
    await storing(job: stored.job) { [self] in
      _ = try await surroundings.store.attemptStarted(
        stored.id, at: surroundings.clock.wall(), by: driverName)
    }
    log.notice(
      "printing \(file.name), copy \(stored.copy)",
      metadata: ["job": "\(stored.job)", "attempt": "\(stored.id)"])
    publishJob(stored.job, state: "printing", reason: nil)
  }

  /// Takes an attempt back from the driver and then from the store; where the driver does not answer it stays as it is until
  /// store and driver are brought together.
  func takeBack(_ stored: AttemptRecord, _ attempt: AttemptID, _ reason: String) async {
    switch await ask(.withdraw(attempt)) {
    case .done:
      await withdrawn(stored, reason)
    case .refused(let fault) where fault.code == "attempt.unknown":
      await withdrawn(stored, reason)
    case .refused, .hello, .status, .lines, .stopped, .link, .measured, .resumePoint, nil: break
    }
  }

  private func withdrawn(_ stored: AttemptRecord, _ reason: String) async {
    await storing(job: stored.job) { [self] in
      _ = try await surroundings.store.attemptWithdrawn(stored.id, reason: reason, by: "fablined")
    }
  }

  /// Who asked for the pause or the resumption that comes next.
  func set(askedBy who: String?) { askedBy = who }

  /// Begins or ends the time in which store and driver may differ.
  func set(handingOver: Bool) { isHandingOver = handingOver }

  /// What is kept of its temperatures, oldest first; ages in seconds.
  func pastTemperatures() -> [(age: Int64, heaters: [HeaterReading])] {
    temperatures.readings(now: surroundings.clock.monotonic())
  }

  /// The machine as people see it.
  func view(_ record: MachineRecord) -> MachineView {
    MachineView(record: record, status: status, absence: absence, port: port)
  }
}
