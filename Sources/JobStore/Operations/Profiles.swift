import GRDB

extension JobStore {
  /// Stores what was measured or imported; what the profile does not say replaces what was known all the same.
  ///
  /// Throws `profile.invalid`.
  public func setProfile(_ profile: QuirkProfile, by: String) async throws(StoreError) -> QuirkProfile {
    try profile.validate()
    return try await commit(by: by) { transaction in
      try transaction.database.execute(
        sql: """
          INSERT INTO profile (fingerprint, firmware, receiveBuffer, queueLines, resetsOnOpen, note, measuredAt,
            storedAt, storedBy) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
          ON CONFLICT (fingerprint) DO UPDATE SET firmware = excluded.firmware,
            receiveBuffer = excluded.receiveBuffer, queueLines = excluded.queueLines,
            resetsOnOpen = excluded.resetsOnOpen, note = excluded.note, measuredAt = excluded.measuredAt,
            storedAt = excluded.storedAt, storedBy = excluded.storedBy
          """,
        arguments: [
          profile.fingerprint, profile.firmware, profile.receiveBuffer, profile.queueLines,
          profile.resetsOnOpen, profile.note.flatMap { $0.isEmpty ? nil : $0 }, profile.measuredAt,
          transaction.now, transaction.by,
        ])
      try transaction.log("profile stored", why: "\(profile.fingerprint): \(profile.words)")
      return try QuirkProfile.find(transaction.database, profile.fingerprint)
    }
  }

  /// One profile. Throws `profile.unknown`.
  public func profile(_ fingerprint: String) async throws(StoreError) -> QuirkProfile {
    try await look { try QuirkProfile.find($0, fingerprint) }
  }

  /// All profiles by fingerprint.
  public func profiles() async throws(StoreError) -> [QuirkProfile] {
    try await look {
      try Row.fetchAll($0, sql: "SELECT * FROM profile ORDER BY fingerprint").map(QuirkProfile.init)
    }
  }
}

extension QuirkProfile {
  fileprivate static func find(_ database: Database, _ fingerprint: String) throws -> QuirkProfile {
    let sql = "SELECT * FROM profile WHERE fingerprint = ?"
    guard let row = try Row.fetchOne(database, sql: sql, arguments: [fingerprint]) else {
      throw StoreError(
        .profileUnknown, "no profile \(fingerprint) is stored; `fabline machine measure` makes one")
    }
    return QuirkProfile(row: row)
  }

  fileprivate init(row: Row) {
    self.init(fingerprint: row["fingerprint"], firmware: row["firmware"])
    receiveBuffer = row["receiveBuffer"]
    queueLines = row["queueLines"]
    resetsOnOpen = row["resetsOnOpen"]
    note = row["note"]
    measuredAt = row["measuredAt"]
  }

  /// For the history.
  fileprivate var words: String {
    var parts: [String] = []
    if let receiveBuffer { parts.append("receive buffer \(receiveBuffer) bytes") }
    if let queueLines { parts.append("queue \(queueLines) lines") }
    if let resetsOnOpen { parts.append(resetsOnOpen ? "resets on open" : "does not reset on open") }
    return parts.isEmpty ? "nothing is known" : parts.joined(separator: ", ")
  }
}
