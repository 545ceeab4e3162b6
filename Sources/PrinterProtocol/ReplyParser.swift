/// Bytes in any pieces -> replies, one a line.
///
/// Lines end with LF or CR; NULs and empty lines are dropped; a line longer than `ReplyParser.longest` is cut there and the
/// rest of it ignored. Whatever a printer sends is a value; nothing traps, and nothing allocates once warm.
public struct ReplyParser: Sendable {
  /// The longest reply that is kept, in bytes; M115's line and Marlin's area report are the longest known.
  public static let longest = 1024

  /// The last reply's bytes, without line end.
  public private(set) var line: [UInt8] = []

  /// Makes a parser at the start of a line.
  public init() {}

  /// Takes bytes from `position` up to the next end of a line and reads it; nil when the bytes are used up before one.
  public mutating func next(in bytes: Span<UInt8>, at position: inout Int) -> Reply? { nil }
}
