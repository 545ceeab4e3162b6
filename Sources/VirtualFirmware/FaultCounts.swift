/// How often each fault befell the link: a judge's evidence of what a host could and could not see.
public struct FaultCounts: Sendable, Equatable {
  /// Bytes from the host of which a bit was flipped.
  public internal(set) var flippedIn: Int64 = 0
  /// Bytes to the host of which a bit was flipped.
  public internal(set) var flippedOut: Int64 = 0
  /// Bytes from the host that vanished.
  public internal(set) var lostIn: Int64 = 0
  /// Bytes to the host that vanished.
  public internal(set) var lostOut: Int64 = 0
  /// Line ends from the host that vanished or were changed: two lines became one.
  public internal(set) var lineEndsIn: Int64 = 0
  /// Line ends to the host that vanished or were changed: two replies became one.
  public internal(set) var lineEndsOut: Int64 = 0
  /// Runs of bytes from the host that vanished, as by a late receiver.
  public internal(set) var overruns: Int64 = 0
  /// Replies that lost their end.
  public internal(set) var cut: Int64 = 0
  /// Replies that left in two pieces.
  public internal(set) var split: Int64 = 0
  /// Replies that came late.
  public internal(set) var stalled: Int64 = 0
  /// `Resend` lines with a wrong number.
  public internal(set) var resendsDamaged: Int64 = 0
  /// `ok` lines that were not sent.
  public internal(set) var okLost: Int64 = 0
  /// `ok` lines that were sent twice.
  public internal(set) var okDoubled: Int64 = 0

  /// Every count with its name as in a report.
  public var all: [(name: StaticString, count: Int64)] {
    [
      ("bytesFlippedIn", flippedIn), ("bytesFlippedOut", flippedOut), ("bytesLostIn", lostIn),
      ("bytesLostOut", lostOut), ("lineEndsDamagedIn", lineEndsIn), ("lineEndsDamagedOut", lineEndsOut),
      ("overrunBursts", overruns), ("repliesCut", cut), ("repliesSplit", split), ("repliesStalled", stalled),
      ("resendNumbersDamaged", resendsDamaged), ("oksLost", okLost), ("oksDoubled", okDoubled),
    ]
  }

  /// Nothing on its way to the firmware was touched: whatever it got is what was sent.
  public var nothingDamagedIn: Bool { flippedIn + lostIn + lineEndsIn + overruns == 0 }
}
