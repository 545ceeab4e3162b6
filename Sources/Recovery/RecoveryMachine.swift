import GCode

/// What a plan has to know of the machine.
public struct RecoveryMachine: Equatable, Sendable {
  /// What the machine is; only a printer is ever recovered.
  public enum Kind: Equatable, Sendable {
    /// A 3D printer.
    case printer
    /// A laser: a burn is never resumed.
    case laser
    /// A mill or router.
    case mill
  }

  /// What its firmware does in Z when only X and Y are homed.
  public enum HomingRaise: Equatable, Sendable {
    /// It never raises.
    case none
    /// It raises, and `R0` keeps it from that: Marlin 2.
    case unlessR0
    /// It may raise by itself, and nothing is known that keeps it from that.
    case always
  }

  /// The class.
  public var kind = Kind.printer
  /// `cartesian`, `corexy`, `delta`, ...
  public var kinematics = "cartesian"
  /// The firmware's dialect where known: `klipper` and the GRBL family are refused.
  public var dialect = ""
  /// Travel of X, Y and Z in mm, from 0.
  public var travel = Position(x: 200, y: 200, z: 200)
  /// Z stays where it is without power.
  public var holdsZ = false
  /// X and Y can be homed without Z; nil where nobody said, which is asked.
  public var homesXY: Bool?
  /// What homing does to Z.
  public var raise = HomingRaise.always
  /// How many tools it has.
  public var tools: Int32 = 1
  /// The highest hot-end target in °C.
  public var maximumTool: Double = 285
  /// The highest bed target in °C.
  public var maximumBed: Double = 120
  /// Below this a hot end does not extrude, in °C (safety.md rule 13).
  public var coldExtrusion: Double = 170
  /// How G90 and G91 bear on the extruder.
  public var extruderRule = ExtruderModeRule.setByG90

  /// How far the nozzle is lifted over everything that was printed, in mm.
  public var lift: Double = 5
  /// How far the firmware may raise Z by itself, in mm, where nothing keeps it from that.
  public var ownRaise: Double = 10
  /// How much colder than its target a hot end is while it only has to come off the part, in °C: soft, and hardly oozing.
  public var softBelow: Double = 50
  /// Filament pushed out beside the part before going on, in mm.
  public var prime: Double = 10
  /// How far the filament is drawn back while the nozzle travels to the part, in mm.
  public var retract: Double = 2
  /// Feedrates of the plan in mm/min.
  public var travelFeedrate: Double = 3000
  /// Likewise for Z.
  public var liftFeedrate: Double = 300
  /// Likewise for priming: slow, the nozzle has cooled and warmed again.
  public var primeFeedrate: Double = 150
  /// Likewise for drawing filament back.
  public var retractFeedrate: Double = 1800

  /// Makes a small printer of which nobody said anything.
  public init() {}
}
