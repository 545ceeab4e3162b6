import GRDB

extension JobStore {
  /// Changes a job that has not ended; `before` and `priority` reorder it.
  ///
  /// Another machine, pool or material compares the file again: a mismatch holds the job, a fit releases it from such a
  /// hold. Throws `job.unknown`, `job.invalid`, `job.ended`, `job.running` for another machine while a copy is open,
  /// `machine.unknown`.
  public func change(_ id: Int64, _ edit: JobEdit, by: String) async throws(StoreError) -> JobRecord {
    try await commit(by: by) { transaction in
      let job = try JobRecord.find(transaction.database, id: id)
      try job.refuseIfEnded()
      var words: [String] = []
      words += try transaction.changePlace(of: job, edit)
      words += try transaction.changeCopies(of: job, edit)
      words += try transaction.changeWords(of: job, edit)
      let retargeted = try transaction.changeTarget(of: job, edit)
      words += retargeted
      guard !words.isEmpty else { return job }
      try transaction.log("changed", why: words.joined(separator: ", "), job: id)
      if !retargeted.isEmpty {
        try transaction.accept([], of: id)
        try transaction.holdForMismatch(id)
      }
      return try transaction.refreshed(id)
    }
  }
}

extension Transaction {
  fileprivate func set(_ column: String, _ value: (any DatabaseValueConvertible)?, of job: Int64) throws {
    try database.execute(sql: "UPDATE job SET \(column) = ? WHERE id = ?", arguments: [value, job])
  }

  fileprivate func changePlace(of job: JobRecord, _ edit: JobEdit) throws -> [String] {
    var words: [String] = []
    if let priority = edit.priority, priority != job.priority {
      guard (-10...10).contains(priority) else {
        throw StoreError(.jobInvalid, "priority \(priority): it goes from -10 to 10")
      }
      try set("priority", priority, of: job.id)
      words.append("priority \(job.priority) -> \(priority)")
    }
    if let due = edit.due, due != job.due {
      try set("due", due, of: job.id)
      words.append(due == nil ? "no due date" : "due date")
    }
    if let before = edit.before, before != job.goesBefore ?? 0 {
      if before != 0 { try checkPlace(of: job.id, before: before) }
      try set("goesBefore", before == 0 ? nil : before, of: job.id)
      words.append(before == 0 ? "back to its own place" : "before job \(before)")
    }
    return words
  }

  /// The other job waits, and does not itself go before this one.
  private func checkPlace(of job: Int64, before other: Int64) throws {
    let target = try JobRecord.find(database, id: other)
    guard !target.state.isEnded else {
      throw StoreError(.jobInvalid, "job \(other) \(target.state.words): nothing can go before it")
    }
    let sql = """
      WITH RECURSIVE chain (id) AS (
        SELECT ? UNION SELECT goesBefore FROM job JOIN chain USING (id) WHERE goesBefore IS NOT NULL)
      SELECT count(*) FROM chain WHERE id = ?
      """
    guard try Int.fetchOne(database, sql: sql, arguments: [other, job]) == 0 else {
      throw StoreError(.jobInvalid, "job \(job) cannot go before job \(other): that one goes before it")
    }
  }

  fileprivate func changeCopies(of job: JobRecord, _ edit: JobEdit) throws -> [String] {
    guard let copies = edit.copies, copies != job.copies else { return [] }
    let least = max(1, job.copiesDone + job.openAttempts.count)
    guard (least...10_000).contains(copies) else {
      throw StoreError(
        .jobInvalid, "\(copies) copies of job \(job.id): \(least) are printed or in work, 10000 are the most")
    }
    try set("copies", copies, of: job.id)
    return ["copies \(job.copies) -> \(copies)"]
  }

  fileprivate func changeWords(of job: JobRecord, _ edit: JobEdit) throws -> [String] {
    guard let note = edit.note, note != job.note ?? "" else { return [] }
    try set("note", note.isEmpty ? nil : note, of: job.id)
    return ["note"]
  }

  fileprivate func changeTarget(of job: JobRecord, _ edit: JobEdit) throws -> [String] {
    var words: [String] = []
    if let material = edit.material, material != job.material ?? "" {
      try set("material", material.isEmpty ? nil : material, of: job.id)
      words.append(
        "material \(job.material ?? "of the file") -> \(material.isEmpty ? "of the file" : material)")
    }
    guard edit.machine == nil || edit.pool == nil else {
      throw StoreError(.jobInvalid, "a job names a machine or a pool, not both")
    }
    if let machine = edit.machine, machine != job.machine {
      _ = try MachineRecord.find(database, name: machine)
      words.append(try move(job, machine: machine, pool: nil))
    }
    if let pool = edit.pool, pool != job.pool {
      try refuseUnlessPool(pool, of: try MachineRecord.fetchAll(database))
      words.append(try move(job, machine: nil, pool: pool))
    }
    return words
  }

  private func move(_ job: JobRecord, machine: String?, pool: String?) throws -> String {
    if let open = job.openAttempts.first {
      throw StoreError(
        .jobRunning, "job \(job.id) has copy \(open.copy) on \(open.machine): it moves when that has ended")
    }
    try database.execute(
      sql: "UPDATE job SET machine = ?, pool = ? WHERE id = ?", arguments: [machine, pool, job.id])
    return "\(job.machine ?? "pool \(job.pool ?? "")") -> \(machine ?? "pool \(pool ?? "")")"
  }
}
