import GCode

/// What is on record of a print at the moment it stopped: the last word of the driver, its page or its journal.
///
/// Lengths in mm, feedrates in mm/min, temperatures in °C. The record claims no more than it says: the firmware took every
/// line up to `acknowledged`; the machine may not have moved yet for those in `unsure`; it may have taken what was sent behind.
public struct StopRecord: Equatable, Sendable {
  /// A line of the file, and where it ends.
  public struct Anchor: Equatable, Sendable {
    /// The line, from 1; 0 before the first.
    public var line: Int64
    /// Bytes of the file up to the end of that line; 0 where not known.
    public var end: Int64

    /// Makes an anchor.
    public init(line: Int64 = 0, end: Int64 = 0) {
      self.line = line
      self.end = end
    }
  }

  /// The last line that the firmware acknowledged.
  public var acknowledged = Anchor()
  /// The last line that was written to the port.
  public var sent = Anchor()
  /// The oldest acknowledged line that the machine may not have moved for; nil where it certainly did all of them.
  public var firstUnsure: Anchor?
  /// How many seconds the print may have gone on after this was written down: 0 for a driver's own last word.
  public var staleSeconds: Double = 0
  /// The last line that was acknowledged some time before `acknowledged`; 0 where none is known.
  public var earlierLine: Int64 = 0
  /// How many seconds the machine moved from there to `acknowledged`; waits for heat and pauses are not in it.
  public var earlierSeconds: Double = 0

  /// Where the last line that was sent leads to.
  public var position = Position()
  /// The axes whose position is known.
  public var known: Axes = []
  /// Coordinates were relative: G91.
  public var isRelative = false
  /// The extruder's coordinate was relative: M83.
  public var isExtruderRelative = false
  /// Lengths of the file were inches: G20.
  public var isInch = false
  /// The active tool.
  public var tool: Int32 = 0
  /// Targets by tool; 0 is off or never set.
  public var toolTargets: [Double] = []
  /// The bed's target; 0 is off or never set.
  public var bedTarget: Double = 0
  /// The chamber's target; 0 is off or never set.
  public var chamberTarget: Double = 0
  /// The fans' speeds, 0 to 255.
  public var fans: [Double] = []
  /// M220 in percent.
  public var speedFactor: Double = 100
  /// M221 in percent.
  public var flowFactor: Double = 100
  /// The sum of the baby-steps (M290).
  public var babySteps: Double = 0
  /// Whether bed levelling was on; nil where the stream did not tell.
  public var levelling: Bool?
  /// The job was paused and the head parked.
  public var isParked = false
  /// Where the head was parked; nil where it was not, or nobody knows where.
  public var parkedAt: Position?

  /// Makes the record of a print that had not begun.
  public init() {}

  /// A tool's target; 0 where it is off or not known.
  func target(_ tool: Int32) -> Double {
    tool >= 0 && Int(tool) < toolTargets.count ? toolTargets[Int(tool)] : 0
  }
}
