import GCode

/// How fast a machine may move, as firmware knows it: from the file's own M201 to M205, else what is usual.
public struct MotionLimits: Equatable, Sendable {
  /// Values for X, Y, Z and E.
  public struct PerAxis: Equatable, Sendable {
    /// X, Y, Z, E.
    public var values: SIMD4<Double>

    /// Makes values.
    public init(_ x: Double, _ y: Double, _ z: Double, _ e: Double) { values = SIMD4(x, y, z, e) }

    /// Takes the axes that a command names, times a factor; zeros and nonsense are left out.
    mutating func take(_ command: Command, times factor: Double = 1) {
      for (index, value) in [command["X"], command["Y"], command["Z"], command["E"]].enumerated() {
        if let value, value > 0 { values[index] = value * factor }
      }
    }
  }

  /// Top speeds in mm/s: M203.
  public var speed = PerAxis(500, 500, 12, 120)
  /// Top accelerations in mm/s²: M201.
  public var acceleration = PerAxis(3000, 3000, 200, 10000)
  /// Changes of speed taken without acceleration in mm/s: M205.
  public var jerk = PerAxis(10, 10, 0.4, 5)
  /// Marlin's junction deviation in mm, which takes the place of jerk: M205 J.
  public var junctionDeviation: Double?
  /// The acceleration of printing moves in mm/s²: M204 P or S.
  public var printing: Double = 1500
  /// Of retractions: M204 R.
  public var retracting: Double = 1500
  /// Of travel: M204 T; nil where it is as printing.
  public var travel: Double?

  /// Makes what is usual: a small cartesian printer with Marlin.
  public init() {}

  /// Follows M201, M203, M204, M205 and RepRapFirmware's M566.
  public mutating func apply(_ command: Command) {
    guard command.isM else { return }
    switch command.number {
    case 201: acceleration.take(command)
    case 203:
      // RepRapFirmware counts in mm/min: no printer makes 2 m/s.
      speed.take(command, times: (command["X"] ?? command["Y"] ?? 0) > 2000 ? 1.0 / 60 : 1)
    case 204: takeAcceleration(command)
    case 205:
      jerk.take(command)
      if let deviation = command["J"], deviation > 0 { junctionDeviation = deviation }
    case 566: jerk.take(command, times: 1.0 / 60)
    default: break
    }
  }

  private mutating func takeAcceleration(_ command: Command) {
    if let value = command["S"], value > 0 {
      printing = value
      travel = value
    }
    if let value = command["P"], value > 0 { printing = value }
    if let value = command["R"], value > 0 { retracting = value }
    if let value = command["T"], value > 0 { travel = value }
  }
}
