/// What one pass over a file found out, besides its problems.
public struct FileFacts: Equatable, Sendable {
  /// A value and the line of the file where it first stood.
  public struct Peak: Equatable, Sendable {
    /// The value.
    public var value: Double
    /// The line, from 1.
    public var line: Int64

    /// Makes a peak.
    public init(value: Double, line: Int64) {
      self.value = value
      self.line = line
    }
  }

  /// The least and the greatest value of an axis.
  public struct Extent: Equatable, Sendable {
    /// The least value in mm.
    public var least: Peak
    /// The greatest value in mm.
    public var most: Peak

    @inline(__always)
    mutating func include(_ from: Double, _ to: Double, _ line: Int64) {
      if from < least.value { least = Peak(value: from, line: line) }
      if to > most.value { most = Peak(value: to, line: line) }
    }
  }

  /// The file's size in bytes.
  public var bytes: Int64 = 0
  /// Lines, empty ones and comments included.
  public var lines: Int64 = 0
  /// Lines with a command: what is sent.
  public var commands: Int64 = 0
  /// Layers by the slicer's comments; where it wrote none, by the heights at which plastic is laid down.
  public var layers: Int32 = 0
  /// Where plastic is laid down; nil before any. Purge lines ahead of the first layer comment do not count.
  public var x: Extent?
  /// The same for Y.
  public var y: Extent?
  /// The same for Z.
  public var z: Extent?
  /// The highest target of a tool in °C.
  public var hottestTool: Peak?
  /// The highest target of the bed in °C.
  public var hottestBed: Peak?
  /// The highest target of the chamber in °C.
  public var hottestChamber: Peak?
  /// The tools that extrude or are selected or heated, a bit each from tool 0.
  public var tools: UInt32 = 0
  /// Filament in mm over all tools: what goes in less what is drawn back, before M221.
  public var filament: Double = 0
  /// Seconds that the moves and dwells take at least, as their feedrates go; heating and homing not included.
  public var leastSeconds: Double = 0
  /// How many commands wait for a person: M0, M1, M226, M600.
  public var stops: Int64 = 0
  /// The longest cleaned line in bytes, and where it is.
  public var longest: Peak?

  /// The highest tool used, from 0; nil where none is.
  public var highestTool: Int32? { tools == 0 ? nil : 31 &- Int32(tools.leadingZeroBitCount) }
}
