import GCode

/// The lines that one layer draws, simplified until they fit a bound.
///
/// Coordinates are hundredths of a millimetre. Feed it the bytes of the layer, from its `offset` to its `end`.
public struct LayerPath: Sendable {
  /// A line through several points that serves one purpose.
  public struct Polyline: Equatable, Sendable {
    /// What for.
    public var kind: PathKind
    /// The points.
    public var points: [Point]
  }

  /// A point in hundredths of a millimetre.
  public struct Point: Equatable, Sendable {
    /// X.
    public var x: Int32
    /// Y.
    public var y: Int32

    /// The point nearest to these millimetres; farther than 20 m is held there.
    init(_ x: Double, _ y: Double) {
      self.x = Int32(max(-2e6, min(2e6, x * 100)).rounded())
      self.y = Int32(max(-2e6, min(2e6, y * 100)).rounded())
    }
  }

  /// The lines so far.
  public private(set) var lines: [Polyline] = []
  /// Details smaller than this were left out, hundredths of a millimetre.
  public private(set) var tolerance: Int32 = 1
  private let most: Int
  private let kinds: Set<PathKind>
  private var count = 0
  private var tracer: PathTracer
  private var splitter = LineSplitter()

  /// Makes a path for a layer that starts so; it keeps at most `most` points of these kinds.
  public init(_ start: PathStart, most: Int = 20_000, kinds: Set<PathKind> = Set(PathKind.allCases)) {
    tracer = PathTracer(start)
    self.most = max(most, 16)
    self.kinds = kinds
  }

  /// Reads the next piece of the layer.
  public mutating func feed(_ bytes: UnsafeBufferPointer<UInt8>) {
    var lines = splitter
    splitter = LineSplitter(maximumLength: 1)
    lines.forEachLine(in: bytes) { _, content in
      read(content)
      return true
    }
    splitter = lines
  }

  /// Ends the layer.
  public mutating func finish() {
    if splitter.finish() != nil { splitter.content.withUnsafeBufferPointer { read($0) } }
    lines.removeAll { $0.points.count < 2 }
  }

  private mutating func read(_ content: UnsafeBufferPointer<UInt8>) {
    tracer.begin(content)
    while tracer.next() {
      guard let step = tracer.step, kinds.contains(step.kind) else { continue }
      draw(step)
    }
  }

  private mutating func draw(_ step: PathStep) {
    let move = step.move
    guard move.known.isSuperset(of: [.x, .y]) else { return }
    guard move.isArc || move.start.x != move.end.x || move.start.y != move.end.y else { return }
    let start = Point(move.start.x, move.start.y)
    if lines.last?.kind != step.kind || lines.last?.points.last != start {
      lines.append(Polyline(kind: step.kind, points: [start]))
      count += 1
    }
    for point in move.points { add(Point(point.x, point.y)) }
    while count > most { coarsen() }
  }

  private mutating func add(_ point: Point) {
    guard let last = lines.indices.last, lines[last].points.last != point else { return }
    lines[last].points.append(point)
    count += 1
  }

  /// Doubles what is left out.
  private mutating func coarsen() {
    guard tolerance < 1 << 22 else {
      lines.removeFirst(lines.count / 2 + 1)
      count = lines.reduce(0) { $0 + $1.points.count }
      return
    }
    tolerance *= 2
    for index in lines.indices { lines[index].points = Self.thinned(lines[index].points, tolerance) }
    // The line that is being drawn stays, to be gone on with.
    let last = lines.count - 1
    let isShort = lines.map { Self.isWithin($0.points, tolerance) }
    var index = -1
    lines.removeAll { _ in
      index += 1
      return index < last && isShort[index]
    }
    count = lines.reduce(0) { $0 + $1.points.count }
  }

  /// Leaves out inner points that are near the one kept before them.
  private static func thinned(_ points: [Point], _ tolerance: Int32) -> [Point] {
    guard points.count > 2, var kept = points.first else { return points }
    var result = [kept]
    for point in points[1..<points.count - 1] where distance(point, kept) >= tolerance {
      result.append(point)
      kept = point
    }
    return result + [points[points.count - 1]]
  }

  private static func isWithin(_ points: [Point], _ tolerance: Int32) -> Bool {
    points.allSatisfy { distance($0, points[0]) < tolerance }
  }

  private static func distance(_ a: Point, _ b: Point) -> Int32 { max(abs(a.x - b.x), abs(a.y - b.y)) }
}

extension Move {
  /// The points behind the start: the end of a line, or enough of an arc to look round.
  var points: [Position] {
    guard case .arc(let centreX, let centreY, let clockwise) = path else { return [end] }
    let (dx, dy) = (start.x - centreX, start.y - centreY)
    let radius = (dx * dx + dy * dy).squareRoot()
    let rise = end.z - start.z
    let flat = max(0, length * length - rise * rise).squareRoot()
    guard radius > 1e-6, radius < 1e7 else { return [end] }
    let angle = min(flat / radius, 2 * Double.pi + 0.01)
    let count = max(1, min(96, Int(angle / 0.13) + 1))
    let step = (clockwise ? -angle : angle) / Double(count)
    // Sine and cosine of a small angle, to about 1e-9: the standard library has none.
    let square = step * step
    let sine = step * (1 - square / 6 * (1 - square / 20 * (1 - square / 42)))
    let cosine = 1 - square / 2 * (1 - square / 12 * (1 - square / 30 * (1 - square / 56)))
    var (x, y) = (dx, dy)
    var points: [Position] = []
    for _ in 1..<max(count, 2) where count > 1 {
      (x, y) = (x * cosine - y * sine, x * sine + y * cosine)
      points.append(Position(x: centreX + x, y: centreY + y))
    }
    return points + [end]
  }
}
