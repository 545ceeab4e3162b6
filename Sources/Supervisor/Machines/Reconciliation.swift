import DriverInterface
import JobStore

/// What a driver says of one attempt.
enum DriverAnswer: Equatable, Sendable {
  /// Staged, not started.
  case staged
  /// It runs, in this phase.
  case running(MachinePhase)
  /// It ended, and the driver still holds the outcome.
  case ended(AttemptOutcome)
  /// The driver does not know it.
  case unknown

  /// What `status` says of `attempt`.
  init(_ attempt: AttemptID, in status: DriverStatus) {
    if let outcome = status.outcomes.first(where: { $0.progress.attempt == attempt }) {
      self = .ended(outcome)
    } else if let running = status.running, running.attempt == attempt {
      self = .running(status.phase)
    } else if status.staged.contains(attempt) {
      self = .staged
    } else {
      self = .unknown
    }
  }
}

/// What has to be done to bring what the store says of an attempt, and what its driver says, together.
enum ReconcileAction: Equatable, Sendable {
  /// Nothing; both say the same.
  case agree
  /// The driver holds it unstarted: take it back there, then withdraw it in the store where it is open, so that it waits in
  /// the queue again.
  case withdraw
  /// Withdraw it in the store only.
  case requeue
  /// It runs: the store takes over this state.
  case adopt(AttemptRecord.State)
  /// Record the outcome, then tell the driver that it is stored.
  case record(AttemptOutcome)
  /// The outcome is stored already: tell the driver.
  case acknowledge
  /// Nobody knows what the machine did.
  case markUncertain
}

/// The table: what the store says, against what the driver says. Every pair has one answer.
///
/// The driver is the truth about the machine. An attempt that the driver holds unstarted certainly did not start, whatever
/// the store feared; one that it does not know, and that may have been started, is uncertain and a person decides.
func reconcile(_ stored: AttemptRecord.State, orderedToStart: Bool, _ driver: DriverAnswer) -> ReconcileAction
{
  switch driver {
  case .ended(let outcome):
    switch stored {
    case .staged, .printing, .paused, .needsAttention, .uncertain: return .record(outcome)
    case .done, .failed, .cancelled, .withdrawn: return .acknowledge
    }
  case .running(let phase):
    let state = attemptState(in: phase)
    return stored == state ? .agree : .adopt(state)
  case .staged: return .withdraw
  case .unknown:
    switch stored {
    case .staged: return orderedToStart ? .markUncertain : .requeue
    case .printing, .paused, .needsAttention: return .markUncertain
    case .done, .failed, .cancelled, .uncertain, .withdrawn: return .agree
    }
  }
}

/// The state of a running attempt while its machine is in `phase`.
func attemptState(in phase: MachinePhase) -> AttemptRecord.State {
  switch phase {
  case .paused: .paused
  case .needsAttention, .killed, .linkLost, .printingNotOurs: .needsAttention
  case .disconnected, .opening, .handshaking, .idle, .printing, .pausing, .resuming, .cancelling: .printing
  }
}
