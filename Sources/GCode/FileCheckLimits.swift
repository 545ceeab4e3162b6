/// What a machine allows a file to ask for.
public struct FileCheckLimits: Equatable, Sendable {
  /// Commands that files may use only where the machine's owner allows them.
  public struct Allowance: OptionSet, Sendable {
    /// The set as bits.
    public let rawValue: UInt8

    /// Makes a set from its bits.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// M302: extruding cold.
    public static let coldExtrusion = Allowance(rawValue: 1)
    /// M997: a new firmware.
    public static let firmwareUpdate = Allowance(rawValue: 2)
    /// Lines that are no G-code commands, such as a Klipper macro's name.
    public static let macros = Allowance(rawValue: 4)
  }

  /// The box that the nozzle may extrude in, in mm.
  public struct Volume: Equatable, Sendable {
    /// The corner with the least X, Y and Z.
    public var least: Position
    /// The corner with the greatest X, Y and Z.
    public var most: Position

    /// Makes a box; the corners' E has no meaning.
    public init(least: Position, most: Position) {
      self.least = least
      self.most = most
    }
  }

  /// How long a line the firmware takes.
  public var line: LineLimit
  /// The widest line number that the job is expected to reach; a longer file widens it by itself.
  public var widestNumber: Int64
  /// The highest target of a tool in °C; nil for no limit.
  public var maximumTool: Double?
  /// The highest target of the bed in °C; nil for no limit.
  public var maximumBed: Double?
  /// The highest target of the chamber in °C; nil for no limit.
  public var maximumChamber: Double?
  /// How many tools the machine has; nil where nobody said.
  public var tools: Int32?
  /// The build volume; nil where nobody said.
  public var volume: Volume?
  /// What the machine's owner allows besides.
  public var allowed: Allowance
  /// How G90 and G91 bear on the extruder.
  public var extruderRule: ExtruderModeRule
  /// Whether the firmware draws arcs (G2, G3); Marlin built without ARC_SUPPORT skips them.
  public var arcs: Bool
  /// Whether the firmware does every command of a line; Marlin's family does the first and takes the rest for parameters.
  public var severalCommandsALine: Bool

  /// Makes limits.
  public init(
    line: LineLimit = .marlin, widestNumber: Int64 = 9_999_999, maximumTool: Double? = nil,
    maximumBed: Double? = nil,
    maximumChamber: Double? = nil, tools: Int32? = nil, volume: Volume? = nil, allowed: Allowance = [],
    extruderRule: ExtruderModeRule = .setByG90, arcs: Bool = true, severalCommandsALine: Bool = false
  ) {
    self.line = line
    self.widestNumber = widestNumber
    self.maximumTool = maximumTool
    self.maximumBed = maximumBed
    self.maximumChamber = maximumChamber
    self.tools = tools
    self.volume = volume
    self.allowed = allowed
    self.extruderRule = extruderRule
    self.arcs = arcs
    self.severalCommandsALine = severalCommandsALine
  }
}
