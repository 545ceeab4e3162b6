import GCode

/// The firmware, or the session, needs a person (safety rules 11 and 12).
extension PrinterSession {
  mutating func needAttention(_ attention: Attention, _ why: String, now: Int64) {
    guard job != nil, job?.ending == nil else { return }
    switch phase {
    case .printing, .resuming, .pausing:
      if phase == .pausing { job?.pauseAsked = true }
      job?.attentionFrom = phase == .resuming ? .resuming : .printing
      job?.attention = attention
      enter(.needsAttention, reason: why)
    case .needsAttention:
      // `paused` outlasts what is only a line's wait.
      if job?.attention == .line || attention == .heat { job?.attention = attention }
    case .disconnected, .opening, .handshaking, .idle, .paused, .cancelling, .killed, .linkLost,
      .printingNotOurs:
      break
    }
  }

  /// What a person was needed for is done.
  mutating func attentionOver(now: Int64) {
    guard phase == .needsAttention else { return }
    job?.attention = nil
    let pauseAsked = job?.pauseAsked == true
    job?.pauseAsked = false
    let back = script?.purpose == .resume ? job?.attentionFrom ?? .printing : .printing
    enter(pauseAsked ? .pausing : back)
    advance(now: now)
  }

  /// The firmware waits for a person in the middle of a safe ending or of a greeting, and its question was not heard: without
  /// one nobody would know, and both wait.
  mutating func askedUnheard() {
    guard phase == .cancelling || phase == .handshaking, prompt == nil else { return }
    setPrompt(promptBegun ?? Self.unheardQuestion)
  }

  /// What is shown in place of a question that was not heard.
  static var unheardQuestion: SessionPrompt {
    SessionPrompt(text: "the firmware waits for a person at the machine", choices: [])
  }

  mutating func setPrompt(_ next: SessionPrompt?) {
    guard next != prompt else { return }
    prompt = next
    tell(.prompt(next))
  }

  mutating func hostAction(_ action: HostAction, now: Int64) {
    let words = String(decoding: parser.words, as: UTF8.self)
    switch action {
    case .pause:
      tell(.message("the printer asks for a pause"))
      if phase == .printing { enter(.pausing, reason: "the printer asked for a pause") }
    case .paused: needAttention(.paused, "the printer has paused by itself", now: now)
    case .resume:
      if phase == .paused { enter(.resuming) }
      if job?.attention == .paused { attentionOver(now: now) }
    case .resumed:
      if job?.attention == .paused || job?.attention == .prompt { attentionOver(now: now) }
    case .cancel:
      tell(.message("the printer asks to cancel the job"))
      if job != nil, phase != .cancelling {
        job?.ending = Ending(end: .cancelled, fault: nil)
        beginEnding(why: "cancelled at the printer", now: now)
      }
    case .promptBegin: promptBegun = SessionPrompt(text: words, choices: [])
    case .promptChoice: promptBegun?.choices.append(words)
    case .promptShow:
      guard let shown = promptBegun else { return }
      setPrompt(shown)
      stream.asksPerson(true, now: now)
      needAttention(.prompt, shown.text, now: now)
    case .promptEnd:
      promptBegun = nil
      stream.asksPerson(false, now: now)
      if job?.attention != .held { setPrompt(nil) }
      if job?.attention == .prompt { attentionOver(now: now) }
    case .notification, .powerOff, .disconnect, .other: tell(.message(words))
    }
  }

  /// Whether `M876` would lie in the firmware's queue, behind the very line that waits for it: without EMERGENCY_PARSER only
  /// `M108` is looked at before its turn. Only where the firmware says that it has none: a report may have been lost. And only
  /// where it waits for a person: Marlin's early `M108` ends a wait for heat as well, and the print would go on cold.
  private var takesAnswersLate: Bool {
    guard dialect.breaksWaits, isWithoutEmergencyParser, heatWait == nil else { return false }
    return stream.ledger.contains { $0.facts.isOpenEnded }
      && !stream.ledger.contains { $0.facts.waitsForHeat }
  }

  /// Answers the prompt or the wait for a person. Sends `M876` with the choice, or `M108` for nil and for the only choice of a
  /// firmware that reads the other one too late; throws `prompt.atPrinter` where it takes no answer from here.
  public mutating func answer(choice: Int32?, now: Int64) throws(SessionRefusal) {
    if job?.attention == .held {
      if (choice ?? 0) == 0 { job?.held?.isApproved = true } else { job?.held = nil }
      setPrompt(nil)
      return attentionOver(now: now)
    }
    guard phase != .disconnected, phase != .linkLost, phase != .killed, phase != .opening else {
      throw notReady()
    }
    guard prompt != nil || phase == .needsAttention || stream.ledger.contains(where: { $0.facts.isOpenEnded })
    else {
      throw SessionRefusal(code: "prompt.none", sentence: "the printer asks nothing")
    }
    if let choice, choice >= 0, let prompt, !takesAnswersLate || prompt.choices.count > 1 {
      guard !takesAnswersLate else {
        throw SessionRefusal(
          code: "prompt.atPrinter",
          sentence:
            "this firmware reads an answer only when its wait is over (it has no EMERGENCY_PARSER): choose at the printer itself"
        )
      }
      sendUrgent("M876 S\(choice)", now: now)
    } else if dialect.breaksWaits {
      sendUrgent("M108", now: now)
    } else {
      throw SessionRefusal(
        code: "prompt.atPrinter", sentence: "this firmware takes the answer only at the printer itself")
    }
    setPrompt(nil)
    stream.asksPerson(false, now: now)
  }
}
