import GCode

/// What goes out, and what comes back for it.
extension PrinterSession {
  /// Sends whatever is due and may go, in this order: greeting, script, lines by hand, polls. The file comes by `supply`.
  mutating func advance(now: Int64) {
    if stream.isReplaying {
      let start = output.count
      while stream.replay(now: now, into: &output) { countReplay() }
      outputGrew(from: start)
    }
    if isFileAlone { return }
    if gap != nil { return goOnAfterGap(now: now) }
    while stream.hasRoom(), sendNext(now: now) {}
  }

  /// Whether nothing but the next line of the file may be sent: the usual case of a print, and asked for each line.
  private var isFileAlone: Bool {
    mutating get {
      guard phase == .printing, !isPollDue, waiting.isEmpty, hands.isEmpty, script == nil, greeting == nil,
        gap == nil
      else { return false }
      return job?.canTakeLine() == true
    }
  }

  mutating func countReplay() {
    counted.linesSent += 1
    if job != nil { progress.resends += 1 }
  }

  private mutating func sendNext(now: Int64) -> Bool {
    if greeting != nil { return sendGreeting(now: now) }
    switch phase {
    case .disconnected, .opening, .handshaking, .linkLost, .killed: return false
    case .printingNotOurs: return sendHand(now: now)
    case .printing where job?.untaken.isEmpty == false, .pausing where job?.untaken.isEmpty == false:
      return sendUntaken(now: now)
    case .printing:
      if let held = job?.held, held.isApproved {
        job?.held = nil
        let line = held.line.span
        var command = Command()
        command.read(line)
        sendFile(line, &command, fileLine: held.fileLine, endOffset: held.endOffset, now: now)
        return true
      }
    case .idle, .pausing, .paused, .resuming, .cancelling, .needsAttention: break
    }
    startScriptIfDue(now: now)
    if sendScript(now: now) || sendHand(now: now) { return true }
    guard isPollDue else { return sendWaiting(now: now) }
    guard stream.fits(4) else { return false }
    isPollDue = false
    pollAt = now + pollInterval
    // A print may be started at the machine; not to be noticed while a job of ours runs.
    isCardTurn = hasCard && job == nil && !isCardTurn
    sendOwn(OwnLine.bytes(isCardTurn ? "M27" : "M105"), .poll, now: now)
    return true
  }

  /// The line of the file that had no room before.
  private mutating func sendWaiting(now: Int64) -> Bool {
    guard !waiting.isEmpty, phase == .printing, job != nil, stream.fits(waiting.bytes.count) else {
      return false
    }
    // Taken out and put back, for the session is changed while its bytes are read.
    var bytes: [UInt8] = []
    var command = Command()
    swap(&bytes, &waiting.bytes)
    swap(&command, &waiting.command)
    sendFile(
      bytes.span, &command, fileLine: waiting.fileLine, endOffset: waiting.endOffset, now: now)
    swap(&bytes, &waiting.bytes)
    waiting.clear()
    return true
  }

  private mutating func sendScript(now: Int64) -> Bool {
    guard var current = script else { return false }
    if isPollDue, current.awaitsPosition, current.next == current.lines.count, current.inFlight == 0 {
      // The report was lost, or is far away: it is asked for again, as often as temperatures are.
      isPollDue = false
      pollAt = now + pollInterval
      current.next -= 1
    }
    guard current.next < current.lines.count else { return false }
    let line = current.lines[current.next]
    guard !stream.isNumbering || stream.fits(line.count) else { return false }
    current.next += 1
    current.inFlight += 1
    script = current
    sendOwn(line, .script, now: now)
    return true
  }

  private mutating func sendHand(now: Int64) -> Bool {
    guard let index = hands.firstIndex(where: { $0.next < $0.lines.count }) else { return false }
    guard index == 0 || hands[index - 1].inFlight == 0 else { return false }
    let line = hands[index].lines[hands[index].next]
    guard !stream.isNumbering || stream.fits(line.count) else { return false }
    hands[index].next += 1
    hands[index].inFlight += 1
    if stream.isNumbering {
      sendOwn(line, .hand, now: now)
    } else {
      sendPlain(line, due: now + configuration.patience.greeting * 3, kind: .hand, now: now)
    }
    return true
  }

  /// Sends a numbered line that is not the file's.
  mutating func sendOwn(_ line: [UInt8], _ kind: LineKind, now: Int64) {
    var command = Command()
    command.read(line.span)
    send(line.span, kind: kind, command: &command, fileLine: 0, endOffset: 0, now: now)
  }

  /// Sends a line without number.
  mutating func sendPlain(_ line: [UInt8], due: Int64, kind: LineKind = .script, now: Int64) {
    let start = output.count
    stream.sendPlain(line[...], LineFacts(kind: kind, due: due), now: now, into: &output)
    counted.linesSent += 1
    outputGrew(from: start)
  }

  /// Numbers a line, follows it in the modal state and puts it in flight.
  mutating func send(
    _ line: Span<UInt8>, kind: LineKind, command: inout Command, fileLine: Int64, endOffset: Int64,
    now: Int64
  ) {
    var facts = LineFacts(kind: kind, fileLine: fileLine, endOffset: endOffset, isRepeatable: false, due: now)
    if !command.isNone { follow(&command, &facts, now: now) }
    let start = output.count
    stream.send(line, facts, now: now, into: &output)
    counted.linesSent += 1
    outputGrew(from: start)
  }

  private mutating func follow(_ command: inout Command, _ facts: inout LineFacts, now: Int64) {
    let traits = CommandTraits.of(command.letter, command.number)
    facts.isRepeatable = LineJudge.isRepeatable(&command, traits, in: &modal)
    // The state before the command decides about repeating, the one behind it is for the next line.
    let expectation = modal.follow(&command)
    expect(expectation, &facts, now: now)
    if !traits.contains(.motion) || expectation.drainsPlanner { modesChanged &+= 1 }
    if traits.contains(.motion) { movedAt = now }
    guard !traits.contains(.planned) else { return }
    facts.isBlocking = traits.contains(.blocking)
    facts.waitsForHeat = traits.contains(.waitsForHeat)
    facts.isReport = command.matches("M", 105)
    if command.matches("M", 113), let seconds = command["S"] { stream.keepAlive(every: seconds) }
    if facts.waitsForHeat {
      heatWait = heater(waitedForBy: command)
      heatWatch = nil
    }
  }

  /// When the answer is due, and what that says of planner and link.
  private mutating func expect(_ expectation: Expectation, _ facts: inout LineFacts, now: Int64) {
    // Room for one more is there as soon as the oldest move is done; some firmware answers a move when it is over.
    switch expectation {
    case .motion(let estimate):
      let most = PlannedTime.nanoseconds(estimate.most)
      slowest.add(most)
      facts.due = now + slowest.nanoseconds
      planned.add(most, now: now)
      if facts.kind == .file {
        planner.sent(PlannedTime.nanoseconds(estimate.least), now: now, &stream.health)
      } else {
        planner.emptied()
      }
      return
    case .quick:
      facts.due = now + slowest.nanoseconds
      return
    case .dwell(let seconds): facts.dwell = PlannedTime.nanoseconds(seconds)
    case .drain: facts.dwell = 0
    case .procedure, .open: break
    }
    facts.isOpenEnded = expectation.mostSeconds == nil
    facts.due = planned.due(expectation, now: now)
    if let seconds = expectation.mostSeconds, seconds > 0 { slowest.add(PlannedTime.nanoseconds(seconds)) }
    planner.emptied()
    planned.add(expectation, now: now)
  }

  /// Whether a line by hand waits for nothing but room.
  var isHandDue: Bool {
    guard let index = hands.firstIndex(where: { $0.next < $0.lines.count }) else { return false }
    return index == 0 || hands[index - 1].inFlight == 0
  }

  /// Axes count as homed only as long as the firmware holds their motors.
  mutating func noteMotors(now: Int64) {
    let timeout = modal.stepperTimeout ?? Double(configuration.scripts.stepperTimeout)
    guard timeout > 0, !modal.trusted.isEmpty else { return }
    if now - movedAt - planned.remaining(now: movedAt) > PlannedTime.nanoseconds(timeout) {
      modal.motorsReleased()
    }
  }

  private mutating func heater(waitedForBy command: Command) -> Heater? {
    switch command.number {
    case 109: .tool(command["T"].map { Int32(max(0, min(99, $0))) } ?? modal.tool)
    case 190: .bed
    case 191: .chamber
    default: nil
    }
  }

  /// Sends a command that acts out of turn and only without number: M108, M876. Not in the ledger's order of the file.
  mutating func sendUrgent(_ text: String, now: Int64) {
    let start = output.count
    let facts = LineFacts(kind: .question, due: now + configuration.patience.question)
    stream.sendPlain(OwnLine.bytes(text)[...], facts, now: now, into: &output)
    counted.linesSent += 1
    outputGrew(from: start)
  }

  // MARK: What was acknowledged

  /// Takes the lines that the stream has acknowledged.
  mutating func takeRetired(now: Int64) {
    while let line = stream.nextRetired() {
      switch line.facts.kind {
      case .file: fileLineDone(line, now: now)
      case .script:
        if greeting != nil {
          greetingAnswered(now: now)
        } else if script != nil {
          if let waited = script?.inFlight { script?.inFlight = max(0, waited - 1) }
        } else {
          cardAnswered(now: now)
        }
      case .poll, .question: break
      case .hand: handLineDone(now: now)
      }
      if line.facts.waitsForHeat {
        heatWait = nil
        heatWatch = nil
      }
    }
    if script != nil { finishScript(now: now) }
  }

  private mutating func fileLineDone(_ line: SentLine, now: Int64) {
    guard job != nil else { return }
    progress.fileLine = line.facts.fileLine
    progress.byteOffset = line.facts.endOffset
    progress.lineNumber = line.number
    progress.acknowledged += 1
    if job?.attention == .line { attentionOver(now: now) }
  }

  /// Lines from `number` on were acknowledged by mistake: the place in the file goes back before them.
  mutating func rewindProgress(before number: Int64) {
    guard job != nil, progress.acknowledged > 0, progress.lineNumber >= number else { return }
    var current = progress.lineNumber
    while current >= stream.history.oldest {
      if let facts = stream.history.facts(of: current), facts.kind == .file {
        if current < number {
          progress.fileLine = facts.fileLine
          progress.byteOffset = facts.endOffset
          progress.lineNumber = current
          return
        }
        progress.acknowledged -= 1
      }
      current -= 1
    }
    guard progress.acknowledged <= 0 else { return }
    progress.fileLine = 0
    progress.byteOffset = 0
    progress.lineNumber = 0
  }

  private mutating func handLineDone(now: Int64) {
    guard let index = hands.firstIndex(where: { $0.inFlight > 0 }) else { return }
    hands[index].inFlight -= 1
    guard hands[index].inFlight == 0, hands[index].next == hands[index].lines.count else { return }
    let work = hands.remove(at: index)
    tell(.answered(token: work.token, fault: nil))
  }

  /// Lines by hand that will not be answered any more.
  mutating func endHands(_ fault: SessionFault) {
    for work in hands { tell(.answered(token: work.token, fault: fault)) }
    hands.removeAll()
  }
}
