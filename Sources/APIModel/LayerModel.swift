/// `GET /api/v1/files/HASH/layers`: the layers of a file as a whole.
public struct LayersModel: Codable, Equatable, Sendable {
  /// How many there are.
  public var count: Int
  /// Seconds for all of it, acceleration included, heating and homing not.
  public var seconds: Double
  /// What is drawn: least X, least Y, greatest X, greatest Y in mm; nil where nothing is.
  public var bounds: [Double]?
  /// Whether a beam or spindle works rather than an extruder.
  public var isCut: Bool
  /// Whether the slicer's comments part the layers rather than their heights.
  public var hasMarks: Bool
  /// Whether comments tell what the paths are for.
  public var hasKinds: Bool
  /// The layers from the first one on.
  public var layers: [LayerModel]

  /// Makes a list.
  public init(
    seconds: Double, bounds: [Double]?, isCut: Bool, hasMarks: Bool, hasKinds: Bool, layers: [LayerModel]
  ) {
    count = layers.count
    self.seconds = seconds
    self.bounds = bounds
    self.isCut = isCut
    self.hasMarks = hasMarks
    self.hasKinds = hasKinds
    self.layers = layers
  }
}

/// One layer of a file.
public struct LayerModel: Codable, Equatable, Sendable {
  /// Its number, from 0.
  public var index: Int
  /// Its height above the bed, mm.
  public var z: Double
  /// How thick it is, mm.
  public var height: Double
  /// How long it takes, seconds.
  public var seconds: Double
  /// Filament, mm.
  public var filament: Double
  /// The line of the file on which it begins.
  public var line: Int64
  /// What it draws: least X, least Y, greatest X, greatest Y in mm; nil where nothing is.
  public var bounds: [Double]?

  /// Makes a layer.
  public init(
    index: Int, z: Double, height: Double, seconds: Double, filament: Double, line: Int64, bounds: [Double]?
  ) {
    self.index = index
    self.z = z
    self.height = height
    self.seconds = seconds
    self.filament = filament
    self.line = line
    self.bounds = bounds
  }
}

/// `GET /api/v1/files/HASH/layers/N`: the lines that one layer draws.
public struct LayerPathModel: Codable, Equatable, Sendable {
  /// The layer.
  public var layer: LayerModel
  /// Details smaller than this were left out, mm.
  public var tolerance: Double
  /// The lines in the order of the file.
  public var paths: [PathModel]

  /// Makes a layer's lines.
  public init(layer: LayerModel, tolerance: Double, paths: [PathModel]) {
    self.layer = layer
    self.tolerance = tolerance
    self.paths = paths
  }
}

/// A line through several points that serves one purpose.
public struct PathModel: Codable, Equatable, Sendable {
  /// `travel`, `plain`, `outerWall`, `innerWall`, `overhang`, `infill`, `solid`, `support`, `skirt` or `cut`.
  public var kind: String
  /// X and Y in turn, in hundredths of a millimetre.
  public var points: [Int]

  /// Makes a line.
  public init(kind: String, points: [Int]) {
    self.kind = kind
    self.points = points
  }
}
