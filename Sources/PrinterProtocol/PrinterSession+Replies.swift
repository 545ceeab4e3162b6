import GCode

/// What the firmware said.
extension PrinterSession {
  /// Bytes came in.
  public mutating func receive(_ bytes: Span<UInt8>, now: Int64) {
    counted.bytesReceived += Int64(bytes.count)
    var position = 0
    // All of them are read before anything is sent: an `ok` that came with another one cannot be for what goes out now.
    while let reply = parser.next(in: bytes, at: &position) { take(reply, now: now) }
    advance(now: now)
  }

  /// Bytes came in.
  public mutating func receive(_ bytes: ArraySlice<UInt8>, now: Int64) { receive(bytes.span, now: now) }

  private mutating func take(_ reply: Reply, now: Int64) {
    guard phase != .disconnected, phase != .opening, phase != .linkLost else { return }
    // What is no noise and no mere words tells a wrong speed from a silent board.
    goodReplies += 1
    switch reply {
    case .ok(let ok): acknowledged(ok, now: now)
    case .temperatures:
      note(parser.report, now: now)
      answerLine()
    case .busy(let busyReason):
      stream.hasBeenBusy = true
      stream.busy(now: now)
      if busyReason != .processing {
        askedUnheard()
        needAttention(.line, "the firmware waits for a person at the machine", now: now)
      }
    case .resend(let number): rejected(stream.resend(number, now: now), now: now)
    case .error(let error): failed(error, now: now)
    case .skip: stream.skipped(now: now)
    case .wait: stream.waiting(now: now)
    case .start, .banner: restarted(words: "its banner was seen", now: now)
    case .position(let report):
      arrived(report)
      script?.awaitsPosition = false
      finishScript(now: now)
      answerLine()
    case .action(let action): hostAction(action, now: now)
    case .firmware:
      firmware = lineText
      recogniseDialect()
      answerLine()
    case .capability(let isOn):
      if isOn, greeting?.step == .identify { capabilities.append(capabilityName) }
      if !isOn, parser.words.elementsEqual("EMERGENCY_PARSER:0".utf8) { isWithoutEmergencyParser = true }
      answerLine()
    case .sdPrinting(let byte, let size):
      cardPrints(byte: byte, of: size, now: now)
      answerLine()
    case .notSDPrinting:
      cardDoesNotPrint(now: now)
      answerLine()
    case .unknownCommand: unknown(now: now)
    case .homeFirst: refusedToMove(now: now)
    case .lineNumber: break
    case .text:
      goodReplies -= 1
      if parser.line.first == UInt8(ascii: "F"), parser.line[...].holds("Full RX Buffer") {
        stream.health.overrunsSuspected += 1
      }
      if parser.line.count < 6 { stream.noise(now: now) }
      if greeting?.step == .askCard, stream.ledger.first != nil { greeting?.isDoubtful = true }
      if !answerLine() { tell(.message(lineText)) }
    case .garbage:
      goodReplies -= 1
      noiseReplies += 1
      counted.garbledReplies += 1
      if greeting?.step == .askCard, stream.ledger.first != nil { greeting?.isDoubtful = true }
      stream.noise(now: now)
    }
  }

  /// Where the dialect was left open, the firmware's words choose it.
  private mutating func recogniseDialect() {
    guard configuration.dialect.name == Dialect.auto.name,
      let named = Dialect.recognised(in: parser.line[...])
    else {
      return
    }
    stream.adopt(named, configuration: configuration)
    modal.extruderRule = named.extruderRule
  }

  private var lineText: String { String(decoding: parser.line, as: UTF8.self) }

  private var capabilityName: String {
    let words = parser.words
    return String(decoding: words.prefix(while: { $0 != ASCII.colon }), as: UTF8.self)
  }

  private mutating func acknowledged(_ ok: Acknowledgement, now: Int64) {
    if let free = ok.plannerFree, phase == .printing { planner.told(free, now: now, &stream.health) }
    if ok.hasTemperatures {
      note(parser.report, now: now)
      answerLine()
    }
    if ok.isIgnored, stream.isHeeding { return rejected(stream.ignoredLine(now: now), now: now) }
    let answer = stream.ok(ok, now: now)
    if let failure = stream.found {
      stream.found = nil
      return streamFailed(failure, now: now)
    }
    switch answer {
    case .credited:
      if prompt == Self.unheardQuestion { setPrompt(nil) }
      takeRetired(now: now)
    case .refused: plainRefused(now: now)
    case .stray: counted.strayOks += 1
    case .swallowed: break
    }
  }

  private mutating func rejected(_ answer: OnRejected, now: Int64) {
    guard answer == .incident else { return }
    counted.resends += 1
    guard case .draining(let drain) = stream.state else { return }
    let number = drain.wanted ?? 0
    complaint = lineText
    tell(
      .resend(lineNumber: number, fileLine: stream.history.facts(of: number)?.fileLine ?? 0, words: lineText))
  }

  private mutating func failed(_ error: FirmwareError, now: Int64) {
    switch error {
    case .line(let line, let last): rejected(stream.rejected(line, lastLine: last, now: now), now: now)
    case .heater, .killed, .stopped: killed(error, now: now)
    case .other:
      if !answerLine() { tell(.message(lineText)) }
    }
  }

  /// A move was acknowledged and not carried out: what comes next would start from somewhere else than the file thinks. In a plan
  /// that lifts before it homes, the nozzle is still in the part.
  private mutating func refusedToMove(now: Int64) {
    if !answerLine() { tell(.message(lineText)) }
    guard job != nil, job?.ending == nil else { return }
    let line = stream.ledger.first { $0.facts.kind == .file }?.facts.fileLine ?? progress.fileLine
    failJob(
      SessionFault(
        code: "firmware.homeFirst",
        sentence:
          "the firmware says \(lineText) and did not move: home it before the print, or build it without NO_MOTION_BEFORE_HOMING; "
          + "a recovery plan, which lifts before it homes, cannot run on it",
        scope: .job, fileLine: line), now: now)
  }

  private mutating func unknown(now: Int64) {
    let answer = stream.unknownCommand(parser.words, now: now)
    rejected(answer, now: now)
    guard answer == .ignored, greeting == nil else { return }
    if !answerLine() { tell(.message(lineText)) }
  }

  /// M114's answer: where the last line leads to.
  private mutating func arrived(_ report: PositionReport) {
    gap?.position = report
    guard script?.purpose == .pauseHead else { return }
    var position = modal.position
    position.x = report.x
    position.y = report.y
    position.z = report.z
    if let e = report.e, !modal.known.contains(.e) { position.e = e }
    let known = modal.known
    modal.positionReported(position)
    // X, Y and Z count only where the machine knows where they are.
    if !modal.homed.contains(.xyz) { modal.known = known.union(modal.homed.union(.e)) }
    job?.parked?.state.position = modal.position
    job?.parked?.state.known = modal.known
    job?.parked?.hasPosition = true
  }

  /// Gives a line to whoever asked for it by hand; false where nobody did.
  @discardableResult
  private mutating func answerLine() -> Bool {
    guard let first = stream.ledger.first, first.facts.kind == .hand,
      let work = hands.first(where: { $0.inFlight > 0 })
    else { return false }
    tell(.answerLine(token: work.token, text: lineText))
    return true
  }
}
