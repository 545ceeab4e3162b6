/// Something about a file that a person has to know before it is printed.
public struct FileProblem: Equatable, Sendable {
  /// What a problem does to a submission.
  public enum Severity: UInt8, Sendable, Comparable {
    /// It is told and the file is taken.
    case warning = 0
    /// The file is refused unless a person says that they want it so.
    case forceable = 1
    /// The file is refused; no option lifts it.
    case refused = 2

    /// Orders by gravity.
    public static func < (a: Severity, b: Severity) -> Bool { a.rawValue < b.rawValue }
  }

  /// The stable dotted code, such as `file.zip` or `file.tooHot`.
  public var code: String
  /// What it does to a submission.
  public var severity: Severity
  /// The line of the file, from 1; nil where the whole file is meant.
  public var line: Int64?
  /// One or two sentences that say what is wrong and what to do; they name the line but not the file.
  public var sentence: String

  /// Makes a problem.
  public init(code: String, severity: Severity, line: Int64? = nil, sentence: String) {
    self.code = code
    self.severity = severity
    self.line = line
    self.sentence = sentence
  }
}
