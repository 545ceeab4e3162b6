import GRDB

// Who is signed in. Sessions outlive a restart; what the browser shows is not in the database, only its hash.

extension JobStore {
  /// Signs an account in, and drops what has ended. The secret is a new one each time, whatever the browser showed before.
  ///
  /// Throws `account.unknown`.
  public func openSession(
    _ name: String, times: SessionTimes = SessionTimes(), by actor: AuditActor
  ) async throws(StoreError) -> (session: SessionRecord, secret: Secret) {
    let secret = Secret.random()
    let session = try await commit(by: actor.name) { transaction in
      let database = transaction.database
      let account = try AccountRecord.find(database, name: name)
      let now = transaction.now
      try database.execute(
        sql: "DELETE FROM session WHERE until <= ? OR seenAt <= ?", arguments: [now, now - times.idle])
      // Whoever signs in again and again keeps the newest.
      try database.execute(
        sql: """
          DELETE FROM session WHERE hash IN (
            SELECT hash FROM session WHERE account = ? ORDER BY seenAt DESC LIMIT -1 OFFSET 31)
          """, arguments: [name])
      try database.execute(
        sql:
          "INSERT INTO session (hash, account, address, createdAt, seenAt, until) VALUES (?, ?, ?, ?, ?, ?)",
        arguments: [
          secret.hash, name, String((actor.address ?? "").prefix(64)), now, now, now + times.most,
        ])
      try database.execute(sql: "UPDATE account SET lastSignIn = ? WHERE name = ?", arguments: [now, name])
      try transaction.audit(actor, "sign-in", target: name)
      return SessionRecord(hash: secret.hash, account: account, seenAt: now, until: now + times.most)
    }
    return (session, secret)
  }

  /// The session with this hash, over or not; nil where there is none or its account is disabled.
  public func session(_ hash: String) async throws(StoreError) -> SessionRecord? {
    try await look { database in
      let sql = """
        SELECT account.*, session.hash AS sessionHash, session.seenAt, session.until
        FROM session JOIN account ON account.name = session.account
        WHERE session.hash = ? AND account.disabled = 0
        """
      guard let row = try Row.fetchOne(database, sql: sql, arguments: [hash]) else { return nil }
      return SessionRecord(
        hash: row["sessionHash"], account: try AccountRecord(row: row), seenAt: row["seenAt"],
        until: row["until"])
    }
  }

  /// Notes that the session was shown. Not synced to disk at once.
  public func touchSession(_ hash: String) async throws(StoreError) {
    let moment = now()
    try await commitUnsynced { database in
      try database.execute(
        sql: "UPDATE session SET seenAt = ? WHERE hash = ? AND seenAt < ?", arguments: [moment, hash, moment])
    }
  }

  /// Signs out. Nothing happens where there is no such session.
  public func endSession(_ hash: String, by actor: AuditActor) async throws(StoreError) {
    try await commit(by: actor.name) { transaction in
      try transaction.database.execute(sql: "DELETE FROM session WHERE hash = ?", arguments: [hash])
      guard transaction.database.changesCount > 0 else { return }
      try transaction.audit(actor, "sign-out", target: actor.name)
    }
  }
}
