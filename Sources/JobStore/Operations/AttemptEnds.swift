import GRDB

extension JobStore {
  /// An attempt ended. Acknowledge the driver's outcome only after this returned.
  ///
  /// The same end again changes nothing. A known end replaces `uncertain` (the driver was found again); the bed is then left
  /// alone, since a person may have cleared it meanwhile. Throws `attempt.unknown`, and `attempt.ended` for any other second
  /// end.
  public func attemptEnded(_ id: String, _ end: AttemptEnd, by: String) async throws(StoreError)
    -> AttemptRecord
  {
    try await commit(by: by) { transaction in
      let attempt = try AttemptRecord.find(transaction.database, id: id)
      if attempt.state == end.kind.state { return attempt }
      guard attempt.state.isOpen || attempt.state == .uncertain else {
        throw StoreError(
          .attemptEnded, "attempt \(id) \(attempt.state.words); it does not become \(end.kind.rawValue)")
      }
      // Done by a driver's word although its start was never told: it did start.
      let copyIsTaken = try transaction.copyWasPrintedAgain(attempt)
      if end.kind == .done, copyIsTaken {
        throw StoreError(
          .attemptEnded, "copy \(attempt.copy) of job \(attempt.job) was given out again meanwhile")
      }
      if attempt.state.isOpen { try transaction.leaveBed(attempt, end) }
      try transaction.record(end, of: attempt)
      if let reason = end.holdReason { try transaction.holdByMachine(attempt.job, reason) }
      _ = try transaction.refreshed(attempt.job)
      return try AttemptRecord.find(transaction.database, id: id)
    }
  }

  /// A staged attempt was taken back, and the driver said so or never had it. Saying it again changes nothing.
  ///
  /// Where the order to start was given and the driver never followed it, the bed is what it was before. Throws
  /// `attempt.unknown`, `attempt.started` where it runs, `attempt.ended`.
  public func attemptWithdrawn(
    _ id: String, reason: String?, by: String
  ) async throws(StoreError) -> AttemptRecord {
    try await commit(by: by) { transaction in
      let attempt = try AttemptRecord.find(transaction.database, id: id)
      if attempt.state == .withdrawn { return attempt }
      if attempt.state.isRunning {
        throw StoreError(.attemptStarted, "attempt \(id) \(attempt.state.words): cancel it instead")
      }
      guard attempt.state == .staged else {
        throw StoreError(.attemptEnded, "attempt \(id) \(attempt.state.words)")
      }
      try transaction.restoreBed(attempt)
      try transaction.undecide(before: attempt)
      try transaction.database.execute(
        sql: "UPDATE attempt SET state = 'withdrawn', endedAt = ?, reason = ? WHERE id = ?",
        arguments: [transaction.now, reason, id])
      try transaction.log("withdrawn", why: reason, job: attempt.job, machine: attempt.machine, attempt: id)
      _ = try transaction.refreshed(attempt.job)
      return try AttemptRecord.find(transaction.database, id: id)
    }
  }
}

extension AttemptEnd.Kind {
  var state: AttemptRecord.State {
    switch self {
    case .done: .done
    case .failed: .failed
    case .cancelled: .cancelled
    case .uncertain: .uncertain
    }
  }
}

extension Transaction {
  /// Whatever may have extruded leaves the bed occupied (safety.md rule 5); what certainly did not, leaves it as it was.
  fileprivate func leaveBed(_ attempt: AttemptRecord, _ end: AttemptEnd) throws {
    let mayHaveStarted = attempt.state.isRunning || attempt.orderedAt != nil
    let claimsMore = end.kind == .done || end.kind == .uncertain
    if end.mayHaveExtruded, mayHaveStarted || claimsMore {
      try setBed(of: attempt.machine, .occupied, job: attempt.job)
    } else if !end.mayHaveExtruded {
      try restoreBed(attempt)
    }
  }

  /// Makes the bed clear again where it was so before this attempt's order, and nothing else lies there since.
  fileprivate func restoreBed(_ attempt: AttemptRecord) throws {
    try database.execute(
      sql: """
        UPDATE machine SET bedState = 'clear', bedJob = NULL, bedReason = NULL
        WHERE name = ? AND bedState = 'occupied' AND bedJob = ?
          AND EXISTS (SELECT 1 FROM attempt WHERE id = ? AND orderedAt IS NOT NULL AND bedBefore = 'clear')
        """, arguments: [attempt.machine, attempt.job, attempt.id])
  }

  /// An uncertain copy that a person gave out again is in work or printed under another attempt.
  func copyWasPrintedAgain(_ attempt: AttemptRecord) throws -> Bool {
    guard attempt.state == .uncertain else { return false }
    let others = try Int.fetchOne(
      database,
      sql: """
        SELECT count(*) FROM attempt WHERE job = ? AND copy = ? AND id <> ?
          AND state IN ('staged', 'printing', 'paused', 'needsAttention', 'done')
        """, arguments: [attempt.job, attempt.copy, attempt.id])
    return others != 0
  }

  fileprivate func record(_ end: AttemptEnd, of attempt: AttemptRecord) throws {
    // A job that goes back to the queue, or that a person ended, has nothing left to decide about this attempt.
    let cancelled = try JobRecord.find(database, id: attempt.job).cancellation != nil
    let settled = end.kind != .done && end.kind != .uncertain && (end.holdReason != nil || cancelled)
    try database.execute(
      sql: """
        UPDATE attempt SET state = ?, endedAt = ?, startedAt = coalesce(startedAt, ?), reason = ?, code = ?,
          faultLine = ?, settled = ? WHERE id = ?
        """,
      arguments: [
        end.kind.rawValue, end.at, attempt.orderedAt != nil || end.kind == .done ? end.at : nil, end.reason,
        end.code, end.fileLine, settled, attempt.id,
      ])
    try end.progress?.save(database, attempt: attempt.id)
    try log(
      end.kind.rawValue, why: end.reason, job: attempt.job, machine: attempt.machine, attempt: attempt.id,
      at: end.at)
  }

  fileprivate func holdByMachine(_ job: Int64, _ reason: String) throws {
    guard try JobRecord.find(database, id: job).hold == nil else { return }
    try setHold(JobRecord.Hold(kind: .machine, reason: reason, by: by, at: now), of: job)
    try log("held", why: reason, job: job)
  }
}
