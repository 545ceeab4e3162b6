/// What an `ok` was the answer to.
enum OnOk: Equatable, Sendable {
  /// Lines were acknowledged; `nextRetired` has them.
  case credited
  /// It belongs to a Resend or to a question out of turn.
  case swallowed
  /// It belongs to no line in flight.
  case stray
  /// The line without number was complained of before: it has to be sent again.
  case refused
}

/// Acknowledgements and signs of life.
extension LineStream {
  /// An `ok` came.
  mutating func ok(_ ok: Acknowledgement, now: Int64) -> OnOk {
    unanswered = 0
    if !ok.isClean { health.damagedIn += 1 }
    if isAlteredOkDue {
      if ok.isClean { isAlteredOkDue = false }
      if let number = ok.lineNumber, ok.isClean, number == ledger.first?.number {
        found = .alteredOnTheWay(line: number)
      }
    }
    if lostFrom != nil { return swallowedAfterGap(now) }
    switch state {
    case .plain: return plainOk(now)
    case .streaming, .replaying: return credit(ok, now)
    case .draining(var drain):
      drain.quietAt = now + patience.quiet
      let answer = okWhileDraining(ok, &drain, now)
      state = .draining(drain)
      return answer
    case .eliciting:
      if numbersOks, ok.bufferFree != nil, ok.lineNumber == nil, ok.isClean { notePiece() }
      return .swallowed
    case .stopped: return .stray
    }
  }

  private mutating func swallowedAfterGap(_ now: Int64) -> OnOk {
    if case .draining(var drain) = state {
      drain.quietAt = now + patience.quiet
      state = .draining(drain)
    }
    return .swallowed
  }

  private mutating func plainOk(_ now: Int64) -> OnOk {
    guard let line = ledger.first else { return .stray }
    if line.isRefused {
      ledger.removeFirst()
      recount()
      watchOldest(now)
      return .refused
    }
    pace.observe(bytes: line.length, after: now - line.sentAt)
    retireFirst(1, now: now)
    return .credited
  }

  /// Lines before the wanted one still owe their `ok`; the Resend's own comes first.
  private mutating func okWhileDraining(_ ok: Acknowledgement, _ drain: inout Drain, _ now: Int64) -> OnOk {
    if ok.isIgnored { return .swallowed }
    let wanted = drain.wanted ?? 0
    if let number = ok.lineNumber, let index = ledger.firstIndex(where: { $0.number == number }),
      number < wanted
    {
      retireFirst(index + 1, now: now)
      return .credited
    }
    // The Resend's own `ok` is bare even where others carry numbers; one with room but without number is a piece's.
    let isPiece = numbersOks && ok.bufferFree != nil && ok.lineNumber == nil
    if let until = drain.ownOkUntil, now <= until, !ok.hasTemperatures, !isPiece {
      drain.ownOkUntil = nil
      return .swallowed
    }
    if ok.lineNumber == nil, !ok.hasTemperatures, let line = ledger.first(where: { $0.number < 0 }) {
      // An answer to a person's question goes without number; its `ok` may come before those of lines before it.
      ledger.removeAll(where: { $0 == line })
      recount()
      return .credited
    }
    // Only a line that is surely taken can be owed an answer here, and only one of its kind.
    guard let first = ledger.first, first.number >= 0, first.number < wanted, ok.lineNumber == nil,
      ok.hasTemperatures == first.facts.isReport
    else {
      if isPiece, harmlessPieces > 0 {
        harmlessPieces -= 1
      } else {
        drain.extraOks += 1
      }
      return .stray
    }
    retireFirst(1, now: now)
    return .credited
  }

  private mutating func credit(_ ok: Acknowledgement, _ now: Int64) -> OnOk {
    guard !ledger.isEmpty else { return .stray }
    if let number = ok.lineNumber {
      if let free = ok.bufferFree, ok.isClean { window.queueShowed(Int(free)) }
      return credit(number: number, now)
    }
    if ok.hasTemperatures {
      let wasBehindPiece = barrier >= 0 && pieceRanBy >= barrier
      let answer = creditReport(now)
      // The question is answered, and an `ok` before it was a piece's.
      if wasBehindPiece, barrier < 0 { found = pieceRan() }
      return answer
    }
    if barrier >= 0, ledger[0].number == barrier, ok.isClean {
      found = pieceRan()
      return .stray
    }
    if ledger[0].facts.isReport, reportsCarryTemperatures, ok.isClean {
      // The report's answer was lost, and this is the next line's; or that one ran without its number, should it be wanted again.
      if ledger.contains(where: { !$0.facts.isRepeatable }) { pieceRanBy = highest }
      return disbelieve(now)
    }
    if numbersOks, ledger[0].number >= 0, ok.isClean {
      if ok.bufferFree != nil { notePiece() }
      return disbelieve(now)
    }
    let bytes = ledger[0].length
    let taken = now - ledger[0].sentAt
    if pace.isTooEarly(bytes: bytes, after: taken) {
      // Whether the answer or the clock is wrong, a question finds out: soon, and behind a blocking command too, because an
      // `ok` that was true is not said again.
      ledger[0].hadEarlyOk = true
      disbelieved += 1
      ledger[0].askAt = min(ledger[0].askAt, now + patience.quiet * 2)
      return .stray
    }
    if ledger.count == 1 { pace.observe(bytes: bytes, after: taken) }
    learn(now)
    retireFirst(1, now: now)
    if disbelieved > 0 { askSoon(now) }
    return .credited
  }

  /// An `ok` that came too early was true after all: no other one came for its line.
  mutating func mistrusted() {
    pace.wasWrong()
    disbelieved = max(0, disbelieved - 1)
  }

  /// A later line was answered: a firmware that counts lines took those before it, another one may never have seen them.
  @inline(__always)
  private mutating func noteUncounted(before index: Int) {
    guard index > 0, !dialect.countsLines else { return }
    let first = ledger[0]
    guard first.facts.kind != .question, first.facts.kind != .poll else { return }
    // Its `ok` did come, and was not believed only because it came so soon; none came after it.
    if first.hadEarlyOk, index == 1 { return }
    found = .unaccountable(line: first.number)
  }

  /// A command without number was acknowledged, and none was sent.
  private mutating func notePiece() {
    if harmlessPieces > 0 {
      harmlessPieces -= 1
    } else {
      pieceRanBy = highest
      // Too late for those that went out again meanwhile; an answer to a person's question has no number either.
      let again = ledger.first { $0.isAgain && !$0.facts.isRepeatable }
      if let again, !ledger.contains(where: { $0.number < 0 }) {
        found = .fragmentMayHaveRun(line: again.number)
      }
    }
  }

  /// ADVANCED_OK: the firmware says which line it means.
  private mutating func credit(number: Int64, _ now: Int64) -> OnOk {
    guard let index = ledger.firstIndex(where: { $0.number == number }) else {
      // An old one doubled, or a damaged one: the true one may still come, and if not, a question finds out.
      return disbelieve(now)
    }
    if numberedOks < 8 { numberedOks += 1 }
    noteUncounted(before: index)
    health.lostOks += Int64(index)
    if index == 0 { learn(now) }
    retireFirst(index + 1, now: now)
    return .credited
  }

  /// An `ok` with temperatures answers M105 and nothing else; what was sent before it was answered, though not heard.
  private mutating func creditReport(_ now: Int64) -> OnOk {
    reportsCarryTemperatures = true
    guard let index = ledger.firstIndex(where: { $0.facts.isReport }) else { return disbelieve(now) }
    if ledger.count == 1 { pace.observe(bytes: ledger[0].length, after: now - ledger[0].sentAt) }
    if index > 0, ledger[0].hadEarlyOk { mistrusted() }
    noteUncounted(before: index)
    health.lostOks += Int64(index)
    retireFirst(index + 1, now: now)
    // Several questions may be out, and this may be the answer to any of them: wait a little, then let the others be.
    for rest in ledger.indices where ledger[rest].facts.kind == .question {
      ledger[rest].isSpare = true
      ledger[rest].askAt = now + patience.quiet * 2
    }
    return .credited
  }

  /// An `ok` that cannot be for the line in flight. Something was lost or doubled, so ask soon.
  private mutating func disbelieve(_ now: Int64) -> OnOk {
    askSoon(now)
    return .stray
  }

  /// Brings the question about the oldest line forward, where that line should not take long.
  mutating func askSoon(_ now: Int64) {
    guard let first = ledger.first, !first.facts.isBlocking else { return }
    ledger[0].askAt = min(first.askAt, now + patience.quiet * 2)
  }

  /// The firmware works: `busy`, or the report of a heat wait.
  mutating func busy(now: Int64) {
    unanswered = 0
    guard !hasNothingToDo else { return }
    if case .eliciting(let tries, _) = state {
      state = .eliciting(tries: max(0, tries - 1), deadline: now + grace)
    }
    guard !ledger.isEmpty else { return }
    lastSign = now
    ledger[0].wasBusy = true
    // A question about a line that waits for room may wait with it.
    let waits = ledger[0].facts.isBlocking && ledger[0].facts.dwell == nil || ledger[0].facts.due == nil
    guard waits || ledger[0].earlyQuestions > 0 || ledger[0].number == barrier else {
      return
    }
    ledger[0].askAt = now + grace
    ledger[0].lateAt = max(ledger[0].lateAt, now + grace)
  }

  /// A heat wait is under way: questions that were sent before it were answered, whatever was heard of that.
  mutating func waitsForHeat(now: Int64) {
    guard isStreaming, let wait = ledger.firstIndex(where: { $0.facts.waitsForHeat }) else { return }
    let answered = ledger.prefix { $0.facts.isReport }.count
    guard answered > 0, answered == wait else { return }
    health.lostOks += Int64(answered)
    retireFirst(answered, now: now)
  }

  /// The firmware says that it has nothing to do while a line is in flight: that line or its `ok` was lost.
  mutating func waiting(now: Int64) {
    guard let first = ledger.first, let last = ledger.last, now - last.sentAt > patience.quiet else { return }
    hasNothingToDo = true
    ledger[0].askAt = min(first.askAt, now + patience.quiet * 2)
    ledger[0].lateAt = min(first.lateAt, ledger[0].askAt)
  }

  /// Noise came, which may have been an `ok`.
  mutating func noise(now: Int64) { askSoon(now) }
}
