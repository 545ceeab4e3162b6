import APIModel
import JobStore
import Thumbnail
import Toolpath

extension ThumbnailModel {
  /// A thumbnail of the file with this hash.
  init(_ thumbnail: Thumbnail, of hash: String) {
    self.init(
      width: thumbnail.width, height: thumbnail.height, type: thumbnail.servedType,
      url: "/api/v1/files/\(hash)/thumbnail?size=\(thumbnail.width)")
  }
}

extension Thumbnail {
  /// What a browser gets: none of them knows QOI, which is served as PNG.
  var servedType: String { type == .jpeg ? "image/jpeg" : "image/png" }
}

extension ToolUseModel {
  /// What is known of each tool; nil where nothing is.
  static func all(of facts: StoredFacts) -> [ToolUseModel]? {
    let count = max(
      facts.nozzles.count, facts.materials.count, facts.toolMillimetres.count, facts.toolGrams.count)
    guard count > 0 else { return nil }
    return (0..<count).map { tool in
      func value(_ list: [Double]) -> Double? {
        list.indices.contains(tool) && list[tool] > 0 ? list[tool] : nil
      }
      var use = ToolUseModel(tool: tool)
      use.nozzle = value(facts.nozzles)
      use.material = facts.materials.indices.contains(tool) ? facts.materials[tool] : nil
      if use.material == "" { use.material = nil }
      use.millimetres = value(facts.toolMillimetres)
      use.grams = value(facts.toolGrams)
      return use
    }
  }
}

extension LayersModel {
  /// The layers of a file.
  init(_ path: PathFacts) {
    self.init(
      seconds: thousandth(path.seconds), bounds: path.bounds.corners, isCut: path.isCut,
      hasMarks: path.hasLayerMarks, hasKinds: path.hasKinds,
      layers: path.layers.enumerated().map { LayerModel($0.element, index: $0.offset) })
  }
}

extension LayerModel {
  /// One of them.
  init(_ layer: Layer, index: Int) {
    self.init(
      index: index, z: thousandth(layer.z), height: thousandth(layer.height),
      seconds: thousandth(layer.seconds), filament: thousandth(layer.filament), line: layer.line,
      bounds: layer.bounds.corners)
  }
}

extension PathModel {
  /// A line of a layer.
  init(_ line: LayerPath.Polyline) {
    self.init(kind: line.kind.name, points: line.points.flatMap { [Int($0.x), Int($0.y)] })
  }
}

extension Layer.Bounds {
  fileprivate var corners: [Double]? { isEmpty ? nil : [minX, minY, maxX, maxY].map(thousandth) }
}

/// To three digits: what a machine can do.
private func thousandth(_ value: Double) -> Double { (value * 1000).rounded() / 1000 }
