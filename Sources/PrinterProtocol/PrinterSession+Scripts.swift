import GCode

/// Pause, resume, cancel and the end of a file, as safety rules 4 and 10 order them.
extension PrinterSession {
  /// Pauses after the lines that are already with the firmware.
  public mutating func pause(now: Int64) throws(SessionRefusal) {
    guard job != nil else { throw noJob }
    if gap?.phase == .printing { gap?.phase = .pausing }
    if gap != nil { return }
    switch phase {
    case .printing:
      enter(.pausing)
      advance(now: now)
    case .pausing, .paused: break
    case .needsAttention: job?.pauseAsked = true
    case .resuming, .cancelling:
      throw SessionRefusal(code: "job.changing", sentence: "the job is being resumed or cancelled")
    case .disconnected, .opening, .handshaking, .idle, .killed, .linkLost, .printingNotOurs: throw noJob
    }
  }

  /// Goes on with a paused job, or with one that needs attention.
  public mutating func resume(now: Int64) throws(SessionRefusal) {
    guard let current = job else { throw noJob }
    switch phase {
    case .paused:
      standbyAt = nil
      enter(.resuming)
      advance(now: now)
    case .needsAttention:
      job?.pauseAsked = false
      switch current.attention {
      case .heat:
        job?.attention = nil
        enter(.resuming)
        advance(now: now)
      case .held:
        throw SessionRefusal(
          code: "prompt.open", sentence: "the question about a line of the file comes first")
      case .line, .prompt, .paused:
        breakWait(now: now)
        attentionOver(now: now)
      case nil: attentionOver(now: now)
      }
    case .printing, .resuming: break
    case .pausing, .cancelling:
      throw SessionRefusal(code: "job.changing", sentence: "the job is being paused or cancelled")
    case .disconnected, .opening, .handshaking, .idle, .killed, .linkLost, .printingNotOurs: throw noJob
    }
  }

  /// Ends the running or paused job by the safe ending. A second call changes nothing.
  public mutating func cancel(now: Int64) throws(SessionRefusal) {
    guard job != nil else { throw noJob }
    guard phase != .cancelling else { return }
    job?.ending = Ending(end: .cancelled, fault: nil)
    guard gap == nil else {
      // The safe ending follows when the port is back, or heat goes off then.
      gap?.phase = .cancelling
      return
    }
    beginEnding(why: "cancelled", now: now)
  }

  var noJob: SessionRefusal {
    SessionRefusal(code: "job.none", sentence: "no job is running on this machine")
  }

  // MARK: The scripts

  /// Starts the script that the phase asks for, once everything in flight is answered.
  mutating func startScriptIfDue(now: Int64) {
    guard script == nil, stream.isIdle, let current = job, current.untaken.isEmpty else { return }
    let isEarly = dialect.acknowledgesOnReceipt
    switch phase {
    case .printing:
      if !current.isChecked {
        job?.isChecked = true
        if hasCard {
          script = Script(purpose: .check, lines: [OwnLine.bytes("M27")])
          return
        }
      }
      if !current.isStarted {
        job?.isStarted = true
        if begin(.start, configuration.scripts.start, now: now) { return }
      }
      guard !current.isSourceOpen, current.held == nil, waiting.isEmpty else { return }
      if !current.isEndBegun {
        job?.isEndBegun = true
        if begin(.end, configuration.scripts.end, now: now) { return }
      }
      let last = isEarly ? "M114" : "M105"
      script = Script(purpose: .finish, lines: [OwnLine.bytes("M400"), OwnLine.bytes(last)])
      script?.awaitsPosition = isEarly
    case .pausing:
      job?.parked = Parked(state: modal)
      script = Script(purpose: .pauseHead, lines: [OwnLine.bytes("M400"), OwnLine.bytes("M114")])
      script?.awaitsPosition = isEarly
    case .resuming: script = Script(purpose: .resume, lines: resumeLines())
    case .cancelling:
      noteMotors(now: now)
      script = Script(purpose: .cancel, lines: cancelLines())
    case .disconnected, .opening, .handshaking, .idle, .paused, .needsAttention, .killed, .linkLost,
      .printingNotOurs:
      return
    }
  }

  /// Goes on where a script has ended.
  mutating func finishScript(now: Int64) {
    guard let ended = script, ended.isOver else { return }
    script = nil
    switch ended.purpose {
    case .pauseHead:
      script = Script(purpose: .pauseTail, lines: pauseLines(now: now))
    case .pauseTail:
      standbyAt = now + configuration.patience.pausedTool
      enter(.paused, reason: reason)
    case .resume:
      job?.parked = nil
      enter(.printing)
    case .cancel:
      let ending = job?.ending ?? Ending(end: .cancelled, fault: nil)
      endJob(ending.end, ending.fault, now: now)
      enter(.idle)
    case .finish:
      planned.emptied()
      endJob(.done, nil, now: now)
      enter(.idle)
    case .check, .cool, .start, .end: break
    }
  }

  /// Begins the machine's own lines around a job; false where there are none. One above a temperature limit fails the job.
  private mutating func begin(_ purpose: Script.Purpose, _ texts: [String]?, now: Int64) -> Bool {
    var lines: [[UInt8]] = []
    for text in texts ?? [] {
      let bytes = OwnLine.bytes(text)
      let clean = cleaned(bytes[...])
      guard !clean.isEmpty else { continue }
      if let command = Command(clean), let refusal = judge.temperature(command) {
        let words = "the machine's own script: \(refusal.sentence)"
        failJob(SessionFault(code: refusal.code, sentence: words, scope: .job), now: now)
        return true
      }
      lines.append(Array(clean))
    }
    guard !lines.isEmpty else { return false }
    script = Script(purpose: purpose, lines: lines)
    return true
  }

  /// Retract only if hot, lift by at most what the travel leaves, park only where homed, motors stay on.
  private mutating func pauseLines(now: Int64) -> [[UInt8]] {
    noteMotors(now: now)
    var lines: [[UInt8]] = []
    let scripts = configuration.scripts
    if let own = scripts.pause {
      lines = own.map { OwnLine.bytes($0) }
    } else {
      if isHot, scripts.retract > 0 {
        lines.append(OwnLine.bytes("M83"))
        lines.append(OwnLine.words("G1", [("E", -scripts.retract), ("F", scripts.filamentFeedrate)]))
        job?.parked?.isRetracted = true
      }
      lines.append(contentsOf: liftLines())
      lines.append(contentsOf: parkLines())
      job?.parked?.isLifted = true
    }
    if dialect.holdsSteppers { lines.append(OwnLine.bytes("M84 S0")) }
    // Paused means that it stands still.
    lines.append(OwnLine.bytes("M400"))
    return lines
  }

  private var isHot: Bool {
    for reading in temperatures where reading.heater == .tool(modal.tool) {
      return reading.current >= configuration.coldExtrusion
    }
    return false
  }

  /// A relative lift; leaves G90.
  private func liftLines() -> [[UInt8]] {
    var lift = configuration.scripts.lift
    if let top = configuration.volume?.z, modal.known.contains(.z) {
      lift = max(0, min(lift, top - modal.position.z))
    }
    guard lift > 0 else { return [OwnLine.bytes("G90")] }
    return [
      OwnLine.bytes("G91"), OwnLine.words("G1", [("Z", lift), ("F", configuration.scripts.liftFeedrate)]),
      OwnLine.bytes("G90"),
    ]
  }

  private func parkLines() -> [[UInt8]] {
    let scripts = configuration.scripts
    guard modal.trusted.isSuperset(of: [.x, .y]), let x = scripts.parkX, let y = scripts.parkY else {
      return []
    }
    return [OwnLine.words("G1", [("X", x), ("Y", y), ("F", scripts.travelFeedrate)])]
  }

  /// Heat and wait, prime at the park position, back at the lifted height, down, unretract, then E, modes and feedrate.
  private func resumeLines() -> [[UInt8]] {
    guard let parked = job?.parked else { return [] }
    let before = parked.state
    let scripts = configuration.scripts
    var lines = heatLines(before)
    if let own = scripts.resume {
      lines.append(contentsOf: own.map { OwnLine.bytes($0) })
    } else {
      if parked.isRetracted {
        lines.append(OwnLine.bytes("M83"))
        let out = scripts.retract + scripts.prime
        lines.append(OwnLine.words("G1", [("E", out), ("F", scripts.filamentFeedrate)]))
        lines.append(OwnLine.words("G1", [("E", -scripts.retract), ("F", scripts.filamentFeedrate)]))
      }
      if parked.isLifted { lines.append(contentsOf: returnLines(before)) }
      if parked.isRetracted {
        lines.append(OwnLine.bytes("M83"))
        lines.append(OwnLine.words("G1", [("E", scripts.retract), ("F", scripts.filamentFeedrate)]))
      }
    }
    lines.append(contentsOf: modeLines(before))
    return lines
  }

  /// Targets as they were before, waited for where they were on.
  private func heatLines(_ before: ModalState) -> [[UInt8]] {
    var lines: [[UInt8]] = []
    if let bed = before.bedTarget, bed > 0 { lines.append(OwnLine.words("M140", [("S", bed)])) }
    for tool in 0..<configuration.tools {
      guard let target = before.target(tool: tool), target > 0 else { continue }
      lines.append(OwnLine.words("M104", toolWord(tool) + [("S", target)]))
    }
    if let bed = before.bedTarget, bed > 0 { lines.append(OwnLine.words("M190", [("S", bed)])) }
    for tool in 0..<configuration.tools {
      guard let target = before.target(tool: tool), target > 0 else { continue }
      lines.append(OwnLine.words("M109", toolWord(tool) + [("S", target)]))
    }
    return lines
  }

  func toolWord(_ tool: Int32) -> [(letter: String, value: Double)] {
    configuration.tools > 1 ? [("T", Double(tool))] : []
  }

  private func returnLines(_ before: ModalState) -> [[UInt8]] {
    let scripts = configuration.scripts
    var lines = [OwnLine.bytes("G90")]
    if before.known.isSuperset(of: [.x, .y]) {
      lines.append(
        OwnLine.words(
          "G1", [("X", before.position.x), ("Y", before.position.y), ("F", scripts.travelFeedrate)]))
    }
    if before.known.contains(.z) {
      lines.append(OwnLine.words("G1", [("Z", before.position.z), ("F", scripts.liftFeedrate)]))
    } else if scripts.lift > 0 {
      lines.append(OwnLine.bytes("G91"))
      lines.append(OwnLine.words("G1", [("Z", -scripts.lift), ("F", scripts.liftFeedrate)]))
    }
    return lines
  }

  private func modeLines(_ before: ModalState) -> [[UInt8]] {
    var lines = [
      OwnLine.bytes("G90"), OwnLine.words("G92", [("E", before.position.e)]),
      OwnLine.bytes(before.isRelative ? "G91" : "G90"),
      OwnLine.bytes(before.isExtruderRelative ? "M83" : "M82"),
    ]
    if let feedrate = before.feedrate { lines.append(OwnLine.words("G1", [("F", feedrate)])) }
    if dialect.holdsSteppers {
      let timeout = before.stepperTimeout ?? Double(configuration.scripts.stepperTimeout)
      lines.append(OwnLine.words("M84", [("S", timeout)]))
    }
    return lines
  }

  /// Heaters off, lift before anything moves sideways, park where homed, fan off; motors only where Z holds by itself.
  private func cancelLines() -> [[UInt8]] {
    var lines: [[UInt8]] = []
    if let own = configuration.scripts.cancel {
      lines = own.map { OwnLine.bytes($0) }
    } else {
      lines.append(contentsOf: heatersOffLines(tools: true, bed: true))
      // A job that is parked already is lifted.
      if job?.parked?.isLifted != true {
        lines.append(contentsOf: liftLines())
        lines.append(contentsOf: parkLines())
      }
      lines.append(OwnLine.bytes("M107"))
    }
    if dialect.holdsSteppers, job?.parked != nil {
      lines.append(OwnLine.words("M84", [("S", Double(configuration.scripts.stepperTimeout))]))
    }
    lines.append(contentsOf: [OwnLine.bytes("G90"), OwnLine.bytes("M82"), OwnLine.bytes("M400")])
    if configuration.zHoldsUnpowered { lines.append(OwnLine.bytes("M84")) }
    lines.append(OwnLine.bytes("M105"))
    return lines
  }

  func heatersOffLines(tools: Bool, bed: Bool) -> [[UInt8]] {
    var lines: [[UInt8]] = []
    if tools {
      for tool in 0..<max(1, configuration.tools) {
        lines.append(OwnLine.words("M104", toolWord(tool) + [("S", 0)]))
      }
    }
    if bed { lines.append(OwnLine.bytes("M140 S0")) }
    return lines
  }
}
