import GRDB

extension JobStore {
  /// One job. Throws `job.unknown`.
  public func job(_ id: Int64) async throws(StoreError) -> JobRecord {
    try await look { try JobRecord.find($0, id: id) }
  }

  /// Jobs by number.
  public func jobs(_ query: JobQuery = JobQuery()) async throws(StoreError) -> [JobRecord] {
    try await look { database in
      var conditions = ["id > ?"]
      var arguments: StatementArguments = [query.after]
      if !query.states.isEmpty {
        conditions.append("state IN (\(databaseQuestionMarks(count: query.states.count)))")
        arguments += StatementArguments(query.states.map(\.rawValue).sorted())
      }
      if let machine = query.machine {
        conditions.append(
          "(machine = ? OR EXISTS (SELECT 1 FROM attempt WHERE attempt.job = job.id AND attempt.machine = ?))"
        )
        arguments += [machine, machine]
      }
      if let submitter = query.submitter {
        conditions.append("submitter = ?")
        arguments += [submitter]
      }
      arguments += [min(max(1, query.limit), 1000)]
      let rows = try Row.fetchAll(
        database,
        sql: "SELECT * FROM job WHERE \(conditions.joined(separator: " AND ")) ORDER BY id LIMIT ?",
        arguments: arguments)
      return try JobRecord.fetch(database, rows: rows)
    }
  }

  /// How many jobs there are in each state.
  public func jobCounts() async throws(StoreError) -> [JobRecord.State: Int] {
    try await look { database in
      var counts: [JobRecord.State: Int] = [:]
      for row in try Row.fetchAll(database, sql: "SELECT state, count(*) AS count FROM job GROUP BY state") {
        let state: JobRecord.State = try row.word("state")
        counts[state] = row["count"]
      }
      return counts
    }
  }

  /// The job waits for a person; copies that run go on. Returns staged attempts to withdraw.
  ///
  /// Throws `job.unknown`, `job.ended`, `job.held`.
  public func hold(_ id: Int64, reason: String, by: String) async throws(StoreError) -> JobOrders {
    try await hold(id, kind: .person, reason: reason, by: by)
  }

  /// The same by another word than a person's: the stored file is gone, the machine could not go on.
  public func hold(
    _ id: Int64, kind: JobRecord.Hold.Kind, reason: String, by: String
  ) async throws(StoreError) -> JobOrders {
    try await commit(by: by) { transaction in
      let job = try JobRecord.find(transaction.database, id: id)
      try job.refuseIfEnded()
      if let hold = job.hold {
        throw StoreError(.jobHeld, "job \(id) is held already, by \(hold.by): \(hold.reason)")
      }
      let words = reason.isEmpty ? "no reason given" : reason
      try transaction.setHold(
        JobRecord.Hold(kind: kind, reason: words, by: transaction.by, at: transaction.now), of: id)
      try transaction.log("held", why: words, job: id)
      return JobOrders(
        job: try transaction.refreshed(id), withdraw: job.openAttempts.filter { $0.state == .staged })
    }
  }

  /// The job waits no more.
  ///
  /// Where it was held for a mismatch that every machine of its target still has, the mismatch is accepted by this word. A
  /// temperature above the limit never is: `job.held`. Where it was held for a question of the file, the answer is yes: the
  /// check before the start only forbids what is too hot from then on. Throws `job.unknown`, `job.notHeld`, `job.ended`.
  public func release(_ id: Int64, by: String) async throws(StoreError) -> JobRecord {
    try await commit(by: by) { transaction in
      let job = try JobRecord.find(transaction.database, id: id)
      try job.refuseIfEnded()
      guard let hold = job.hold else { throw StoreError(.jobNotHeld, "job \(id) is not held") }
      let found = try transaction.mismatches(of: job)
      var accepted: [String] = []
      if !found.fitsSome {
        guard let codes = found.acceptable else {
          throw StoreError(.jobHeld, "job \(id) stays held, no word can accept this: \(found.words)")
        }
        accepted = codes.sorted()
        try transaction.accept(codes, of: id)
      }
      if hold.kind == .question { try transaction.force(id) }
      try transaction.setHold(nil, of: id)
      let why = accepted.isEmpty ? nil : "accepted although it differs: \(accepted.joined(separator: ", "))"
      try transaction.log("released", why: why, job: id)
      return try transaction.refreshed(id)
    }
  }

  /// Ends the job. Returns what to withdraw and what to cancel; where nothing is open it has ended.
  ///
  /// A failed or uncertain job is cancelled by it, too. Throws `job.unknown`, and `job.ended` for done and cancelled.
  public func cancel(_ id: Int64, reason: String?, by: String) async throws(StoreError) -> JobOrders {
    try await commit(by: by) { transaction in
      let job = try JobRecord.find(transaction.database, id: id)
      guard job.state != .done, job.state != .cancelled else {
        throw StoreError(.jobEnded, "job \(id) \(job.state.words) already")
      }
      if job.cancellation == nil {
        try transaction.database.execute(
          sql: "UPDATE job SET cancelledBy = ?, cancelledAt = ?, cancelReason = ? WHERE id = ?",
          arguments: [transaction.by, transaction.now, reason, id])
        try transaction.log("cancelled", why: reason, job: id)
      }
      try transaction.settle(id)
      return JobOrders(
        job: try transaction.refreshed(id), withdraw: job.openAttempts.filter { $0.state == .staged },
        cancel: job.openAttempts.filter(\.state.isRunning))
    }
  }

  /// Queues the copies that failed, were cancelled or are uncertain again, from the start. A hold stays.
  ///
  /// Throws `job.unknown`; `job.notEnded` while it waits or runs; `job.ended` where it is done; `file.missing`,
  /// `file.changed`, `file.unknown` where the bytes are gone.
  public func retry(_ id: Int64, by: String) async throws(StoreError) -> JobRecord {
    let files = self.files
    return try await commit(by: by) { transaction in
      let job = try JobRecord.find(transaction.database, id: id)
      guard job.state != .done else {
        throw StoreError(.jobEnded, "job \(id) is done: every copy is printed")
      }
      guard job.state.isEnded, job.openAttempts.isEmpty else {
        throw StoreError(.jobNotEnded, "job \(id) \(job.state.words): only what has ended can be tried again")
      }
      try files.look(at: try transaction.storedFile(job.file))
      try transaction.settle(id)
      try transaction.database.execute(
        sql: "UPDATE job SET cancelledBy = NULL, cancelledAt = NULL, cancelReason = NULL WHERE id = ?",
        arguments: [id])
      try transaction.log("retried", why: "from the start", job: id)
      try transaction.holdForMismatch(id)
      return try transaction.refreshed(id)
    }
  }

  /// The attempts of a job that can be paused now. Throws `job.unknown`, `job.notPrinting`.
  public func attemptsToPause(_ id: Int64) async throws(StoreError) -> [AttemptRecord] {
    let job = try await job(id)
    let found = job.attempts.filter { $0.state == .printing }
    guard !found.isEmpty else {
      throw StoreError(.jobNotPrinting, "job \(id) \(job.state.words): there is nothing to pause")
    }
    return found
  }

  /// The attempts of a job that can be resumed now. Throws `job.unknown`, `job.notPaused`.
  public func attemptsToResume(_ id: Int64) async throws(StoreError) -> [AttemptRecord] {
    let job = try await job(id)
    let found = job.attempts.filter { $0.state == .paused }
    guard !found.isEmpty else {
      throw StoreError(.jobNotPaused, "job \(id) \(job.state.words): there is nothing to resume")
    }
    return found
  }
}

extension Transaction {
  /// Replaces the accepted mismatches.
  func accept(_ codes: Set<String>, of job: Int64) throws {
    try database.execute(sql: "DELETE FROM jobAccepted WHERE job = ?", arguments: [job])
    for code in codes.sorted() {
      try database.execute(sql: "INSERT INTO jobAccepted (job, code) VALUES (?, ?)", arguments: [job, code])
    }
  }
}

extension JobRecord {
  /// Throws `job.ended`.
  func refuseIfEnded() throws(StoreError) {
    if state.isEnded { throw StoreError(.jobEnded, "job \(id) \(state.words)") }
  }
}

extension JobRecord.State {
  /// The state in a sentence after `job 12`.
  var words: String {
    switch self {
    case .queued: "is queued"
    case .held: "is held"
    case .printing: "is printing"
    case .paused: "is paused"
    case .needsAttention: "needs attention"
    case .done: "is done"
    case .failed: "failed"
    case .cancelled: "is cancelled"
    case .uncertain: "is uncertain"
    }
  }
}
