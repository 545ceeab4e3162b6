/// One layer of a file: where it stands, and what it is like.
public struct Layer: Equatable, Sendable {
  /// The offset in bytes of its first line.
  public var offset: Int64
  /// The offset just behind its last line.
  public var end: Int64
  /// The number of its first line, from 1.
  public var line: Int64
  /// The height of what it lays down, mm from the bed.
  public var z: Double
  /// How thick it is, mm.
  public var height: Double
  /// How long it takes, seconds.
  public var seconds: Double = 0
  /// What it lays down or cuts, mm.
  public var bounds: Bounds
  /// Filament, mm.
  public var filament: Double = 0
  /// What is needed to follow the path from its first line on.
  public var start: PathStart

  /// A box in X and Y, mm.
  public struct Bounds: Equatable, Sendable {
    /// The least X; above the greatest where the box is empty.
    public var minX = Double.infinity
    /// The least Y.
    public var minY = Double.infinity
    /// The greatest X.
    public var maxX = -Double.infinity
    /// The greatest Y.
    public var maxY = -Double.infinity

    /// An empty box.
    public init() {}

    /// Whether nothing is in it.
    public var isEmpty: Bool { minX > maxX }

    /// Widens the box.
    @inline(__always)
    public mutating func include(minX: Double, maxX: Double, minY: Double, maxY: Double) {
      self.minX = min(self.minX, minX)
      self.maxX = max(self.maxX, maxX)
      self.minY = min(self.minY, minY)
      self.maxY = max(self.maxY, maxY)
    }

    /// Widens the box to hold another.
    public mutating func include(_ other: Bounds) {
      if !other.isEmpty {
        include(minX: other.minX, maxX: other.maxX, minY: other.minY, maxY: other.maxY)
      }
    }
  }
}
