/// What the firmware says again and again: told once, then counted and told once a second.
///
/// A file that extrudes cold makes Marlin say `echo: cold extrusion prevented` for each of its lines. Told each time, that
/// pushes every other event out of the log that clients come back to, and wakes them at each line.
struct RepeatedWords {
  /// How long the same words are only counted, in ns.
  static let interval: Int64 = 1_000_000_000

  private var last = ""
  private var more = 0
  private var until: Int64 = .min

  /// When what was held back is to be told; nil where nothing was.
  var due: Int64? { more > 0 ? until : nil }

  /// The firmware says `words`; what is to be told now, in order.
  mutating func said(_ words: String, now: Int64) -> [String] {
    if words == last, now < until {
      more += 1
      return []
    }
    let before = words == last ? nil : takeHeldBack()
    // The same words again after a while stand for those before them.
    let again = words == last ? takeHeldBack(besides: 1) : nil
    last = words
    until = now + Self.interval
    return [before, again ?? words].compactMap { $0 }
  }

  /// What was held back, as one sentence; nil where nothing was. Telling it is the business of who takes it.
  mutating func takeHeldBack(now: Int64) -> String? {
    until = now + Self.interval
    return takeHeldBack()
  }

  private mutating func takeHeldBack(besides others: Int = 0) -> String? {
    guard more > 0 else { return nil }
    defer { more = 0 }
    return "\(last) (\(more + others) times more)"
  }
}
