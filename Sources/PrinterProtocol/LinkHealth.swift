/// What a connection has shown of its cable, its adapter and its firmware since the port was opened: the link doctor's figures.
///
/// Counted as it comes along; nothing is allocated for a line.
public struct LinkHealth: Equatable, Sendable {
  /// How many buckets the histogram of round trips has.
  public static let buckets = 32

  /// Answers by how long they took, each bucket twice as long as the one before: bucket n holds those of 2^n to 2^(n+1)
  /// microseconds, and bucket 0 those below 2. Moves that wait for room count with the rest.
  public private(set) var roundTrips = InlineArray<32, Int64>(repeating: 0)
  /// Lines sent, resends and questions included.
  public var lines: Int64 = 0
  /// Resend incidents.
  public var resends: Int64 = 0
  /// Lines that the firmware called damaged: its checksum errors.
  public var damagedOut: Int64 = 0
  /// Replies that could not be read.
  public var damagedIn: Int64 = 0
  /// `ok`s that belonged to no line in flight: doubled ones, mostly.
  public var doubledOks: Int64 = 0
  /// `ok`s that never came though their line was taken.
  public var lostOks: Int64 = 0
  /// Times the firmware dropped lines that it had received whole, or said that its buffer was full.
  public var overrunsSuspected: Int64 = 0
  /// Times the planner ran dry while more of the file was waiting, as far as move times can tell.
  public var starvations: Int64 = 0
  /// Nanoseconds for which it stood dry.
  public var starvedNanoseconds: Int64 = 0
  /// Questions asked because an answer stayed out.
  public var asked: Int64 = 0
  /// Restarts of the firmware that nobody asked for.
  public var resets: Int64 = 0

  /// Nothing seen yet.
  public init() {}

  /// Compares all figures.
  public static func == (a: LinkHealth, b: LinkHealth) -> Bool {
    for index in 0..<buckets where a.roundTrips[index] != b.roundTrips[index] { return false }
    return a.lines == b.lines && a.resends == b.resends && a.damagedOut == b.damagedOut
      && a.damagedIn == b.damagedIn && a.doubledOks == b.doubledOks && a.lostOks == b.lostOks
      && a.overrunsSuspected == b.overrunsSuspected && a.starvations == b.starvations
      && a.starvedNanoseconds == b.starvedNanoseconds && a.asked == b.asked && a.resets == b.resets
  }

  /// An answer came after `nanoseconds`.
  @inline(__always)
  public mutating func roundTrip(_ nanoseconds: Int64) {
    let microseconds = UInt64(max(1, nanoseconds / 1000))
    let bucket = min(Self.buckets - 1, 63 - microseconds.leadingZeroBitCount)
    roundTrips[bucket] &+= 1
  }
}
