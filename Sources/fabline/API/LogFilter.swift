/// Which log lines are wanted.
struct LogFilter: Sendable {
  var machine: String?
  var job: Int64?
  /// ISO 8601.
  var since: String?
  var level: String?

  /// As query pairs.
  var pairs: [(String, String?)] {
    [("machine", machine), ("job", job.map { "\($0)" }), ("since", since), ("level", level)]
  }
}
