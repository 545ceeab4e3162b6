import Foundation
import GRDB

// A print that was cut short is gone on with by a new attempt of the same copy (safety.md rule 15). Only a person's word starts
// it, and the bed stays occupied by the part that is being gone on with: that is allowed for this attempt alone.

/// What a driver said of the place at which an attempt was cut short.
public struct StoredResumePoint: Equatable, Sendable {
  /// The attempt.
  public var attempt: String
  /// The driver's words.
  public var bytes: [UInt8]
  /// When they were stored, in milliseconds since 1970.
  public var at: Int64
}

/// What a person says of an uncertain copy without printing anything again.
public enum UncertainDecision: String, Sendable, CaseIterable {
  /// The part is whole.
  case done
  /// It is lost.
  case failed
}

extension JobStore {
  /// Keeps where an attempt was cut short; a later word replaces an earlier one. Throws `attempt.unknown`.
  public func keepResumePoint(_ attempt: String, _ bytes: [UInt8], by: String) async throws(StoreError) {
    try await commit(by: by) { transaction in
      _ = try AttemptRecord.find(transaction.database, id: attempt)
      try transaction.database.execute(
        sql: """
          INSERT INTO resumePoint (attempt, point, at) VALUES (?, ?, ?)
          ON CONFLICT (attempt) DO UPDATE SET point = excluded.point, at = excluded.at
          """, arguments: [attempt, Data(bytes), transaction.now])
    }
  }

  /// Where an attempt was cut short; nil where nobody told.
  public func resumePoint(_ attempt: String) async throws(StoreError) -> StoredResumePoint? {
    try await look { database in
      try Row.fetchOne(database, sql: "SELECT * FROM resumePoint WHERE attempt = ?", arguments: [attempt])
        .map { StoredResumePoint(attempt: $0["attempt"], bytes: Array($0["point"] as Data), at: $0["at"]) }
    }
  }

  /// Commits an attempt that goes on with `earlier` from a file made for it, as ordered to start, before its driver hears of it.
  /// The earlier one is decided by it; where the new one is withdrawn, it is undecided again.
  ///
  /// Throws `attempt.unknown`, `recovery.notUncertain`, `job.held`, `job.ended`, `machine.disabled`, `machine.busy`,
  /// `recovery.bed` where the part that lies on the bed is not this job's.
  public func attemptRecovering(
    _ id: String, from earlier: String, file: String, why: String, by: String
  ) async throws(StoreError) -> AttemptRecord {
    try await commit(by: by) { transaction in
      let database = transaction.database
      try transaction.checkNew(id)
      let old = try AttemptRecord.find(database, id: earlier)
      try old.refuseUnlessUndecided()
      let machine = try MachineRecord.find(database, name: old.machine)
      try transaction.refuseRecovery(of: old, on: machine)
      _ = try transaction.storedFile(file)
      try database.execute(sql: "UPDATE attempt SET settled = 1 WHERE id = ?", arguments: [earlier])
      try database.execute(
        sql: """
          INSERT INTO attempt (id, job, machine, copy, state, stagedAt, orderedAt, bedBefore, recovers, file)
          VALUES (?, ?, ?, ?, 'staged', ?, ?, 'occupied', ?, ?)
          """,
        arguments: [
          id, old.job, old.machine, old.copy, transaction.now, transaction.now, earlier, file,
        ])
      try transaction.log("recovered", why: why, job: old.job, machine: old.machine, attempt: id)
      _ = try transaction.refreshed(old.job)
      return try AttemptRecord.find(database, id: id)
    }
  }

  /// A person decides about the uncertain copies of a job without printing them again.
  ///
  /// Throws `job.unknown`, `recovery.notUncertain` where none is uncertain.
  public func decide(
    _ job: Int64, _ decision: UncertainDecision, reason: String?, by: String
  ) async throws(StoreError) -> JobRecord {
    try await commit(by: by) { transaction in
      let record = try JobRecord.find(transaction.database, id: job)
      let open = record.attempts.filter { $0.state == .uncertain && !$0.settled }
      guard !open.isEmpty else {
        throw StoreError(
          .recoveryNotUncertain, "job \(job) \(record.state.words): there is nothing uncertain to decide")
      }
      for attempt in open {
        guard try !transaction.copyWasPrintedAgain(attempt) else {
          throw StoreError(
            .attemptEnded, "copy \(attempt.copy) of job \(job) was given out again meanwhile")
        }
        let words = reason ?? (decision == .done ? "\(transaction.by): the part is whole" : nil)
        try transaction.database.execute(
          sql: """
            UPDATE attempt SET state = ?, startedAt = coalesce(startedAt, endedAt, stagedAt),
              reason = coalesce(?, reason) WHERE id = ?
            """, arguments: [decision.rawValue, words, attempt.id])
        try transaction.log(
          "decided: \(decision.rawValue)", why: reason, job: job, machine: attempt.machine,
          attempt: attempt.id)
      }
      return try transaction.refreshed(job)
    }
  }
}

extension AttemptRecord {
  /// Throws `recovery.notUncertain` where nothing of this attempt is open to a decision.
  fileprivate func refuseUnlessUndecided() throws(StoreError) {
    guard state == .uncertain, !settled else {
      throw StoreError(
        .recoveryNotUncertain,
        "attempt \(id) \(settled ? "was decided about already" : state.words): only an uncertain one is gone on with"
      )
    }
  }
}

extension Transaction {
  fileprivate func refuseRecovery(of old: AttemptRecord, on machine: MachineRecord) throws {
    let job = try JobRecord.find(database, id: old.job)
    if let hold = job.hold { throw StoreError(.jobHeld, "job \(job.id) is held: \(hold.reason)") }
    if job.cancellation != nil { throw StoreError(.jobEnded, "job \(job.id) is cancelled") }
    if let disabled = machine.disabled {
      throw StoreError(.machineDisabled, "\(machine.name) is disabled: \(disabled)")
    }
    try refuseWhileDraining()
    if let other = try openAttempts(on: machine.name).first {
      throw StoreError(.machineBusy, "\(machine.name) has job \(other.job)")
    }
    guard machine.bed.state == .occupied, machine.bed.job == job.id else {
      let what =
        switch machine.bed.state {
        case .clear: "the part of job \(job.id) was taken off"
        case .unknown: "nobody knows what lies there"
        case .occupied: "the part of \(machine.bed.job.map { "job \($0)" } ?? "another print") lies there"
        }
      throw StoreError(.recoveryBed, "\(machine.name): \(what), so there is nothing to go on with")
    }
  }

  /// A recovering attempt that never started leaves the one before it to be decided again.
  func undecide(before attempt: AttemptRecord) throws {
    guard let earlier = attempt.recovers else { return }
    try database.execute(
      sql: "UPDATE attempt SET settled = 0 WHERE id = ? AND state = 'uncertain'", arguments: [earlier])
  }
}

extension StoreError.Code {
  /// There is no uncertain attempt to go on with or to decide about.
  public static let recoveryNotUncertain = StoreError.Code(rawValue: "recovery.notUncertain")
  /// The part to go on with does not lie on the bed any more.
  public static let recoveryBed = StoreError.Code(rawValue: "recovery.bed")
}
