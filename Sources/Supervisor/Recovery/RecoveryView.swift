import DriverInterface
import JobStore
import Recovery

/// All that a person has to see before a job is gone on with.
public struct RecoveryView: Sendable {
  /// The job.
  public var job: JobRecord
  /// The attempt that is uncertain.
  public var attempt: AttemptRecord
  /// What its driver said of the stop; nil where nobody told.
  public var point: ResumePoint?
  /// The stored file that the result is about: the job's, also where the attempt printed a plan before it.
  public var file: String
  /// Window, heights, questions, plan, or why there is none.
  public var result: RecoveryResult
}

/// A person's word to go on with a job.
public struct RecoveryOrder: Equatable, Sendable {
  /// Where to go on; the height comes with the answers.
  public var place: RecoveryChoice.Place
  /// The answers by the questions' names.
  public var answers: [String: String]
  /// The hash of the plan that was shown.
  public var planHash: String
  /// Why a person vouches for it; nil where nothing was said.
  public var reason: String?

  /// Makes an order.
  public init(place: RecoveryChoice.Place = .proposed, answers: [String: String], planHash: String) {
    self.place = place
    self.answers = answers
    self.planHash = planHash
  }
}

extension RecoveryOrder {
  /// The height that a person named, where one was asked for.
  var height: Double? { answers[RecoveryQuestion.height].flatMap { Double($0) } }
}
