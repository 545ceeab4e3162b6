import GCode

/// The link was away: what the firmware took is asked before anything is sent again.
///
///     any --interrupt--> stopped --askAfterGap--> eliciting <-> draining --settled--> streaming, or stopped
///
/// Stricter than an ordinary resend: a firmware that names a line which it had acknowledged has lost its count, whatever
/// made it so. An `ok` that comes meanwhile belongs to nothing that can be told, and acknowledges nothing.
extension LineStream {
  /// Nothing may be sent and nothing is due until `askAfterGap`.
  mutating func interrupt() {
    if lostFrom == nil {
      var first = highest + 1
      if case .replaying(let next) = state { first = next }
      lostFrom = ledger.first(where: { $0.number >= 0 })?.number ?? first
    }
    state = .stopped
  }

  /// Closes a line that was cut off, and asks for the firmware's count by a number out of turn.
  ///
  /// The line feed ends what the firmware may hold of a half-written line; a line with a number and without its whole checksum
  /// is refused and not run. A repeat would be dropped without a word.
  mutating func askAfterGap(now: Int64, into output: inout [UInt8]) {
    unanswered = 0
    questionsInVain = 0
    altered = -1
    isAlteredOkDue = false
    _ = elicit(tries: 0, now: now, into: &output)
  }

  /// The line is quiet after the firmware named a line.
  mutating func settle(_ drain: Drain, from first: Int64, now: Int64, into output: inout [UInt8]) -> OnTimeout
  {
    guard let wanted = drain.wanted, !drain.isContradictory, drain.isElicited, drain.isByBoth(dialect) else {
      return elicit(tries: 0, now: now, into: &output)
    }
    guard wanted >= first, wanted <= highest + 1 else { return stop(.numberingLost(wanted: wanted)) }
    if pieceRanBy >= wanted,
      let line = (wanted...max(wanted, highest)).first(where: { history.facts(of: $0)?.isRepeatable != true })
    {
      return stop(.fragmentMayHaveRun(line: line))
    }
    return .settled(taken: wanted - 1)
  }

  /// Takes back the lines that the firmware did not take; they get new numbers when they go out again.
  ///
  /// Those up to `taken` stay in the ledger: the firmware has them, and their answers come or were lost.
  mutating func takeBack(after taken: Int64, now: Int64) -> [UntakenLine] {
    var lines: [UntakenLine] = []
    var number = taken + 1
    while number <= highest {
      if let facts = history.facts(of: number) {
        lines.append(UntakenLine(bytes: Array(history.content(number)), facts: facts))
      }
      number += 1
    }
    history.truncate(to: taken)
    barrier = -1
    ledger.removeAll(where: { $0.number > taken || $0.number < 0 })
    for index in ledger.indices {
      ledger[index].isAccepted = true
      ledger[index].askAt = .max
      ledger[index].lateAt = max(ledger[index].lateAt, now + grace + patience.margin)
    }
    recount()
    if !ledger.isEmpty { ledger[0].askAt = now + grace }
    lostFrom = nil
    timesWanted = 0
    lastWanted = -1
    state = .streaming
    return lines
  }
}

/// A line that was sent and that the firmware did not take.
struct UntakenLine: Equatable, Sendable {
  /// What it says, without number and checksum.
  var bytes: [UInt8]
  /// What is known of it; the modal state has followed it already.
  var facts: LineFacts
}
