import GCode

/// What the firmware did not know as a command: a piece of a line, a line that damage made another one, or two in one.
extension LineStream {
  /// `echo:Unknown command: "…"`: where its command is that of no line in flight, a damaged line ran as a command that does
  /// not exist. It did nothing, and it may have been counted: the firmware's own number tells.
  mutating func unknownCommand(_ words: ArraySlice<UInt8>, now: Int64) -> OnRejected {
    let quote = QuotedCommand(words)
    if case .draining(var drain) = state {
      drain.extraOks -= 1
      state = .draining(drain)
      suspect(quote)
      return .sameIncident
    }
    guard isStreaming || isReplaying, let only = ledger.first, only.number >= 0 else {
      if numbersOks, let quote, !isInFlight(quote), !isPieceInFlight(quote) { isAlteredOkDue = true }
      suspect(quote)
      return .ignored
    }
    // The rest of a line that was acknowledged meanwhile is none of those in flight.
    guard let quote, !isInFlight(quote), !isPieceOfAnswered(quote, before: only.number) else {
      return .ignored
    }
    let isPiece = isPieceInFlight(quote)
    isAlteredOkDue = numbersOks
    guard ledger.count == 1 || !numbersOks && !isPiece else {
      if numbersOks { harmlessPieces += 1 }
      askSoon(now)
      return .ignored
    }
    var word = Drain(wanted: only.number, quietAt: now + patience.quiet)
    if numbersOks { word.extraOks = -1 } else { word.ownOkUntil = now + Self.ownOkTime }
    if !isPiece {
      if numbersOks {
        // Its `ok` will name the line; that may be lost, and then the count tells.
        altered = only.number
      } else {
        guard quote.text != lastAltered else { return .ignored }
        suspect(quote)
      }
      word.wanted = nil
    }
    return complain(word, now)
  }

  /// `ok - ignored`: no numbered line gets this answer. What arrived in its place was no command, and its number may have
  /// been counted all the same, as where a byte became a line end behind it.
  mutating func ignoredLine(now: Int64) -> OnRejected {
    guard isHeeding, let first = ledger.first else { return .ignored }
    // The end of the line before, behind a byte that became a line end: the one in flight cannot have arrived yet.
    guard !pace.isTooEarly(bytes: first.length, after: now - first.sentAt) else { return .ignored }
    altered = first.number
    var word = Drain(wanted: nil, quietAt: now + patience.quiet)
    word.byIgnored = true
    return complain(word, now)
  }

  private func isInFlight(_ quote: QuotedCommand) -> Bool {
    ledger.contains { $0.number >= 0 && quote.isCommand(of: history.content($0.number)) }
  }

  /// Whether it is the end of a line in flight, with its checksum or without: a byte before it became a line end, as one bit
  /// makes of `*`; or a line in flight whose `N` became another letter. What was counted the firmware says by itself.
  private func isPieceInFlight(_ quote: QuotedCommand) -> Bool {
    ledger.contains {
      isPiece(quote, of: $0.number) || quote.isNumberless(history.line($0.number).dropLast())
    }
  }

  /// Whether it is the end of one of the last lines before those in flight.
  private func isPieceOfAnswered(_ quote: QuotedCommand, before first: Int64) -> Bool {
    (max(history.oldest, first - 8)..<max(history.oldest, first)).contains { isPiece(quote, of: $0) }
  }

  private func isPiece(_ quote: QuotedCommand, of number: Int64) -> Bool {
    let line = history.line(number).dropLast()
    return quote.isPiece(of: line) || quote.isPiece(of: history.content(number))
      || quote.isPiece(of: line.prefix(upTo: line.lastIndex(of: ASCII.star) ?? line.endIndex))
  }

  /// Remembers which line in flight it must have been that the firmware read as this.
  private mutating func suspect(_ quote: QuotedCommand?) {
    guard let quote, !numbersOks, altered < 0, !isInFlight(quote), quote.text != lastAltered,
      !isPieceInFlight(quote)
    else { return }
    var most = -1
    for line in ledger where line.number >= 0 {
      let likeness = quote.likeness(to: history.content(line.number))
      if likeness > most { (most, altered) = (likeness, line.number) }
    }
    lastAltered = quote.text
  }

  /// The firmware counted this line, but read it as a command that it does not know: it did nothing.
  ///
  /// It cannot go out again under its number. Under a new one it can, as long as nothing ran after it.
  mutating func makeGood(_ number: Int64, _ drain: Drain, now: Int64, into output: inout [UInt8])
    -> OnTimeout
  {
    // Only a lower number would show that it was not counted.
    guard drain.isByBoth(dialect) else {
      altered = number
      return elicit(tries: 0, now: now, into: &output)
    }
    let isLast = (number..<highest).allSatisfy { history.facts(of: $0 + 1)?.isReport == true }
    guard isLast, drain.wanted == highest + 1, var facts = history.facts(of: number), facts.isRepeatable
    else {
      return stop(.alteredOnTheWay(line: number))
    }
    // Those behind it were taken, and their answers are due or were lost.
    ledger.removeAll(where: { $0.number == number })
    recount()
    watchOldest(now)
    for index in ledger.indices where ledger[index].number >= 0 { ledger[index].isAccepted = true }
    if let due = facts.due { facts.due = max(due, now) }
    state = .streaming
    let content = Array(history.content(number))
    send(content[...], facts, now: now, into: &output)
    renew(number, as: highest, content, facts)
    return .replaying(from: highest)
  }

  /// Whether what was quoted begins as this line, which was counted and not answered, and not as the other, which it is more
  /// like: bytes between them were lost.
  func isJoined(_ number: Int64, with other: Int64) -> Bool {
    ledger.first?.number == number && lastAltered.first == history.content(number).first
      && lastAltered.first != history.content(other).first
  }
}
