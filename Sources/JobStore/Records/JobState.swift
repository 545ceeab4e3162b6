extension JobRecord {
  /// The states of a job, as a person understands them.
  public enum State: String, Sendable, CaseIterable {
    /// Waits for its turn; an attempt may be staged.
    case queued
    /// Waits for a person.
    case held
    /// A machine prints it.
    case printing
    /// Paused on every machine that has it.
    case paused
    /// A machine stopped in it and asks a person.
    case needsAttention
    /// Every copy is printed.
    case done
    /// A copy failed and none is running; the rest waits for `retry`.
    case failed
    /// Ended on a person's word.
    case cancelled
    /// What a machine did is not known; a person decides.
    case uncertain

    /// Nothing more happens by itself.
    public var isEnded: Bool {
      switch self {
      case .done, .failed, .cancelled, .uncertain: true
      case .queued, .held, .printing, .paused, .needsAttention: false
      }
    }

    /// The state of a job from what stands in its row and in those of its attempts. Total: every input has one answer.
    ///
    /// In this order, the first that holds:
    /// 1. an attempt needs attention; one prints; one is paused (what a machine does now comes first, and the copies that
    ///    print beside a failed one are let go on);
    /// 2. an attempt is uncertain and nobody decided: uncertain wins over failed and cancelled;
    /// 3. all copies are printed: done, also where a cancellation came too late;
    /// 4. a person ended the job: cancelled; with an attempt still staged too, since it never starts any more;
    /// 5. an attempt failed and nobody decided: failed;
    /// 6. an attempt was ended by a person at the machine and nobody decided: cancelled;
    /// 7. held; 8. queued.
    ///
    /// - Parameters:
    ///   - copies: How many to print.
    ///   - held: The job waits for a person.
    ///   - cancelled: A person ended the job.
    ///   - attempts: The standing of each attempt, in any order.
    public static func derived(
      copies: Int, held: Bool, cancelled: Bool, attempts: [AttemptRecord.Standing]
    ) -> State {
      let states = Set(attempts.map(\.state))
      if states.contains(.needsAttention) { return .needsAttention }
      if states.contains(.printing) { return .printing }
      if states.contains(.paused) { return .paused }
      let undecided = Set(attempts.filter { !$0.settled }.map(\.state))
      if undecided.contains(.uncertain) { return .uncertain }
      if attempts.count(where: { $0.state == .done }) >= copies { return .done }
      if cancelled { return .cancelled }
      if undecided.contains(.failed) { return .failed }
      if undecided.contains(.cancelled) { return .cancelled }
      return held ? .held : .queued
    }
  }
}
