import GCode

/// Temperatures, heaters that do not warm up, heaters that must not stay on.
extension PrinterSession {
  mutating func note(_ report: TemperatureReport, now: Int64) {
    for index in 0..<TemperatureReport.maximumTools { note(report.tool(index), .tool(Int32(index))) }
    note(report.bed, .bed)
    note(report.chamber, .chamber)
    // A firmware that acknowledges on receipt keeps the answers back while its queue waits for heat.
    if report.isWaiting || dialect.acknowledgesOnReceipt {
      if report.isWaiting { stream.waitsForHeat(now: now) }
      stream.busy(now: now)
    } else if let heater = heatWait {
      // At its target the wait should be over: such a report is no sign that it still lasts.
      if !isReached(heater) { stream.lastSign = now }
      stream.unanswered = 0
    }
    watchHeat(now: now)
    tell(.temperatures)
  }

  private mutating func note(_ reading: TemperatureReport.Reading, _ heater: Heater) {
    guard !reading.current.isNaN else { return }
    let known = temperatures.firstIndex(where: { $0.heater == heater })
    // Marlin 1.0 gives no target while it waits for heat; what was asked for is known from the stream.
    let target = reading.target.isNaN ? asked(heater) : reading.target
    if let known {
      temperatures[known].current = reading.current
      temperatures[known].target = target
    } else {
      temperatures.append(Temperature(heater: heater, current: reading.current, target: target))
    }
  }

  private func isReached(_ heater: Heater) -> Bool {
    guard let reading = temperatures.first(where: { $0.heater == heater }) else { return false }
    return abs(asked(heater) - reading.current) <= 3
  }

  private func asked(_ heater: Heater) -> Double {
    switch heater {
    case .tool(let tool): modal.target(tool: tool) ?? 0
    case .bed: modal.bedTarget ?? 0
    case .chamber: modal.chamberTarget ?? 0
    }
  }

  /// Rule 12: a heat-up may take as long as it likes while the temperature rises.
  private mutating func watchHeat(now: Int64) {
    // While a person has to look after it, nothing more is said; with a resume it is watched again.
    guard job?.attention != .heat, let heater = heatWait,
      stream.ledger.contains(where: { $0.facts.waitsForHeat }),
      let reading = temperatures.first(where: { $0.heater == heater })
    else { return }
    let target = asked(heater)
    guard target - reading.current > 3 else {
      heatWatch = nil
      return
    }
    guard let watch = heatWatch, watch.heater == heater, reading.current < watch.reference + 2 else {
      heatWatch = HeatWatch(heater: heater, reference: reading.current, since: now)
      return
    }
    if now - watch.since >= configuration.patience.noRise {
      heatDoesNotRise(heater, reading.current, target, now: now)
    }
  }

  private mutating func heatDoesNotRise(_ heater: Heater, _ current: Double, _ target: Double, now: Int64) {
    heatWatch = nil
    let name = heater == .bed ? "the bed" : "heater \(heater.name)"
    let fault = SessionFault(
      code: "heat.noRise",
      sentence:
        "\(name) stays at \(OwnLine.text(current)) °C although \(OwnLine.text(target)) °C was asked for: is the printer's power supply on?",
      scope: .job, fileLine: job.map { _ in progress.sentFileLine })
    if job != nil, job?.ending == nil {
      if job?.parked == nil { job?.parked = Parked(state: modal) }
      script = nil
      tell(.fault(fault))
      needAttention(.heat, fault.sentence, now: now)
    } else {
      heatWait = nil
      tell(.fault(fault))
      endHands(fault)
    }
    breakWait(now: now)
    coolNow(tools: true, bed: true)
  }

  /// Heaters off as soon as something may be sent.
  mutating func coolNow(tools: Bool, bed: Bool) {
    let lines = heatersOffLines(tools: tools, bed: bed)
    guard !lines.isEmpty else { return }
    if script?.purpose == .cool {
      script?.lines.append(contentsOf: lines)
    } else if script == nil {
      script = Script(purpose: .cool, lines: lines)
    }
  }

  mutating func armHeaterTimers(now: Int64) {
    toolOffAt = now + configuration.patience.uncertainTool
    bedOffAt = now + configuration.patience.uncertainBed
  }

  /// Rules 3 and 10. A timer that runs out while nothing can be sent stays due.
  mutating func heaterTimeouts(now: Int64) {
    if let at = standbyAt, at <= now {
      standbyAt = nil
      if phase == .paused { goOnStandby() }
    }
    if let at = toolOffAt, at <= now {
      toolOffAt = nil
      if phase == .idle { coolNow(tools: true, bed: false) } else { isToolOverdue = true }
    }
    if let at = bedOffAt, at <= now {
      bedOffAt = nil
      if phase == .idle { coolNow(tools: false, bed: true) } else { isBedOverdue = true }
    }
  }

  private mutating func goOnStandby() {
    let standby = configuration.patience.standby
    var lines: [[UInt8]] = []
    for tool in 0..<max(1, configuration.tools) where (modal.target(tool: tool) ?? 0) > standby {
      lines.append(OwnLine.words("M104", toolWord(tool) + [("S", standby)]))
    }
    if script == nil, !lines.isEmpty { script = Script(purpose: .cool, lines: lines) }
    let words = "the hot end is on standby"
    guard !reason.hasSuffix(words) else { return }
    // Why it is paused stays said.
    enter(.paused, reason: reason.isEmpty ? words : "\(reason); \(words)")
  }

  /// Ends a heat wait or a wait for a person, where the firmware lets itself be told.
  mutating func breakWait(now: Int64) {
    guard dialect.breaksWaits else { return }
    sendUrgent("M108", now: now)
  }
}
