import GRDB

extension JobStore {
  /// Adds to the event ring and drops the oldest rows above `bound`. Not synced to disk at once.
  ///
  /// A number that is given must be above every earlier one; 0 takes the next.
  public func appendEvents(_ events: [EventRecord], bound: Int = 20_000) async throws(StoreError) {
    guard !events.isEmpty else { return }
    try await commitUnsynced { database in
      for event in events {
        try database.execute(
          sql: """
            INSERT INTO event (id, at, kind, level, machine, job, state, message) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            """,
          arguments: [
            event.id == 0 ? nil : event.id, event.at, event.kind, event.level, event.machine, event.job,
            event.state, event.message,
          ])
      }
      // Numbers may have gaps, so the bound counts rows, and only now and then: deleting a slice at a time is cheap.
      let count = try Int.fetchOne(database, sql: "SELECT count(*) FROM event") ?? 0
      if count > bound {
        try database.execute(
          sql: "DELETE FROM event WHERE id IN (SELECT id FROM event ORDER BY id LIMIT ?)",
          arguments: [count - max(0, bound)])
      }
    }
  }

  /// Rows of the event ring, in rising order.
  public func events(_ query: EventQuery) async throws(StoreError) -> [EventRecord] {
    try await look { database in
      let (condition, arguments) = query.condition
      let order = query.newest ? "DESC" : "ASC"
      let rows = try Row.fetchAll(
        database, sql: "SELECT * FROM event WHERE \(condition) ORDER BY id \(order) LIMIT ?",
        arguments: arguments + [min(max(1, query.limit), 5000)])
      return (query.newest ? rows.reversed() : rows).map(EventRecord.init)
    }
  }

  /// The highest event number ever given; 0 for none.
  public func lastEvent() async throws(StoreError) -> Int64 {
    try await look { database in
      try Int64.fetchOne(database, sql: "SELECT seq FROM sqlite_sequence WHERE name = 'event'") ?? 0
    }
  }
}

extension EventQuery {
  fileprivate var condition: (String, StatementArguments) {
    var conditions = ["id > ?"]
    var arguments: StatementArguments = [after]
    if let machine {
      conditions.append("machine = ?")
      arguments += [machine]
    }
    if let job {
      conditions.append("job = ?")
      arguments += [job]
    }
    if let since {
      conditions.append("at >= ?")
      arguments += [since]
    }
    for (column, words) in [("kind", kinds), ("level", levels)] where !words.isEmpty {
      conditions.append("\(column) IN (\(databaseQuestionMarks(count: words.count)))")
      arguments += StatementArguments(words.sorted())
    }
    return (conditions.joined(separator: " AND "), arguments)
  }
}

extension EventRecord {
  init(row: Row) {
    self.init(
      id: row["id"], at: row["at"], kind: row["kind"], level: row["level"], machine: row["machine"],
      job: row["job"], state: row["state"], message: row["message"])
  }
}
