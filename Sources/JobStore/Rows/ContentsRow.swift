import Foundation
import GRDB
import Thumbnail
import Toolpath

extension FileContents {
  /// What this version's reading found in a file; nil where it was not read yet.
  static func fetch(_ database: Database, hash: String) throws -> FileContents? {
    let sql = "SELECT * FROM fileContents WHERE file = ? AND version = ?"
    guard let row = try Row.fetchOne(database, sql: sql, arguments: [hash, version]) else { return nil }
    var path = PathFacts()
    path.seconds = row["seconds"]
    path.isCut = row["isCut"]
    path.hasLayerMarks = row["hasLayerMarks"]
    path.hasKinds = row["hasKinds"]
    let bytes = [UInt8](row["layers"] as Data)
    path.layers.reserveCapacity(bytes.count / Layer.recordLength)
    for start in stride(from: 0, through: bytes.count - Layer.recordLength, by: Layer.recordLength) {
      guard let layer = Layer(record: bytes[start..<start + Layer.recordLength]) else { return nil }
      path.layers.append(layer)
      path.bounds.include(layer.bounds)
    }
    if let minX: Double = row["minX"], let minY: Double = row["minY"], let maxX: Double = row["maxX"],
      let maxY: Double = row["maxY"]
    {
      path.part.include(minX: minX, maxX: maxX, minY: minY, maxY: maxY)
    }
    return FileContents(path: path, picture: row["picture"])
  }

  /// Writes the row in place of an older one.
  func save(_ database: Database, hash: String) throws {
    let part = path.part.isEmpty ? nil : path.part
    var layers: [UInt8] = []
    layers.reserveCapacity(path.layers.count * Layer.recordLength)
    for layer in path.layers { layers += layer.record }
    try database.execute(
      sql: """
        INSERT OR REPLACE INTO fileContents (file, version, seconds, isCut, hasLayerMarks, hasKinds, minX, minY, maxX, maxY,
          layers, picture)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """,
      arguments: [
        hash, Self.version, path.seconds, path.isCut, path.hasLayerMarks, path.hasKinds, part?.minX,
        part?.minY, part?.maxX, part?.maxY, Data(layers), picture,
      ])
  }
}

extension StoredFacts {
  /// Writes what the contents add to a record; what it has already stays.
  func saveContents(_ database: Database, hash: String) throws {
    try database.execute(
      sql: """
        UPDATE file SET layerHeight = ?, firstLayerHeight = ?, computed = ?, seconds = coalesce(seconds, ?),
          layers = coalesce(layers, ?), filamentMillimetres = coalesce(filamentMillimetres, ?),
          filamentGrams = coalesce(filamentGrams, ?)
        WHERE hash = ?
        """,
      arguments: [
        layerHeight, firstLayerHeight, (computed ?? []).joined(separator: ","), seconds, layers,
        filamentMillimetres, filamentGrams, hash,
      ])
    try saveTools(database, hash: hash)
    try saveThumbnails(database, hash: hash)
  }

  /// Writes nozzle, material and use of each tool.
  func saveTools(_ database: Database, hash: String) throws {
    let count = max(nozzles.count, materials.count, toolMillimetres.count, toolGrams.count)
    for number in 0..<count {
      func value(_ list: [Double]) -> Double? {
        list.indices.contains(number) && list[number] > 0 ? list[number] : nil
      }
      let material = materials.indices.contains(number) ? materials[number] : ""
      try database.execute(
        sql: """
          INSERT INTO fileTool (file, number, nozzle, material, millimetres, grams) VALUES (?, ?, ?, ?, ?, ?)
          ON CONFLICT (file, number) DO UPDATE SET millimetres = coalesce(millimetres, excluded.millimetres),
            grams = coalesce(grams, excluded.grams)
          """,
        arguments: [
          hash, number, value(nozzles), material.isEmpty ? nil : material, value(toolMillimetres),
          value(toolGrams),
        ])
    }
  }

  /// Writes where the thumbnails are.
  func saveThumbnails(_ database: Database, hash: String) throws {
    for (number, thumbnail) in thumbnails.enumerated() {
      try database.execute(
        sql: """
          INSERT OR REPLACE INTO fileThumbnail (file, number, type, width, height, offset, length)
          VALUES (?, ?, ?, ?, ?, ?, ?)
          """,
        arguments: [
          hash, number, thumbnail.type.rawValue, thumbnail.width, thumbnail.height, thumbnail.offset,
          thumbnail.length,
        ])
    }
  }
}

extension Thumbnail {
  /// A file's thumbnails in the order of the file.
  static func fetchAll(_ database: Database, hash: String) throws -> [Thumbnail] {
    try Row.fetchAll(
      database, sql: "SELECT * FROM fileThumbnail WHERE file = ? ORDER BY number", arguments: [hash]
    ).compactMap { row in
      guard let type = PictureType(rawValue: row["type"]) else { return nil }
      return Thumbnail(
        type: type, width: row["width"], height: row["height"], offset: row["offset"], length: row["length"])
    }
  }
}
