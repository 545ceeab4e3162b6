import GCode

/// What status reports say of a running job.
extension GrblSession {
  mutating func jobReported(_ report: GrblStatus, now: Int64) {
    switch report.state {
    case .alarm: return alarm(alarmCode ?? -2, now: now)
    case .check, .sleep, .home:
      return failJob(
        SessionFault(
          code: "machine.strayed",
          sentence: "the machine is \(report.state.name), which the job did not ask for",
          scope: .job, fileLine: progress.fileLine), now: now)
    case .door, .tool: return stand(report.state, now: now)
    case .held, .holding, .idle, .run, .jog: break
    }
    scriptRests(report, now: now)
    switch phase {
    case .pausing where isRaising: streamReported(report, now: now)
    case .pausing: pausingReported(report, now: now)
    case .resuming where script == nil:
      if report.state == .held {
        writeRealtime(Realtime.start)
      } else if report.state == .run || report.state == .idle {
        enter(.printing)
      }
    case .paused where job?.parked == nil, .needsAttention where job?.parked == nil:
      if report.state == .run || (report.state == .idle && phase == .needsAttention) {
        tell(.message("the machine goes on: somebody pressed its start button"))
        enter(.printing)
      }
    case .printing: streamReported(report, now: now)
    case .disconnected, .opening, .handshaking, .idle, .resuming, .paused, .cancelling, .needsAttention,
      .killed, .linkLost, .printingNotOurs:
      lookForMissing(report, now: now)
    }
  }

  /// A report while lines of the file are under way, or what they end in.
  private mutating func streamReported(_ report: GrblStatus, now: Int64) {
    if report.state == .held { return heldUnasked(report, now: now) }
    if job?.stage == .starting {
      lookForMissing(report, now: now)
      return beginStreaming(report, now: now)
    }
    guard isOnTrack(report, now: now) else { return }
    checkBuffer(report, now: now)
    lookForMissing(report, now: now)
    if report.state == .idle { drained(report, now: now) }
  }

  /// Whether the machine is where the last lines may have brought it; one report may be damaged, two in a row are not.
  private mutating func isOnTrack(_ report: GrblStatus, now: Int64) -> Bool {
    guard script == nil, let place = workPosition(report), !track.mayBe(at: place, 0.5) else {
      strays = 0
      return true
    }
    strays += 1
    guard strays >= 2 else { return true }
    beginStop(
      .failed,
      SessionFault(
        code: "stream.strayed",
        sentence:
          "the machine is where no line of the file leads (X\(OwnLine.text(place.x)) Y\(OwnLine.text(place.y)) Z\(OwnLine.text(place.z))), near line \(progress.fileLine): a byte was damaged on the way, and GRBL has no checksum. Check cable and grounding",
        scope: .job, fileLine: progress.fileLine), mayHold: true, now: now)
    return false
  }

  /// A hold that nobody asked for: a button of the machine, or a byte of a line that was damaged into `!`.
  private mutating func heldUnasked(_ report: GrblStatus, now: Int64) {
    guard !configuration.grbl.hasHoldButton, !report.isHoldPressed else {
      return enter(.paused, reason: "somebody held the machine at its own button")
    }
    beginStop(
      .failed,
      SessionFault(
        code: "stream.unaskedHold",
        sentence:
          "the machine holds, near line \(progress.sentFileLine) of the file, and nobody asked it to: most likely a byte of a line was damaged into `!`. Check cable and grounding; where the machine has a hold button, say so in its settings",
        scope: .job, fileLine: progress.fileLine), mayHold: false, now: now)
  }

  private mutating func pausingReported(_ report: GrblStatus, now: Int64) {
    switch report.state {
    case .held:
      let isDark = machineClass != .laser || (report.spindle ?? 0) == 0
      guard (report.feedrate ?? 0) == 0, isDark else { return }
      holdAt = nil
      let why = machineClass == .cnc && followed.spindle != .off ? "held; the spindle keeps turning" : reason
      enter(.paused, reason: why)
    case .run, .idle: writeRealtime(Realtime.hold)
    case .holding, .jog, .alarm, .door, .check, .home, .sleep, .tool: break
    }
  }

  /// The machine waits at the machine: door or tool.
  private mutating func stand(_ state: GrblState, now: Int64) {
    guard phase != .needsAttention, stop == nil else { return }
    holdAt = nil
    let text =
      state == .door ? "the safety door was opened: close it, then resume" : "the machine waits for a tool"
    enter(.needsAttention, reason: text)
    setPrompt(SessionPrompt(text: text, choices: []))
  }

  /// Answers a prompt: home or unlock where an alarm locks, else on it goes.
  public mutating func answer(choice: Int32?, now: Int64) throws(SessionRefusal) {
    guard prompt != nil else {
      throw SessionRefusal(code: "prompt.none", sentence: "the machine asks nothing")
    }
    guard job == nil else { return try resume(now: now) }
    switch choice {
    case 0: try queue([OwnLine.bytes("$H")], token: 0, isHoming: true, now: now)
    case 1: try queue([OwnLine.bytes("$X")], token: 0, now: now)
    default:
      throw SessionRefusal(code: "prompt.choice", sentence: "choose 0 to home or 1 to unlock")
    }
  }
}
