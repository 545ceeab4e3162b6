import GCode

/// What one pass over a file's path found.
public struct PathFacts: Equatable, Sendable {
  /// The layers, in the order of the file.
  public var layers: [Layer] = []
  /// Seconds on a machine that accelerates; heating and homing not included.
  public var seconds: Double = 0
  /// Filament for each tool from tool 0, mm.
  public var filament: [Double] = []
  /// What is laid down or cut, all layers together.
  public var bounds = Layer.Bounds()
  /// The same without skirt, brim and prime tower, where comments tell them apart.
  public var part = Layer.Bounds()
  /// Whether a beam or spindle works rather than an extruder.
  public var isCut = false
  /// Whether the slicer's comments part the layers, not their heights.
  public var hasLayerMarks = false
  /// Whether comments tell what the path is for.
  public var hasKinds = false

  /// Facts of nothing.
  public init() {}
}

/// Follows a whole file once: layers with their places, time with acceleration, filament by tool, extents.
///
/// A layer begins at the slicer's mark; where there are none, where something is laid down or cut at another height. What comes ahead
/// of the first mark is a purge line and belongs to no layer. Layers in which nothing is laid down do not count.
public struct PathReading: Sendable {
  /// No file has more; what comes later belongs to the last one.
  public static let mostLayers = 20_000
  /// Heights that are closer belong to one layer, mm.
  private static let step = 0.03

  private var splitter = LineSplitter()
  private var tracer = PathTracer()
  private var plan: MotionPlan
  private var facts = PathFacts()
  private var filament = [Double](repeating: 0, count: ModalState.maximumTools)
  /// The most that each tool had pushed out at any time: what it drew back at the end was used all the same.
  private var mostFilament = [Double](repeating: 0, count: ModalState.maximumTools)
  private var layer: Layer?
  private var tag = 0
  /// The tag of each layer in `facts`.
  private var tags: [Int] = []
  private var isEmpty = true

  /// Makes a reading for a machine whose limits the file may tell otherwise.
  public init(limits: MotionLimits = MotionLimits()) { plan = MotionPlan(limits: limits) }

  /// Reads the next piece of the file.
  public mutating func feed(_ bytes: UnsafeBufferPointer<UInt8>) {
    // Taken out while it runs, so that the closure may change the rest of `self`.
    var lines = splitter
    splitter = LineSplitter(maximumLength: 1)
    lines.forEachLine(in: bytes) { line, content in
      read(line, content)
      return true
    }
    splitter = lines
  }

  /// Ends the file.
  public mutating func finish() -> PathFacts {
    if let line = splitter.finish() {
      splitter.content.withUnsafeBufferPointer { read(line, $0) }
    }
    plan.rest(tag: tag)
    close(at: splitter.offset)
    for (index, tag) in tags.enumerated() where tag < plan.seconds.count {
      facts.layers[index].seconds = plan.seconds[tag]
    }
    facts.seconds = plan.total
    facts.filament = mostFilament
    while let last = facts.filament.last, last <= 0 { facts.filament.removeLast() }
    if facts.part.isEmpty { facts.part = facts.bounds }
    return facts
  }

  @inline(__always)
  private mutating func read(_ line: LineSplitter.Line, _ content: UnsafeBufferPointer<UInt8>) {
    guard let first = content.first else { return }
    if first == UInt8(ascii: ";") {
      note(line, content)
      return
    }
    tracer.begin(content)
    while tracer.next() {
      if let step = tracer.step { follow(line, step) } else { followOther() }
    }
  }

  private mutating func note(_ line: LineSplitter.Line, _ content: UnsafeBufferPointer<UInt8>) {
    if let mark = LayerMark.read(content.span) {
      if case .count = mark { return }
      if !facts.hasLayerMarks {
        facts.hasLayerMarks = true
        facts.layers = []
        facts.bounds = Layer.Bounds()
        facts.part = Layer.Bounds()
        tags = []
        layer = nil
      }
      begin(line, tracer.place)
    } else if PathKind.read(content) != nil {
      facts.hasKinds = true
    }
    tracer.begin(content)
  }

  private mutating func begin(_ line: LineSplitter.Line, _ place: PathStart) {
    guard facts.layers.count < Self.mostLayers - 1 else { return }
    close(at: line.start)
    layer = Layer(
      offset: line.start, end: line.end, line: line.number, z: 0, height: 0, bounds: Layer.Bounds(),
      start: place)
    isEmpty = true
  }

  /// Keeps the layer that was read, if anything was laid down in it.
  private mutating func close(at end: Int64) {
    guard var done = layer, !isEmpty else { return }
    done.end = end
    let below = facts.layers.last?.z ?? 0
    done.height = done.z > below ? done.z - below : facts.layers.last?.height ?? abs(done.z - below)
    facts.layers.append(done)
    facts.bounds.include(done.bounds)
    tags.append(tag)
    tag += 1
    layer = nil
  }

  private mutating func follow(_ line: LineSplitter.Line, _ step: PathStep) {
    let move = step.move
    let stays = move.start.x == move.end.x && move.start.y == move.end.y
    // A move from an unknown place takes an unknown time.
    if stays || move.known.isSuperset(of: [.x, .y]) {
      let factor = max(tracer.state.speedFactor, 1) / 100
      plan.add(
        move, feedrate: (move.feedrate ?? 1500) / 60 * factor, isTravel: step.kind == .travel, tag: tag)
    }
    let tool = Int(tracer.state.tool)
    if move.extruded != 0, filament.indices.contains(tool) {
      filament[tool] = max(-1e12, min(filament[tool] + move.extruded, 1e12))
      mostFilament[tool] = max(mostFilament[tool], filament[tool])
      layer?.filament += move.extruded
    }
    if step.kind != .travel { draw(line, step) }
  }

  private mutating func followOther() {
    plan.limits.apply(tracer.command)
    switch Expectation.of(tracer.command, in: tracer.state) {
    case .dwell(let seconds): plan.rest(seconds, tag: tag)
    case .drain, .procedure, .open: plan.rest(tag: tag)
    case .quick, .motion: break
    }
  }

  private mutating func draw(_ line: LineSplitter.Line, _ step: PathStep) {
    let move = step.move
    if step.kind == .cut { facts.isCut = true }
    let z = move.end.z
    if !facts.hasLayerMarks, layer.map({ abs($0.z - z) > Self.step }) ?? true {
      var place = tracer.place
      place.position = move.start
      begin(line, place)
    }
    if isEmpty {
      layer?.z = z
      isEmpty = layer == nil
    }
    guard move.known.isSuperset(of: [.x, .y]) else { return }
    let bounds = move.bounds
    layer?.bounds.include(minX: bounds.minX, maxX: bounds.maxX, minY: bounds.minY, maxY: bounds.maxY)
    guard step.kind != .skirt, layer != nil else { return }
    facts.part.include(minX: bounds.minX, maxX: bounds.maxX, minY: bounds.minY, maxY: bounds.maxY)
  }
}
