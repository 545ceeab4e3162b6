/// How a print came out, as a judge sees it who knows the file and what the firmware executed.
public enum Judgement: Equatable, Sendable, CustomStringConvertible {
  /// The firmware executed the file, each line once and in order.
  case intact
  /// As intact, but for damaged pieces of lines that ran without number and were followed by the whole line.
  case repeatedAfterFragment
  /// The session stopped and said why; what was executed with numbers is the beginning of the file.
  case stopped(code: String)
  /// The same, but the session counted up to four lines more as acknowledged than had been taken.
  case stoppedAhead(code: String)
  /// Something else ran, and nothing that the host read could have told.
  case undetectable(Undetectable, String)
  /// What must never happen.
  case wrong(String)

  /// Why nothing could have told.
  public enum Undetectable: String, Sendable {
    /// Flipped bits left the checksum as it was.
    case checksumHeld = "checksum held"
    /// Lost bytes or merged lines left the checksum as it was.
    case shorterChecksumHeld = "checksum held over fewer bytes"
    /// The firmware has no checksum: what arrives, runs.
    case noChecksum = "no checksum"
    /// A piece of a line ran without its number, and the answer to it was lost on its way.
    case unansweredFragment = "piece ran, its ok lost"
  }

  /// A word or two, the same for all prints that came out alike.
  public var kind: String {
    switch self {
    case .intact: "intact"
    case .repeatedAfterFragment: "intact behind a piece of a line"
    case .stopped(let code): "stopped: \(code)"
    case .stoppedAhead(let code): "stopped, counted ahead: \(code)"
    case .undetectable(let why, _): "undetectable: \(why.rawValue)"
    case .wrong: "WRONG"
    }
  }

  /// The kind, and what happened where.
  public var description: String {
    switch self {
    case .intact, .repeatedAfterFragment, .stopped, .stoppedAhead: kind
    case .undetectable(_, let words): "\(kind): \(words)"
    case .wrong(let words): "WRONG: \(words)"
    }
  }

  /// Whether it must never happen.
  public var isWrong: Bool { if case .wrong = self { true } else { false } }
}
