import GCode

/// A line that went out once more under a new number: the firmware seemed to have counted it without running it.
///
/// A damaged digit can make it seem so. Once the firmware asks for the old number after all, the line goes out under that
/// one, and the new number carries a question instead; should that have been the damaged digit, the line stands there again.
struct Renewal: Equatable, Sendable {
  /// The number that the firmware seemed to have counted.
  var old: Int64
  /// The number under which the line went out again.
  var new: Int64
  /// What the line says.
  var content: [UInt8]
  /// What is known of it.
  var facts: LineFacts
}

extension LineStream {
  /// Remembers a line that went out under a new number; those that are no longer kept are forgotten.
  mutating func renew(_ old: Int64, as new: Int64, _ content: [UInt8], _ facts: LineFacts) {
    renewals.removeAll { $0.new < history.oldest }
    renewals.append(Renewal(old: old, new: new, content: content, facts: facts))
  }

  /// Everything from `wanted` on goes out again: a line that has two numbers there under the first of them alone.
  mutating func settleRenewals(from wanted: Int64) {
    for renewal in renewals where renewal.new >= wanted {
      if wanted <= renewal.old {
        history.replace(renewal.new, with: Self.reportLine, LineFacts(kind: .question, isReport: true))
      } else {
        history.replace(renewal.new, with: renewal.content[...], renewal.facts)
      }
    }
  }
}
