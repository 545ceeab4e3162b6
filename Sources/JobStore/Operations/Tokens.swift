import GRDB

// What programs show instead of a password. The token itself is told once, when it is made.

extension JobStore {
  /// The tokens of one owner, or of all, by number.
  public func tokens(of owner: String? = nil) async throws(StoreError) -> [TokenRecord] {
    try await look { database in
      try Row.fetchAll(
        database, sql: "SELECT * FROM token WHERE ? IS NULL OR owner = ? ORDER BY id",
        arguments: [owner, owner]
      ).map(TokenRecord.init)
    }
  }

  /// One token. Throws `token.unknown`.
  public func token(_ id: Int64) async throws(StoreError) -> TokenRecord {
    try await look { database in
      let sql = "SELECT * FROM token WHERE id = ?"
      guard let row = try Row.fetchOne(database, sql: sql, arguments: [id]) else {
        throw StoreError(.tokenUnknown, "there is no token \(id)")
      }
      return try TokenRecord(row: row)
    }
  }

  /// Makes a token. Its role is not above that of its owner's account, where the owner has one.
  ///
  /// Throws `token.invalid`, `token.exists`.
  public func addToken(
    _ order: TokenOrder, by actor: AuditActor
  ) async throws(StoreError) -> (token: TokenRecord, secret: Secret) {
    guard TokenOrder.isName(order.name) else {
      throw StoreError(.tokenInvalid, "a token's name has 1 to 64 printable characters")
    }
    let secret = Secret.random(prefix: "fabline_")
    let token = try await commit(by: actor.name) { transaction in
      try transaction.refuse(order)
      let scopes = order.scopes.map(\.rawValue).sorted().joined(separator: ",")
      try transaction.database.execute(
        sql: """
          INSERT INTO token (hash, name, owner, role, scopes, createdAt, createdBy, expiresAt)
          VALUES (?, ?, ?, ?, ?, ?, ?, ?)
          """,
        arguments: [
          secret.hash, order.name, order.owner, order.role.rawValue, scopes, transaction.now, actor.name,
          order.expiresAt,
        ])
      let id = transaction.database.lastInsertedRowID
      try transaction.audit(
        actor, "token made", target: "\(id)",
        detail: "\(order.name) for \(order.owner), role \(order.role.rawValue)"
          + (scopes.isEmpty ? "" : ", only \(scopes)"))
      return TokenRecord(
        id: id, name: order.name, owner: order.owner, role: order.role, scopes: order.scopes,
        createdAt: transaction.now, createdBy: actor.name, expiresAt: order.expiresAt)
    }
    return (token, secret)
  }

  /// Takes a token back; whoever shows it is nobody from now on. Throws `token.unknown`.
  public func revokeToken(_ id: Int64, by actor: AuditActor) async throws(StoreError) {
    try await commit(by: actor.name) { transaction in
      let sql = "DELETE FROM token WHERE id = ? RETURNING name, owner"
      guard let row = try Row.fetchOne(transaction.database, sql: sql, arguments: [id]) else {
        throw StoreError(.tokenUnknown, "there is no token \(id)")
      }
      let (name, owner): (String, String) = (row["name"], row["owner"])
      try transaction.audit(actor, "token revoked", target: "\(id)", detail: "\(name) of \(owner)")
    }
  }

  /// The token that somebody showed, with the role that it has now; nil where there is none, where it has expired, and where its
  /// owner's account is disabled.
  public func token(shown secret: Secret) async throws(StoreError) -> TokenRecord? {
    let moment = now()
    return try await look { database in
      let sql = """
        SELECT token.*, account.role AS ownerRole, account.disabled AS ownerDisabled
        FROM token LEFT JOIN account ON account.name = token.owner WHERE token.hash = ?
        """
      guard let row = try Row.fetchOne(database, sql: sql, arguments: [secret.hash]) else { return nil }
      var token = try TokenRecord(row: row)
      if let end = token.expiresAt, end <= moment { return nil }
      if row["ownerDisabled"] as Bool? == true { return nil }
      if let most: AccountRole = try row.optionalWord("ownerRole") { token.role = min(token.role, most) }
      return token
    }
  }

  /// Notes that the token was shown. Not synced to disk at once.
  public func touchToken(_ id: Int64) async throws(StoreError) {
    let moment = now()
    try await commitUnsynced { database in
      try database.execute(sql: "UPDATE token SET lastUsedAt = ? WHERE id = ?", arguments: [moment, id])
    }
  }
}

extension Transaction {
  fileprivate func refuse(_ order: TokenOrder) throws {
    if let end = order.expiresAt, end <= now {
      throw StoreError(.tokenInvalid, "the token would have expired already: name a time to come")
    }
    let sql = "SELECT role FROM account WHERE name = ?"
    if let row = try Row.fetchOne(database, sql: sql, arguments: [order.owner]) {
      let most: AccountRole = try row.word("role")
      guard order.role <= most else {
        throw StoreError(
          .tokenInvalid, "\(order.owner) is \(most.rawValue): a token of role \(order.role.rawValue) is more")
      }
    }
    let taken = "SELECT 1 FROM token WHERE owner = ? AND name = ?"
    guard try Int.fetchOne(database, sql: taken, arguments: [order.owner, order.name]) == nil else {
      throw StoreError(
        .tokenExists, "\(order.owner) has a token called \(order.name): revoke it, or take another name")
    }
  }
}

extension TokenRecord {
  init(row: Row) throws {
    let scopes: String = row["scopes"]
    self.init(
      id: row["id"], name: row["name"], owner: row["owner"], role: try row.word("role"),
      scopes: Set(scopes.split(separator: ",").compactMap { TokenScope(rawValue: String($0)) }),
      createdAt: row["createdAt"], createdBy: row["createdBy"], expiresAt: row["expiresAt"],
      lastUsedAt: row["lastUsedAt"])
  }
}
