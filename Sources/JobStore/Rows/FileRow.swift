import GRDB
import Thumbnail

extension FileRecord {
  /// The stored file with this hash; nil where there is none or it was removed.
  static func fetch(_ database: Database, hash: String) throws -> FileRecord? {
    let sql = "SELECT * FROM file WHERE hash = ? AND removedAt IS NULL"
    guard let row = try Row.fetchOne(database, sql: sql, arguments: [hash]) else { return nil }
    return try FileRecord(row: row, database: database)
  }

  /// Reads a row, and the tools from their own table.
  init(row: Row, database: Database) throws {
    self.init(
      hash: row["hash"], name: row["name"], size: row["size"], createdAt: row["createdAt"],
      submitter: row["submitter"], facts: try StoredFacts(row: row, database: database),
      question: row["question"])
  }

  /// Writes the row, or takes a removed one back into use; the name becomes the latest one.
  func save(_ database: Database) throws {
    let extents = facts.extents.map { $0 + Array(repeating: 0, count: max(0, 3 - $0.count)) }
    try database.execute(
      sql: """
        INSERT INTO file (hash, name, size, createdAt, submitter, question, lines, commands, layers, slicer, printerModel,
          filamentMillimetres, filamentGrams, seconds, extentX, extentY, extentZ, toolTemperature, bedTemperature,
          layerHeight, firstLayerHeight, computed)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (hash) DO UPDATE SET name = excluded.name, removedAt = NULL
        """,
      arguments: [
        hash, name, size, createdAt, submitter, question, facts.lines, facts.commands, facts.layers,
        facts.slicer,
        facts.printerModel, facts.filamentMillimetres, facts.filamentGrams, facts.seconds, extents?[0],
        extents?[1], extents?[2], facts.toolTemperature, facts.bedTemperature, facts.layerHeight,
        facts.firstLayerHeight, facts.computed?.joined(separator: ","),
      ])
    try facts.saveTools(database, hash: hash)
    try facts.saveThumbnails(database, hash: hash)
  }
}

extension StoredFacts {
  init(row: Row, database: Database) throws {
    self.init()
    lines = row["lines"]
    commands = row["commands"]
    layers = row["layers"]
    slicer = row["slicer"]
    printerModel = row["printerModel"]
    filamentMillimetres = row["filamentMillimetres"]
    filamentGrams = row["filamentGrams"]
    seconds = row["seconds"]
    toolTemperature = row["toolTemperature"]
    bedTemperature = row["bedTemperature"]
    if let x: Double = row["extentX"], let y: Double = row["extentY"], let z: Double = row["extentZ"] {
      extents = [x, y, z]
    }
    let tools = try Row.fetchAll(
      database, sql: "SELECT * FROM fileTool WHERE file = ? ORDER BY number",
      arguments: [row["hash"] as String])
    thumbnails = try Thumbnail.fetchAll(database, hash: row["hash"])
    layerHeight = row["layerHeight"]
    firstLayerHeight = row["firstLayerHeight"]
    computed = (row["computed"] as String?).map { $0.split(separator: ",").map(String.init) }
    let millimetres = tools.map { $0["millimetres"] as Double? ?? 0 }
    let grams = tools.map { $0["grams"] as Double? ?? 0 }
    toolMillimetres = millimetres.contains { $0 > 0 } ? millimetres : []
    toolGrams = grams.contains { $0 > 0 } ? grams : []
    let nozzles = tools.map { $0["nozzle"] as Double? ?? 0 }
    let materials = tools.map { $0["material"] as String? ?? "" }
    self.nozzles = nozzles.contains { $0 > 0 } ? nozzles : []
    self.materials = materials.contains { !$0.isEmpty } ? materials : []
  }
}
