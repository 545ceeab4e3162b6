import DriverInterface

/// Which attempts are staged, starting, running, over and not acknowledged; the wire thread's copy of the truth.
///
/// An attempt goes one way: staged -> starting (its start is being noted on the disk) -> running -> outcome -> acknowledged.
/// Withdrawing is possible only from staged. A number that ever was past staged is never taken again.
struct AttemptLedger {
  /// The attempt that has the machine.
  struct Running {
    var staged: StagedAttempt
    /// When it started, on the monotonic clock and in milliseconds since 1970.
    var startedAt: Int64
    var startedWhen: Int64
    /// When its file was last changed, in ns since 1970.
    var modified: Int64 = 0
    /// A person changed something by hand meanwhile.
    var wasAdjusted = false
    /// The host shuts down: where it stood when it was parked.
    var suspended: ResumePoint?
  }

  /// In order of staging.
  private(set) var staged: [StagedAttempt] = []
  /// Its start is being noted.
  private(set) var starting: StagedAttempt?
  /// It has the machine.
  var running: Running?
  /// Ended and not acknowledged, oldest first.
  private(set) var outcomes: [AttemptOutcome]
  /// Where attempts stood whose outcomes are kept.
  private(set) var points: [ResumePoint]
  private var started: Set<AttemptID>

  init(_ image: JournalImage) {
    started = Set(image.started)
    outcomes = image.outcomes
    points = image.points
  }

  /// Whether an attempt has the machine or is about to.
  var isBusy: Bool { running != nil || starting != nil }

  func wasStarted(_ attempt: AttemptID) -> Bool { started.contains(attempt) }

  func staged(_ attempt: AttemptID) -> StagedAttempt? { staged.first { $0.attempt == attempt } }

  /// Why an attempt cannot be staged; nil where it can.
  func refusalToStage(_ attempt: StagedAttempt) -> Fault? {
    if attempt.attempt.rawValue == 0 || attempt.size < 0 || !attempt.path.hasPrefix("/") {
      return Fault(
        code: "attempt.malformed", sentence: "an attempt needs a number, an absolute path and a size",
        scope: .job)
    }
    if wasStarted(attempt.attempt) { return startedBefore(attempt.attempt) }
    if staged.count >= 16, staged(attempt.attempt) == nil {
      return Fault(
        code: "attempt.tooMany", sentence: "16 attempts are staged already: withdraw one first", scope: .job)
    }
    return nil
  }

  /// Takes a staged attempt in; staging it again replaces what was known of it.
  mutating func stage(_ attempt: StagedAttempt) {
    if let index = staged.firstIndex(where: { $0.attempt == attempt.attempt }) {
      staged[index] = attempt
    } else {
      staged.append(attempt)
    }
  }

  mutating func withdraw(_ attempt: AttemptID) { staged.removeAll { $0.attempt == attempt } }

  /// Moves a staged attempt to starting.
  mutating func beginStart(_ attempt: AttemptID) throws(Fault) -> StagedAttempt {
    if wasStarted(attempt) || starting?.attempt == attempt { throw startedBefore(attempt) }
    if let busy = running?.staged ?? starting {
      throw Fault(
        code: "machine.busy", sentence: "\(busy.name) is printing: start this one afterwards", scope: .job)
    }
    guard let found = staged(attempt) else {
      throw Fault(code: "attempt.unknown", sentence: "attempt \(attempt) is not staged", scope: .job)
    }
    withdraw(attempt)
    starting = found
    return found
  }

  /// The start is on the disk: the number is spent.
  mutating func startNoted() {
    if let starting { started.insert(starting.attempt) }
  }

  /// The start could not be noted: the number is not spent, but its file is closed.
  mutating func endStarting() { starting = nil }

  /// Takes an end in; the same end twice is one.
  mutating func end(_ outcome: AttemptOutcome) {
    outcomes.removeAll { $0.progress.attempt == outcome.progress.attempt }
    outcomes.append(outcome)
    if running?.staged.attempt == outcome.progress.attempt { running = nil }
  }

  /// Keeps where an attempt stood.
  mutating func keep(_ point: ResumePoint) {
    points.removeAll { $0.attempt == point.attempt }
    points.append(point)
  }

  /// Where an attempt stood; nil where nothing is known of it.
  func point(_ attempt: AttemptID) -> ResumePoint? { points.first { $0.attempt == attempt } }

  /// Lets an outcome go; false where there is none.
  mutating func acknowledge(_ attempt: AttemptID) -> Bool {
    let count = outcomes.count
    points.removeAll { $0.attempt == attempt }
    outcomes.removeAll { $0.progress.attempt == attempt }
    return outcomes.count < count
  }

  private func startedBefore(_ attempt: AttemptID) -> Fault {
    Fault(
      code: "attempt.startedBefore",
      sentence: "attempt \(attempt) was started before: an attempt starts at most once, so make a new one",
      scope: .job)
  }
}
