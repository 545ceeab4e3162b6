import GCode

/// What the firmware said.
extension GrblSession {
  /// Bytes came in.
  public mutating func receive(_ bytes: Span<UInt8>, now: Int64) {
    counted.bytesReceived += Int64(bytes.count)
    var position = 0
    while let reply = parser.next(in: bytes, at: &position) { take(reply, now: now) }
    advance(now: now)
  }

  /// Bytes came in.
  public mutating func receive(_ bytes: ArraySlice<UInt8>, now: Int64) { receive(bytes.span, now: now) }

  private mutating func take(_ reply: GrblReply, now: Int64) {
    guard phase != .disconnected, phase != .opening, phase != .linkLost else { return }
    heardAt = now
    switch reply {
    case .garbage(let couldBeAnswer):
      noiseReplies += 1
      counted.garbledReplies += 1
      if couldBeAnswer { doubt.hasUnreadAnswer = true }
      damagedAt = now
      return
    case .text: damagedAt = now
    default: goodReplies += 1
    }
    switch reply {
    case .ok(let isClean):
      if !isClean { counted.garbledReplies += 1 }
      acknowledged(now: now)
    case .error(let code): refused(code, now: now)
    case .alarm(let code): alarm(code, now: now)
    case .status(let report): reported(report, now: now)
    case .banner(let isHAL): restarted(isHAL: isHAL, now: now)
    case .setting(let number, let value):
      settings.note(number, value)
      answerLine()
    case .modes:
      modesReported(now: now)
      answerLine()
    case .offset(let offset, let point):
      offsets.note(offset, point * unit)
      answerLine()
    case .version:
      firmware = (dialect == .grblHAL ? "grblHAL " : "Grbl ") + wordsText
      answerLine()
    case .options(let blocks, let buffer):
      settings.plannerBlocks = blocks
      settings.receiveBuffer = buffer
      answerLine()
    case .firmware: answerLine()
    case .message:
      if !answerLine() { tell(.message(wordsText)) }
    case .text:
      if !answerLine(), greeting == nil { tell(.message(lineText)) }
    case .garbage: break
    }
  }

  var lineText: String { String(decoding: parser.line, as: UTF8.self) }
  private var wordsText: String { String(decoding: parser.words, as: UTF8.self) }
  /// Millimetres in a unit of the reports.
  private var unit: Double { settings.reportsInches == true ? 25.4 : 1 }

  /// Gives a line to whoever asked for it by hand; false where nobody did.
  @discardableResult
  private mutating func answerLine() -> Bool {
    guard ledger.first?.kind == .hand, let hand = hands.first else { return false }
    tell(.answerLine(token: hand.token, text: lineText))
    return true
  }

  // MARK: ok and error

  private mutating func acknowledged(now: Int64) {
    guard let line = ledger.first else { return strayAnswer(now: now) }
    if line.kind == .probe, let probe = probes.first, !probe.isAnswered {
      // An `ok` for `$G` before its `[GC:…]` is not its own: there was one too many before.
      guard damagedAt >= probe.sentAt else { return overCredited(now: now) }
      // The report was damaged: it is asked for once more.
      isDrained = false
    }
    retire(line, now: now)
    if ledger.isEmpty { balanced() }
  }

  /// The oldest line in flight is answered.
  mutating func retire(_ line: GrblSentLine, now: Int64) {
    _ = ledger.retire()
    creditedAt = now
    if ledger.isEmpty { isAlone = false }
    switch line.kind {
    case .file:
      progress.fileLine = max(progress.fileLine, line.fileLine)
      progress.byteOffset = max(progress.byteOffset, line.endOffset)
      progress.acknowledged += 1
      progress.lineNumber = progress.acknowledged
    case .probe:
      if !probes.isEmpty, probes.removeFirst().isAnswered {
        probeTries = 0
        probeAnsweredAt = now
      }
    case .own: ownAnswered(now: now)
    case .hand: handAnswered(nil, now: now)
    }
  }

  /// Every line was answered, and no answer is missing.
  private mutating func balanced() {
    doubt = GrblDoubt()
  }

  private mutating func ownAnswered(now: Int64) {
    if greeting != nil { return greetingAnswered(now: now) }
    script?.isInFlight = false
    if script?.isMoving == true { wantStatus(now: now) }
  }

  /// An `ok` that belongs to no line in flight.
  private mutating func strayAnswer(now: Int64) {
    guard greeting == nil, stop == nil else { return }
    counted.strayOks += 1
    overCredited(now: now)
  }

  /// More answers came than lines were sent: a line fell into two, or a byte too many was in flight for a while.
  private mutating func overCredited(now: Int64) {
    guard job != nil, stop == nil else { return }
    beginStop(
      .failed,
      SessionFault(
        code: "stream.extraAnswer",
        sentence:
          "the machine answered more often than lines were sent, at or before line \(progress.fileLine) of the file: a byte was damaged on the wire, so that a line fell into two or one was lost; GRBL has no checksum to tell which. Check cable and grounding",
        scope: .job, fileLine: progress.fileLine), mayHold: true, now: now)
  }

  private mutating func refused(_ code: Int32, now: Int64) {
    // Settings that could not be read, told unasked while booting.
    guard let line = ledger.first else {
      if job != nil, stop == nil { lineRefused(code, progress.sentFileLine, now: now) }
      return
    }
    if line.kind == .probe {
      _ = ledger.retire()
      if !probes.isEmpty { probes.removeFirst() }
      isDrained = false
      if ledger.isEmpty { isAlone = false }
      return questionRefused(code, now: now)
    }
    _ = ledger.retire()
    creditedAt = now
    if ledger.isEmpty { isAlone = false }
    switch line.kind {
    case .file: lineRefused(code, line.fileLine, now: now)
    case .own:
      if greeting != nil {
        greeting?.deadline = now
        greetingRefused(now: now)
      } else {
        scriptRefused(code, now: now)
      }
    case .hand:
      handAnswered(
        SessionFault(
          code: "firmware.refused", sentence: "error:\(code): \(GrblCodes.error(code))", scope: .line),
        now: now)
    case .probe: break
    }
  }

  /// `$G` is never wrong: a byte of it was damaged, or a stray one stood in front of it.
  private mutating func questionRefused(_ code: Int32, now: Int64) {
    guard job != nil, stop == nil else { return }
    beginStop(
      .failed,
      SessionFault(
        code: "stream.damaged",
        sentence:
          "the machine refused a question of the host's own (error:\(code)), near line \(progress.fileLine) of the file: bytes are damaged on their way to it, and GRBL has no checksum to tell which others were. Check cable and grounding",
        scope: .job, fileLine: progress.fileLine), mayHold: true, now: now)
  }

  private mutating func greetingRefused(now: Int64) {
    guard let current = greeting, current.isSent else { return }
    // Some builds have no `$I`, and none of these is worth a reset.
    if current.tries + 1 >= configuration.patience.greetings || current.step == .build {
      greetingAnswered(now: now)
    } else {
      greeting?.tries += 1
      greeting?.isSent = false
      greeting?.deadline = now + configuration.patience.greeting
    }
  }

  private mutating func lineRefused(_ code: Int32, _ fileLine: Int64, now: Int64) {
    guard job != nil, stop == nil else { return }
    beginStop(
      .failed,
      SessionFault(
        code: "firmware.refused",
        sentence:
          "the machine refused line \(fileLine) of the file: error:\(code), \(GrblCodes.error(code)). If the line is right, a byte of it was lost on the way",
        scope: .job, fileLine: fileLine), mayHold: true, now: now)
  }

  // MARK: Missing answers

  /// `[GC:…]`: everything sent before the question was read by then.
  private mutating func modesReported(now: Int64) {
    let report = GrblBlock(parser.words)
    guard let (index, isExpected) = answeredProbe(report) else {
      if job == nil { followed.adopt(report) }
      return
    }
    // Everything in front of that question was read, whatever was answered.
    var missing = 0
    var questions = 0
    while missing < ledger.count {
      if ledger[missing].kind == .probe {
        if questions == index { break }
        questions += 1
      }
      missing += 1
    }
    let expected = probes[index].expected
    probes[index].isAnswered = true
    let first = missing > 0 ? ledger[0].fileLine : progress.fileLine
    let hadDwell = ledger.patience > 0
    // A lift of our own is not followed.
    let place = script == nil && !hadDwell ? restingPlace : nil
    let isElsewhere = place.map { !expected.isConsistent(with: $0, configuration.grbl.tolerance) } ?? false
    let isLost = missing > 0 && doubt.hasUnreadAnswer
    watched.lostOks += Int64(missing)
    for _ in 0..<missing { if let line = ledger.first { retire(line, now: now) } }
    guard job != nil, stop == nil else { return }
    guard !isLost, !(missing > 0 && isElsewhere), isExpected else {
      return answersLost(from: first, isElsewhere, now: now)
    }
    guard missing > 0, place == nil, script == nil else { return }
    // Where it stands tells whether all of it ran, once it has come to rest.
    verification = GrblVerification(expected: expected, fileLine: first)
    wantStatus(now: now)
  }

  /// The question that a report answers: the first whose modes it shows, else the first of all.
  private func answeredProbe(_ report: GrblBlock) -> (index: Int, isExpected: Bool)? {
    for index in probes.indices
    where !probes[index].isAnswered && probes[index].expected.isConsistent(with: report) {
      return (index, true)
    }
    for index in probes.indices where !probes[index].isAnswered { return (index, false) }
    return nil
  }

  /// The machine has come to rest after answers were missing.
  private mutating func verify(_ wanted: GrblVerification, _ report: GrblStatus, now: Int64) {
    guard let place = workPosition(report) else { return verification = nil }
    guard wanted.expected.isConsistent(with: place, configuration.grbl.tolerance) else {
      repeats += 1
      if repeats >= 2 { answersLost(from: wanted.fileLine, true, now: now) }
      return
    }
    repeats = 0
    verification = nil
  }

  /// Answers are missing, and it cannot be shown that nothing but the answers is.
  private mutating func answersLost(from line: Int64, _ isElsewhere: Bool, now: Int64) {
    let evidence =
      isElsewhere
      ? "the machine is not where the lines lead to"
      : "it cannot be told whether the answer was lost or the line"
    beginStop(
      .failed,
      SessionFault(
        code: "stream.answerLost",
        sentence:
          "the machine did not answer everything that was sent from line \(line) of the file on, and \(evidence): GRBL has no checksum. Check cable and grounding",
        scope: .job, fileLine: line), mayHold: true, now: now)
  }

  // MARK: Status

  /// Where the machine is in work coordinates, in mm; nil where the report does not tell.
  func workPosition(_ report: GrblStatus) -> GrblPoint? {
    if let work = report.work { return work * unit }
    return report.machine.map { ($0 * unit) - workOffset }
  }

  private mutating func reported(_ report: GrblStatus, now: Int64) {
    if unanswered == 1 { watched.roundTrip(now - questionAt) }
    unanswered = 0
    reportAskedAt = questionAt
    noteStarvation(report, now: now)
    status = report
    if let offset = report.offset { workOffset = offset * unit }
    if let place = workPosition(report) {
      modal.position = Position(x: place.x, y: place.y, z: place.z, e: 0)
      modal.known = [.x, .y, .z]
    }
    modal.feedrate = report.feedrate
    modal.homed = isHomed ? .xyz : []
    modal.trusted = modal.homed
    if let greeting {
      if greeting.step == .state, greeting.isSent { greeted(report, now: now) }
      return
    }
    if stop != nil { return stopReported(report, now: now) }
    if job == nil { jogReported(report, now: now) }
    switch phase {
    case .printing where job == nil: traceReported(report, now: now)
    case .printing, .pausing, .paused, .resuming,
      .needsAttention where job != nil:
      jobReported(report, now: now)
    case .idle, .needsAttention:
      if report.state == .alarm || phase == .needsAttention { settle(report, now: now) }
      lookForMissing(report, now: now)
    case .disconnected, .opening, .handshaking, .cancelling, .killed, .linkLost, .printingNotOurs: break
    }
  }

  /// Counts the times at which the planner ran dry in the middle of a file; a dwell shows as Idle and is none.
  private mutating func noteStarvation(_ report: GrblStatus, now: Int64) {
    let isStreaming = phase == .printing && job?.stage == .streaming && progress.acknowledged > 0
    if isStreaming, report.state == .idle, status?.state == .run, ledger.patience == 0 {
      watched.starvations += 1
      dryAt = now
    } else if let since = dryAt, report.state != .idle || !isStreaming {
      watched.starvedNanoseconds += now - since
      dryAt = nil
    }
  }

  /// Whether the report shows an idle machine that has had all of the ledger for long enough to have answered.
  mutating func lookForMissing(_ report: GrblStatus, now: Int64) {
    guard hands.first?.isHoming != true else { return }
    // What was on its way when the question was asked may still be answered.
    let isSettled = settledAt + Self.latency <= questionAt && creditedAt <= questionAt
    guard isSettled else { return }
    if report.state == .idle, let wanted = verification { return verify(wanted, report, now: now) }
    guard !ledger.isEmpty else { return }
    // One question at a time, unless its answer is lost as well.
    if let last = probes.last {
      guard report.state == .idle, last.deadline <= questionAt else { return }
      if isLeftOver(last) { return forgetQuestions(now: now) }
    }
    if let free = report.bufferFree, let buffer = settings.receiveBuffer, free >= buffer - 1,
      ledger.count > 1,
      report.state != .idle
    {
      repeats += 1
      if repeats >= 2 { sendProbe(now: now) }
      return
    }
    repeats = 0
    guard report.state == .idle else { return }
    restingPlace = workPosition(report)
    sendProbe(now: now)
  }

  /// Nothing but questions is in flight, one of them was answered since the last was sent, and the machine had time to answer
  /// the others: their answers are lost. Each further question would leave one over again.
  private func isLeftOver(_ last: GrblProbe) -> Bool {
    guard last.sentAt < probeAnsweredAt else { return false }
    return (0..<ledger.count).allSatisfy { ledger[$0].kind == .probe }
  }

  private mutating func forgetQuestions(now: Int64) {
    watched.lostOks += Int64(ledger.count)
    while let line = ledger.first { retire(line, now: now) }
    balanced()
  }

  /// How long bytes may be under way beside the time that the wire takes: USB, schedulers.
  private static let latency: Int64 = 50_000_000

  /// The receive buffer holds more than the host counts: an answer was counted that was none.
  mutating func checkBuffer(_ report: GrblStatus, now: Int64) {
    guard let free = report.bufferFree, let buffer = settings.receiveBuffer, free >= 0, free <= buffer else {
      return
    }
    guard settledAt + Self.latency <= questionAt, creditedAt <= questionAt else { return }
    // Reports and realtime bytes take no room; one byte of slack for how builds count.
    if Int(buffer - free) > ledger.bytes + 1 {
      repeats += 1
      if repeats >= 2 { overCredited(now: now) }
    }
  }
}
