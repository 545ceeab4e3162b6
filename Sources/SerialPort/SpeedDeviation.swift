/// How far the adapter's speed is from the one that was asked for.
public struct SpeedDeviation: Equatable, Sendable {
  /// Bits per second that were asked for.
  public let asked: Int32
  /// Bits per second that the adapter does.
  public let granted: Int32

  /// nil where both are the same.
  public init?(asked: Int32, granted: Int32) {
    if asked == granted { return nil }
    self.asked = asked
    self.granted = granted
  }

  /// The difference in tenths of a percent of what was asked. UARTs misread bytes from about 20 on.
  public var tenthsOfPercent: Int64 {
    abs(Int64(granted) - Int64(asked)) * 1000 / max(1, Int64(asked))
  }

  /// What to tell a person.
  public func sentence(path: String) -> String {
    "\(path): asked for \(asked) baud, the adapter chose \(granted) "
      + "(\(tenthsOfPercent / 10).\(tenthsOfPercent % 10) % off; over 2 % bytes get damaged)."
  }
}
