import GRDB

/// A person's word that running jobs finish and none start; it lasts until it is taken back, also across restarts.
public struct Drain: Equatable, Sendable {
  /// Who said it.
  public var by: String
  /// When, in milliseconds since 1970.
  public var since: Int64

  /// Makes a word.
  public init(by: String, since: Int64) {
    self.by = by
    self.since = since
  }
}

extension JobStore {
  /// Whether jobs start: nil, or who asked that none does.
  public func drain() async throws(StoreError) -> Drain? { try await look(Drain.fetch) }

  /// No job starts from here on, or jobs start again. Saying it again changes nothing.
  ///
  /// Attempts that are staged or printing go on: `attemptStaged` and `attemptOrdered` refuse what would start anew.
  public func setDrain(_ on: Bool, by: String) async throws(StoreError) -> Drain? {
    try await commit(by: by) { transaction in
      let before = try Drain.fetch(transaction.database)
      guard (before != nil) != on else { return before }
      if on {
        try transaction.database.execute(
          sql: "INSERT INTO drain (one, who, since) VALUES (1, ?, ?)",
          arguments: [transaction.by, transaction.now])
      } else {
        try transaction.database.execute(sql: "DELETE FROM drain")
      }
      try transaction.log(on ? "drain" : "drain ended")
      return try Drain.fetch(transaction.database)
    }
  }
}

extension Drain {
  static func fetch(_ database: Database) throws -> Drain? {
    try Row.fetchOne(database, sql: "SELECT who, since FROM drain").map {
      Drain(by: $0["who"], since: $0["since"])
    }
  }
}

extension Transaction {
  /// Throws `host.draining` where nothing may start.
  func refuseWhileDraining() throws {
    guard let drain = try Drain.fetch(database) else { return }
    throw StoreError(.hostDraining, Obstacle.draining(by: drain.by).sentence)
  }
}
