import GRDB

// What a driver is told is committed here first, and what a driver tells is committed here before it is acknowledged. So
// that of two that die, either finds in the other what it needs:
//
//     attemptStaged  -> driver.stage       a staged row whose driver knows nothing of it is withdrawn
//     attemptOrdered -> driver.start       from here on the bed is occupied, whatever becomes of both
//     driver says started                  -> attemptStarted
//     driver says ended                    -> attemptEnded -> driver.acknowledgeOutcome

extension JobStore {
  /// Commits an attempt before its driver hears of it. With `copy` nil the lowest copy left is taken.
  ///
  /// Throws `host.draining`, `attempt.exists`, `job.unknown`, `job.held`, `job.ended`, `attempt.noCopyLeft`, `machine.unknown`,
  /// `machine.disabled`, `machine.unattended`, `machine.busy` where one is staged there already, `job.invalid` where the job does
  /// not name the machine.
  public func attemptStaged(
    _ id: String, job: Int64, machine: String, copy: Int? = nil, by: String
  ) async throws(StoreError) -> AttemptRecord {
    try await commit(by: by) { transaction in
      let database = transaction.database
      try transaction.checkNew(id)
      try transaction.refuseWhileDraining()
      let record = try JobRecord.find(database, id: job)
      try record.refuseStart()
      let place = try MachineRecord.find(database, name: machine)
      try place.refuseUnlessEnabled()
      try record.refuseUnlessFor(place)
      try place.refuseUnlessAttended(job, at: transaction.now)
      if let other = try transaction.openAttempts(on: machine).first(where: { $0.state == .staged }) {
        throw StoreError(.machineBusy, "\(machine) has job \(other.job) staged already")
      }
      guard let number = copy ?? record.copiesLeft.first, record.copiesLeft.contains(number) else {
        throw StoreError(.attemptNoCopyLeft, "every copy of job \(job) is printed or in work")
      }
      try database.execute(
        sql: "INSERT INTO attempt (id, job, machine, copy, state, stagedAt) VALUES (?, ?, ?, ?, 'staged', ?)",
        arguments: [id, job, machine, number, transaction.now])
      try transaction.log("staged", why: "copy \(number)", job: job, machine: machine, attempt: id)
      _ = try transaction.refreshed(job)
      return try AttemptRecord.find(database, id: id)
    }
  }

  /// Commits the order to start, before the driver hears of it: the bed is occupied from here on. Saying it again is
  /// allowed and changes nothing.
  ///
  /// Throws `host.draining`, `attempt.unknown`, `attempt.started`, `attempt.ended`, `job.held`, `job.ended`, `bed.notClear`,
  /// `machine.notReady`, `machine.unattended`, `machine.disabled`, `machine.busy`.
  public func attemptOrdered(_ id: String, by: String) async throws(StoreError) -> AttemptRecord {
    try await commit(by: by) { transaction in
      let database = transaction.database
      let attempt = try AttemptRecord.find(database, id: id)
      try attempt.refuseUnlessStaged()
      guard attempt.orderedAt == nil else { return attempt }
      try transaction.refuseWhileDraining()
      try JobRecord.find(database, id: attempt.job).refuseStart(ignoringCopies: true)
      let machine = try MachineRecord.find(database, name: attempt.machine)
      try machine.refuseUnlessMayStart()
      try machine.refuseUnlessAttended(attempt.job, at: transaction.now)
      if let other = try transaction.openAttempts(on: machine.name).first(where: \.state.isRunning) {
        throw StoreError(.machineBusy, "\(machine.name) prints job \(other.job)")
      }
      try database.execute(
        sql: "UPDATE attempt SET orderedAt = ?, bedBefore = ? WHERE id = ?",
        arguments: [transaction.now, machine.bed.state.rawValue, id])
      try transaction.setBed(of: machine.name, .occupied, job: attempt.job)
      try transaction.endAttendance(on: machine.name)
      try transaction.log("ordered to start", job: attempt.job, machine: machine.name, attempt: id)
      return try AttemptRecord.find(database, id: id)
    }
  }

  /// The driver says that it started: a fact, never refused for the bed or a hold. Saying it again changes nothing.
  ///
  /// Throws `attempt.unknown`, `attempt.ended`, `machine.busy` where another attempt of the same machine is not known to
  /// have ended (report that one first).
  public func attemptStarted(_ id: String, at: Int64, by: String) async throws(StoreError) -> AttemptRecord {
    try await commit(by: by) { transaction in
      let database = transaction.database
      let attempt = try AttemptRecord.find(database, id: id)
      if attempt.state.isRunning { return attempt }
      guard attempt.state == .staged else {
        throw StoreError(.attemptEnded, "attempt \(id) \(attempt.state.words): it cannot have started")
      }
      let other = try transaction.openAttempts(on: attempt.machine).first(where: \.state.isRunning)
      if let other {
        throw StoreError(.machineBusy, "\(attempt.machine) still has attempt \(other.id) of job \(other.job)")
      }
      try database.execute(
        sql: "UPDATE attempt SET state = 'printing', startedAt = ? WHERE id = ?", arguments: [at, id])
      try transaction.setBed(of: attempt.machine, .occupied, job: attempt.job)
      try transaction.log(
        "started", why: "copy \(attempt.copy)", job: attempt.job, machine: attempt.machine, attempt: id,
        at: at)
      _ = try transaction.refreshed(attempt.job)
      return try AttemptRecord.find(database, id: id)
    }
  }

  /// The driver's phase changed in mid-attempt: `printing`, `paused` or `needsAttention`.
  ///
  /// Throws `attempt.unknown`, `attempt.state` for any other state and where it does not run.
  public func attemptMoved(
    _ id: String, to state: AttemptRecord.State, reason: String?, by: String
  ) async throws(StoreError) -> AttemptRecord {
    guard state.isRunning else {
      throw StoreError(.attemptState, "an attempt does not become \(state.rawValue) by moving")
    }
    return try await commit(by: by) { transaction in
      let attempt = try AttemptRecord.find(transaction.database, id: id)
      guard attempt.state.isRunning else {
        throw StoreError(.attemptState, "attempt \(id) \(attempt.state.words): it does not run")
      }
      guard attempt.state != state || attempt.reason != reason else { return attempt }
      try transaction.database.execute(
        sql: "UPDATE attempt SET state = ?, reason = ? WHERE id = ?",
        arguments: [state.rawValue, state == .printing ? nil : reason, id])
      let what = state == .printing ? "resumed" : state == .paused ? "paused" : "needs attention"
      try transaction.log(what, why: reason, job: attempt.job, machine: attempt.machine, attempt: id)
      _ = try transaction.refreshed(attempt.job)
      return try AttemptRecord.find(transaction.database, id: id)
    }
  }

  /// Writes progress down, for a restart; call it every few seconds at most. Not in the history, and not synced at once.
  public func attemptProgress(
    _ id: String, _ progress: AttemptRecord.Progress
  ) async throws(StoreError) {
    try await commitUnsynced { database in
      let attempt = try AttemptRecord.find(database, id: id)
      guard attempt.state.isRunning else { return }
      try progress.save(database, attempt: id)
    }
  }

  /// One attempt. Throws `attempt.unknown`.
  public func attempt(_ id: String) async throws(StoreError) -> AttemptRecord {
    try await look { try AttemptRecord.find($0, id: id) }
  }

  /// The attempts that a driver holds or should hold, by machine or all.
  public func openAttempts(machine: String? = nil) async throws(StoreError) -> [AttemptRecord] {
    try await look { database in
      try Row.fetchAll(
        database,
        sql: """
          SELECT * FROM attempt WHERE state IN ('staged', 'printing', 'paused', 'needsAttention')
            AND machine = coalesce(?, machine) ORDER BY machine, stagedAt
          """, arguments: [machine]
      ).map(AttemptRecord.init)
    }
  }
}

extension Transaction {
  /// Throws `attempt.exists`, or `attempt.unknown` for what is no identifier.
  func checkNew(_ id: String) throws {
    guard id.utf8.count == 16,
      id.utf8.allSatisfy({ ($0 >= 0x30 && $0 <= 0x39) || ($0 >= 0x61 && $0 <= 0x66) })
    else { throw StoreError(.attemptUnknown, "\"\(id)\" is no attempt: 16 lower-case hexadecimal digits") }
    let known = try Row.fetchOne(database, sql: "SELECT 1 FROM attempt WHERE id = ?", arguments: [id])
    if known != nil { throw StoreError(.attemptExists, "attempt \(id) was used before") }
  }
}

extension AttemptRecord {
  fileprivate func refuseUnlessStaged() throws(StoreError) {
    if state.isRunning { throw StoreError(.attemptStarted, "attempt \(id) \(state.words) already") }
    guard state == .staged else { throw StoreError(.attemptEnded, "attempt \(id) \(state.words)") }
  }
}

extension JobRecord {
  /// Throws `job.held`, `job.ended`, `attempt.noCopyLeft`, where no further copy may start.
  fileprivate func refuseStart(ignoringCopies: Bool = false) throws(StoreError) {
    if let hold { throw StoreError(.jobHeld, "job \(id) is held: \(hold.reason)") }
    if cancellation != nil { throw StoreError(.jobEnded, "job \(id) is cancelled") }
    if state == .done { throw StoreError(.jobEnded, "job \(id) is done") }
    if attempts.contains(where: { !$0.settled && $0.state.endedBadly }) {
      throw StoreError(.jobEnded, "job \(id): \(stopReason ?? state.words)")
    }
    if !ignoringCopies, copiesLeft.isEmpty {
      throw StoreError(.attemptNoCopyLeft, "every copy of job \(id) is printed or in work")
    }
  }
}

extension MachineRecord {
  fileprivate func refuseUnlessEnabled() throws(StoreError) {
    if let disabled { throw StoreError(.machineDisabled, "\(name) is disabled: \(disabled)") }
  }

  fileprivate func refuseUnlessMayStart() throws(StoreError) {
    try refuseUnlessEnabled()
    guard bed.state == .clear else {
      let obstacle = Obstacle.bed(bed.state, job: bed.job, reason: bed.reason)
      throw StoreError(.bedNotClear, "\(name): \(obstacle.sentence)")
    }
    guard mayStart else {
      throw StoreError(.machineNotReady, "\(name): \(Obstacle.notReady.sentence)")
    }
  }
}
