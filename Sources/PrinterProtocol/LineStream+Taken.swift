/// What the firmware's own count says of the lines in flight.
extension LineStream {
  /// Every line sent was taken. What is still in the ledger is owed an `ok`, or it was lost; a question will tell.
  mutating func nothingLost(_ now: Int64) -> OnTimeout {
    state = .streaming
    for index in ledger.indices where ledger[index].number >= 0 { ledger[index].isAccepted = true }
    askSoon(now)
    return .resumed
  }

  /// Lines that were taken and are not in the ledger: a replay was to repeat them, and the firmware asked for later ones. What
  /// waits for their answers waits on.
  mutating func restoreTaken(before wanted: Int64, _ now: Int64) {
    let first = max(highestRetired + 1, history.oldest)
    let kept = ledger.count { $0.number >= first && $0.number < wanted }
    guard first < wanted, kept < Int(wanted - first) else { return }
    let before = Array(ledger)
    ledger.removeAll()
    for line in before where line.number < first { ledger.append(line) }
    for number in first..<wanted {
      if let line = before.first(where: { $0.number == number }) {
        ledger.append(line)
      } else if renewals.contains(where: { $0.old == number }) {
        // It stands under its new number.
        continue
      } else if let facts = history.facts(of: number) {
        var line = SentLine(
          number: number, facts: facts, sentAt: now, length: history.line(number).count, askAt: .max,
          lateAt: lateAt(facts, now))
        line.isAccepted = true
        ledger.append(line)
      }
    }
    for line in before where line.number >= wanted { ledger.append(line) }
    recount()
    watchOldest(now)
  }

  /// Lines from `wanted` on were not taken; those before it were, and owe their `ok`.
  mutating func dropRejected(from wanted: Int64) {
    var kept = 0
    for index in ledger.indices {
      guard ledger[index].number >= 0, ledger[index].number < wanted else { continue }
      ledger[kept] = ledger[index]
      ledger[kept].isAccepted = true
      kept += 1
    }
    ledger.removeLast(ledger.count - kept)
    recount()
    // What it is waited for is a late answer, not a missing one.
    if kept > 0 { ledger[0].askAt = ledger[0].lateAt }
  }
}
