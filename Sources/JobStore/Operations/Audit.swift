import GRDB

/// How much of the audit log is kept: the newest rows. Wrong passwords count for themselves, so that whoever guesses cannot
/// push out what was done.
struct AuditBounds: Sendable {
  var rows = 50_000
  var refusedSignIns = 5_000
  /// Counting costs a look through the table: only now and then.
  var every: Int64 = 64
}

extension JobStore {
  /// Adds to the audit log and drops the oldest rows. Not synced to disk at once.
  public func appendAudit(_ records: [AuditRecord]) async throws(StoreError) {
    try await appendAudit(records, bounds: AuditBounds())
  }

  func appendAudit(_ records: [AuditRecord], bounds: AuditBounds) async throws(StoreError) {
    guard !records.isEmpty else { return }
    try await commitUnsynced { database in
      for record in records { try record.insert(database) }
      if database.lastInsertedRowID % bounds.every < records.count { try AuditRecord.trim(database, bounds) }
    }
  }

  /// Rows of the audit log, newest first.
  public func audit(_ query: AuditQuery) async throws(StoreError) -> [AuditRecord] {
    try await look { database in
      var conditions = ["id < ?"]
      var arguments: StatementArguments = [query.before ?? .max]
      if let who = query.who {
        conditions.append("who = ?")
        arguments += [who]
      }
      if let since = query.since {
        conditions.append("at >= ?")
        arguments += [since]
      }
      arguments += [min(max(1, query.limit), 1000)]
      return try Row.fetchAll(
        database,
        sql: "SELECT * FROM audit WHERE \(conditions.joined(separator: " AND ")) ORDER BY id DESC LIMIT ?",
        arguments: arguments
      ).map(AuditRecord.init)
    }
  }
}

extension Transaction {
  /// Adds a row to the audit log, committed with the change that it tells of.
  func audit(_ actor: AuditActor, _ what: String, target: String?, detail: String? = nil) throws {
    let record = AuditRecord(
      at: now, actor: actor, what: what, target: target, outcome: .done, detail: detail)
    try record.insert(database)
  }
}

extension AuditRecord {
  init(row: Row) throws {
    self.init(
      at: row["at"], actor: AuditActor(name: row["who"], via: row["via"], address: row["address"]),
      what: row["what"], target: row["target"], outcome: try row.word("outcome"), detail: row["detail"])
    id = row["id"]
  }

  /// What a client sent may stand in it: texts are made fit for a list and cut to what a row holds.
  func insert(_ database: Database) throws {
    try database.execute(
      sql: """
        INSERT INTO audit (at, who, via, address, what, target, outcome, detail) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
        """,
      arguments: [
        at, Self.fit(actor.name, 128) ?? "?", Self.fit(actor.via, 128) ?? "?", Self.fit(actor.address, 64),
        Self.fit(what, 128) ?? "?", Self.fit(target, 255), outcome.rawValue, Self.fit(detail, 512),
      ])
  }

  private static func fit(_ text: String?, _ most: Int) -> String? {
    guard let text else { return nil }
    let clean = plainText(text)
    return clean.isEmpty ? nil : String(String.UnicodeScalarView(clean.unicodeScalars.prefix(most)))
  }

  /// Drops what is above the bounds, a slice at a time.
  static func trim(_ database: Database, _ bounds: AuditBounds) throws {
    let wrong = "what = 'sign-in' AND outcome = 'refused'"
    for (condition, most) in [(wrong, bounds.refusedSignIns), ("NOT (\(wrong))", bounds.rows)] {
      let count = try Int.fetchOne(database, sql: "SELECT count(*) FROM audit WHERE \(condition)") ?? 0
      guard count > most else { continue }
      try database.execute(
        sql: "DELETE FROM audit WHERE id IN (SELECT id FROM audit WHERE \(condition) ORDER BY id LIMIT ?)",
        arguments: [count - most])
    }
  }
}
