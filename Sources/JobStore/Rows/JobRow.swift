import GRDB

extension JobRecord {
  /// The job with this number, or `job.unknown`.
  static func find(_ database: Database, id: Int64) throws -> JobRecord {
    guard let row = try Row.fetchOne(database, sql: "SELECT * FROM job WHERE id = ?", arguments: [id]),
      let job = try fetch(database, rows: [row]).first
    else { throw StoreError(.jobUnknown, "there is no job \(id)") }
    return job
  }

  /// The jobs of these rows, in their order, with their attempts; three statements however many rows.
  static func fetch(_ database: Database, rows: [Row]) throws -> [JobRecord] {
    guard !rows.isEmpty else { return [] }
    let ids = rows.map { $0["id"] as Int64 }
    let marks = databaseQuestionMarks(count: ids.count)
    var attempts: [Int64: [AttemptRecord]] = [:]
    let attemptRows = try Row.fetchCursor(
      database, sql: "SELECT * FROM attempt WHERE job IN (\(marks)) ORDER BY stagedAt, rowid",
      arguments: StatementArguments(ids))
    while let row = try attemptRows.next() {
      attempts[row["job"], default: []].append(try AttemptRecord(row: row))
    }
    var accepted: [Int64: [String]] = [:]
    for row in try Row.fetchAll(
      database, sql: "SELECT * FROM jobAccepted WHERE job IN (\(marks)) ORDER BY code",
      arguments: StatementArguments(ids))
    { accepted[row["job"], default: []].append(row["code"]) }
    return try rows.map { row in
      try JobRecord(row: row, attempts: attempts[row["id"]] ?? [], accepted: accepted[row["id"]] ?? [])
    }
  }

  private init(row: Row, attempts: [AttemptRecord], accepted: [String]) throws {
    self.init(
      id: row["id"], file: row["file"], name: row["name"], machine: row["machine"], pool: row["pool"],
      copies: row["copies"], priority: row["priority"], due: row["due"], material: row["material"],
      submitter: row["submitter"], note: row["note"], hold: try Hold(row: row),
      cancellation: Cancellation(row: row), accepted: accepted, forcedBy: row["forcedBy"],
      goesBefore: row["goesBefore"],
      createdAt: row["createdAt"], attempts: attempts)
  }
}

extension JobRecord.Hold {
  init?(row: Row) throws {
    guard let kind: JobRecord.Hold.Kind = try row.optionalWord("holdKind") else { return nil }
    self.init(kind: kind, reason: row["holdReason"], by: row["heldBy"], at: row["heldAt"])
  }
}

extension JobRecord.Cancellation {
  init?(row: Row) {
    guard let by: String = row["cancelledBy"] else { return nil }
    self.init(reason: row["cancelReason"], by: by, at: row["cancelledAt"])
  }
}

extension Transaction {
  /// The job as this transaction left it, with its derived state written beside it for queries; ends every change.
  func refreshed(_ id: Int64) throws -> JobRecord {
    let job = try JobRecord.find(database, id: id)
    try database.execute(
      sql: "UPDATE job SET state = ? WHERE id = ? AND state <> ?",
      arguments: [job.state.rawValue, id, job.state.rawValue])
    return job
  }

  /// Writes the hold, or takes it away.
  func setHold(_ hold: JobRecord.Hold?, of job: Int64) throws {
    try database.execute(
      sql: "UPDATE job SET holdKind = ?, holdReason = ?, heldBy = ?, heldAt = ? WHERE id = ?",
      arguments: [hold?.kind.rawValue, hold?.reason, hold?.by, hold?.at, job])
  }

  /// A person wants the job in spite of what the check finds.
  func force(_ job: Int64) throws {
    try database.execute(sql: "UPDATE job SET forcedBy = ? WHERE id = ?", arguments: [by, job])
  }

  /// A person decided about what ended badly: it no longer shapes the job's state.
  func settle(_ job: Int64) throws {
    try database.execute(
      sql: "UPDATE attempt SET settled = 1 WHERE job = ? AND state IN ('failed', 'cancelled', 'uncertain')",
      arguments: [job])
  }
}
