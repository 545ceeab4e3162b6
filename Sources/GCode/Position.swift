/// A point in the machine's logical coordinates, in millimetres, with the extruder's.
public struct Position: Equatable, Sendable {
  /// X in mm.
  public var x: Double
  /// Y in mm.
  public var y: Double
  /// Z in mm.
  public var z: Double
  /// The active extruder's position in mm of filament.
  public var e: Double

  /// Makes a position.
  public init(x: Double = 0, y: Double = 0, z: Double = 0, e: Double = 0) {
    self.x = x
    self.y = y
    self.z = z
    self.e = e
  }
}

/// A set of axes.
public struct Axes: OptionSet, Sendable {
  /// The set as bits.
  public let rawValue: UInt8

  /// Makes a set from its bits.
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// The X axis.
  public static let x = Axes(rawValue: 1)
  /// The Y axis.
  public static let y = Axes(rawValue: 2)
  /// The Z axis.
  public static let z = Axes(rawValue: 4)
  /// The extruder.
  public static let e = Axes(rawValue: 8)
  /// X, Y and Z.
  public static let xyz: Axes = [.x, .y, .z]

  /// The axes among X, Y, Z and E that a command names.
  @inline(__always)
  public init(namedBy command: Command) {
    var axes: Axes = []
    if command.has("X") { axes.insert(.x) }
    if command.has("Y") { axes.insert(.y) }
    if command.has("Z") { axes.insert(.z) }
    if command.has("E") { axes.insert(.e) }
    self = axes
  }
}
