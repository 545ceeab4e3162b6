import GRDB

extension JobStore {
  /// Adds a machine: bed unknown, not ready. Throws `machine.exists`, `machine.invalid`.
  public func addMachine(
    _ settings: MachineRecord.Settings, by: String
  ) async throws(StoreError) -> MachineRecord {
    try settings.validate()
    return try await commit(by: by) { transaction in
      let database = transaction.database
      let removed = try Row.fetchOne(
        database, sql: "SELECT removedAt FROM machine WHERE name = ?", arguments: [settings.name])
      if let removed {
        guard removed["removedAt"] as Int64? != nil else {
          throw StoreError(.machineExists, "there is a machine \(settings.name) already")
        }
        try database.execute(
          sql: """
            UPDATE machine SET removedAt = NULL, createdAt = ?, disabled = NULL, ready = 0, bedState = 'unknown',
              bedJob = NULL, bedReason = NULL WHERE name = ?
            """, arguments: [transaction.now, settings.name])
        try database.execute(
          sql: "DELETE FROM machineIdentity WHERE machine = ?", arguments: [settings.name])
      } else {
        try transaction.insertBareMachine(settings)
      }
      try settings.save(database)
      try transaction.log("added", why: settings.port, machine: settings.name)
      return try MachineRecord.find(database, name: settings.name)
    }
  }

  /// Replaces a machine's settings; the name stays.
  ///
  /// Throws `machine.unknown`, `machine.invalid`, `machine.busy` where port, class or speed change while an attempt is open.
  public func setMachine(
    _ settings: MachineRecord.Settings, by: String
  ) async throws(StoreError) -> MachineRecord {
    try settings.validate()
    return try await commit(by: by) { transaction in
      let database = transaction.database
      let old = try MachineRecord.find(database, name: settings.name).settings
      guard old != settings else { return try MachineRecord.find(database, name: settings.name) }
      let rewired = old.port != settings.port || old.baud != settings.baud || old.kind != settings.kind
      if rewired, let open = try transaction.openAttempts(on: settings.name).first {
        throw StoreError(
          .machineBusy,
          "\(settings.name) has job \(open.job): its port, speed and class change when it has ended")
      }
      try settings.save(database)
      if old.port != settings.port {
        // Another port may have another board behind it.
        try database.execute(
          sql: "UPDATE machine SET resetsLearned = NULL, firmware = NULL WHERE name = ?",
          arguments: [settings.name])
        try database.execute(
          sql: "DELETE FROM machineIdentity WHERE machine = ?", arguments: [settings.name])
      }
      try transaction.log("changed", why: settings.differences(from: old), machine: settings.name)
      return try MachineRecord.find(database, name: settings.name)
    }
  }

  /// Removes a machine; its history stays. Throws `machine.unknown`, `machine.busy`, `machine.needed` while a job names it.
  public func removeMachine(_ name: String, by: String) async throws(StoreError) {
    try await commit(by: by) { transaction in
      let database = transaction.database
      _ = try MachineRecord.find(database, name: name)
      if let open = try transaction.openAttempts(on: name).first {
        throw StoreError(.machineBusy, "\(name) has job \(open.job); cancel it first")
      }
      let waiting = try Int64.fetchOne(
        database, sql: "SELECT min(id) FROM job WHERE machine = ? AND state IN ('queued', 'held')",
        arguments: [name])
      if let waiting {
        throw StoreError(
          .machineNeeded, "job \(waiting) waits for \(name); cancel it or give it another machine")
      }
      try database.execute(
        sql: "UPDATE machine SET removedAt = ?, ready = 0 WHERE name = ?", arguments: [transaction.now, name])
      try transaction.log("removed", machine: name)
    }
  }

  /// Takes no more jobs there; what runs goes on.
  public func disableMachine(
    _ name: String, reason: String, by: String
  ) async throws(StoreError) -> MachineRecord {
    try await commit(by: by) { transaction in
      _ = try MachineRecord.find(transaction.database, name: name)
      let words = reason.isEmpty ? "no reason given" : reason
      try transaction.database.execute(
        sql: "UPDATE machine SET disabled = ? WHERE name = ?", arguments: [words, name])
      try transaction.log("disabled", why: words, machine: name)
      return try MachineRecord.find(transaction.database, name: name)
    }
  }

  /// Takes jobs there again.
  public func enableMachine(_ name: String, by: String) async throws(StoreError) -> MachineRecord {
    try await commit(by: by) { transaction in
      let machine = try MachineRecord.find(transaction.database, name: name)
      guard machine.disabled != nil else { return machine }
      try transaction.database.execute(
        sql: "UPDATE machine SET disabled = NULL WHERE name = ?", arguments: [name])
      try transaction.log("enabled", machine: name)
      return try MachineRecord.find(transaction.database, name: name)
    }
  }

  /// One machine. Throws `machine.unknown`.
  public func machine(_ name: String) async throws(StoreError) -> MachineRecord {
    try await look { try MachineRecord.find($0, name: name) }
  }

  /// All machines by name.
  public func machines() async throws(StoreError) -> [MachineRecord] {
    try await look { try MachineRecord.fetchAll($0) }
  }
}

extension Transaction {
  /// A row with what the schema insists on; `Settings.save` writes the rest over it.
  func insertBareMachine(_ settings: MachineRecord.Settings) throws {
    try database.execute(
      sql: """
        INSERT INTO machine (name, kind, port, baud, kinematics, volumeX, volumeY, volumeZ, maxTool, maxBed, holdsZ,
          startsAlone, createdAt) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """,
      arguments: [
        settings.name, settings.kind.rawValue, settings.port, settings.baud, settings.kinematics,
        settings.volume[0], settings.volume[1], settings.volume[2], settings.maxTool, settings.maxBed,
        settings.holdsZ, settings.startsAlone, now,
      ])
  }

  /// What a driver holds or should hold on this machine.
  func openAttempts(on machine: String) throws -> [AttemptRecord] {
    try Row.fetchAll(
      database,
      sql: """
        SELECT * FROM attempt WHERE machine = ? AND state IN ('staged', 'printing', 'paused', 'needsAttention')
        ORDER BY stagedAt
        """, arguments: [machine]
    ).map(AttemptRecord.init)
  }
}
