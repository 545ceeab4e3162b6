import GCode
import Toolpath

extension StoredFacts {
  /// Adds what the slicer says of layers and tools, with the names of what it does not tell.
  mutating func tell(_ comments: SlicerComments) {
    layerHeight = layerHeight ?? comments.layerHeight
    firstLayerHeight = firstLayerHeight ?? comments.firstLayerHeight
    if toolMillimetres.isEmpty { toolMillimetres = Self.trimmed(comments.filamentMillimetres) }
    if toolGrams.isEmpty { toolGrams = Self.trimmed(comments.filamentGrams) }
  }

  /// Fills in what the path tells where the slicer told nothing, and names what was filled in.
  mutating func complete(_ found: ContentsReading.Found) {
    let path = found.contents.path
    tell(found.comments)
    if thumbnails.isEmpty { thumbnails = found.thumbnails }
    var names: [String] = []
    if found.comments.seconds == nil, path.seconds >= 1 {
      seconds = seconds ?? Int64(path.seconds.rounded())
      names.append("seconds")
    }
    if found.comments.layers == nil, !path.isCut, !path.layers.isEmpty {
      layers = layers ?? Int64(path.layers.count)
      names.append("layers")
    }
    if layerHeight == nil, !path.isCut, let height = Self.usualHeight(path.layers) {
      layerHeight = height
      names.append("layerHeight")
    }
    if firstLayerHeight == nil, !path.isCut, let first = path.layers.first, first.height > 0 {
      firstLayerHeight = Self.rounded(first.height)
      names.append("firstLayerHeight")
    }
    if found.comments.millimetres == nil, !path.filament.isEmpty {
      if toolMillimetres.isEmpty { toolMillimetres = path.filament.map(Self.rounded) }
      filamentMillimetres = filamentMillimetres ?? Self.rounded(path.filament.reduce(0, +))
      names.append("filamentMillimetres")
    }
    if extents != nil { names.append("size") }
    computed = names
  }

  /// The height that most layers above the first have.
  private static func usualHeight(_ layers: [Layer]) -> Double? {
    let heights = layers.dropFirst().map { rounded($0.height) }.filter { $0 > 0 }.sorted()
    return heights.isEmpty ? nil : heights[heights.count / 2]
  }

  /// To a thousandth of a millimetre.
  private static func rounded(_ value: Double) -> Double { (value * 1000).rounded() / 1000 }

  private static func trimmed(_ values: [Double]) -> [Double] {
    var values = values
    while let last = values.last, last <= 0 { values.removeLast() }
    return values
  }
}
