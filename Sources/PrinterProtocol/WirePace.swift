/// Whether answers can be timed against the wire: an `ok` that comes sooner than its line's bytes could arrive is not its.
///
/// On a UART each byte takes ten bits; a USB-CDC board or an unpaced PTY answers at once, whatever speed was asked for. Which
/// of the two it is shows in the first answers, and what was learned is taken back when it proves wrong: two mistakes end it
/// for the connection. Lines that are over within a millisecond say nothing: a busy host measures no better.
struct WirePace: Sendable {
  private enum Verdict: Sendable {
    case unknown(samples: Int, early: Int)
    case paced(mistakes: Int)
    case unpaced
  }

  /// The shortest line, in ns on the wire, whose answer is timed.
  private static let resolution: Int64 = 1_000_000

  private let nanosecondsPerByte: Int64
  private var verdict: Verdict

  init(baud: Int64) {
    nanosecondsPerByte = baud > 0 ? 10_000_000_000 / baud : 0
    verdict = baud > 0 ? .unknown(samples: 0, early: 0) : .unpaced
  }

  /// Whether an answer that came so soon cannot be to a line of so many bytes.
  func isTooEarly(bytes: Int, after nanoseconds: Int64) -> Bool {
    guard case .paced = verdict else { return false }
    return isEarly(bytes, nanoseconds)
  }

  /// Learns from an answer that was the only one due; a few of them may be strays.
  mutating func observe(bytes: Int, after nanoseconds: Int64) {
    guard case .unknown(let samples, let early) = verdict, wireTime(bytes) >= Self.resolution else { return }
    let nowEarly = early + (isEarly(bytes, nanoseconds) ? 1 : 0)
    if samples + 1 < 6 {
      verdict = .unknown(samples: samples + 1, early: nowEarly)
    } else {
      verdict = nowEarly > 2 ? .unpaced : .paced(mistakes: 0)
    }
  }

  /// An answer that was not believed turned out to be missing.
  mutating func wasWrong() {
    guard case .paced(let mistakes) = verdict else { return }
    verdict = mistakes >= 1 ? .unpaced : .paced(mistakes: mistakes + 1)
  }

  private func isEarly(_ bytes: Int, _ nanoseconds: Int64) -> Bool {
    let least = wireTime(bytes)
    return least >= Self.resolution && nanoseconds < least
  }

  private func wireTime(_ bytes: Int) -> Int64 { Int64(bytes) * nanosecondsPerByte }
}
