import APIModel

/// Stored files as people read them.
enum FileText {
  /// The table of `fabline files`.
  static func table(_ files: [FileModel]) -> TextTable {
    var table = TextTable([
      .init(title: "HASH"),
      .init(title: "NAME", minimum: 12),
      .init(title: "SIZE", right: true),
      .init(title: "TIME", right: true, expendable: 1),
      .init(title: "LAYERS", right: true, expendable: 4),
      .init(title: "MATERIAL", expendable: 2),
      .init(title: "MODEL", minimum: 8, expendable: 3),
      .init(title: "FROM", minimum: 6, expendable: 5),
      .init(title: "CAME", expendable: 6),
    ])
    for file in files {
      let meta = file.metadata
      table.add([
        String(file.hash.prefix(12)), file.name, NumberText.bytes(file.size),
        meta.seconds.map(DurationText.short) ?? "", meta.layers.map { "\($0)" } ?? "",
        meta.materials.joined(separator: ", "), meta.printerModel ?? "", file.submitter,
        Timestamp.local(file.createdAt),
      ])
    }
    return table
  }

  /// What the slicer says, a line a subject.
  static func lines(_ file: FileModel) -> [String] {
    let meta = file.metadata
    var lines = ["file \(file.hash.prefix(12)), \(NumberText.bytes(file.size))"]
    if let commands = file.commands { lines[0] += ", \(NumberText.count(commands, "command"))" }
    if let slicer = meta.slicer { lines[0] += ", by \(slicer)" }
    var machine: [String] = []
    if let model = meta.printerModel { machine.append(model) }
    if !meta.nozzles.isEmpty {
      machine.append(
        meta.nozzles.map { NumberText.decimal($0, digits: 2) }.joined(separator: ", ") + " mm nozzle")
    }
    if !meta.materials.isEmpty { machine.append(meta.materials.joined(separator: ", ")) }
    if let size = meta.size, size.count == 3 {
      machine.append(size.map { NumberText.decimal($0) }.joined(separator: " x ") + " mm")
    }
    if !machine.isEmpty { lines.append("sliced for " + machine.joined(separator: ", ")) }
    var needs: [String] = []
    if let seconds = meta.seconds {
      // What Fabline reckoned itself is not the slicer's word.
      let isOurs = meta.computed?.contains("seconds") == true
      needs.append((isOurs ? "about " : "") + DurationText.short(seconds))
    }
    if let layers = meta.layers {
      let height = meta.layerHeight.map { " of \(NumberText.decimal($0, digits: 2)) mm" } ?? ""
      needs.append(NumberText.count(Int64(layers), "layer") + height)
    }
    if let grams = meta.filamentGrams { needs.append(NumberText.decimal(grams) + " g") }
    if let length = meta.filamentMillimetres {
      needs.append(NumberText.decimal(length / 1000, digits: 2) + " m")
    }
    if !needs.isEmpty { lines.append("takes " + needs.joined(separator: ", ")) }
    return lines + tools(meta)
  }

  /// What each tool uses, where it is more than one.
  private static func tools(_ meta: FileMetadata) -> [String] {
    let used = (meta.tools ?? []).filter { $0.millimetres != nil || $0.grams != nil }
    guard used.count > 1 else { return [] }
    return used.map { use in
      var words = [use.material, use.grams.map { NumberText.decimal($0) + " g" }].compactMap(\.self)
      if let length = use.millimetres { words.append(NumberText.decimal(length / 1000, digits: 2) + " m") }
      return "tool \(use.tool): " + words.joined(separator: ", ")
    }
  }
}
