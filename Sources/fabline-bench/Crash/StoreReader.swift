import Foundation
import GRDBSQLite

/// What stands in the supervisor's database, read past all of its code.
struct StoredQueue {
  struct Attempt {
    var id: String
    var job: Int64
    var machine: String
    var copy: Int
    var state: String
    var reason: String
    var code: String
    var wasOrdered: Bool
    var fileLine: Int64
    var acknowledged: Int64

    var isOpen: Bool { ["staged", "printing", "paused", "needsAttention"].contains(state) }
    var isRunning: Bool { isOpen && state != "staged" }
  }

  struct Job {
    var id: Int64
    var name: String
    var state: String
    var copies: Int
    var machine: String
  }

  struct Machine {
    var name: String
    var bed: String
    var bedJob: Int64
    var isReady: Bool
  }

  var attempts: [Attempt] = []
  var jobs: [Job] = []
  var machines: [Machine] = []

  /// Reads it in one transaction; attempts in the order in which they were made, whatever the clock said.
  init(path: String) throws {
    var opened: OpaquePointer?
    defer { sqlite3_close_v2(opened) }
    guard sqlite3_open_v2(path, &opened, SQLITE_OPEN_READONLY, nil) == SQLITE_OK, let database = opened else {
      throw BenchError("the database cannot be read: \(path)")
    }
    sqlite3_busy_timeout(database, 2_000)
    sqlite3_exec(database, "BEGIN", nil, nil, nil)
    attempts = try Self.rows(
      database,
      """
      SELECT id, job, machine, copy, state, reason, code, orderedAt, fileLine, acknowledged FROM attempt
      ORDER BY rowid
      """
    ) { row in
      Attempt(
        id: row.text(0), job: row.number(1), machine: row.text(2), copy: Int(row.number(3)),
        state: row.text(4), reason: row.text(5), code: row.text(6), wasOrdered: row.number(7) > 0,
        fileLine: row.number(8), acknowledged: row.number(9))
    }
    jobs = try Self.rows(
      database, "SELECT id, name, state, copies, coalesce(machine, '') FROM job ORDER BY id"
    ) {
      Job(
        id: $0.number(0), name: $0.text(1), state: $0.text(2), copies: Int($0.number(3)), machine: $0.text(4))
    }
    machines = try Self.rows(database, "SELECT name, bedState, coalesce(bedJob, 0), ready FROM machine") {
      Machine(name: $0.text(0), bed: $0.text(1), bedJob: $0.number(2), isReady: $0.number(3) == 1)
    }
  }

  /// What SQLite itself finds wrong with the file; nil where it is sound.
  static func damage(_ path: String) -> String? {
    var opened: OpaquePointer?
    defer { sqlite3_close_v2(opened) }
    guard sqlite3_open_v2(path, &opened, SQLITE_OPEN_READONLY, nil) == SQLITE_OK, let database = opened else {
      return "it cannot be opened"
    }
    sqlite3_busy_timeout(database, 2_000)
    let words = try? rows(database, "PRAGMA integrity_check") { $0.text(0) }
    return words == ["ok"] ? nil : (words ?? ["it cannot be checked"]).prefix(3).joined(separator: "; ")
  }

  private struct Row {
    let statement: OpaquePointer
    func number(_ column: Int32) -> Int64 { sqlite3_column_int64(statement, column) }
    func text(_ column: Int32) -> String {
      sqlite3_column_text(statement, column).map { String(cString: $0) } ?? ""
    }
  }

  private static func rows<Record>(
    _ database: OpaquePointer, _ sql: String, _ read: (Row) -> Record
  ) throws -> [Record] {
    var prepared: OpaquePointer?
    defer { sqlite3_finalize(prepared) }
    guard sqlite3_prepare_v2(database, sql, -1, &prepared, nil) == SQLITE_OK, let statement = prepared else {
      throw BenchError("the database does not answer: \(String(cString: sqlite3_errmsg(database)))")
    }
    var records: [Record] = []
    while true {
      switch sqlite3_step(statement) {
      case SQLITE_ROW: records.append(read(Row(statement: statement)))
      case SQLITE_DONE: return records
      default: throw BenchError("the database does not answer: \(String(cString: sqlite3_errmsg(database)))")
      }
    }
  }
}
