import JobStore
import Notices
import Supervisor

extension Notice.Event {
  /// What an event of the hub is to the outside; nil where it is nothing.
  init?(_ event: HostEvent) {
    switch event.kind {
    case .job:
      guard let state = event.state.flatMap(JobRecord.State.init(rawValue:)) else { return nil }
      self = Notice.Event(state)
    case .fault:
      // What concerns one line was dealt with.
      guard event.level == LogLevel.error.rawValue else { return nil }
      self = .machineFault
    case .machine:
      switch event.state {
      case "linkLost": self = .machineLinkLost
      case "killed": self = .machineKilled
      default: return nil
      }
    case .progress, .heaters, .log, .prompt, .wire, .drain, .device: return nil
    }
  }

  private init(_ state: JobRecord.State) {
    self =
      switch state {
      case .queued: .jobQueued
      case .held: .jobHeld
      case .printing: .jobPrinting
      case .paused: .jobPaused
      case .needsAttention: .jobNeedsAttention
      case .done: .jobDone
      case .failed: .jobFailed
      case .cancelled: .jobCancelled
      case .uncertain: .jobUncertain
      }
  }
}
