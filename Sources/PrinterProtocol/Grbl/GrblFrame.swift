/// The rectangle of a job in work coordinates, in mm.
public struct FrameBounds: Equatable, Sendable {
  /// The least X.
  public var minX: Double
  /// The least Y.
  public var minY: Double
  /// The greatest X.
  public var maxX: Double
  /// The greatest Y.
  public var maxY: Double

  /// Makes bounds.
  public init(minX: Double, minY: Double, maxX: Double, maxY: Double) {
    self.minX = minX
    self.minY = minY
    self.maxX = maxX
    self.maxY = maxY
  }
}

/// The lines that trace a rectangle with the beam off.
///
/// M5 first, and then jogs at travel feed: a jog changes no mode, can be called off without loss of position, and is
/// refused as a whole by the firmware (`error:15`) where soft limits are on and the corner lies outside. Z stays where it is.
public func frameLines(_ bounds: FrameBounds, feedrate: Double) -> [[UInt8]] {
  let corners = [
    (bounds.minX, bounds.minY), (bounds.maxX, bounds.minY), (bounds.maxX, bounds.maxY),
    (bounds.minX, bounds.maxY), (bounds.minX, bounds.minY),
  ]
  var lines = [OwnLine.bytes("M5")]
  for (x, y) in corners {
    lines.append(
      OwnLine.words("$J=G90 G21", [("X", x), ("Y", y), ("F", max(1, feedrate))]))
  }
  return lines
}
