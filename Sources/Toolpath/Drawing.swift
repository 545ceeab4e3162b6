/// Text of an SVG as it grows; numbers are whole, so that a drawing is the same wherever it is made.
struct Drawing {
  private(set) var text = ""

  /// A picture of these hundredths of a millimetre, upright.
  init(left: Int32, top: Int32, width: Int32, height: Int32, title: String) {
    text += "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"\(left) \(top) \(width) \(height)\""
    text += " fill=\"none\" stroke-linecap=\"round\" stroke-linejoin=\"round\"><title>\(title)</title>\n"
  }

  /// Lines of one look in one path; the points are already where they are to be drawn.
  mutating func add(_ lines: [[(x: Int32, y: Int32)]], stroke: String, width: Int32) {
    guard !lines.isEmpty else { return }
    text += "<path stroke=\"\(stroke)\" stroke-width=\"\(width)\" d=\""
    for line in lines {
      guard let first = line.first else { continue }
      text += "M\(first.x) \(first.y)"
      var last = first
      for point in line.dropFirst() {
        text += "l\(point.x - last.x) \(point.y - last.y)"
        last = point
      }
    }
    text += "\"/>\n"
  }

  /// The whole document.
  func finished() -> String { text + "</svg>\n" }
}

/// A layer seen from above, each kind in its colour.
public enum LayerDrawing {
  /// The SVG; `bounds` is what it shows, so that all layers of a file lie over each other.
  public static func svg(_ lines: [LayerPath.Polyline], bounds: Layer.Bounds, title: String) -> String {
    let frame = Frame(bounds)
    var drawing = Drawing(
      left: frame.left, top: -frame.top, width: frame.width, height: frame.height, title: title)
    for kind in order {
      let own = lines.filter { $0.kind == kind }.map { $0.points.map { (x: $0.x, y: -$0.y) } }
      drawing.add(own, stroke: colour(kind), width: kind == .travel ? frame.hair : frame.stroke)
    }
    return drawing.finished()
  }

  /// From what may be covered to what has to be seen.
  private static let order: [PathKind] = [
    .travel, .skirt, .support, .infill, .solid, .plain, .innerWall, .overhang, .outerWall, .cut,
  ]

  /// Colours that can be told apart on white and on black.
  static func colour(_ kind: PathKind) -> String {
    switch kind {
    case .travel: "#8a94a6"
    case .plain: "#e07b39"
    case .outerWall: "#e07b39"
    case .innerWall: "#d9a441"
    case .overhang: "#3f7fd1"
    case .infill: "#b5523b"
    case .solid: "#a35bb5"
    case .support: "#3f9e6c"
    case .skirt: "#4aa3a3"
    case .cut: "#d8412f"
    }
  }

  /// What a drawing shows, in hundredths of a millimetre, with a margin.
  struct Frame {
    var left: Int32
    var top: Int32
    var width: Int32
    var height: Int32
    /// The width of an extrusion, as wide as can be seen.
    var stroke: Int32 { max(40, max(width, height) / 600) }
    var hair: Int32 { max(10, max(width, height) / 1500) }

    init(_ bounds: Layer.Bounds) {
      let box = bounds.isEmpty ? (0, 0, 10, 10) : (bounds.minX, bounds.minY, bounds.maxX, bounds.maxY)
      func hundredths(_ value: Double) -> Int32 { Int32(max(-2e6, min(2e6, value * 100)).rounded()) }
      let (minX, minY, maxX, maxY) = (
        hundredths(box.0), hundredths(box.1), hundredths(box.2), hundredths(box.3)
      )
      let margin = max(200, max(maxX - minX, maxY - minY) / 40)
      left = minX - margin
      top = maxY + margin
      width = maxX - minX + 2 * margin
      height = maxY - minY + 2 * margin
    }
  }
}
