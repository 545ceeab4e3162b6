/// What GRBL says it is doing.
public enum GrblState: UInt8, Sendable {
  /// Nothing moves and nothing is planned; a dwell shows as this too.
  case idle = 0
  /// A program moves the machine.
  case run = 1
  /// A hold is complete.
  case held = 2
  /// A hold slows down.
  case holding = 3
  /// A jog moves the machine.
  case jog = 4
  /// Locked: the position may be lost.
  case alarm = 5
  /// The safety door is open, or was.
  case door = 6
  /// Lines are checked and not run.
  case check = 7
  /// Homing.
  case home = 8
  /// Asleep: only a reset wakes it.
  case sleep = 9
  /// grblHAL waits for a tool.
  case tool = 10

  /// The word for a person.
  public var name: String {
    switch self {
    case .idle: "idle"
    case .run: "running"
    case .held: "held"
    case .holding: "slowing down"
    case .jog: "jogging"
    case .alarm: "locked by an alarm"
    case .door: "safety door open"
    case .check: "checking only"
    case .home: "homing"
    case .sleep: "asleep"
    case .tool: "waiting for a tool"
    }
  }
}

/// Three axes in mm, or in the unit that the firmware reports in.
public struct GrblPoint: Equatable, Sendable {
  /// X.
  public var x: Double
  /// Y.
  public var y: Double
  /// Z.
  public var z: Double

  /// Makes a point.
  public init(x: Double = 0, y: Double = 0, z: Double = 0) {
    self.x = x
    self.y = y
    self.z = z
  }

  static func + (a: GrblPoint, b: GrblPoint) -> GrblPoint {
    GrblPoint(x: a.x + b.x, y: a.y + b.y, z: a.z + b.z)
  }

  static func - (a: GrblPoint, b: GrblPoint) -> GrblPoint {
    GrblPoint(x: a.x - b.x, y: a.y - b.y, z: a.z - b.z)
  }

  static func * (a: GrblPoint, factor: Double) -> GrblPoint {
    GrblPoint(x: a.x * factor, y: a.y * factor, z: a.z * factor)
  }

  /// Whether no axis is further off than `tolerance`.
  func isNear(_ other: GrblPoint, _ tolerance: Double) -> Bool {
    let off = self - other
    return abs(off.x) <= tolerance && abs(off.y) <= tolerance && abs(off.z) <= tolerance
  }
}

/// One status report, `<…>`, as it stands on the wire: what is not in it is nil.
public struct GrblStatus: Equatable, Sendable {
  /// What the machine does.
  public var state: GrblState
  /// Machine position, `MPos`.
  public var machine: GrblPoint?
  /// Work position, `WPos`.
  public var work: GrblPoint?
  /// Work offset, `WCO`: machine = work + offset.
  public var offset: GrblPoint?
  /// Free blocks of the planner, `Bf`.
  public var plannerFree: Int32?
  /// Free bytes of the receive buffer, `Bf`.
  public var bufferFree: Int32?
  /// The feedrate now, `FS` or `F`.
  public var feedrate: Double?
  /// The spindle's speed or the beam's power now, `FS`.
  public var spindle: Double?
  /// The feed hold input is closed, `Pn:…H`.
  public var isHoldPressed = false
  /// The feed override in percent, `Ov`.
  public var feedOverride: Int32?

  /// Makes a report of a state alone.
  public init(state: GrblState) { self.state = state }
}
