import APIModel
import JobStore
import Supervisor

extension FileModel {
  /// A stored file as clients see it.
  init(_ file: FileRecord) {
    self.init(
      hash: file.hash, name: file.name, size: file.size, createdAt: LocalTime.iso8601(file.createdAt),
      submitter: file.submitter)
    commands = file.facts.commands > 0 ? file.facts.commands : nil
    metadata = FileMetadata(file.facts)
    let pictures = file.facts.thumbnails.map { ThumbnailModel($0, of: file.hash) }
    thumbnails = pictures.isEmpty ? nil : pictures
  }
}

extension FileMetadata {
  /// What was read from the file.
  init(_ facts: StoredFacts) {
    self.init()
    slicer = facts.slicer
    printerModel = facts.printerModel
    nozzles = facts.nozzles
    materials = facts.materials
    filamentMillimetres = facts.filamentMillimetres
    filamentGrams = facts.filamentGrams
    seconds = facts.seconds
    layers = facts.layers.map { Int(clamping: $0) }
    size = facts.extents
    layerHeight = facts.layerHeight
    firstLayerHeight = facts.firstLayerHeight
    computed = facts.computed
    tools = ToolUseModel.all(of: facts)
    toolTemperature = facts.toolTemperature
    bedTemperature = facts.bedTemperature
  }
}
