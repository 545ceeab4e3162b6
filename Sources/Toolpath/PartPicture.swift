/// A picture of a whole part from its walls, seen from a corner above; of a laser's or mill's work from straight above.
///
/// Layers are drawn from the bed up, each over the ones below it; a wall's shade tells which way it faces. Of a high part every n-th
/// layer is drawn, with a broader line.
public struct PartPicture: Sendable {
  /// Layers that are drawn at most.
  public static let mostLayers = 120
  /// Points that are drawn at most, over all layers.
  public static let mostPoints = 12_000

  private let facts: PathFacts
  /// The layers to be drawn, from the bed up.
  public let chosen: [Int]
  private var drawing: Drawing
  private let stroke: Int32

  /// Plans a picture; nil where nothing is laid down.
  public init?(of facts: PathFacts) {
    let layers = facts.layers
    guard !layers.isEmpty, !facts.part.isEmpty else { return nil }
    self.facts = facts
    let stride = (layers.count + Self.mostLayers - 1) / Self.mostLayers
    // The topmost layer is always among them; a mill's deepest is the last to be seen.
    chosen = Array(Swift.stride(from: layers.count - 1, through: 0, by: -stride).reversed())
      .sorted { facts.isCut ? $0 < $1 : (layers[$0].z, $0) < (layers[$1].z, $1) }
    if facts.isCut {
      let frame = LayerDrawing.Frame(facts.part)
      drawing = Drawing(
        left: frame.left, top: -frame.top, width: frame.width, height: frame.height, title: "path")
      stroke = frame.stroke
      return
    }
    let gap = layers.count > 1 ? (layers.map(\.z).max() ?? 0) / Double(chosen.count) : 0
    stroke = Int32(max(45, min(1000, gap * 115)))
    drawing = Self.frame(facts.part, layers.map(\.z).max() ?? 0)
  }

  /// The points that a layer may have.
  public var pointsALayer: Int { max(100, Self.mostPoints / max(chosen.count, 1)) }

  /// What of a layer is drawn: what can be seen from outside, where comments tell it.
  public func kinds(of layer: Int) -> Set<PathKind> {
    if facts.isCut { return [.cut] }
    let all = Set(PathKind.allCases).subtracting(facts.hasKinds ? [.travel, .skirt] : [.travel])
    if !facts.hasKinds || layer == chosen.last { return all }
    return all.subtracting([.innerWall, .infill])
  }

  /// Draws a layer of `chosen`, in that order.
  public mutating func add(_ lines: [LayerPath.Polyline], layer: Int) {
    if facts.isCut {
      let flat = lines.map { $0.points.map { (x: $0.x, y: -$0.y) } }
      drawing.add(flat, stroke: LayerDrawing.colour(.cut), width: stroke)
      return
    }
    let z = Self.hundredths(facts.layers[layer].z)
    var shades = [[[(x: Int32, y: Int32)]]](repeating: [], count: Self.shades.count)
    for line in lines {
      var (shade, run) = (-1, [(x: Int32, y: Int32)]())
      for (from, to) in zip(line.points, line.points.dropFirst()) {
        let own = Self.shade(from, to, line.kind)
        if own != shade {
          if shade >= 0 { shades[shade].append(run) }
          (shade, run) = (own, [Self.project(from, z)])
        }
        run.append(Self.project(to, z))
      }
      if shade >= 0 { shades[shade].append(run) }
    }
    for (index, lines) in shades.enumerated() {
      drawing.add(lines, stroke: Self.shades[index], width: stroke)
    }
  }

  /// The whole SVG.
  public func finished() -> String { drawing.finished() }

  /// From the dark to the light side of walls; the last one is for what faces up.
  private static let shades = ["#8f4a1f", "#aa5a28", "#c56a31", "#d97a3c", "#e8904f", "#eda66c"]

  /// Which shade a stretch has: by its direction, or the top one.
  private static func shade(_ a: LayerPath.Point, _ b: LayerPath.Point, _ kind: PathKind) -> Int {
    if kind == .solid || kind == .infill { return 5 }
    let (dx, dy) = (Double(b.x - a.x), Double(b.y - a.y))
    let length = (dx * dx + dy * dy).squareRoot()
    guard length > 0 else { return 2 }
    // Walls along X face the viewer's right, walls along Y the left, where the light comes from.
    let turned = abs(dy * 0.94 - dx * 0.34) / length
    return min(4, Int(turned * 5))
  }

  private static func hundredths(_ value: Double) -> Int32 {
    Int32(max(-1e6, min(1e6, value * 100)).rounded())
  }

  /// Isometric, from the front corner at the least X and Y.
  private static func project(_ point: LayerPath.Point, _ z: Int32) -> (x: Int32, y: Int32) {
    let (x, y) = (Double(point.x), Double(point.y))
    return (x: Int32((x - y) * 0.866), y: Int32(-(x + y) * 0.5) - z)
  }

  private static func frame(_ bounds: Layer.Bounds, _ height: Double) -> Drawing {
    let least = LayerPath.Point(bounds.minX, bounds.minY)
    let most = LayerPath.Point(bounds.maxX, bounds.maxY)
    let left = project(LayerPath.Point(bounds.minX, bounds.maxY), 0).x
    let right = project(LayerPath.Point(bounds.maxX, bounds.minY), 0).x
    let top = project(most, hundredths(height)).y
    let bottom = project(least, 0).y
    let margin = max(200, (right - left) / 30)
    return Drawing(
      left: left - margin, top: top - margin, width: right - left + 2 * margin,
      height: bottom - top + 2 * margin, title: "part")
  }
}
