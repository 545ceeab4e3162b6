import GRDB

// Lasers and mills start attended only (safety.md rule 8): a person's word for one copy of one job on one machine holds for two
// minutes and is used up by the order to start.

extension JobStore {
  /// A person at the machine says that the next copy of the job may start there.
  ///
  /// Throws `job.unknown`, `job.invalid` where the job does not name the machine, `machine.unknown`, and `machine.class` for
  /// printers, which need no such word.
  public func attend(_ job: Int64, on machine: String, by: String) async throws(StoreError) -> Attendance {
    try await commit(by: by) { transaction in
      let database = transaction.database
      let record = try JobRecord.find(database, id: job)
      let place = try MachineRecord.find(database, name: machine)
      guard place.settings.kind != .printer else {
        throw StoreError(
          .machineClass, "\(machine) is a printer: its jobs start by themselves, `fabline ready` lets them")
      }
      try record.refuseUnlessFor(place)
      let attendance = Attendance(
        job: job, machine: machine, who: transaction.by, at: transaction.now,
        until: transaction.now + Attendance.lasts)
      try database.execute(
        sql: """
          INSERT INTO attendance (machine, job, who, at, until) VALUES (?, ?, ?, ?, ?)
          ON CONFLICT (machine) DO UPDATE SET job = excluded.job, who = excluded.who, at = excluded.at,
            until = excluded.until
          """, arguments: [machine, job, attendance.who, attendance.at, attendance.until])
      try transaction.log("start given", why: "for two minutes", job: job, machine: machine)
      return attendance
    }
  }

  /// The word is taken back: it could not be followed.
  public func unattend(_ machine: String, reason: String, by: String) async throws(StoreError) {
    try await commit(by: by) { transaction in
      guard let given = try Attendance.fetch(transaction.database, machine: machine) else { return }
      try transaction.endAttendance(on: machine)
      try transaction.log("start taken back", why: reason, job: given.job, machine: machine)
    }
  }
}

extension Attendance {
  static func fetch(_ database: Database, machine: String) throws -> Attendance? {
    try Row.fetchOne(database, sql: "SELECT * FROM attendance WHERE machine = ?", arguments: [machine]).map {
      Attendance(job: $0["job"], machine: $0["machine"], who: $0["who"], at: $0["at"], until: $0["until"])
    }
  }
}

extension Transaction {
  func endAttendance(on machine: String) throws {
    try database.execute(sql: "DELETE FROM attendance WHERE machine = ?", arguments: [machine])
  }
}

extension JobRecord {
  /// Throws `job.invalid` where neither the machine nor its pool is the job's.
  func refuseUnlessFor(_ place: MachineRecord) throws(StoreError) {
    guard machine == place.name || (pool != nil && pool == place.settings.pool) else {
      throw StoreError(
        .jobInvalid, "job \(id) is for \(machine ?? "pool \(pool ?? "")"), not for \(place.name)")
    }
  }
}

extension MachineRecord {
  /// Throws `machine.unattended` where a laser or mill has no start for this job that still holds.
  func refuseUnlessAttended(_ job: Int64, at now: Int64) throws(StoreError) {
    guard settings.kind != .printer else { return }
    guard let attendance, attendance.covers(job, at: now) else {
      throw StoreError(
        .machineUnattended, "\(name): \(Obstacle.unattended(settings.kind, job: job).sentence)")
    }
  }
}
