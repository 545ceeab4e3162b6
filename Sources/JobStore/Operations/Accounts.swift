import GRDB

// Who may sign in. Every change and its row of the audit log are one transaction.

extension JobStore {
  /// Every account, by name.
  public func accounts() async throws(StoreError) -> [AccountRecord] {
    try await look { database in
      try Row.fetchAll(database, sql: "SELECT * FROM account ORDER BY name").map(AccountRecord.init)
    }
  }

  /// One account. Throws `account.unknown`.
  public func account(_ name: String) async throws(StoreError) -> AccountRecord {
    try await look { try AccountRecord.find($0, name: name) }
  }

  /// Adds somebody who signs in with a password.
  ///
  /// Throws `account.invalid`, `account.exists`, `account.busy`.
  public func addAccount(
    _ name: String, role: AccountRole, password: String, by actor: AuditActor
  ) async throws(StoreError) -> AccountRecord {
    try AccountName.check(name)
    try AccountName.check(password: password, of: name)
    let hash = try await stretch(password)
    return try await commit(by: actor.name) { transaction in
      let database = transaction.database
      let sql = "SELECT 1 FROM account WHERE name = ?"
      guard try Int.fetchOne(database, sql: sql, arguments: [name]) == nil else {
        throw StoreError(.accountExists, "\(name) has an account already")
      }
      try database.execute(
        sql: """
          INSERT INTO account (name, role, salt, hash, logRounds, blockSize, parallelism, createdAt, createdBy, passwordAt)
          VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
          """,
        arguments: [
          name, role.rawValue, hash.salt, hash.hash, hash.cost.logRounds, hash.cost.blockSize,
          hash.cost.parallelism, transaction.now, actor.name, transaction.now,
        ])
      try transaction.audit(actor, "user added", target: name, detail: "role \(role.rawValue)")
      return try AccountRecord.find(database, name: name)
    }
  }

  /// Changes an account. A new password and a shut account end every session of it but `keeping`, the hash of one.
  ///
  /// Throws `account.unknown`, `account.invalid`, `account.lastAdmin`, `account.busy`.
  public func changeAccount(
    _ name: String, _ edit: AccountEdit, keeping session: String? = nil, by actor: AuditActor
  ) async throws(StoreError) -> AccountRecord {
    if let password = edit.password { try AccountName.check(password: password, of: name) }
    _ = try await account(name)
    var hash: PasswordHash?
    if let password = edit.password { hash = try await stretch(password) }
    return try await commit(by: actor.name) { [hash] transaction in
      let before = try AccountRecord.find(transaction.database, name: name)
      var words: [String] = []
      if let role = edit.role, role != before.role {
        try transaction.setAccount("role", role.rawValue, of: name)
        words.append("role \(before.role.rawValue) -> \(role.rawValue)")
      }
      if let isDisabled = edit.isDisabled, isDisabled != before.isDisabled {
        try transaction.setAccount("disabled", isDisabled, of: name)
        words.append(isDisabled ? "disabled" : "enabled")
      }
      if let hash {
        try transaction.setPassword(hash, of: name)
        words.append("password")
      }
      try transaction.refuseWithoutAdmin(before)
      if hash != nil || edit.isDisabled == true {
        try transaction.database.execute(
          sql: "DELETE FROM session WHERE account = ? AND hash <> ?", arguments: [name, session ?? ""])
      }
      if !words.isEmpty {
        try transaction.audit(
          actor, "user changed", target: name, detail: words.joined(separator: ", "))
      }
      return try AccountRecord.find(transaction.database, name: name)
    }
  }

  /// Removes an account with its sessions and tokens; the jobs keep the name. Throws `account.unknown`, `account.lastAdmin`.
  public func removeAccount(_ name: String, by actor: AuditActor) async throws(StoreError) {
    try await commit(by: actor.name) { transaction in
      let before = try AccountRecord.find(transaction.database, name: name)
      try transaction.database.execute(sql: "DELETE FROM account WHERE name = ?", arguments: [name])
      try transaction.database.execute(sql: "DELETE FROM token WHERE owner = ?", arguments: [name])
      try transaction.refuseWithoutAdmin(before)
      try transaction.audit(actor, "user removed", target: name)
    }
  }

  /// Whether `password` is that of an account which may sign in; nil for a wrong password, an unknown name and a disabled
  /// account, after the same work. Throws `account.busy`.
  public func accepts(_ name: String, password: String) async throws(StoreError) -> AccountRecord? {
    let found = try await look { database in
      try Row.fetchOne(database, sql: "SELECT * FROM account WHERE name = ?", arguments: [name]).map {
        (try AccountRecord(row: $0), PasswordHash(row: $0))
      }
    }
    let hash = found?.1 ?? PasswordHash.decoy(passwords.cost)
    do {
      // A longer one is nobody's: it is not worth the work.
      let isRight = try await passwords.run { try hash.matches(String(password.prefix(1024))) }
      guard isRight, let account = found?.0, !account.isDisabled else { return nil }
      return account
    } catch { throw told(error) }
  }

  private func stretch(_ password: String) async throws(StoreError) -> PasswordHash {
    let cost = passwords.cost
    do { return try await passwords.run { try PasswordHash.make(password, cost) } } catch {
      throw told(error)
    }
  }
}

extension AccountRecord {
  init(row: Row) throws {
    self.init(
      name: row["name"], role: try row.word("role"), isDisabled: row["disabled"],
      createdAt: row["createdAt"], createdBy: row["createdBy"], lastSignIn: row["lastSignIn"])
  }

  static func find(_ database: Database, name: String) throws -> AccountRecord {
    let sql = "SELECT * FROM account WHERE name = ?"
    guard let row = try Row.fetchOne(database, sql: sql, arguments: [name]) else {
      throw StoreError(.accountUnknown, "there is no account \(plainText(String(name.prefix(64))))")
    }
    return try AccountRecord(row: row)
  }
}

extension PasswordHash {
  fileprivate init(row: Row) {
    self.init(
      salt: row["salt"], hash: row["hash"],
      cost: PasswordCost(
        logRounds: row["logRounds"], blockSize: row["blockSize"], parallelism: row["parallelism"]))
  }
}

extension Transaction {
  fileprivate func setAccount(_ column: String, _ value: some DatabaseValueConvertible, of name: String)
    throws
  {
    try database.execute(sql: "UPDATE account SET \(column) = ? WHERE name = ?", arguments: [value, name])
  }

  fileprivate func setPassword(_ hash: PasswordHash, of name: String) throws {
    try database.execute(
      sql: """
        UPDATE account SET salt = ?, hash = ?, logRounds = ?, blockSize = ?, parallelism = ?, passwordAt = ?
        WHERE name = ?
        """,
      arguments: [
        hash.salt, hash.hash, hash.cost.logRounds, hash.cost.blockSize, hash.cost.parallelism, now, name,
      ])
  }

  /// Throws `account.lastAdmin` where this change took the last one away.
  fileprivate func refuseWithoutAdmin(_ before: AccountRecord) throws {
    guard before.role == .admin, !before.isDisabled else { return }
    let sql = "SELECT count(*) FROM account WHERE role = 'admin' AND disabled = 0"
    guard try Int.fetchOne(database, sql: sql) == 0 else { return }
    throw StoreError(
      .accountLastAdmin,
      "\(before.name) is the last admin: make another one first (fabline user add NAME --role admin)")
  }
}
