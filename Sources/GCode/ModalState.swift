/// How G90 and G91 bear on the extruder.
public enum ExtruderModeRule: UInt8, Sendable {
  /// G90 and G91 set the extruder's mode too and undo an earlier M82 or M83; Marlin 2.
  case setByG90 = 0
  /// The extruder is relative after M83 or under G91, whichever holds; Marlin 1 and Klipper.
  case relativeIfEither = 1
  /// Only M82 and M83 count; Prusa's 8-bit firmware.
  case independent = 2
}

/// What a firmware remembers from line to line, followed through everything that was sent to it.
///
/// A plain value without heap storage: `apply` is called for each line on the wire thread and allocates nothing. All
/// lengths are in mm, whatever G20 says; feedrates in mm/min. What the stream does not tell is nil or not in `known`.
public struct ModalState: Sendable {
  /// How many tools are followed; commands for higher ones change nothing.
  public static let maximumTools = 16
  /// How many fans are followed.
  public static let maximumFans = 8

  /// How G90 and G91 bear on the extruder.
  public var extruderRule: ExtruderModeRule
  /// Whether X, Y and Z are relative: G91.
  public var isRelative = false
  /// What M82 or M83 said last; nil where neither was seen, or G90 or G91 took it back.
  public var extruderSetRelative: Bool?
  /// Whether lengths are inches: G20.
  public var isInch = false
  /// The plane of arcs: 17, 18 or 19.
  public var plane: UInt8 = 17

  /// The logical position, where the last line leads to, not where the nozzle is now.
  public var position = Position()
  /// The axes whose position is known from the stream: an absolute move, G92, or M114's answer put it there.
  public var known: Axes = []
  /// How far G92 shifted the logical from the native coordinates: native = logical + offset.
  public var offset = Position()
  /// The axes that were homed since the last reset.
  public var homed: Axes = []
  /// The homed axes whose motors were not released since.
  ///
  /// M84 and M18 take axes out. A firmware also releases motors by itself after its stepper timeout (`stepperTimeout`), which
  /// the stream does not show: whoever knows the clock has to call `motorsReleased`. Marlin goes on to report positions afterwards.
  public var trusted: Axes = []
  /// Where homing leaves X, Y and Z, where the machine's settings tell; else the position is not known after G28.
  public var homePosition: Position?
  /// Seconds without motion after which the firmware releases its motors, from M84 S or M18 S; 0 means never, nil unknown.
  public var stepperTimeout: Double?

  /// The feedrate of later moves in mm/min, before M220; nil before the first F.
  public var feedrate: Double?
  /// M220 in percent.
  public var speedFactor: Double = 100
  /// The factor that M220 B stored and M220 R brings back.
  public var storedSpeedFactor: Double?
  /// M221 in percent.
  public var flowFactor: Double = 100
  /// Accelerations from M204 in mm/s²; nil where not seen.
  public var acceleration = Accelerations()

  /// The active tool.
  public var tool: Int32 = 0
  /// Targets of the tools in °C; nan where none was set.
  var toolTargets = InlineArray<16, Double>(repeating: .nan)
  /// The bed's target in °C; nil where none was set.
  public var bedTarget: Double?
  /// The chamber's target in °C; nil where none was set.
  public var chamberTarget: Double?
  /// The fans' speeds, 0 to 255; nan where none was set.
  var fanSpeeds = InlineArray<8, Double>(repeating: .nan)

  /// The sum of M290's steps in mm.
  public var babySteps: Double = 0
  /// Whether bed levelling is on: M420 S, G29; nil where the stream does not tell. Marlin turns it off in G28.
  public var levelling: Bool?
  /// Whether the firmware's own retraction (G10) is in force.
  public var isRetracted = false
  /// The layer by the slicer's comments, counted as the file counts; nil before the first.
  public var layer: Int32?
  /// How many layers the comments announced.
  public var layerCount: Int32?

  /// Makes the state of a machine that was just reset.
  public init(extruderRule: ExtruderModeRule = .setByG90) {
    self.extruderRule = extruderRule
  }

  /// Whether E is relative now.
  public var isExtruderRelative: Bool {
    var copy = self
    return copy.extrudesRelatively()
  }

  /// A tool's target in °C; nil where none was set or the tool is out of range.
  public func target(tool: Int32) -> Double? {
    guard tool >= 0, tool < Self.maximumTools else { return nil }
    let target = toolTargets[Int(tool)]
    return target.isNaN ? nil : target
  }

  // These are `mutating` though they change nothing: they are asked for each line, and only so is the state looked at where it lies.

  /// The same as `isExtruderRelative`.
  public mutating func extrudesRelatively() -> Bool {
    switch extruderRule {
    case .setByG90: extruderSetRelative ?? isRelative
    case .relativeIfEither: isRelative || extruderSetRelative == true
    case .independent: extruderSetRelative == true
    }
  }

  /// The active tool's target in °C; 0 where none was set.
  public mutating func activeTarget() -> Double {
    guard tool >= 0, tool < Self.maximumTools, !toolTargets[Int(tool)].isNaN else { return 0 }
    return toolTargets[Int(tool)]
  }

  /// The part fan's speed, 0 to 255; 0 where none was set.
  public mutating func partFan() -> Double { fanSpeeds[0].isNaN ? 0 : fanSpeeds[0] }

  /// A fan's speed, 0 to 255; nil where none was set or the fan is out of range.
  public func fan(_ index: Int32) -> Double? {
    guard index >= 0, index < Self.maximumFans else { return nil }
    let speed = fanSpeeds[Int(index)]
    return speed.isNaN ? nil : speed
  }

  /// Whether any heater has a target above 0.
  public var isAnyHeaterOn: Bool {
    if (bedTarget ?? 0) > 0 || (chamberTarget ?? 0) > 0 { return true }
    for index in 0..<Self.maximumTools where toolTargets[index] > 0 { return true }
    return false
  }

  /// Notes that the motors of these axes were released, as a stepper timeout does: the position is no longer to be trusted.
  public mutating func motorsReleased(_ axes: Axes = .xyz) {
    trusted.subtract(axes)
  }

  /// Notes a position that the firmware reported, in mm (M114).
  public mutating func positionReported(_ position: Position) {
    self.position = position
    known = [.x, .y, .z, .e]
  }

  /// Notes a layer mark of the slicer's comments.
  public mutating func note(_ mark: LayerMark) {
    switch mark {
    case .change: layer = (layer ?? -1) &+ 1
    case .number(let number): layer = number
    case .count(let count): layerCount = count
    }
  }
}

/// Accelerations in mm/s² that a stream asked for; nil where it did not.
public struct Accelerations: Equatable, Sendable {
  /// Of printing moves: M204 P or S.
  public var printing: Double?
  /// Of retractions: M204 R.
  public var retracting: Double?
  /// Of travel: M204 T.
  public var travel: Double?

  /// The smaller one of printing and travel; nil where neither was seen.
  @inline(__always)
  var slowest: Double? {
    guard let printing, let travel else { return printing ?? travel }
    return min(printing, travel)
  }

  /// Makes a set of accelerations.
  public init(printing: Double? = nil, retracting: Double? = nil, travel: Double? = nil) {
    self.printing = printing
    self.retracting = retracting
    self.travel = travel
  }
}
