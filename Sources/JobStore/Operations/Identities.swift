import GRDB

// Which hardware each machine is bound to.

extension JobStore {
  /// Binds a machine to a device, in place of the one before: a person's word. What was known of the board behind the old one
  /// is forgotten where it is another.
  ///
  /// Throws `machine.unknown`, `machine.busy` while an attempt is open and the device is another one.
  @discardableResult
  public func bindMachine(
    _ name: String, to identity: MachineIdentity, by: String
  ) async throws(StoreError) -> MachineRecord {
    try await commit(by: by) { transaction in
      let before = try MachineRecord.find(transaction.database, name: name)
      let isSame = before.identity.map { $0.isSameDevice(as: identity) } ?? false
      if !isSame, before.identity != nil, let open = try transaction.openAttempts(on: name).first {
        throw StoreError(
          .machineBusy, "\(name) has job \(open.job): it is bound to another device when that has ended")
      }
      if !isSame, before.identity != nil {
        try transaction.database.execute(
          sql: "UPDATE machine SET resetsLearned = NULL, firmware = NULL, ready = 0 WHERE name = ?",
          arguments: [name])
      }
      try identity.save(transaction.database, machine: name, at: transaction.now, by: by)
      try transaction.log("bound", why: "\(identity.words) at \(identity.place)", machine: name)
      return try MachineRecord.find(transaction.database, name: name)
    }
  }

  /// The same device was found elsewhere or under another link, or its serial number is shared: that is kept, and told.
  public func machineMoved(
    _ name: String, to identity: MachineIdentity, why: String, by: String
  ) async throws(StoreError) {
    try await commit(by: by) { transaction in
      let before = try MachineRecord.find(transaction.database, name: name).identity
      guard let before, before != identity else { return }
      try identity.update(transaction.database, machine: name)
      if !why.isEmpty { try transaction.log("moved", why: why, machine: name) }
    }
  }

  /// What the firmware said that tells it from others.
  public func learnIdentity(
    _ name: String, _ firmware: FirmwareIdentity, why: String, by: String
  ) async throws(StoreError) {
    try await commit(by: by) { transaction in
      guard var identity = try MachineRecord.find(transaction.database, name: name).identity,
        identity.firmware != firmware
      else { return }
      identity.firmware = firmware
      try identity.update(transaction.database, machine: name)
      try transaction.log("learned", why: why, machine: name)
    }
  }

  /// A person has to decide whether this is the machine's device: it is not ready, and not opened until then.
  public func doubtMachine(_ name: String, _ why: String, by: String) async throws(StoreError) {
    try await commit(by: by) { transaction in
      guard var identity = try MachineRecord.find(transaction.database, name: name).identity,
        identity.doubt != why
      else { return }
      identity.doubt = why
      try identity.update(transaction.database, machine: name)
      try transaction.database.execute(sql: "UPDATE machine SET ready = 0 WHERE name = ?", arguments: [name])
      try transaction.log("doubted", why: why, machine: name)
    }
  }
}

extension MachineIdentity {
  /// The same piece of hardware, as far as anybody can tell.
  func isSameDevice(as other: MachineIdentity) -> Bool {
    usbID == other.usbID && serialNumber == other.serialNumber && interface == other.interface
      && (place == other.place || (serialNumber != nil && !isSerialShared && !other.isSerialShared))
  }

  static func fetch(_ database: Database, machine: String) throws -> MachineIdentity? {
    let sql = "SELECT * FROM machineIdentity WHERE machine = ?"
    guard let row = try Row.fetchOne(database, sql: sql, arguments: [machine]) else { return nil }
    var identity = MachineIdentity(
      usbID: row["usbID"], serialNumber: row["serialNumber"], isSerialShared: row["isSerialShared"],
      interface: row["interface"], place: row["place"], path: row["path"], words: row["words"])
    identity.idPath = row["idPath"]
    identity.portNumber = row["portNumber"]
    let firmware = FirmwareIdentity(uuid: row["firmwareUUID"], name: row["firmwareName"])
    identity.firmware = firmware.isEmpty ? nil : firmware
    identity.doubt = row["doubt"]
    return identity
  }

  fileprivate func save(_ database: Database, machine: String, at: Int64, by: String) throws {
    try database.execute(
      sql: """
        INSERT OR REPLACE INTO machineIdentity (machine, isSerialShared, place, path, words, boundAt, boundBy)
        VALUES (?, ?, ?, ?, ?, ?, ?)
        """, arguments: [machine, isSerialShared, place, path, words, at, by])
    try update(database, machine: machine)
  }

  fileprivate func update(_ database: Database, machine: String) throws {
    try database.execute(
      sql: """
        UPDATE machineIdentity SET usbID = ?, serialNumber = ?, isSerialShared = ?, interface = ?, place = ?, idPath = ?,
          portNumber = ?, path = ?, words = ?, firmwareUUID = ?, firmwareName = ?, doubt = ? WHERE machine = ?
        """,
      arguments: [
        usbID, serialNumber, isSerialShared, interface, place, idPath, portNumber, path, words,
        firmware?.uuid,
        firmware?.name, doubt, machine,
      ])
  }
}
