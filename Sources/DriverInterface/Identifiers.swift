/// Names one try at printing one copy of a job; random, never reused, so that a start can be recognised as a repeat.
///
/// Shown and stored as 16 lower-case hexadecimal digits. Zero is never drawn.
public struct AttemptID: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
  /// The 64 random bits.
  public var rawValue: UInt64

  /// Wraps known bits.
  public init(rawValue: UInt64) { self.rawValue = rawValue }

  /// Draws a new identifier from `generator`.
  public static func random(using generator: inout some RandomNumberGenerator) -> AttemptID {
    AttemptID(rawValue: UInt64.random(in: 1...UInt64.max, using: &generator))
  }

  /// Reads the 16 hexadecimal digits of `description`; nil for anything else.
  public init?(_ text: String) {
    guard text.utf8.count == 16, let value = UInt64(text, radix: 16), value != 0 else { return nil }
    self.rawValue = value
  }

  /// The 16 hexadecimal digits.
  public var description: String {
    let digits = String(rawValue, radix: 16)
    return String(repeating: "0", count: 16 - digits.utf8.count) + digits
  }
}

/// A job's number as people see it: positive, given by the supervisor's store; 0 for a direct print without a queue.
public typealias JobID = Int64

/// The versions of this interface that a program understands, ends included.
///
/// Both ends send their range in `hello`; the highest common version is spoken, and none means that the connection ends
/// with fault `interface.version`.
public struct VersionRange: Equatable, Sendable {
  /// The oldest version understood.
  public var lowest: Int32
  /// The newest version understood.
  public var highest: Int32

  /// Makes a range from its ends.
  public init(lowest: Int32, highest: Int32) {
    self.lowest = lowest
    self.highest = highest
  }

  /// What this build understands.
  ///
  /// Version 2 adds `resumePoint`, `suspend` and the events `link` and `openingResets`. A driver of version 1 answers those
  /// requests with `interface.unknownRequest`; a client of version 1 skips the events.
  public static let current = VersionRange(lowest: 1, highest: 2)

  /// The version that two ends speak, or nil where they have none in common.
  public func agreed(with other: VersionRange) -> Int32? {
    let version = Swift.min(highest, other.highest)
    return version >= lowest && version >= other.lowest ? version : nil
  }
}
