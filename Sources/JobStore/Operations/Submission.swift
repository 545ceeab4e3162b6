import GRDB

extension JobStore {
  /// Puts a job into the queue. A mismatch of file and machine holds it with the reason (safety.md rule 7).
  ///
  /// The same `key` with the same fingerprint from the same person gives the first job again; keys are kept for 30 days.
  /// - Throws: `job.keyReused`, `job.invalid`, `job.noTarget`, `file.unknown`, `file.missing`, `file.changed`,
  ///   `machine.unknown`.
  public func submit(
    _ submission: JobSubmission, by: String, key: IdempotencyKey? = nil
  ) async throws(StoreError) -> SubmissionResult {
    let files = self.files
    return try await commit(by: by) { transaction in
      if let key, let earlier = try transaction.job(under: key) {
        return SubmissionResult(job: earlier, repeated: true)
      }
      try submission.validate()
      let file = try transaction.storedFile(submission.file)
      try files.look(at: file)
      let target = try transaction.target(of: submission)
      let id = try transaction.insert(submission, file: file, target: target)
      try transaction.log("submitted", why: submission.note, job: id)
      if submission.force { try transaction.force(id) }
      if let reason = submission.hold {
        try transaction.setHold(
          JobRecord.Hold(kind: .person, reason: reason, by: transaction.by, at: transaction.now), of: id)
        try transaction.log("held", why: reason, job: id)
      } else if let question = file.question, !submission.force, try transaction.asksOfPrinters(target) {
        try transaction.setHold(
          JobRecord.Hold(kind: .question, reason: question, by: "fablined", at: transaction.now), of: id)
        try transaction.log("held", why: question, job: id)
      } else {
        try transaction.holdForMismatch(id)
      }
      if let key { try transaction.remember(key, job: id) }
      return SubmissionResult(job: try transaction.refreshed(id), repeated: false)
    }
  }
}

extension JobSubmission {
  /// Throws `job.invalid` with what is wrong.
  func validate() throws(StoreError) {
    guard (1...10_000).contains(copies) else {
      throw StoreError(.jobInvalid, "\(copies) copies: 1 to 10000 can be asked for")
    }
    guard (-10...10).contains(priority) else {
      throw StoreError(.jobInvalid, "priority \(priority): it goes from -10 to 10")
    }
    guard machine == nil || pool == nil else {
      throw StoreError(.jobInvalid, "a job names a machine or a pool, not both")
    }
    guard material != "", hold != "" else {
      throw StoreError(
        .jobInvalid, "a material or a reason to hold is left out where there is none, not empty")
    }
  }
}

extension Transaction {
  /// The file with this hash. Throws `file.unknown`.
  func storedFile(_ hash: String) throws -> FileRecord {
    guard let file = try FileRecord.fetch(database, hash: hash) else {
      throw StoreError(.fileUnknown, "no file \(hash.prefix(12)) is stored; upload it first")
    }
    return file
  }

  /// The job that was submitted under `key`; throws `job.keyReused` where the request was another one.
  fileprivate func job(under key: IdempotencyKey) throws -> JobRecord? {
    guard (1...255).contains(key.key.count) else {
      throw StoreError(.jobInvalid, "an idempotency key has 1 to 255 characters")
    }
    let row = try Row.fetchOne(
      database, sql: "SELECT fingerprint, job FROM idempotency WHERE principal = ? AND key = ?",
      arguments: [by, key.key])
    guard let row else { return nil }
    guard row["fingerprint"] == key.fingerprint else {
      throw StoreError(
        .keyReused,
        "the idempotency key \(key.key) came before with another request (job \(row["job"] as Int64)): take a new key"
      )
    }
    return try JobRecord.find(database, id: row["job"])
  }

  fileprivate func remember(_ key: IdempotencyKey, job: Int64) throws {
    try database.execute(
      sql: "DELETE FROM idempotency WHERE at < ?", arguments: [now - 30 * 86_400_000])
    try database.execute(
      sql: "INSERT INTO idempotency (principal, key, fingerprint, job, at) VALUES (?, ?, ?, ?, ?)",
      arguments: [by, key.key, key.fingerprint, job, now])
  }

  /// The machine or pool meant, checked: it exists (safety.md rule 7).
  fileprivate func target(of submission: JobSubmission) throws -> JobTarget {
    if let name = submission.machine {
      return .machine(try MachineRecord.find(database, name: name).name)
    }
    let machines = try MachineRecord.fetchAll(database)
    if let pool = submission.pool {
      try refuseUnlessPool(pool, of: machines)
      return .pool(pool)
    }
    if machines.count == 1, let only = machines.first { return .machine(only.name) }
    let pools = Set(machines.compactMap(\.settings.pool))
    if pools.count == 1, let pool = pools.first, machines.allSatisfy({ $0.settings.pool == pool }) {
      return .pool(pool)
    }
    throw StoreError(
      .jobNoTarget,
      machines.isEmpty
        ? "there is no machine yet: `fabline machine add` makes one"
        : "name a machine or a pool: sliced G-code fits only machines that their owner declared interchangeable"
    )
  }

  /// Whether what a file asks concerns the machines meant: the questions are those of printers' G-code, and the files of lasers
  /// and mills are checked against their machine before they start.
  fileprivate func asksOfPrinters(_ target: JobTarget) throws -> Bool {
    let machines = try MachineRecord.fetchAll(database).filter {
      $0.name == target.machine || (target.pool != nil && $0.settings.pool == target.pool)
    }
    return machines.contains { $0.settings.kind == .printer }
  }

  /// Throws `machine.unknown` where no machine is in the pool.
  func refuseUnlessPool(_ pool: String, of machines: [MachineRecord]) throws {
    guard machines.contains(where: { $0.settings.pool == pool }) else {
      throw StoreError(
        .machineUnknown, "no machine is in pool \(pool); `fabline machine list` shows the pools")
    }
  }

  fileprivate func insert(_ job: JobSubmission, file: FileRecord, target: JobTarget) throws -> Int64 {
    try database.execute(
      sql: """
        INSERT INTO job (file, name, machine, pool, copies, priority, due, material, submitter, note, createdAt, state)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'queued')
        """,
      arguments: [
        file.hash, file.name, target.machine, target.pool, job.copies, job.priority, job.due, job.material,
        by,
        job.note, now,
      ])
    return database.lastInsertedRowID
  }

  /// Compares the job's file with the machines that it names; where it fits none, the job waits for a person, with the
  /// reasons. Takes an earlier hold for a mismatch away where one fits now.
  func holdForMismatch(_ id: Int64) throws {
    let job = try JobRecord.find(database, id: id)
    let found = try mismatches(of: job)
    if found.fitsSome {
      guard job.hold?.kind == .mismatch else { return }
      try setHold(nil, of: id)
      try log("released", why: "the file fits", job: id)
    } else if job.hold == nil || job.hold?.kind == .mismatch, job.hold?.reason != found.words {
      try setHold(JobRecord.Hold(kind: .mismatch, reason: found.words, by: "fablined", at: now), of: id)
      try log("held", why: found.words, job: id)
    }
  }

  /// What of the job's file does not fit, machine by machine.
  func mismatches(of job: JobRecord) throws -> TargetMismatches {
    let facts = try FileRecord.facts(database, hash: job.file)
    let candidate = JobCandidate(job: job, file: facts)
    let machines = try MachineRecord.fetchAll(database).map { MachineFacts(machine: $0, activity: .idle) }
    return TargetMismatches(
      machines.filter(candidate.names).map { ($0.name, candidate.needs.mismatches(with: $0)) })
  }
}

/// The machine or the pool of a job.
enum JobTarget {
  case machine(String)
  case pool(String)

  var machine: String? { if case .machine(let name) = self { name } else { nil } }
  var pool: String? { if case .pool(let name) = self { name } else { nil } }
}

/// What of a file does not fit the machines that its job names.
struct TargetMismatches {
  let machines: [(name: String, obstacles: [Obstacle])]

  init(_ machines: [(name: String, obstacles: [Obstacle])]) { self.machines = machines }

  /// One machine takes the file as it is; with no machine there is nothing to compare.
  var fitsSome: Bool { machines.isEmpty || machines.contains { $0.obstacles.isEmpty } }
  /// `prn-3: PETG is not loaded in T0 (PLA is); prn-4: ...`
  var words: String {
    machines.map { "\($0.name): \($0.obstacles.clause)" }.joined(separator: "; ")
  }
  /// The codes whose acceptance opens the machine that lacks the fewest; nil where a temperature is in the way
  /// everywhere.
  var acceptable: Set<String>? {
    machines.filter { $0.obstacles.allSatisfy(\.isAcceptable) }
      .map { Set($0.obstacles.map(\.code)) }
      .min { ($0.count, $0.sorted().joined()) < ($1.count, $1.sorted().joined()) }
  }
}

extension FileRecord {
  /// What is known of a file, also of one that was removed.
  static func facts(_ database: Database, hash: String) throws -> StoredFacts {
    guard let row = try Row.fetchOne(database, sql: "SELECT * FROM file WHERE hash = ?", arguments: [hash])
    else { throw StoreError(.fileUnknown, "no file \(hash.prefix(12)) was ever stored") }
    return try StoredFacts(row: row, database: database)
  }
}
