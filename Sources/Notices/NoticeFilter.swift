/// Lets each change of a job or machine through once: the supervisor tells a state again whenever something about it changes.
public struct NoticeFilter: Sendable {
  private var jobs: [Int64: Notice.Event] = [:]
  private var faults: [String: (text: String, at: Int64)] = [:]
  private let capacity: Int
  /// Milliseconds in which the same fault of a machine is told once.
  private let quiet: Int64

  /// Nothing was told so far.
  public init(capacity: Int = 1000, quiet: Int64 = 600_000) {
    self.capacity = capacity
    self.quiet = quiet
  }

  /// Whether a notice tells something new.
  public mutating func admits(_ notice: Notice) -> Bool {
    if let job = notice.job, notice.event.rawValue.hasPrefix("job.") {
      guard jobs.updateValue(notice.event, forKey: job.id) != notice.event else { return false }
      // The oldest jobs have ended long ago.
      if jobs.count > capacity, let oldest = jobs.keys.min() { jobs[oldest] = nil }
      return true
    }
    let key = "\(notice.event.rawValue) \(notice.machine ?? "")"
    let text = notice.reason ?? ""
    if let last = faults[key], last.text == text, notice.at - last.at < quiet { return false }
    faults[key] = (text, notice.at)
    if faults.count > capacity, let oldest = faults.min(by: { $0.value.at < $1.value.at })?.key {
      faults[oldest] = nil
    }
    return true
  }
}
