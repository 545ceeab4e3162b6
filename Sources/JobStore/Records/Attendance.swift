/// A person's word that one copy of one job may start on one laser or mill, given at the machine (safety.md rule 8).
public struct Attendance: Equatable, Sendable {
  /// How long such a word holds, in milliseconds: two minutes, as long as somebody who pressed start still stands there.
  public static let lasts: Int64 = 120_000

  /// The job.
  public var job: Int64
  /// The machine.
  public var machine: String
  /// Who.
  public var who: String
  /// When, in milliseconds since 1970.
  public var at: Int64
  /// The last millisecond at which it holds.
  public var until: Int64

  /// Whether it holds at `now` for `job`.
  public func covers(_ job: Int64, at now: Int64) -> Bool { self.job == job && at <= now && now <= until }
}
