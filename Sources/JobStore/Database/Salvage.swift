import Foundation
import GRDB

/// Reads what can be read from a damaged database, row by row, into a sound one.
///
/// A table is read from its beginning and, where a page stops that, from its end. Each row goes through the new database's
/// constraints; what does not fit is left out. A copy is read, so that the damaged files stay as they were found.
struct Salvage {
  /// Rows that were taken over.
  private(set) var rows = 0
  /// Each table was read to its end, and each row fitted.
  private(set) var isWhole = true

  /// Not taken over: what only lives for minutes or is read anew from the files, and what SQLite and the migrations keep for themselves.
  private static let left: Set = ["event", "attendance", "session", "fileContents", "grdb_migrations"]

  /// Takes over what there is; a database that cannot be opened at all gives nothing.
  static func run(_ places: DatabasePlaces, into target: DatabaseQueue) -> Salvage {
    var salvage = Salvage()
    guard let source = copy(places) else {
      salvage.isWhole = false
      return salvage
    }
    defer { try? source.close() }
    do {
      let taken = try target.writeWithoutTransaction { database in
        try database.execute(sql: "PRAGMA foreign_keys = OFF")
        defer { try? database.execute(sql: "PRAGMA foreign_keys = ON") }
        var taken = Salvage()
        try database.inTransaction {
          for table in try tables(database) { taken.take(table, from: source, into: database) }
          if try dropOrphans(database) > 0 { taken.isWhole = false }
          return .commit
        }
        return taken
      }
      salvage = taken
    } catch {
      salvage.isWhole = false
    }
    return salvage
  }

  private static func copy(_ places: DatabasePlaces) -> DatabaseQueue? {
    DatabasePlaces.remove(places.salvage)
    guard (DatabasePlaces.size(places.database) ?? 0) > 0 else { return nil }
    do {
      for suffix in ["", "-wal"] where DatabasePlaces.exists(places.database + suffix) {
        try FileManager.default.copyItem(
          atPath: places.database + suffix, toPath: places.salvage + suffix)
      }
      var configuration = JobStore.configuration
      configuration.foreignKeysEnabled = false
      return try DatabaseQueue(path: places.salvage, configuration: configuration)
    } catch {
      return nil
    }
  }

  private static func tables(_ database: Database) throws -> [String] {
    try String.fetchAll(
      database,
      sql: "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY rowid"
    ).filter { !left.contains($0) }
  }

  private mutating func take(_ table: String, from source: DatabaseQueue, into target: Database) {
    guard let there = try? Shape(target, table), let here = try? source.read({ try Shape($0, table) }) else {
      isWhole = false
      return
    }
    let columns = there.columns.filter(here.columns.contains)
    // A table that the old fablined did not have yet; these it always had.
    guard !columns.isEmpty else {
      if ["file", "machine", "job", "attempt"].contains(table) { isWhole = false }
      return
    }
    var refused: [[DatabaseValue]] = []
    func read(descending: Bool) -> Bool {
      do {
        try source.read { database in
          let cursor = try Row.fetchCursor(database, sql: there.selection(columns, descending: descending))
          while let row = try cursor.next() {
            let values = columns.map { row[$0] as DatabaseValue }
            if there.put(columns, values, into: target) { rows += 1 } else { refused.append(values) }
          }
        }
        return true
      } catch {
        return false
      }
    }
    if !read(descending: false) {
      isWhole = false
      _ = read(descending: true)
    }
    // A row may have waited for another one to make room: an attempt that ended for the next of its machine.
    for values in refused {
      if there.put(columns, values, into: target) { rows += 1 } else { isWhole = false }
    }
  }

  /// Deletes rows that point to others which are lost, until none does; returns how many.
  private static func dropOrphans(_ database: Database) throws -> Int {
    var dropped = 0
    for _ in 0..<100 {
      let orphans = try Row.fetchAll(database, sql: "PRAGMA foreign_key_check")
      guard !orphans.isEmpty else { break }
      for orphan in orphans {
        let table: String = orphan["table"]
        if let row = orphan["rowid"] as Int64? {
          try database.execute(sql: "DELETE FROM \(table) WHERE rowid = ?", arguments: [row])
        } else {
          // Without a row number it cannot be told which: none of these tables is dear.
          try database.execute(sql: "DELETE FROM \(table)")
        }
        dropped += 1
      }
    }
    return dropped
  }
}

/// The columns of a table, and how its rows are read and written.
private struct Shape {
  let table: String
  let columns: [String]
  let key: [String]

  init(_ database: Database, _ table: String) throws {
    self.table = table
    let rows = try Row.fetchAll(database, sql: "PRAGMA table_info(\"\(table)\")")
    columns = rows.map { $0["name"] }
    key = rows.filter { ($0["pk"] as Int) > 0 }.sorted { ($0["pk"] as Int) < ($1["pk"] as Int) }
      .map { $0["name"] }
  }

  private func list(_ names: [String]) -> String { names.map { "\"\($0)\"" }.joined(separator: ", ") }

  /// In the order of the table itself: no index is asked.
  func selection(_ columns: [String], descending: Bool) -> String {
    let order = key.map { "\"\($0)\"" + (descending ? " DESC" : "") }.joined(separator: ", ")
    return "SELECT \(list(columns)) FROM \"\(table)\" NOT INDEXED ORDER BY \(order.isEmpty ? "rowid" : order)"
  }

  /// Puts a row in, over an older one of the same key; false where it does not fit.
  func put(_ columns: [String], _ values: [DatabaseValue], into database: Database) -> Bool {
    let others = columns.filter { !key.contains($0) }
    // History is not rewritten.
    let update =
      others.isEmpty || table == "history"
      ? "NOTHING" : "UPDATE SET " + others.map { "\"\($0)\" = excluded.\"\($0)\"" }.joined(separator: ", ")
    let sql =
      "INSERT INTO \"\(table)\" (\(list(columns))) VALUES (\(databaseQuestionMarks(count: columns.count))) "
      + "ON CONFLICT (\(list(key))) DO \(update)"
    return (try? database.execute(sql: sql, arguments: StatementArguments(values))) != nil
  }
}
