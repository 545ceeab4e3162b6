/// How long answers take, learned from those that came: what a question about a missing one waits for.
///
/// No model of a machine knows its accelerations, its corners or the knob that somebody turned, but its answers show them. A
/// mean and a mean deviation, as TCP keeps them; a question that comes too early does no harm.
struct AnswerTime: Equatable, Sendable {
  private var mean: Int64 = 0
  private var deviation: Int64 = 0
  private var samples = 0

  /// The longest time before a question, in ns, however long the answers took: moves of seconds are no silence, and yet a
  /// question that waits behind one costs nothing.
  private static let most: Int64 = 400_000_000

  /// An answer came after `nanoseconds`.
  @inline(__always)
  mutating func observe(_ nanoseconds: Int64) {
    let value = min(max(0, nanoseconds), 60_000_000_000)
    guard samples > 0 else {
      samples = 1
      mean = value
      deviation = value / 2
      return
    }
    let error = value - mean
    mean += error >> 3
    deviation += ((error < 0 ? -error : error) - deviation) >> 2
  }

  /// How long to wait for an answer before asking, in ns.
  func patience(soonest: Int64) -> Int64 {
    guard samples > 0 else { return Self.most }
    return min(Self.most, mean + max(4 * deviation, soonest))
  }
}
