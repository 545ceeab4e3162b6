/// Whether the planner runs dry while the file has more: from `P` of ADVANCED_OK where it is told, else from planned times.
///
/// The planned time of a move is the least that it can take, so a machine slower than that is called dry too early and never
/// too late.
struct PlannerWatch: Sendable {
  /// When the planned moves are over at the earliest; 0 where nothing is planned or nobody knows.
  private var emptyAt: Int64 = 0
  /// The most free places seen, which an empty planner has.
  private var mostFree: Int32 = 0
  private var isTold = false
  private var dryAt: Int64?

  /// Nothing is planned: a job begins, the machine paused, or a line waited until all motion was over.
  mutating func emptied() {
    emptyAt = 0
    dryAt = nil
  }

  /// A move of the file goes out that takes at least `least` ns.
  @inline(__always)
  mutating func sent(_ least: Int64, now: Int64, _ health: inout LinkHealth) {
    if !isTold, emptyAt > 0, now > emptyAt {
      // Longer than that, something else held the job up.
      if now - emptyAt < 10_000_000_000 {
        health.starvations += 1
        health.starvedNanoseconds += now - emptyAt
      }
    }
    emptyAt = max(emptyAt, now) + least
  }

  /// `P`: so many places of the planner are free.
  mutating func told(_ free: Int32, now: Int64, _ health: inout LinkHealth) {
    isTold = true
    mostFree = max(mostFree, min(free, 255))
    if free == mostFree, emptyAt > 0, mostFree > 1 {
      if dryAt == nil {
        health.starvations += 1
        dryAt = now
      }
    } else if let since = dryAt {
      health.starvedNanoseconds += now - since
      dryAt = nil
    }
  }
}
