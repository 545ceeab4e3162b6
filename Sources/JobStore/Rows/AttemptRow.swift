import GRDB

extension AttemptRecord {
  /// The attempt with this id, or `attempt.unknown`.
  static func find(_ database: Database, id: String) throws -> AttemptRecord {
    guard let row = try Row.fetchOne(database, sql: "SELECT * FROM attempt WHERE id = ?", arguments: [id])
    else {
      throw StoreError(.attemptUnknown, "there is no attempt \(id)")
    }
    return try AttemptRecord(row: row)
  }

  init(row: Row) throws {
    self.init(
      id: row["id"], job: row["job"], machine: row["machine"], copy: row["copy"],
      state: try row.word("state"),
      settled: row["settled"], reason: row["reason"], code: row["code"], fileLine: row["faultLine"],
      progress: Progress(row: row), stagedAt: row["stagedAt"], orderedAt: row["orderedAt"],
      startedAt: row["startedAt"], endedAt: row["endedAt"])
    recovers = row["recovers"]
    file = row["file"]
  }
}

extension AttemptRecord.Progress {
  init?(row: Row) {
    guard let byteOffset: Int64 = row["byteOffset"] else { return nil }
    self.init(
      fileLine: row["fileLine"] ?? 0, byteOffset: byteOffset, lineNumber: row["lineNumber"] ?? 0,
      acknowledged: row["acknowledged"] ?? 0, resends: row["resends"] ?? 0, layer: row["layer"] ?? 0,
      elapsed: row["elapsed"] ?? 0, remaining: row["remaining"])
  }

  func save(_ database: Database, attempt: String) throws {
    try database.execute(
      sql: """
        UPDATE attempt SET fileLine = ?, byteOffset = ?, lineNumber = ?, acknowledged = ?, resends = ?, layer = ?,
          elapsed = ?, remaining = ? WHERE id = ?
        """,
      arguments: [
        fileLine, byteOffset, lineNumber, acknowledged, resends, layer, elapsed, remaining, attempt,
      ])
  }
}
