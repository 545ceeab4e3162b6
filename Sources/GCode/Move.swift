/// One planned move (G0, G1, G2, G3, G5) as the modal state reads it.
public struct Move: Equatable, Sendable {
  /// How the nozzle gets there.
  public enum Path: Equatable, Sendable {
    /// On a straight line.
    case line
    /// On an arc in XY about this centre.
    case arc(centreX: Double, centreY: Double, clockwise: Bool)
  }

  /// Where it starts.
  public var start: Position
  /// Where it ends.
  public var end: Position
  /// The axes whose start is known: others, after homing or probing, are a guess.
  public var known: Axes
  /// The shape of the path.
  public var path: Path
  /// The feedrate asked for in mm/min, before M220; nil where no F was seen yet.
  public var feedrate: Double?

  /// Makes a move.
  @inline(__always)
  public init(start: Position, end: Position, known: Axes, path: Path, feedrate: Double?) {
    self.start = start
    self.end = end
    self.known = known
    self.path = path
    self.feedrate = feedrate
  }

  /// The filament that it pushes in mm, before M221; negative for a retraction.
  @inline(__always)
  public var extruded: Double { end.e - start.e }

  /// Whether it lays down plastic: filament goes in while X, Y or Z moves.
  @inline(__always)
  public var isExtruding: Bool {
    end.e > start.e && (end.x != start.x || end.y != start.y || isArc)
  }

  /// Whether it is an arc.
  @inline(__always)
  public var isArc: Bool { path != .line }

  /// The length of the path in mm; of the filament where nothing else moves.
  public var length: Double {
    let rise = end.z - start.z
    var flat: Double
    switch path {
    case .line: flat = hypotenuse(end.x - start.x, end.y - start.y)
    case .arc(let x, let y, let clockwise): flat = arcLength(x, y, clockwise)
    }
    flat = hypotenuse(flat, rise)
    return flat > 0 ? flat : abs(extruded)
  }

  private func arcLength(_ x: Double, _ y: Double, _ clockwise: Bool) -> Double {
    let radius = hypotenuse(start.x - x, start.y - y)
    return radius * sweep(x, y, clockwise)
  }

  /// The angle of the arc in radians, above 0 up to a full turn, which is also an arc that ends where it starts.
  private func sweep(_ x: Double, _ y: Double, _ clockwise: Bool) -> Double {
    let from = arcTangent(start.y - y, start.x - x)
    let to = arcTangent(end.y - y, end.x - x)
    var angle = clockwise ? from - to : to - from
    if angle < 1e-9 { angle += 2 * Double.pi }
    return angle
  }

  /// The least and greatest X and Y on the path.
  @inline(__always)
  public var bounds: (minX: Double, maxX: Double, minY: Double, maxY: Double) {
    let straight = (min(start.x, end.x), max(start.x, end.x), min(start.y, end.y), max(start.y, end.y))
    guard case .arc(let x, let y, let clockwise) = path else { return straight }
    return arcBounds(straight, x, y, clockwise)
  }

  /// An arc reaches beyond its ends where it crosses one of the centre's axes.
  private func arcBounds(
    _ straight: (minX: Double, maxX: Double, minY: Double, maxY: Double),
    _ x: Double, _ y: Double, _ clockwise: Bool
  ) -> (minX: Double, maxX: Double, minY: Double, maxY: Double) {
    let radius = hypotenuse(start.x - x, start.y - y)
    let from = arcTangent(start.y - y, start.x - x)
    let turn = sweep(x, y, clockwise)
    var bounds = straight
    func crosses(_ angle: Double) -> Bool {
      var distance = clockwise ? from - angle : angle - from
      while distance < 0 { distance += 2 * Double.pi }
      return distance <= turn
    }
    if crosses(0) { bounds.maxX = max(bounds.maxX, x + radius) }
    if crosses(Double.pi / 2) { bounds.maxY = max(bounds.maxY, y + radius) }
    if crosses(Double.pi) { bounds.minX = min(bounds.minX, x - radius) }
    if crosses(-Double.pi / 2) { bounds.minY = min(bounds.minY, y - radius) }
    return bounds
  }
}

/// The length of the hypotenuse.
@inline(__always)
func hypotenuse(_ a: Double, _ b: Double) -> Double { (a * a + b * b).squareRoot() }

/// The angle of the point (x, y) in radians in -π...π, to about 1e-5: enough for times and bounds.
///
/// Here because neither the standard library nor Embedded Swift has one.
func arcTangent(_ y: Double, _ x: Double) -> Double {
  let absX = abs(x)
  let absY = abs(y)
  let larger = max(absX, absY)
  guard larger > 0 else { return 0 }
  let ratio = min(absX, absY) / larger
  let square = ratio * ratio
  // A minimax polynomial for the arc tangent on 0...1, in odd powers.
  var angle =
    ratio
    * (0.99997726
      + square
      * (-0.33262347
        + square * (0.19354346 + square * (-0.11643287 + square * (0.05265332 - square * 0.01172120)))))
  if absY > absX { angle = Double.pi / 2 - angle }
  if x < 0 { angle = Double.pi - angle }
  return y < 0 ? -angle : angle
}
