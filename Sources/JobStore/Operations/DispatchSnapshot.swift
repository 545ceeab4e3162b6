import GRDB

extension JobStore {
  /// What `dispatch` needs from the store, in one snapshot: `live` tells for each machine what it does (missing: away).
  public func dispatchInput(
    live: [String: MachineFacts.Activity], policy: DispatchPolicy = DispatchPolicy()
  ) async throws(StoreError) -> DispatchInput {
    let moment = now()
    return try await look { database in
      let rows = try Row.fetchAll(
        database,
        sql: """
          SELECT * FROM job WHERE state IN ('queued', 'held', 'printing', 'paused', 'needsAttention') ORDER BY id
          """)
      var facts: [String: StoredFacts] = [:]
      let jobs = try JobRecord.fetch(database, rows: rows).map { job in
        let file = try facts[job.file] ?? FileRecord.facts(database, hash: job.file)
        facts[job.file] = file
        return JobCandidate(job: job, file: file)
      }
      let machines = try MachineRecord.fetchAll(database).map { machine in
        let open = try Self.openJobs(database, machine: machine.name)
        return MachineFacts(
          machine: machine, activity: live[machine.name] ?? .away("has no driver"), running: open.running,
          staged: open.staged)
      }
      var input = DispatchInput(
        jobs: jobs, machines: machines, use: try SubmitterUse.fetch(database, now: moment, policy: policy),
        now: moment, policy: policy)
      input.drainedBy = try Drain.fetch(database)?.by
      return input
    }
  }

  private static func openJobs(
    _ database: Database, machine: String
  ) throws -> (running: Int64?, staged: Int64?) {
    let running = try Int64.fetchOne(
      database,
      sql: "SELECT job FROM attempt WHERE machine = ? AND state IN ('printing', 'paused', 'needsAttention')",
      arguments: [machine])
    let staged = try Int64.fetchOne(
      database, sql: "SELECT job FROM attempt WHERE machine = ? AND state = 'staged'", arguments: [machine])
    return (running, staged)
  }
}

extension SubmitterUse {
  /// Machine time of each submitter in the policy's memory. A copy in work counts with at least its estimate, so that the
  /// second of two machines is not given to the same person just because the first began a second ago.
  static func fetch(_ database: Database, now: Int64, policy: DispatchPolicy) throws -> [SubmitterUse] {
    let since = now - policy.memory
    let rows = try Row.fetchCursor(
      database,
      sql: """
        SELECT job.submitter, attempt.machine, attempt.stagedAt, attempt.startedAt, attempt.endedAt, attempt.state,
          file.seconds
        FROM attempt JOIN job ON job.id = attempt.job JOIN file ON file.hash = job.file
        WHERE attempt.state <> 'withdrawn' AND (attempt.endedAt IS NULL OR attempt.endedAt > ?)
        """, arguments: [since])
    var use: [String: SubmitterUse] = [:]
    while let row = try rows.next() {
      let submitter: String = row["submitter"]
      let staged: Int64 = row["stagedAt"]
      let start = row["startedAt"] as Int64? ?? staged
      var time = max(0, min(now, row["endedAt"] as Int64? ?? now) - max(start, since))
      if row["endedAt"] as Int64? == nil {
        time = max(time, (row["seconds"] as Int64?).map { $0 * 1000 } ?? policy.unknownDuration)
      }
      let machine: String = row["machine"]
      var mine = use[submitter] ?? SubmitterUse(submitter: submitter, machineTime: 0)
      mine.machineTime += time
      mine.lastServed[machine] = max(mine.lastServed[machine] ?? .min, start)
      use[submitter] = mine
    }
    return use.values.sorted { $0.submitter < $1.submitter }
  }
}
