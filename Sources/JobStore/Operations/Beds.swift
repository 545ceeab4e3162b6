import GRDB

// The bed is a fact with a name under it (safety.md, rules 5 and 6). It becomes occupied when an attempt is ordered to start,
// and clear only by a person's word, or when it is certain that nothing was extruded after it was clear.

extension JobStore {
  /// A person says that the bed is clear and the machine may start.
  ///
  /// An occupied bed wants the job whose part was taken off: `bed.jobNotNamed`, `bed.otherJob`. A bed that is unknown, or
  /// occupied by none of the queue's jobs, is cleared without one. Throws `machine.busy` while an attempt is under way.
  public func ready(
    _ machine: String, job: Int64?, by: String
  ) async throws(StoreError) -> MachineRecord {
    try await commit(by: by) { transaction in
      let before = try MachineRecord.find(transaction.database, name: machine)
      let open = try transaction.openAttempts(on: machine)
      if let busy = open.first(where: { $0.state.isRunning || $0.orderedAt != nil }) {
        throw StoreError(.machineBusy, "\(machine) prints job \(busy.job): its bed is not clear")
      }
      try before.bed.check(clearing: job, on: machine)
      let cleared = before.bed.state != .clear
      if cleared {
        try transaction.database.execute(
          sql: """
            UPDATE machine SET bedState = 'clear', bedJob = NULL, bedReason = NULL, clearedBy = ?, clearedAt = ?,
              clearedJob = ?, ready = 1 WHERE name = ?
            """, arguments: [transaction.by, transaction.now, before.bed.job, machine])
      } else if !before.ready {
        try transaction.database.execute(
          sql: "UPDATE machine SET ready = 1 WHERE name = ?", arguments: [machine])
      } else {
        return before
      }
      let what = before.bed.job.map { "the part of job \($0) was taken off" } ?? "the bed is clear"
      try transaction.log("ready", why: what, job: before.bed.job, machine: machine)
      return try MachineRecord.find(transaction.database, name: machine)
    }
  }

  /// Something that is none of the queue's jobs may lie on the bed: a print from SD, a direct print, a manual extrusion.
  public func occupyBed(
    _ machine: String, reason: String, by: String
  ) async throws(StoreError) -> MachineRecord {
    try await commit(by: by) { transaction in
      let before = try MachineRecord.find(transaction.database, name: machine)
      guard before.bed.state != .occupied else { return before }
      try transaction.setBed(of: machine, .occupied, job: nil, reason: reason)
      try transaction.log("bed occupied", why: reason, machine: machine)
      return try MachineRecord.find(transaction.database, name: machine)
    }
  }

  /// Power-on, reset or replug: not ready until a person says so (safety.md rule 6). The bed stays as it is.
  public func machineRestarted(
    _ machine: String, reason: String, by: String
  ) async throws(StoreError) -> MachineRecord {
    try await commit(by: by) { transaction in
      let before = try MachineRecord.find(transaction.database, name: machine)
      guard before.ready else { return before }
      try transaction.database.execute(
        sql: "UPDATE machine SET ready = 0 WHERE name = ?", arguments: [machine])
      try transaction.log("not ready", why: reason, machine: machine)
      return try MachineRecord.find(transaction.database, name: machine)
    }
  }
}

extension MachineRecord.Bed {
  /// Whether a person who names `named` can mean what lies here: a stale word must not clear the next part.
  func check(clearing named: Int64?, on machine: String) throws(StoreError) {
    switch (state, job, named) {
    case (.occupied, .some(let there), .none):
      throw StoreError(
        .bedJobNotNamed, "job \(there)'s part lies on \(machine): name the job that was taken off")
    case (.occupied, .some(let there), .some(let named)) where there != named:
      throw StoreError(.bedOtherJob, "not job \(named)'s but job \(there)'s part lies on \(machine)")
    case (.occupied, .none, .some(let named)):
      throw StoreError(
        .bedOtherJob,
        "what lies on \(machine) is not of job \(named)\(reason.map { " (\($0))" } ?? ""): name no job")
    case (.clear, _, .some(let named)) where clearedJob != named:
      throw StoreError(.bedOtherJob, "the bed of \(machine) is clear: job \(named)'s part does not lie there")
    case (.occupied, _, _), (.unknown, _, _), (.clear, _, _): return
    }
  }
}

extension Transaction {
  func setBed(
    of machine: String, _ state: MachineRecord.Bed.State, job: Int64?, reason: String? = nil
  ) throws {
    try database.execute(
      sql: "UPDATE machine SET bedState = ?, bedJob = ?, bedReason = ? WHERE name = ?",
      arguments: [state.rawValue, job, reason, machine])
  }
}
