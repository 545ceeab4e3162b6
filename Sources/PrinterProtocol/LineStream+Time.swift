/// What the passing of time led to.
enum OnTimeout: Equatable, Sendable {
  /// Nothing was due.
  case nothing
  /// A question was written.
  case asked
  /// The replay of refused lines began with this one.
  case replaying(from: Int64)
  /// Nothing was lost; the stream goes on.
  case resumed
  /// After a gap: the firmware has the lines up to this one and none behind it.
  case settled(taken: Int64)
  /// A line without number stays unanswered and is forgotten: the session decides.
  case unanswered
  /// The stream stands still until it is closed and opened again.
  case failed(StreamFailure)
}

/// Silence.
extension LineStream {
  /// When `timeout` wants to be called; nil for never.
  var deadline: Int64? {
    switch state {
    case .plain, .streaming, .replaying: return ledger.first?.askAt
    case .draining(let drain): return isAskingPerson ? nil : drain.quietAt
    case .eliciting(_, let deadline): return deadline
    case .stopped: return nil
    }
  }

  /// The time is `now`.
  mutating func timeout(now: Int64, into output: inout [UInt8]) -> OnTimeout {
    guard let deadline, deadline <= now else { return .nothing }
    switch state {
    case .plain:
      ledger.removeAll()
      recount()
      return .unanswered
    case .streaming: return ask(now: now, into: &output)
    case .replaying:
      // The firmware's count proves it done, and its time is over: only the `ok` was lost.
      if let first = ledger.first, first.isAccepted {
        health.lostOks += 1
        retireFirst(1, now: now)
        return replay(now: now, into: &output) ? .asked : .nothing
      }
      return elicit(tries: 0, now: now, into: &output)
    case .draining(let drain): return decide(drain, now: now, into: &output)
    case .eliciting(let tries, _): return elicit(tries: tries, now: now, into: &output)
    case .stopped: return .nothing
    }
  }

  /// Whether the firmware asks a person. Once it does no more, what lay in its queue has time to show itself.
  mutating func asksPerson(_ asks: Bool, now: Int64) {
    guard asks != isAskingPerson else { return }
    isAskingPerson = asks
    if case .draining(var drain) = state {
      drain.quietAt = max(drain.quietAt, now + patience.quiet)
      state = .draining(drain)
    }
  }

  /// Asks with the next numbered line: taken, it proves that what was sent before it was taken too; refused, it tells
  /// which line is missing.
  private mutating func ask(now: Int64, into output: inout [UInt8]) -> OnTimeout {
    guard let first = ledger.first else { return .nothing }
    if first.isSpare {
      retireFirst(1, now: now)
      return .nothing
    }
    if isAnsweredQuestion(first) {
      // Its `ok` was taken for that of a line before it, whose own was lost or not believed: as many came as lines were sent.
      // Were it otherwise, the next line's number shows it, and a question may run twice.
      if disbelieved > 0 { mistrusted() } else { health.lostOks += 1 }
      retireFirst(1, now: now)
      return .nothing
    }
    if now < first.lateAt { return askEarly(first, now: now, into: &output) }
    let questions = ledger.count(where: { $0.facts.kind == .question })
    // Behind a blocking command the firmware's queue keeps room for M112, as long as that command may be at work.
    let isPatient = isPatient(first, now)
    let most = first.facts.isBlocking && isPatient ? 2 : patience.questions
    if !isPatient { unanswered += 1 }
    if unanswered > patience.questions + 2 { return stop(.silent) }
    ledger[0].askAt = now + patience.question
    guard questions < most else { return .nothing }
    return question(now: now, into: &output)
  }

  /// Asks where nothing is late yet: at most two questions, and only as far as the firmware's buffers have room for them.
  private mutating func askEarly(_ first: SentLine, now: Int64, into output: inout [UInt8]) -> OnTimeout {
    let times = first.earlyQuestions
    ledger[0].earlyQuestions += 1
    ledger[0].askAt =
      times == 0 ? min(first.lateAt, now + 2 * answers.patience(soonest: patience.soonest)) : first.lateAt
    let hasRoom = ledger.count < max(3, window.lines) && bytesInFlight - first.length + 24 <= window.bytes
    guard hasRoom, times < 2, !first.facts.isBlocking || times == 0 else { return .nothing }
    return question(now: now, into: &output)
  }

  private mutating func question(now: Int64, into output: inout [UInt8]) -> OnTimeout {
    output.append(ASCII.lineFeed)
    let facts = LineFacts(kind: .question, isReport: true, due: now)
    send(Self.reportLine, facts, now: now, into: &output)
    return .asked
  }

  /// Whether the only line in flight is a question that let another line be credited, which firmware shows that answers M105
  /// by a plain `ok`.
  private func isAnsweredQuestion(_ line: SentLine) -> Bool {
    line.facts.kind == .question && ledger.count == 1 && !reportsCarryTemperatures && line.sentAt < answeredAt
  }

  /// Whether a line may go on resting unanswered: its time is not over, or no clock tells when it is.
  ///
  /// A heat wait reports every second, and whoever said once that it is busy says it again: their silence counts after half
  /// a minute, or ten where nothing was ever heard. A firmware that waits for a person without a word may do so for ever.
  private func isPatient(_ line: SentLine, _ now: Int64) -> Bool {
    if hasNothingToDo { return false }
    if let due = line.facts.due { return now < due }
    guard line.facts.waitsForHeat || line.wasBusy else { return true }
    let hasSpoken = lastSign > line.sentAt || busyInterval != nil
    return now - max(lastSign, line.sentAt) < (hasSpoken ? 30_000_000_000 : 600_000_000_000)
  }
}
