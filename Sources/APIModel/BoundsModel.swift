/// `GET /api/v1/jobs/ID/bounds?machine=NAME`: what a person has to see before they start a laser or a mill (safety.md rule 8).
public struct BoundsModel: Codable, Equatable, Sendable {
  /// The job.
  public var job: Int64
  /// The machine.
  public var machine: String
  /// The least X, Y, Z that the file works at, in mm of its own coordinates; null for an axis that it does not name.
  public var least: [Double?]
  /// The greatest X, Y, Z.
  public var most: [Double?]
  /// The machine's travel in mm: X, Y, Z.
  public var travel: [Double]
  /// Where the file's zero lies in the machine, in mm: X, Y, Z; null where it was not read in this session.
  public var workOffset: [Double]?
  /// The highest spindle speed or beam power (`$30`); null where it was not read in this session.
  public var maximumPower: Double?
  /// Laser mode (`$32`); null where it was not read in this session.
  public var laserMode: Bool?
  /// What does not fit or is not known; a person should read it before they start.
  public var warnings: [String]
  /// Until when a start that was given holds, ISO 8601; null without one.
  public var startsUntil: String?

  /// Makes bounds of a file that works nowhere.
  public init(job: Int64, machine: String, travel: [Double]) {
    self.job = job
    self.machine = machine
    self.travel = travel
    least = []
    most = []
    warnings = []
  }
}
