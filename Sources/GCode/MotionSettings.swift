/// What a host assumes of a machine's speed where the stream does not tell, on the slow side.
///
/// They bound from above how long a command may take before its silence is a reason to ask; a machine that is faster
/// loses nothing.
public struct MotionSettings: Equatable, Sendable {
  /// The feedrate before the first F, in mm/min; Marlin starts with 1500.
  public var defaultFeedrate: Double = 1500
  /// The least of the machine's top speeds in X and Y, in mm/s: firmware holds a faster F down to its own limit.
  public var slowestXY: Double = 40
  /// The least top speed of Z in mm/s; lead screws of small machines reach no more.
  public var slowestZ: Double = 2
  /// The least top speed of the extruder in mm/s.
  public var slowestE: Double = 8
  /// The least acceleration in mm/s², where M204 asks for no smaller one.
  public var leastAcceleration: Double = 200
  /// What the result is multiplied by, for jerk limits, arcs in segments and linear advance.
  public var slack: Double = 1.5
  /// The travel of X, Y and Z in mm, for homing and for moves that start at an unknown place.
  public var travel = Position(x: 300, y: 300, z: 400)
  /// The slowest homing speeds in mm/s; each axis is approached twice.
  public var homingXY: Double = 15
  /// The slowest homing speed of Z in mm/s.
  public var homingZ: Double = 3
  /// Seconds that G29 and other probing may take.
  public var probing: Double = 900
  /// Seconds that a tool change may take.
  public var toolChange: Double = 120

  /// Makes the settings of a small, slow machine.
  public init() {}

  /// The settings of a small, slow machine, made once.
  public static let slowMachine = MotionSettings()
}

/// How long a move takes in seconds, from below and from above.
public struct MoveEstimate: Equatable, Sendable {
  /// No machine that obeys F is done sooner.
  public var least: Double
  /// A machine at least as fast as its `MotionSettings` is done by then, even when it starts and ends at rest.
  public var most: Double

  /// Makes an estimate.
  public init(least: Double, most: Double) {
    self.least = least
    self.most = most
  }

  /// The estimate for a move under M220's `speedFactor`, in percent.
  public init(_ move: Move, speedFactor: Double, acceleration: Double?, settings: MotionSettings) {
    let factor = max(speedFactor, 1) / 100
    let length = move.length
    let asked = max(move.feedrate ?? settings.defaultFeedrate, 0.01) / 60 * factor
    least = move.feedrate == nil || move.known.isDisjoint(with: .xyz) ? 0 : length / asked
    let acceleration = min(acceleration ?? settings.leastAcceleration, settings.leastAcceleration)
    let longest = length + Self.unknownLength(move, settings)
    let speed = min(asked, Self.slowestSpeed(move, length, settings))
    most = settings.slack * Self.restToRest(longest, speed, max(acceleration, 1)) + 0.05
  }

  /// The speed along the path at which the slowest axis is at its limit.
  private static func slowestSpeed(_ move: Move, _ length: Double, _ settings: MotionSettings) -> Double {
    guard length > 0 else { return settings.slowestXY }
    var speed = settings.slowestXY
    let rise = abs(move.end.z - move.start.z)
    if rise > 0 { speed = min(speed, settings.slowestZ * length / rise) }
    let filament = abs(move.extruded)
    if filament > 0 { speed = min(speed, settings.slowestE * length / filament) }
    return max(speed, 1e-3)
  }

  /// What has to be added where the start is not known: the whole travel of those axes.
  private static func unknownLength(_ move: Move, _ settings: MotionSettings) -> Double {
    var length: Double = 0
    if !move.known.contains(.x), move.end.x != move.start.x { length += settings.travel.x }
    if !move.known.contains(.y), move.end.y != move.start.y { length += settings.travel.y }
    if !move.known.contains(.z), move.end.z != move.start.z { length += settings.travel.z }
    return length
  }

  /// Seconds from rest to rest over a length at a speed with an acceleration.
  private static func restToRest(_ length: Double, _ speed: Double, _ acceleration: Double) -> Double {
    let ramps = speed * speed / acceleration
    return length < ramps ? 2 * (length / acceleration).squareRoot() : length / speed + speed / acceleration
  }
}
