import GRDB

extension JobStore {
  /// Rows of history, oldest first.
  public func history(_ query: HistoryQuery) async throws(StoreError) -> [HistoryRecord] {
    try await look { database in
      var conditions = ["id > ?"]
      var arguments: StatementArguments = [query.after]
      if let job = query.job {
        conditions.append("job = ?")
        arguments += [job]
      }
      if let machine = query.machine {
        conditions.append("machine = ?")
        arguments += [machine]
      }
      arguments += [min(max(1, query.limit), 1000)]
      return try Row.fetchAll(
        database,
        sql: "SELECT * FROM history WHERE \(conditions.joined(separator: " AND ")) ORDER BY id LIMIT ?",
        arguments: arguments
      ).map(HistoryRecord.init)
    }
  }
}

extension HistoryRecord {
  init(row: Row) {
    self.init(
      id: row["id"], at: row["at"], who: row["who"], what: row["what"], why: row["why"], job: row["job"],
      machine: row["machine"], attempt: row["attempt"])
  }
}
