import Foundation
import GRDB

/// What a request was answered, so that its repetition is answered the same and does nothing.
public struct KeptAnswer: Equatable, Sendable {
  /// The HTTP status, 200 to 299.
  public var status: Int
  /// The media type; nil without a body.
  public var type: String?
  /// The body.
  public var body: Data

  /// Makes an answer.
  public init(status: Int, type: String?, body: Data) {
    self.status = status
    self.type = type
    self.body = body
  }
}

extension JobStore {
  /// Notes that a request with this key is about to be carried out; gives the answer of the first time where there was one.
  ///
  /// Keys are kept for a day. A request that was begun and never answered (a killed supervisor) is not carried out again.
  /// - Throws: `request.keyReused` for another request under the same key, `request.doubtful` where the first one has no answer.
  public func begin(_ key: IdempotencyKey, by: String) async throws(StoreError) -> KeptAnswer? {
    try await commit(by: by) { transaction in
      let database = transaction.database
      try database.execute(
        sql: "DELETE FROM answer WHERE begunAt < ?", arguments: [transaction.now - 86_400_000])
      let sql = "SELECT fingerprint, status, type, body FROM answer WHERE principal = ? AND key = ?"
      guard let row = try Row.fetchOne(database, sql: sql, arguments: [by, key.key]) else {
        try database.execute(
          sql: "INSERT INTO answer (principal, key, fingerprint, begunAt) VALUES (?, ?, ?, ?)",
          arguments: [by, key.key, key.fingerprint, transaction.now])
        return nil
      }
      guard row["fingerprint"] == key.fingerprint else {
        throw StoreError(
          .requestKeyReused, "the idempotency key \(key.key) came before with another request: take a new key"
        )
      }
      guard let status = row["status"] as Int? else {
        throw StoreError(
          .requestDoubtful,
          "the request with the key \(key.key) is being carried out, or its end was lost: look what became of it, and take a new key if it is still wanted"
        )
      }
      return KeptAnswer(status: status, type: row["type"], body: row["body"] ?? Data())
    }
  }

  /// Keeps what a begun request was answered.
  public func keep(_ answer: KeptAnswer, for key: IdempotencyKey, by: String) async throws(StoreError) {
    try await commit(by: by) { transaction in
      try transaction.database.execute(
        sql: "UPDATE answer SET status = ?, type = ?, body = ? WHERE principal = ? AND key = ?",
        arguments: [answer.status, answer.type, answer.body, by, key.key])
    }
  }

  /// Forgets a begun request that was refused: it did nothing, and may be tried again under the same key.
  public func forget(_ key: IdempotencyKey, by: String) async throws(StoreError) {
    try await commit(by: by) { transaction in
      try transaction.database.execute(
        sql: "DELETE FROM answer WHERE principal = ? AND key = ? AND status IS NULL",
        arguments: [by, key.key])
    }
  }
}
