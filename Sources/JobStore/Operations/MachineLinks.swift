import GRDB

// What people want of a machine's port, and what its drivers learned of the board behind it.

extension JobStore {
  /// A person wants the port left free, until they connect it again: also a driver that starts later leaves it alone.
  public func disconnectMachine(_ name: String, by: String) async throws(StoreError) -> MachineRecord {
    try await setDisconnected(name, by)
  }

  /// A person wants the port opened.
  public func connectMachine(_ name: String, by: String) async throws(StoreError) -> MachineRecord {
    try await setDisconnected(name, nil, by: by)
  }

  private func setDisconnected(
    _ name: String, _ who: String?, by: String? = nil
  ) async throws(StoreError) -> MachineRecord {
    try await commit(by: by ?? who ?? "") { transaction in
      _ = try MachineRecord.find(transaction.database, name: name)
      try transaction.database.execute(
        sql: "UPDATE machine SET disconnectedBy = ? WHERE name = ?", arguments: [who, name])
      return try MachineRecord.find(transaction.database, name: name)
    }
  }

  /// Whether opening the port was seen to reset the board. Once it was, one time without changes nothing.
  public func learnResets(_ name: String, _ resets: Bool, by: String) async throws(StoreError) {
    try await commit(by: by) { transaction in
      let before = try MachineRecord.find(transaction.database, name: name)
      guard before.resetsLearned != true, before.resetsLearned != resets else { return }
      try transaction.database.execute(
        sql: "UPDATE machine SET resetsLearned = ? WHERE name = ?", arguments: [resets, name])
      let what = resets ? "opening its port resets the board" : "opening its port does not reset the board"
      try transaction.log("learned", why: what, machine: name)
    }
  }

  /// What the firmware said of itself when it was greeted.
  public func learnFirmware(_ name: String, _ firmware: String, by: String) async throws(StoreError) {
    guard !firmware.isEmpty else { return }
    try await commit(by: by) { transaction in
      let before = try MachineRecord.find(transaction.database, name: name)
      guard before.firmware != firmware else { return }
      try transaction.database.execute(
        sql: "UPDATE machine SET firmware = ? WHERE name = ?", arguments: [firmware, name])
      try transaction.log("learned", why: "firmware \(firmware)", machine: name)
    }
  }

  /// What a new driver of this machine is told of its firmware; nil where nobody measured it.
  public func profile(ofMachine name: String) async throws(StoreError) -> QuirkProfile? {
    guard let fingerprint = try await machine(name).fingerprint else { return nil }
    return try await profiles().first { $0.fingerprint == fingerprint }
  }

  /// A row in a machine's history, and in that of the job whose attempt runs there: what a person did by hand.
  public func noteAct(
    _ what: String, why: String?, machine: String, by: String, at: Int64
  ) async throws(StoreError) {
    try await commit(by: by) { transaction in
      let running = try transaction.openAttempts(on: machine).first(where: \.state.isRunning)
      try transaction.log(
        what, why: why, job: running?.job, machine: machine, attempt: running?.id, at: at)
    }
  }
}
