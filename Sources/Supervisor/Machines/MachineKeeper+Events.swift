import DriverInterface
import JobStore
import Logging

/// Taking in what the driver says, one event after the other.
extension MachineKeeper {
  /// Who acts in the history when the driver does.
  nonisolated var driverName: String { "driver \(name)" }

  /// One event. What is older than the attachment changes history and readiness only: the status tells the rest.
  func take(_ event: DriverEvent) async {
    guard event.sequence > seen?.sequence ?? 0 else { return }
    let isPast = event.sequence <= past
    await noteLoss(before: event.sequence)
    switch event.kind {
    case .phase(let phase, let reason): await take(phase, reason, isPast: isPast)
    case .opened(let asked, let granted): await opened(asked, granted, isPast)
    case .connected(let firmware): await connected(firmware, isPast: isPast)
    case .started(let attempt, let job): await started(attempt, job, at: event.at)
    case .progress(let progress): if !isPast { await take(progress) }
    case .heaters(let heaters): if !isPast { take(heaters) }
    case .resend(let number, let line, let words): take(resend: number, line, words)
    case .message(let text): take(message: text)
    case .prompt(let prompt): take(prompt, isPast: isPast)
    case .fault(let fault): take(fault)
    case .ended(let outcome): await record(outcome)
    case .firmwareReset: await notReady("its firmware restarted")
    case .wire(let sent, let line): take(wire: line, sent: sent)
    case .recorderDumped(let path): log.notice("what went over the wire last was written to \(path)")
    case .link(let change): take(change)
    case .openingResets(let resets): await learned(openingResets: resets)
    }
    seen?.sequence = event.sequence
    seenIsWritten = false
    if event.kind.isMomentous { writeSeen() }
    if !isPast, liveFrom == nil { liveFrom = event.sequence }
    if event.sequence >= past, !hasCaughtUp {
      hasCaughtUp = true
      surroundings.changed()
    }
  }

  /// Live events come without gaps, once the first one came. Of the past a driver holds the last 512 that matter, with gaps
  /// where others were: when it gives as many, older ones may be gone.
  private func noteLoss(before sequence: Int64) async {
    let last = seen?.sequence ?? 0
    if sequence <= past { replayed += 1 }
    guard replayed == 512 || (isLive && sequence > last + 1) else { return }
    log.warning("events of the driver before \(sequence) were lost")
    await notReady("what its driver saw in between is not known")
  }

  /// An event came that was given to this conversation as it happened.
  private var isLive: Bool { liveFrom.map { (seen?.sequence ?? 0) >= $0 } ?? false }

  private func take(_ phase: MachinePhase, _ reason: String, isPast: Bool) async {
    let level: Logger.Level =
      switch phase {
      case .needsAttention, .linkLost, .killed: .warning
      case .disconnected, .opening, .handshaking, .idle, .printing, .pausing, .paused, .resuming, .cancelling,
        .printingNotOurs:
        .info
      }
    log.log(level: level, "\(phase.word)\(reason.isEmpty ? "" : ": \(reason)")", metadata: jobMetadata)
    switch phase {
    case .linkLost, .killed, .disconnected: await notReady("it is \(phase.word)")
    case .printingNotOurs: await occupyBed("a print from its card or its panel")
    case .opening, .handshaking, .idle, .printing, .pausing, .paused, .resuming, .cancelling, .needsAttention:
      break
    }
    guard !isPast else { return }
    noteOpen(phase)
    status?.phase = phase
    status?.reason = reason
    await moveAttempt(phase, reason)
    publishMachine(state: phase.word, reason: reason.isEmpty ? nil : reason)
  }

  /// The running attempt follows the machine's phase.
  private func moveAttempt(_ phase: MachinePhase, _ reason: String) async {
    guard let running = status?.running, running.job != 0 else { return }
    let state = attemptState(in: phase)
    var changed = false
    await storing(job: running.job) { [self] in
      let stored = try await surroundings.store.attempt(running.attempt.description)
      guard stored.state.isRunning, stored.state != state else { return }
      let why = state == .printing ? nil : reason.isEmpty ? "\(name) is \(phase.word)" : reason
      let who = state == .needsAttention ? nil : askedBy
      _ = try await surroundings.store.attemptMoved(stored.id, to: state, reason: why, by: who ?? driverName)
      askedBy = nil
      changed = true
    }
    if changed { publishJob(running.job, state: state.rawValue, reason: reason.isEmpty ? nil : reason) }
  }

  private func connected(_ firmware: String, isPast: Bool) async {
    log.notice("connected: \(firmware)")
    await storing(job: nil) { [self] in
      try await surroundings.store.learnFirmware(name, firmware, by: driverName)
    }
    if !isPast { status?.firmware = firmware }
    await judge(firmware: firmware)
    // Also of the past: a driver often has its port open before anybody talks to it.
    guard openedAnew else { return }
    openedAnew = false
    guard case .lines(let lines) = await ask(.recorder), let resets = OpeningBanner.wasSeen(in: lines) else {
      return
    }
    await storing(job: nil) { [self] in
      try await surroundings.store.learnResets(name, resets, by: driverName)
    }
  }

  private func opened(_ asked: Int32, _ granted: Int32, _ isPast: Bool) async {
    if !isPast {
      status?.baudAsked = asked
      status?.baudGranted = granted
    }
    openedAnew = true
    if asked == granted {
      log.info("opened \(port.path) at \(granted) baud")
    } else {
      log.warning("opened \(port.path): \(asked) baud were asked for, the adapter chose \(granted)")
    }
    await notReady("its port was opened anew")
  }

  private func learned(openingResets resets: Bool) async {
    await storing(job: nil) { [self] in
      try await surroundings.store.learnResets(name, resets, by: driverName)
    }
  }

  private func take(_ change: LinkChange) {
    switch change {
    case .lost(let reason): log.warning("the link was lost: \(reason)", metadata: jobMetadata)
    case .glitch(let gap):
      log.notice("the link is back after \(gap) ms, and nothing was lost", metadata: jobMetadata)
    case .reset(let reason): log.warning("the board was reset: \(reason)", metadata: jobMetadata)
    case .waiting: log.info("waiting for \(settings.port)", metadata: jobMetadata)
    }
  }

  private func started(_ attempt: AttemptID, _ job: JobID, at: Int64) async {
    if status?.running?.attempt != attempt {
      status?.running = AttemptProgress(attempt: attempt, job: job, name: "")
      status?.staged.removeAll { $0 == attempt }
    }
    guard job != 0 else {
      await occupyBed("a print by hand")
      return
    }
    await storing(job: job) { [self] in
      let stored = try await surroundings.store.attempt(attempt.description)
      guard stored.state == .staged else { return }
      _ = try await surroundings.store.attemptStarted(stored.id, at: at, by: driverName)
    }
    log.notice("started", metadata: ["job": "\(job)", "attempt": "\(attempt)"])
    publishJob(job, state: "printing", reason: nil)
  }

  private func take(_ progress: AttemptProgress) async {
    status?.running = progress
    surroundings.publish(
      HostEvent(
        kind: .progress, at: surroundings.clock.wall(), machine: name, job: progress.job, progress: progress))
    let now = surroundings.clock.monotonic()
    guard progress.job != 0, now - progressStored >= 5_000_000_000 else { return }
    progressStored = now
    await storing(job: progress.job) { [self] in
      try await surroundings.store.attemptProgress(progress.attempt.description, progress.stored)
    }
  }

  private func take(_ heaters: [HeaterReading]) {
    status?.heaters = heaters
    temperatures.take(heaters, now: surroundings.clock.monotonic())
    surroundings.publish(
      HostEvent(kind: .heaters, at: surroundings.clock.wall(), machine: name, heaters: heaters))
  }

  private func take(resend number: Int64, _ line: Int64, _ words: String) {
    status?.counters.resends += 1
    noteBounded(.warning, "the firmware asked for N\(number) (line \(line) of the file) again: \(words)")
  }

  private func take(message: String) {
    noteBounded(.info, "firmware: \(message)")
  }

  /// A firmware that talks without end does not fill the log.
  private func noteBounded(_ level: Logger.Level, _ text: String) {
    guard messages.admits(at: surroundings.clock.monotonic()) else { return }
    let held = messages.takeHeldBack()
    if held > 0 { log.info("\(held) lines of the firmware were not written: they came too fast") }
    log.log(level: level, "\(text)", metadata: jobMetadata)
  }

  private func take(_ prompt: FirmwarePrompt?, isPast: Bool) {
    guard !isPast else { return }
    status?.prompt = prompt
    if let prompt {
      log.warning("the firmware asks: \(prompt.text) [\(prompt.choices.joined(separator: " | "))]")
    }
    surroundings.publish(
      HostEvent(
        kind: .prompt, at: surroundings.clock.wall(), machine: name, job: status?.running?.job,
        state: prompt == nil ? "answered" : "asked",
        message: prompt.map { ([$0.text] + $0.choices).joined(separator: " | ") }))
  }

  private func take(_ fault: Fault) {
    let line = fault.fileLine.map { " (line \($0) of the file)" } ?? ""
    log.log(
      level: fault.scope == .line ? .warning : .error, "\(fault.code): \(fault.sentence)\(line)",
      metadata: jobMetadata)
    surroundings.publish(
      HostEvent(
        kind: .fault, at: surroundings.clock.wall(), machine: name, job: status?.running?.job,
        state: fault.code, level: fault.scope == .line ? "warning" : "error", message: fault.sentence))
  }

  private func take(wire line: String, sent: Bool) {
    guard surroundings.hub.wantsWire(of: name) else { return }
    surroundings.publish(
      HostEvent(
        kind: .wire, at: surroundings.clock.wall(), machine: name, state: sent ? "sent" : "received",
        message: LogRecord.escaped(line)))
  }

  /// After power-on, reset or replug a person has to say that it may start (safety.md rule 6).
  func notReady(_ reason: String) async {
    await storing(job: nil) { [self] in
      guard try await surroundings.store.machine(name).ready else { return }
      _ = try await surroundings.store.machineRestarted(name, reason: reason, by: driverName)
      log.notice("not ready any more: \(reason)")
    }
  }

  private var jobMetadata: Logger.Metadata {
    guard let job = status?.running?.job, job != 0 else { return [:] }
    return ["job": "\(job)"]
  }
}

extension DriverEventKind {
  /// Taking it in twice would be noticed: how far events were seen is written at once.
  var isMomentous: Bool {
    switch self {
    case .opened, .started, .ended, .firmwareReset: true
    case .phase, .connected, .progress, .heaters, .resend, .message, .prompt, .fault, .wire, .recorderDumped,
      .link, .openingResets:
      false
    }
  }
}

extension AttemptProgress {
  /// As the store keeps it.
  var stored: AttemptRecord.Progress {
    AttemptRecord.Progress(
      fileLine: fileLine, byteOffset: byteOffset, lineNumber: lineNumber, acknowledged: acknowledged,
      resends: resends, layer: Int64(layer), elapsed: elapsed, remaining: remaining)
  }
}
