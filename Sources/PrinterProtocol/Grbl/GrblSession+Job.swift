import GCode

/// Streaming a file.
extension GrblSession {
  /// Starts a job; its lines are asked for by `wantsLine`.
  public mutating func startJob(_ start: JobStart, now: Int64) throws(SessionRefusal) {
    guard job == nil else { throw SessionRefusal(code: "machine.busy", sentence: "a job is already running") }
    // Settings that are read again are waited for; a greeting is not, it resets the machine.
    let isReading = greeting?.isReading == true
    guard phase == .idle, greeting == nil || isReading, stop == nil else { throw notReady() }
    guard hands.isEmpty, ledger.isEmpty || isReading else {
      throw SessionRefusal(code: "machine.busy", sentence: "a line or act by hand is still running")
    }
    guard status?.state == .idle || status?.state == .jog else {
      let state = status.map { $0.state.name } ?? "not known"
      throw SessionRefusal(code: "machine.notIdle", sentence: "the machine is not idle: \(state)")
    }
    if let obstacle = startObstacle { throw obstacle }
    try requireLaserMode()
    job = GrblJob(token: start.token)
    progress = SessionProgress()
    modal.layer = nil
    modal.layerCount = nil
    doubt = GrblDoubt()
    probeTries = 0
    repeats = 0
    lastBlock = nil
    strays = 0
    tell(.jobStarted(token: start.token))
    enter(.printing)
    wantStatus(now: now)
    if let status { beginStreaming(status, now: now) }
  }

  /// The first line goes out where a report that is newer than every answer shows the machine at rest.
  mutating func beginStreaming(_ report: GrblStatus, now: Int64) {
    guard job?.stage == .starting, greeting == nil, ledger.isEmpty, report.state == .idle, isFresh else {
      return
    }
    do throws(SessionRefusal) {
      try requireLaserMode()
    } catch {
      return failJob(SessionFault(code: error.code, sentence: error.sentence, scope: .job), now: now)
    }
    // Without the place where it begins, nothing tells for fifty moves whether the machine is where it should be.
    let place = workPosition(report)
    if place == nil, job?.placelessReports ?? 0 < 5 {
      job?.placelessReports += 1
      return
    }
    if let place { followed.standsAt(place) }
    track.rests(followed)
    let isOpen = job?.isSourceOpen == true
    job?.stage = isOpen ? .streaming : .draining(.finish)
  }

  /// Whether the last report was asked for behind every answer so far.
  var isFresh: Bool { creditedAt <= reportAskedAt }

  /// Safety rule 17: no laser job without `$32=1`, read in this session; and no spindle with it.
  private func requireLaserMode() throws(SessionRefusal) {
    switch (machineClass, settings.laserMode) {
    case (.laser, true?), (.cnc, false?), (.printer, _): return
    case (.laser, false?):
      throw SessionRefusal(
        code: "laser.modeOff",
        sentence:
          "laser mode is off ($32=0): the beam would stay on while the machine stands still; set $32=1 first")
    case (.cnc, true?):
      throw SessionRefusal(
        code: "cnc.laserMode",
        sentence:
          "laser mode is on ($32=1), in which the spindle does not wait for its speed; set $32=0 first")
    case (_, nil):
      throw SessionRefusal(
        code: "laser.modeUnknown", sentence: "the machine did not tell whether laser mode is on ($32)")
    }
  }

  func notReady() -> SessionRefusal {
    switch phase {
    case .killed:
      SessionRefusal(code: "machine.killed", sentence: "the machine is stopped; reset it first")
    case .needsAttention where job == nil:
      SessionRefusal(code: "machine.locked", sentence: reason)
    case .disconnected, .opening, .handshaking, .linkLost:
      SessionRefusal(code: "machine.notConnected", sentence: "the machine is not connected")
    case .idle, .printing, .pausing, .paused, .resuming, .cancelling, .needsAttention, .printingNotOurs:
      SessionRefusal(code: "machine.busy", sentence: "the machine is busy")
    }
  }

  /// Whether the next line of the file may be supplied now.
  public var wantsLine: Bool {
    guard phase == .printing, let job, job.isSourceOpen, job.stage == .streaming else { return false }
    // A held line waits for room; further ones would have to wait behind it.
    return held == nil && stop == nil && script == nil && greeting == nil && verification == nil && hasRoom(2)
  }

  /// Supplies the next line of the file, cleaned of comments and blanks; an empty one only moves the place in the file.
  public mutating func supply(line raw: ArraySlice<UInt8>, fileLine: Int64, endOffset: Int64, now: Int64) {
    guard job != nil, stop == nil else { return }
    guard wantsLine else {
      return failJob(
        SessionFault(
          code: "stream.lineNotWanted", sentence: "line \(fileLine) came when no line was wanted",
          scope: .job,
          fileLine: fileLine), now: now)
    }
    job?.suppliedLine = fileLine
    job?.suppliedOffset = endOffset
    // `%` frames a program for other controls.
    guard let first = raw.first, first != UInt8(ascii: "%") else { return }
    if raw.contains(UInt8(ascii: "(")) {
      clean(raw, style: .semicolonAndParentheses, into: &heldLine)
      supplyClean(heldLine[...], fileLine, endOffset, now: now)
    } else {
      supplyClean(raw, fileLine, endOffset, now: now)
    }
  }

  private mutating func supplyClean(
    _ line: ArraySlice<UInt8>, _ fileLine: Int64, _ endOffset: Int64, now: Int64
  ) {
    guard !line.isEmpty else { return }
    let block = GrblBlock(line)
    guard block.words > 0 else { return }
    if let refusal = refusal(of: line, block) {
      return failJob(
        SessionFault(
          code: refusal.code, sentence: "line \(fileLine): \(refusal.sentence)", scope: .job,
          fileLine: fileLine),
        now: now)
    }
    if block.stops || block.changesTool {
      let tool = block.value("T").map { Int32(max(0, min(10_000, $0))) }
      job?.stage = .draining(block.changesTool ? .toolChange(tool) : .stop)
      return advance(now: now)
    }
    let isLong = line.count + 1 > window
    let waits = !ledger.isEmpty && needsEmptyWire(block)
    if waits || isLong || !hasRoom(line.count + 1) {
      let facts = GrblHeld(fileLine: fileLine, endOffset: endOffset, needsEmptyWire: waits)
      hold(line, isLong, facts, now: now)
    } else {
      sendFile(line, fileLine: fileLine, endOffset: endOffset, now: now)
    }
  }

  /// Keeps a line until there is room; one that never fits is written without blanks, which mean nothing to GRBL.
  private mutating func hold(_ line: ArraySlice<UInt8>, _ isLong: Bool, _ facts: GrblHeld, now: Int64) {
    var kept = heldLine
    kept.removeAll(keepingCapacity: true)
    for byte in line where !isLong || (byte != ASCII.space && byte != ASCII.tab) { kept.append(byte) }
    heldLine = kept
    held = facts
    sendHeld(now: now)
  }

  /// What a line of the file must not be.
  private func refusal(of line: ArraySlice<UInt8>, _ block: GrblBlock) -> SessionRefusal? {
    if block.isSystemLine {
      return SessionRefusal(
        code: "file.system", sentence: "$ commands are a person's to give, not a file's: \(Self.text(line))")
    }
    for byte in line where byte != ASCII.tab && Realtime.isOne(byte) {
      return SessionRefusal(
        code: "file.realtime", sentence: "it holds a byte (\(byte)) that the machine would act on at once")
    }
    if line.contains(ASCII.star) {
      return SessionRefusal(code: "file.numbering", sentence: "it holds a checksum, which GRBL does not know")
    }
    if block.length > dialect.longestLine || block.length + 1 > window {
      return SessionRefusal(
        code: "file.lineTooLong",
        sentence: "it has \(block.length) characters, of which the firmware takes \(dialect.longestLine)")
    }
    if block.spindle == .constant, machineClass == .laser, !configuration.allowsM3 {
      return SessionRefusal(
        code: "file.constantPower",
        sentence:
          "M3 is not allowed on this machine: under M3 a beam stays on when motion stops; M4 goes dark")
    }
    if (block.stops || block.changesTool) && (block.hasAxes || block.motion != nil || block.once != nil) {
      return SessionRefusal(
        code: "file.stopWithMotion", sentence: "M0 and M6 have to stand on a line without motion")
    }
    return nil
  }

  static func text(_ line: ArraySlice<UInt8>) -> String { String(decoding: line, as: UTF8.self) }

  /// Notes a layer mark of the slicer's comments.
  public mutating func note(_ mark: LayerMark) { modal.note(mark) }

  /// The file has no more lines.
  public mutating func endOfFile(now: Int64) {
    guard job != nil else { return }
    job?.isSourceOpen = false
    if job?.stage == .streaming { job?.stage = .draining(.finish) }
    advance(now: now)
  }

  /// The file cannot be read on; the job fails with this fault after the stop.
  public mutating func sourceFailed(_ fault: SessionFault, now: Int64) { failJob(fault, now: now) }

  mutating func failJob(_ fault: SessionFault, now: Int64) {
    guard job != nil else { return tell(.fault(fault)) }
    beginStop(.failed, fault, mayHold: true, now: now)
  }

  /// The job is over.
  mutating func endJob(_ end: JobEnd, _ fault: SessionFault?) {
    guard let ended = job else { return }
    if end == .done {
      progress.fileLine = max(progress.fileLine, ended.suppliedLine)
      progress.byteOffset = max(progress.byteOffset, ended.suppliedOffset)
    }
    job = nil
    script = nil
    held = nil
    holdAt = nil
    setPrompt(nil)
    tell(.jobEnded(token: ended.token, end, fault: fault))
  }

  // MARK: Standing still: M0, M6, the end

  /// While everything sent is waited for: asks whether answers are missing, then for the machine to stand still.
  mutating func advanceDrain(now: Int64) {
    guard case .draining(let aim) = job?.stage, ledger.isEmpty else { return }
    // A line that waits for room waits on while the job is paused.
    guard phase == .printing && held == nil || aim == .pause && isRaising else { return }
    // At the end the count of answers is proved by one that can be told apart.
    guard probes.isEmpty, !isDrained else { return }
    isDrained = true
    sendProbe(now: now)
  }

  /// The machine stands still behind the last line.
  mutating func drained(_ report: GrblStatus, now: Int64) {
    guard case .draining(let aim) = job?.stage, isDrained, ledger.isEmpty, probes.isEmpty else { return }
    guard creditedAt < questionAt else { return }
    if let place = workPosition(report) {
      guard followed.isConsistent(with: place, configuration.grbl.tolerance) else {
        repeats += 1
        if repeats >= 2 { elsewhere(place, now: now) }
        return
      }
      followed.standsAt(place)
      track.rests(followed)
    }
    repeats = 0
    isDrained = false
    switch aim {
    case .finish:
      script = GrblScript(
        purpose: .finish, lines: followed.spindle == .off ? [] : [OwnLine.bytes("M5")])
    case .toolChange, .stop, .pause:
      job?.stage = .asking(aim)
      park(report)
    }
    advance(now: now)
  }

  private mutating func elsewhere(_ place: GrblPoint, now: Int64) {
    let wanted = followed.position
    func words(_ point: GrblPoint) -> String {
      "X\(OwnLine.text(point.x)) Y\(OwnLine.text(point.y)) Z\(OwnLine.text(point.z))"
    }
    beginStop(
      .failed,
      SessionFault(
        code: "stream.positionDiffers",
        sentence:
          "the lines up to line \(progress.fileLine) lead to \(words(wanted)), but the machine stands at \(words(place)): a line was lost or damaged on the way, and GRBL has no checksum to tell which",
        scope: .job, fileLine: progress.fileLine), mayHold: false, now: now)
  }

  /// Lifts a tool out and switches off what turns or burns, before a person comes near.
  private mutating func park(_ report: GrblStatus) {
    var parked = GrblParked(spindle: followed.spindle, speed: followed.speed)
    var lines: [[UInt8]] = []
    if machineClass == .cnc, let place = workPosition(report) {
      let lift = clampedLift(report)
      if lift > 0 {
        parked.z = place.z
        lines.append(
          OwnLine.words("$J=G91 G21", [("Z", lift), ("F", configuration.grbl.travelFeedrate)]))
      }
    }
    if followed.spindle != .off { lines.append(OwnLine.bytes("M5")) }
    job?.parked = parked
    script = GrblScript(purpose: .park, lines: lines)
  }

  /// How far Z may rise: machine Z ends at 0 where it is homed; else as configured.
  private func clampedLift(_ report: GrblStatus) -> Double {
    guard isHomed, let machine = report.machine else { return configuration.grbl.lift }
    return max(0, min(configuration.grbl.lift, -machine.z - 1))
  }

  /// A person answered M0 or M6, or resumed: on, dwell, down at plunge feed (safety rule 17).
  mutating func unpark(now: Int64) {
    guard let parked = job?.parked else { return }
    var lines: [[UInt8]] = []
    if parked.spindle != .off {
      let on = parked.spindle == .constant ? "M3" : "M4"
      lines.append(OwnLine.words(on, [("S", parked.speed)]))
      if machineClass == .cnc { lines.append(OwnLine.words("G4", [("P", configuration.grbl.spinUp)])) }
    }
    if let z = parked.z {
      lines.append(OwnLine.words("$J=G90 G21", [("Z", z), ("F", configuration.grbl.plungeFeedrate)]))
    }
    setPrompt(nil)
    script = GrblScript(purpose: .unpark, lines: lines)
    enter(.resuming)
    advance(now: now)
  }

  mutating func advanceScript(now: Int64) {
    guard var current = script, !current.isInFlight, !current.isMoving else { return }
    guard current.next < current.lines.count else { return scriptOver(current.purpose, now: now) }
    guard ledger.isEmpty else { return }
    let line = current.lines[current.next]
    current.next += 1
    current.isInFlight = true
    script = current
    if line.first == UInt8(ascii: "$") {
      script?.isMoving = true
      // A jog changes no mode: the position is all that is followed, and is read again behind it.
      let known = followed
      writeOwn(line, .own, now: now)
      followed = known
    } else {
      writeOwn(line, .own, now: now)
    }
  }

  /// A jog of the script is done; the next line would have been refused before.
  mutating func scriptRests(_ report: GrblStatus, now: Int64) {
    guard let current = script, current.isMoving, !current.isInFlight, report.state == .idle, isFresh else {
      return
    }
    script?.isMoving = false
    if let place = workPosition(report) { followed.standsAt(place) }
    track.rests(followed)
  }

  private mutating func scriptOver(_ purpose: GrblScript.Purpose, now: Int64) {
    script = nil
    switch purpose {
    case .finish:
      endJob(.done, nil)
      enter(.idle)
    case .park: ask(now: now)
    case .unpark:
      job?.parked = nil
      job?.goOn()
      enter(.printing)
      advance(now: now)
    }
  }

  /// A line of our own was refused: a lift that would leave the travel is left out, all else ends the job.
  mutating func scriptRefused(_ code: Int32, now: Int64) {
    script?.isInFlight = false
    script?.isMoving = false
    if code == 15, script?.purpose == .park {
      job?.parked?.z = nil
      return
    }
    failJob(
      SessionFault(
        code: "firmware.refused",
        sentence: "the machine refused a step of its own pause: error:\(code), \(GrblCodes.error(code))",
        scope: .job, fileLine: progress.fileLine), now: now)
  }

  private mutating func ask(now: Int64) {
    guard case .asking(let aim) = job?.stage else { return }
    let text: String
    switch aim {
    case .toolChange(let tool):
      text = tool.map { "change to tool \($0), then answer" } ?? "change the tool, then answer"
    case .pause: return enter(.paused, reason: "the tool is raised and the spindle is off")
    case .stop, .finish: text = "the program asks to stop here; answer to go on"
    }
    enter(.needsAttention, reason: text)
    setPrompt(SessionPrompt(text: text, choices: []))
  }
}
