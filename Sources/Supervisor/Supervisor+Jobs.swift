import DriverInterface
import JobStore

/// What people do with jobs. The store decides whether it may be, and writes who did it; then the drivers are told.
extension Supervisor {
  /// Puts a job into the queue.
  public func submit(
    _ submission: JobSubmission, by: String, key: IdempotencyKey?
  ) async throws -> SubmissionResult {
    var result = try await store.submit(submission, by: by, key: key)
    guard !result.repeated else { return result }
    note("submitted \(result.job.name)", by: by, job: result.job.id)
    do {
      result.job = try await holdForProblems(result.job)
    } catch {
      // It is looked at again before it starts.
      log.warning(
        "the file of job \(result.job.id) was not checked: \(Supervisor.sentence(of: error))",
        metadata: ["job": "\(result.job.id)"])
    }
    publishJob(result.job)
    return result
  }

  /// The job waits for a person; copies that run go on.
  public func hold(_ id: Int64, reason: String?, by: String) async throws -> JobRecord {
    let orders = try await store.hold(id, reason: reason ?? "held by \(by)", by: by)
    note("held\(reason.map { ": \($0)" } ?? "")", by: by, job: id)
    await carryOut(orders)
    return try await publishing(id)
  }

  /// The job waits no more.
  public func release(_ id: Int64, by: String) async throws -> JobRecord {
    _ = try await store.release(id, by: by)
    note("released", by: by, job: id)
    return try await publishing(id)
  }

  /// Ends the job; what runs is ended by the safe ending.
  public func cancel(_ id: Int64, reason: String?, by: String) async throws -> JobRecord {
    let orders = try await store.cancel(id, reason: reason, by: by)
    note("cancelled\(reason.map { ": \($0)" } ?? "")", by: by, job: id)
    await carryOut(orders)
    return try await publishing(id)
  }

  /// Queues what failed, was cancelled or is uncertain again.
  public func retry(_ id: Int64, by: String) async throws -> JobRecord {
    _ = try await store.retry(id, by: by)
    note("queued again", by: by, job: id)
    return try await publishing(id)
  }

  /// Changes a job that has not ended.
  public func change(_ id: Int64, _ edit: JobEdit, by: String) async throws -> JobRecord {
    _ = try await store.change(id, edit, by: by)
    note("changed", by: by, job: id)
    return try await publishing(id)
  }

  /// Pauses every copy that prints. The job is paused when the drivers say so.
  public func pause(_ id: Int64, by: String) async throws -> JobRecord {
    let attempts = try await store.attemptsToPause(id)
    note("pause asked for", by: by, job: id)
    try await tell(attempts, by: by) { .pause($0) }
    return try await publishing(id)
  }

  /// Goes on with every copy that is paused.
  public func resume(_ id: Int64, by: String) async throws -> JobRecord {
    let attempts = try await store.attemptsToResume(id)
    note("resume asked for", by: by, job: id)
    try await tell(attempts, by: by) { .resume($0) }
    return try await publishing(id)
  }

  /// Tells the drivers what a person's word means for them. A driver that cannot be reached is told when it comes back.
  func carryOut(_ orders: JobOrders) async {
    for stored in orders.withdraw {
      guard let attempt = AttemptID(stored.id), let keeper = keepers[stored.machine] else { continue }
      await handOvers[stored.machine]?.value
      await keeper.takeBack(stored, attempt, orders.job.reason ?? "taken back")
    }
    for stored in orders.cancel {
      guard let attempt = AttemptID(stored.id), let keeper = keepers[stored.machine] else { continue }
      _ = await keeper.ask(.cancel(attempt))
    }
  }

  private func tell(
    _ attempts: [AttemptRecord], by: String, _ request: (AttemptID) -> DriverRequest
  ) async throws {
    for stored in attempts {
      guard let attempt = AttemptID(stored.id) else { continue }
      let keeper = try await keeper(stored.machine)
      await keeper.set(askedBy: by)
      do throws(HostError) {
        _ = try await keeper.request(request(attempt))
      } catch {
        await keeper.set(askedBy: nil)
        throw error
      }
    }
  }

  private func publishing(_ id: Int64) async throws -> JobRecord {
    let job = try await store.job(id)
    publishJob(job)
    return job
  }

  /// Takes a file in; its name is asked for when the bytes have come.
  public func takeIn<Chunks: AsyncSequence>(
    _ chunks: sending Chunks, name: @autoclosure @Sendable () -> String, by: String, expected: Int64?
  ) async throws -> FileIntake where Chunks.Element: Collection<UInt8> {
    let intake = try await store.takeIn(chunks, name: name(), by: by, expected: expected)
    store.readContents(of: intake.file)
    let known = intake.storedBefore ? ", known already" : ""
    note("took in \(intake.file.name), \(intake.file.size) bytes\(known)", by: by)
    return intake
  }
}
