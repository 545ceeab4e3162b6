import GCode

/// A firmware's quirks as data; nothing in the session asks for a firmware's name.
public struct Dialect: Equatable, Sendable {
  /// The name a configuration knows it by: `marlin` or `marlin1`.
  public var name: String
  /// The longest line the firmware takes, number and checksum included, the line feed not.
  public var longestLine: Int
  /// `:` ends a line for the firmware, so that messages must not hold one (Marlin 1.0).
  public var colonEndsLine: Bool
  /// M108 ends a heat wait or a wait for a person.
  public var breaksWaits: Bool
  /// The longest silence of a busy firmware that sends keepalives, in ns; nil where it sends none.
  public var busyInterval: Int64?
  /// How G90 and G91 bear on the extruder.
  public var extruderRule: ExtruderModeRule
  /// `M84 S0` keeps the motors on and `M84 S120` brings the timeout back.
  public var holdsSteppers: Bool

  /// Makes a dialect.
  public init(
    name: String, longestLine: Int, colonEndsLine: Bool, breaksWaits: Bool, busyInterval: Int64?,
    extruderRule: ExtruderModeRule, holdsSteppers: Bool
  ) {
    self.name = name
    self.longestLine = longestLine
    self.colonEndsLine = colonEndsLine
    self.breaksWaits = breaksWaits
    self.busyInterval = busyInterval
    self.extruderRule = extruderRule
    self.holdsSteppers = holdsSteppers
  }

  /// Marlin 2.x.
  public static let marlin = Dialect(
    name: "marlin", longestLine: 95, colonEndsLine: false, breaksWaits: true, busyInterval: 2_000_000_000,
    extruderRule: .setByG90, holdsSteppers: true)
  /// Marlin 1.0.
  public static let marlin1 = Dialect(
    name: "marlin1", longestLine: 95, colonEndsLine: true, breaksWaits: false, busyInterval: nil,
    extruderRule: .relativeIfEither, holdsSteppers: true)
}
