import DriverInterface
import JobStore

/// How attempts end: stored first, then acknowledged, so that no end is lost on either side.
extension MachineKeeper {
  /// Stores an outcome, then tells the driver that it may forget it. Storing it again changes nothing.
  func record(_ outcome: AttemptOutcome) async {
    let progress = outcome.progress
    if status?.running?.attempt == progress.attempt { status?.running = nil }
    guard progress.job != 0 else {
      await occupyBed("a print by hand")
      _ = await ask(.acknowledgeOutcome(progress.attempt))
      return
    }
    var isNew = true
    let stored = await storing(job: progress.job) { [self] in
      do {
        let before = try await surroundings.store.attempt(progress.attempt.description).state
        isNew = before.rawValue != outcome.kind.word
        _ = try await surroundings.store.attemptEnded(
          progress.attempt.description, AttemptEnd(outcome), by: driverName)
        if outcome.kind == .uncertain { try await keepResumePoint(of: progress.attempt) }
      } catch let error as StoreError where error.code == .attemptEnded || error.code == .attemptUnknown {
        log.warning("an outcome came for an attempt that is closed: \(error.sentence)")
      }
    }
    guard stored else {
      if !unrecorded.contains(outcome) { unrecorded.append(outcome) }
      return
    }
    unrecorded.removeAll { $0.progress.attempt == progress.attempt }
    if isNew { announce(outcome) }
    _ = await ask(.acknowledgeOutcome(progress.attempt))
    status?.outcomes.removeAll { $0.progress.attempt == progress.attempt }
    surroundings.changed()
  }

  /// Keeps where an uncertain attempt was cut short: the driver forgets it with the outcome.
  private func keepResumePoint(of attempt: AttemptID) async throws {
    guard case .resumePoint(let point?) = await ask(.resumePoint(attempt)), !point.stored.isEmpty else {
      return
    }
    try await surroundings.store.keepResumePoint(attempt.description, point.stored, by: driverName)
  }

  /// Regular work: what could not be stored is tried again, the status is refreshed, stale settings are brought in.
  func passTime() async {
    writeSeen()
    for outcome in unrecorded { await record(outcome) }
    guard let link else { return }
    // The last event of the past may be one that no driver holds: then nothing of it is to come any more.
    hasCaughtUp = true
    do throws(HostError) {
      let status = try await fetchStatus(link)
      await bringTogether(status)
      await renewStaleDriver(link, status)
    } catch {
      log.warning("the driver does not answer: \(error.sentence)")
    }
  }

  /// A driver that runs with old settings is ended while its machine has nothing to do, and started with the new ones.
  private func renewStaleDriver(_ link: any DriverLink, _ status: DriverStatus) async {
    guard isStale, !isHandingOver, status.running == nil, status.staged.isEmpty, status.outcomes.isEmpty
    else {
      return
    }
    isEnding = true
    if await ask(.end(force: false)) == .done {
      log.info("the driver is started anew with the machine's new settings")
    } else {
      isEnding = false
    }
  }

  /// Takes over new settings; the driver follows as soon as it has nothing to do.
  func change(_ settings: MachineRecord.Settings, port: MachinePort, isNamed: Bool) async {
    self.settings = settings
    self.port = port
    if isNamed { allowOpening() }
    isStale = surroundings.isStale(settings, port)
    tick()
    // The same path, and a person said that it is right: a driver that was told to leave it alone may open it.
    guard isNamed, !isStale, status?.phase == .disconnected, port.state != .doubtful,
      let machine = try? await surroundings.store.machine(name), machine.disconnectedBy == nil
    else { return }
    _ = await ask(.connect)
  }

  private func announce(_ outcome: AttemptOutcome) {
    let progress = outcome.progress
    let seconds = "\(progress.acknowledged) commands in \(progress.elapsed) s, \(progress.resends) sent again"
    let why = outcome.fault.map { ": \($0.sentence)" } ?? ""
    switch outcome.kind {
    case .done: log.notice("done, \(seconds)", metadata: ["job": "\(progress.job)"])
    case .cancelled: log.notice("cancelled\(why)", metadata: ["job": "\(progress.job)"])
    case .failed, .uncertain:
      log.error(
        "\(outcome.kind.word) at line \(progress.fileLine)\(why)",
        metadata: ["job": "\(progress.job)", "code": "\(outcome.fault?.code ?? "-")"])
    }
    publishJob(progress.job, state: outcome.kind.word, reason: outcome.fault?.sentence)
  }

  func publishJob(_ job: Int64, state: String, reason: String?) {
    guard job != 0 else { return }
    surroundings.publish(
      HostEvent(
        kind: .job, at: surroundings.clock.wall(), machine: name, job: job, state: state, message: reason))
    surroundings.changed()
  }

  /// Does something with the store; a failure is told and answered with false.
  @discardableResult
  func storing(job: Int64?, _ body: () async throws -> Void) async -> Bool {
    do {
      try await body()
      return true
    } catch {
      let sentence = (error as? StoreError)?.sentence ?? "\(error)"
      log.error("not stored: \(sentence)", metadata: job.map { ["job": "\($0)"] })
      return false
    }
  }
}

extension OutcomeKind {
  /// The state that an attempt gets by it.
  var word: String {
    switch self {
    case .done: "done"
    case .failed: "failed"
    case .cancelled: "cancelled"
    case .uncertain: "uncertain"
    }
  }
}

extension AttemptEnd {
  /// A driver's outcome as the store takes it.
  ///
  /// A heat-up that does not rise holds the job instead of failing it (safety.md rule 12). Only where not one command was
  /// acknowledged is it certain that nothing was extruded.
  init(_ outcome: AttemptOutcome) {
    let kind: Kind =
      switch outcome.kind {
      case .done: .done
      case .failed: .failed
      case .cancelled: .cancelled
      case .uncertain: .uncertain
      }
    let fault = outcome.fault
    let holds = kind == .failed && fault?.code == "heat.noRise"
    self.init(
      kind, at: outcome.endedAt, reason: fault?.sentence, code: fault?.code, fileLine: fault?.fileLine,
      progress: outcome.progress.stored,
      mayHaveExtruded: kind == .uncertain || outcome.progress.acknowledged > 0,
      holdReason: holds ? fault?.sentence : nil)
  }
}
