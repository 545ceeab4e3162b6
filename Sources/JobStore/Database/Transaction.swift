import GRDB

/// One change of the database: its connection, its one moment, and the acting person. What is done through it is committed
/// together or not at all.
struct Transaction {
  let database: Database
  let now: Int64
  let by: String

  /// Adds a row of history.
  func log(
    _ what: String, why: String? = nil, job: Int64? = nil, machine: String? = nil, attempt: String? = nil,
    at: Int64? = nil
  ) throws {
    try database.execute(
      sql: "INSERT INTO history (at, who, what, why, job, machine, attempt) VALUES (?, ?, ?, ?, ?, ?, ?)",
      arguments: [at ?? now, by, what, why, job, machine, attempt])
  }
}

extension JobStore {
  /// Runs one change to its end, also when the calling task is cancelled, and syncs it to disk before it returns.
  func commit<Result: Sendable>(
    by: String, _ body: @escaping @Sendable (Transaction) throws -> Result
  ) async throws(StoreError) -> Result {
    guard !by.isEmpty else { throw StoreError(.jobInvalid, "nobody is named as the acting person") }
    let database = self.database
    let moment = now()
    let work = Task {
      try await database.write { try body(Transaction(database: $0, now: moment, by: by)) }
    }
    do { return try await work.value } catch { throw told(error) }
  }

  /// Runs a change that need not survive a power cut: it is written, but not waited for (SD cards wear).
  func commitUnsynced(_ body: @escaping @Sendable (Database) throws -> Void) async throws(StoreError) {
    let database = self.database
    let work = Task {
      try await database.writeWithoutTransaction { connection in
        try connection.execute(sql: "PRAGMA synchronous = NORMAL")
        defer { try? connection.execute(sql: "PRAGMA synchronous = FULL") }
        try connection.inTransaction {
          try body(connection)
          return .commit
        }
      }
    }
    do { try await work.value } catch { throw told(error) }
  }

  /// Reads one consistent snapshot; to its end also when the calling task is cancelled: the end of a host is no failure of its store.
  func look<Result: Sendable>(
    _ body: @escaping @Sendable (Database) throws -> Result
  ) async throws(StoreError) -> Result {
    let database = self.database
    let work = Task { try await database.read(body) }
    do { return try await work.value } catch { throw told(error) }
  }
}

extension StoreError {
  /// Passes a typed error on, and gives an error of SQLite its code and words.
  init(_ error: any Error) {
    switch error {
    case let known as StoreError: self = known
    case let failure as DatabaseError where failure.resultCode == .SQLITE_FULL:
      self.init(.storeFull, "the disk with the database is full: \(failure.message ?? "")")
    case let failure as DatabaseError where failure.isDamage:
      self.init(
        .storeDamaged,
        "the database is damaged (\(failure.message ?? "\(failure.resultCode)")); fablined ends here, drivers print on, "
          + "and the next start puts it aside and makes a new one")
    case let failure as DatabaseError:
      self.init(.storeFailed, "SQLite: \(failure)")
    default: self.init(.storeFailed, "\(error)")
    }
  }
}

extension DatabaseError {
  /// SQLite read something that it cannot have written.
  var isDamage: Bool { resultCode == .SQLITE_CORRUPT || resultCode == .SQLITE_NOTADB }
}
