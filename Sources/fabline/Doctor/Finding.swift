/// What one check of an installation came to.
struct Finding: Codable, Equatable, Sendable {
  /// How it is.
  enum Verdict: String, Codable, Sendable {
    /// As it should be.
    case ok
    /// It works, and somebody should look.
    case warn
    /// It does not work.
    case fail
  }

  /// What was looked at, in a word or two.
  var check: String
  /// How it is.
  var verdict: Verdict
  /// One sentence.
  var sentence: String
  /// What mends it, as it is typed; nil where nothing has to be, or no command does.
  var command: String?

  static func ok(_ check: String, _ sentence: String) -> Finding {
    Finding(check: check, verdict: .ok, sentence: sentence)
  }

  static func warn(_ check: String, _ sentence: String, _ command: String? = nil) -> Finding {
    Finding(check: check, verdict: .warn, sentence: sentence, command: command)
  }

  static func fail(_ check: String, _ sentence: String, _ command: String? = nil) -> Finding {
    Finding(check: check, verdict: .fail, sentence: sentence, command: command)
  }
}

/// What `doctor --json` prints.
struct DoctorAnswer: Codable, Equatable, Sendable {
  /// Whether nothing fails.
  var healthy: Bool
  /// Every check.
  var items: [Finding]

  init(_ findings: [Finding]) {
    items = findings
    healthy = !findings.contains { $0.verdict == .fail }
  }
}
