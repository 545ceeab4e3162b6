import GCode

/// Why the stream cannot go on.
enum StreamFailure: Equatable, Sendable {
  /// The firmware asked for this line more often than the limit.
  case resendLoop(line: Int64, times: Int)
  /// The firmware asks for a line that is no longer kept.
  case outOfHistory(wanted: Int64, oldest: Int64)
  /// This line was acknowledged but not counted: a piece of it may have run, and running it twice would do harm.
  case fragmentMayHaveRun(line: Int64)
  /// The firmware counts from somewhere else: it restarted, or somebody set its number.
  case numberingLost(wanted: Int64)
  /// The firmware counted this line, but read it as a command that it does not know.
  case alteredOnTheWay(line: Int64)
  /// This line stayed without an answer, and the firmware does not count lines: whether it ran is not known.
  case unaccountable(line: Int64)
  /// No answer to any question.
  case silent
}

/// What a complaint led to.
enum OnRejected: Equatable, Sendable {
  /// The first word of an incident.
  case incident
  /// More of the same.
  case sameIncident
  /// It concerns a line without number, which will be sent again.
  case refused
  /// Nothing to do with what is in flight.
  case ignored
}

/// The firmware did not take a line: drain, then replay.
extension LineStream {
  /// `Error:… Last Line: n`: the line behind `lastLine` is wanted. Marlin 1.0's `No Line Number` has no `ok` of its own.
  mutating func rejected(_ error: LineError, lastLine: Int64?, now: Int64) -> OnRejected {
    if isStreaming || isReplaying {
      // Out of turn although every line went out whole: one of several vanished, and no byte of it was called damaged.
      if error == .number {
        if ledger.count > 1 { health.overrunsSuspected += 1 }
      } else {
        health.damagedOut += 1
      }
    }
    var word = Drain(wanted: lastLine.map { $0 &+ 1 }, quietAt: now + patience.quiet)
    word.byError = lastLine != nil
    if error != .noNumber { word.ownOkUntil = now + Self.ownOkTime }
    return complain(word, now)
  }

  /// `Resend: n`.
  mutating func resend(_ number: Int64?, now: Int64) -> OnRejected {
    var word = Drain(wanted: number, quietAt: now + patience.quiet)
    word.byResend = number != nil
    if dialect.okAfterResend { word.ownOkUntil = now + Self.ownOkTime }
    return complain(word, now)
  }

  /// Whether a complaint would be the first one, about a numbered line.
  var isHeeding: Bool { (isStreaming || isReplaying) && (ledger.first?.number ?? -1) >= 0 }

  /// How long after a complaint one `ok` belongs to it.
  static let ownOkTime: Int64 = 500_000_000

  var isReplaying: Bool {
    if case .replaying = state { return true }
    return false
  }

  mutating func complain(_ word: Drain, _ now: Int64) -> OnRejected {
    unanswered = 0
    switch state {
    case .plain:
      guard !ledger.isEmpty else { return .ignored }
      ledger[0].isRefused = true
      return .refused
    case .streaming, .replaying:
      state = .draining(word)
      return .incident
    case .draining(let drain):
      state = .draining(Self.merged(drain, word))
      return .sameIncident
    case .eliciting:
      var answer = word
      answer.isElicited = true
      state = .draining(answer)
      return .sameIncident
    case .stopped: return .ignored
    }
  }

  private static func merged(_ drain: Drain, _ word: Drain) -> Drain {
    var result = drain
    if let number = word.wanted {
      if let before = drain.wanted, before != number { result.isContradictory = true }
      result.wanted = drain.wanted ?? number
    }
    result.byError = drain.byError || word.byError
    result.byResend = drain.byResend || word.byResend
    result.quietAt = word.quietAt
    result.ownOkUntil = word.ownOkUntil ?? drain.ownOkUntil
    return result
  }

  // MARK: When the line is quiet

  /// The line is quiet: go on, replay, ask once more, or give up.
  mutating func decide(_ drain: Drain, now: Int64, into output: inout [UInt8]) -> OnTimeout {
    if let lostFrom { return settle(drain, from: lostFrom, now: now, into: &output) }
    // What was seen is not forgotten for a question in between.
    if drain.extraOks > 0 { pieceRanBy = max(pieceRanBy, highest) }
    // The line got an `ok` of its own: what was ignored was noise in front of it.
    if drain.byIgnored, drain.extraOks > 0, ledger.count == 1 { altered = -1 }
    guard let wanted = drain.wanted, !drain.isContradictory, wanted <= highest + 1, wanted >= 0 else {
      let isSaid = drain.isElicited && drain.isByBoth(dialect) && !drain.isContradictory
      let isSure = isSaid && (dialect.complainsInWords || doubted == drain.wanted)
      doubted = drain.wanted ?? -1
      if isSure { return stop(.numberingLost(wanted: drain.wanted ?? 0)) }
      return elicit(tries: 0, now: now, into: &output)
    }
    if altered >= 0 {
      let line = altered < wanted || !isJoined(wanted - 1, with: altered) ? altered : wanted - 1
      altered = -1
      if line < wanted { return makeGood(line, drain, now: now, into: &output) }
    }
    restoreTaken(before: wanted, now)
    let floor = ledger.first(where: { $0.number >= 0 })?.number ?? highest + 1
    if wanted == highest + 1 { return nothingLost(now) }
    if wanted < floor {
      // A firmware that names it once has to name it again: a digit may be damaged.
      let isSaidTwice = dialect.complainsInWords ? drain.isByBoth(dialect) : doubted == wanted
      guard drain.isElicited && dialect.complainsInWords || isSaidTwice else {
        doubted = wanted
        return elicit(tries: 0, now: now, into: &output)
      }
      if let failure = failure(goingBackTo: wanted, from: floor) { return stop(failure) }
    }
    if pieceRanBy >= wanted, let line = unrepeatable(in: wanted...min(pieceRanBy, highest)) {
      return stop(.fragmentMayHaveRun(line: line))
    }
    let isAsked = wanted == barrier || wanted == barrier + 1
    let unsafe = showsPieces && !isAsked ? unrepeatable(in: wanted...highest) : nil
    if unsafe != nil, !drain.isByBoth(dialect) { return elicit(tries: 0, now: now, into: &output) }
    timesWanted = wanted == lastWanted ? timesWanted + 1 : 1
    lastWanted = wanted
    if timesWanted > patience.resendLimit { return stop(.resendLoop(line: wanted, times: timesWanted)) }
    if let unsafe {
      putBarrier(before: wanted, due: history.facts(of: unsafe)?.due)
      // The line that is wanted has that number now.
      lastWanted = wanted + 1
    }
    dropRejected(from: wanted)
    settleRenewals(from: wanted)
    state = .replaying(next: wanted)
    _ = replay(now: now, into: &output)
    return .replaying(from: wanted)
  }

  /// Whether lines that were acknowledged may be sent again: their `ok` was another line's, or a piece of them ran.
  private func failure(goingBackTo wanted: Int64, from floor: Int64) -> StreamFailure? {
    let most = Int64(min(window.lines, 64)) + 3
    guard floor - wanted <= most else {
      return wanted > 1 && wanted < history.oldest
        ? .outOfHistory(wanted: wanted, oldest: history.oldest) : .numberingLost(wanted: wanted)
    }
    guard wanted >= history.oldest else { return .numberingLost(wanted: wanted) }
    return unrepeatable(in: wanted...floor - 1).map { .fragmentMayHaveRun(line: $0) }
  }

  /// The first of these lines that must not run twice; nil where all may.
  func unrepeatable(in numbers: ClosedRange<Int64>) -> Int64? {
    numbers.first { history.facts(of: $0)?.isRepeatable != true }
  }

  /// Sends the next line of a replay, one at a time; true where one was sent.
  ///
  /// A line that still owes its `ok` is waited for, unless the next one's answer can be told from it.
  mutating func replay(now: Int64, into output: inout [UInt8]) -> Bool {
    guard case .replaying(let next) = state, let facts = history.facts(of: next) else { return false }
    if let owing = ledger.first {
      guard facts.isReport, reportsCarryTemperatures, ledger.count == 1, !owing.facts.isReport else {
        return false
      }
    }
    let line = history.line(next)
    output.append(contentsOf: line)
    var again = facts
    if let due = facts.due { again.due = max(due, now) }
    note(next, again, length: line.count, now)
    ledger[ledger.count - 1].isAgain = true
    state = next == highest ? .streaming : .replaying(next: next + 1)
    return true
  }

  /// Asks for the firmware's count: a number out of turn is refused with the last one that it took.
  mutating func elicit(tries: Int, now: Int64, into output: inout [UInt8]) -> OnTimeout {
    questionsInVain += 1
    guard tries < patience.questions, questionsInVain < 3 * patience.questions else { return stop(.silent) }
    output.append(ASCII.lineFeed)
    encodeNumbered(highest + 1000 + Int64(tries), Self.reportLine, into: &output)
    state = .eliciting(tries: tries + 1, deadline: now + patience.question)
    return .asked
  }

  /// The question: it changes nothing whenever it is read, and its answer is like no other.
  static let reportLine: ArraySlice<UInt8> = [UInt8(ascii: "M"), 49, 48, 53]

  mutating func stop(_ failure: StreamFailure) -> OnTimeout {
    state = .stopped
    return .failed(failure)
  }
}
