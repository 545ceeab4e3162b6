import GRDB
import Synchronization

/// A notice that waits to be delivered, as it is kept across a restart.
public struct DeliveryRecord: Equatable, Sendable {
  /// Its number, rising.
  public var id: Int64
  /// The target's name.
  public var target: String
  /// The notice as JSON.
  public var notice: String
  /// How often it was tried.
  public var attempts: Int
  /// When it is tried next, in milliseconds since 1970.
  public var dueAt: Int64
}

extension JobStore {
  /// Keeps a notice for a target and gives its number. Written, but not waited for: SD cards wear.
  public func addDelivery(target: String, notice: String, dueAt: Int64) async throws(StoreError) -> Int64 {
    let number = LastNumber()
    try await commitUnsynced { database in
      try database.execute(
        sql: "INSERT INTO delivery (target, notice, dueAt) VALUES (?, ?, ?)",
        arguments: [target, notice, dueAt])
      number.set(database.lastInsertedRowID)
    }
    return number.value
  }

  /// It failed, and is tried again then.
  public func postponeDelivery(_ id: Int64, attempts: Int, dueAt: Int64) async throws(StoreError) {
    try await commitUnsynced {
      try $0.execute(
        sql: "UPDATE delivery SET attempts = ?, dueAt = ? WHERE id = ?", arguments: [attempts, dueAt, id])
    }
  }

  /// It arrived, or is given up.
  public func removeDelivery(_ id: Int64) async throws(StoreError) {
    try await commitUnsynced { try $0.execute(sql: "DELETE FROM delivery WHERE id = ?", arguments: [id]) }
  }

  /// What waits, oldest first.
  public func deliveries() async throws(StoreError) -> [DeliveryRecord] {
    try await look { database in
      try Row.fetchAll(database, sql: "SELECT * FROM delivery ORDER BY id").map {
        DeliveryRecord(
          id: $0["id"], target: $0["target"], notice: $0["notice"], attempts: $0["attempts"],
          dueAt: $0["dueAt"])
      }
    }
  }
}

/// Carries a row's number out of its transaction.
private final class LastNumber: Sendable {
  private let number = Mutex<Int64>(0)
  var value: Int64 { number.withLock { $0 } }
  func set(_ value: Int64) { number.withLock { $0 = value } }
}
