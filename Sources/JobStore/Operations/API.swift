/// Stubs so that others can build against the API; each moves to its own file when it is written.
extension JobStore {
  /// Opens or makes the store in `folder` (`fabline.sqlite`, `fabline.lock`, `files/`, `incoming/`).
  ///
  /// Throws `store.inUse` with the pid of the fablined that has it, `store.folder`, `store.newer`.
  public static func open(
    folder: String, now: @escaping @Sendable () -> Int64 = JobStore.systemClock
  ) async throws(StoreError) -> StoreOpening { throw unwritten }
  /// A store whose database is in memory, with its files under `folder`; for tests and the demo.
  public static func inMemory(
    folder: String, now: @escaping @Sendable () -> Int64 = JobStore.systemClock
  ) async throws(StoreError) -> JobStore { throw unwritten }
  /// Writes a consistent copy of the database to `path` while it is in use, and returns the paths of the stored files.
  @discardableResult
  public func backup(to path: String) async throws(StoreError) -> [String] { throw unwritten }

  // MARK: Files

  /// Takes a file in: streams `chunks` to disk, strips keys of print hosts, hashes, checks, reads, and stores it by content.
  ///
  /// - Parameters:
  ///   - chunks: The bytes in pieces of any size; at most one is in memory.
  ///   - name: The client's name for it; only its last component is used, made safe.
  ///   - by: Who brings it.
  ///   - expected: How many bytes will come, where known: too little room is then told before the first byte.
  /// - Throws: `file.diskFull`, `file.empty`, `file.notGCode`, `file.rejected`, `file.incomplete`, `file.io`; nothing
  ///   stays behind.
  public func takeIn<Chunks: AsyncSequence>(
    _ chunks: sending Chunks, name: String, by: String, expected: Int64? = nil
  ) async throws(StoreError) -> FileIntake where Chunks.Element: Collection<UInt8> { throw unwritten }
  /// The file with this hash, or any unambiguous beginning of it of at least 8 digits. Throws `file.unknown`.
  public func file(_ hash: String) async throws(StoreError) -> FileRecord { throw unwritten }
  /// Files, newest first, after the one with hash `after`.
  public func files(after: String? = nil, limit: Int = 200) async throws(StoreError) -> [FileRecord] {
    throw unwritten
  }
  /// Removes a file. Throws `file.unknown`; `file.inUse` while a job that has not ended, or could be retried, needs it.
  public func removeFile(_ hash: String, by: String) async throws(StoreError) { throw unwritten }
  /// The absolute path of the stored bytes, after a look that they are still there with their size. Throws
  /// `file.missing`, `file.changed`.
  public func path(ofFile hash: String) async throws(StoreError) -> String { throw unwritten }
  /// Reads the stored bytes again and compares their hash. Throws `file.missing`, `file.changed`.
  public func verifyFile(_ hash: String) async throws(StoreError) { throw unwritten }
  /// Registers stored files that have no record (a crash at the end of an intake, a database put aside). Returns them.
  public func adoptFiles() async throws(StoreError) -> [FileRecord] { throw unwritten }

  // MARK: Machines

  /// Adds a machine: bed unknown, not ready. Throws `machine.exists`, `machine.invalid`.
  public func addMachine(
    _ settings: MachineRecord.Settings, by: String
  ) async throws(StoreError) -> MachineRecord { throw unwritten }
  /// Replaces a machine's settings; the name stays. Throws `machine.unknown`, `machine.invalid`, `machine.busy` where the
  /// port, class or speed changes while an attempt is open.
  public func setMachine(
    _ settings: MachineRecord.Settings, by: String
  ) async throws(StoreError) -> MachineRecord { throw unwritten }
  /// Removes a machine. Throws `machine.unknown`, `machine.busy`, `machine.needed` while a job names it.
  public func removeMachine(_ name: String, by: String) async throws(StoreError) { throw unwritten }
  /// Takes no more jobs there; what runs goes on.
  public func disableMachine(
    _ name: String, reason: String, by: String
  ) async throws(StoreError) -> MachineRecord { throw unwritten }
  /// Takes jobs there again.
  public func enableMachine(_ name: String, by: String) async throws(StoreError) -> MachineRecord {
    throw unwritten
  }
  /// One machine. Throws `machine.unknown`.
  public func machine(_ name: String) async throws(StoreError) -> MachineRecord { throw unwritten }
  /// All machines by name.
  public func machines() async throws(StoreError) -> [MachineRecord] { throw unwritten }

  // MARK: Beds

  /// A person says that the bed is clear and the machine may start.
  ///
  /// An occupied bed wants the job whose part was taken off: `bed.jobNotNamed`, `bed.otherJob`. A bed that is unknown, or
  /// occupied by none of the queue's jobs, is cleared without one. Throws `machine.busy` while an attempt runs there.
  public func ready(
    _ machine: String, job: Int64?, by: String
  ) async throws(StoreError) -> MachineRecord { throw unwritten }
  /// Something that is none of the queue's jobs may lie on the bed: a print from SD, a direct print, a manual extrusion.
  public func occupyBed(
    _ machine: String, reason: String, by: String
  ) async throws(StoreError) -> MachineRecord { throw unwritten }
  /// Power-on, reset or replug: not ready until a person says so (safety.md rule 6). The bed stays as it is.
  public func machineRestarted(
    _ machine: String, reason: String, by: String
  ) async throws(StoreError) -> MachineRecord { throw unwritten }

  // MARK: Jobs

  /// Puts a job into the queue. A mismatch of file and machine holds it with the reason (safety.md rule 7).
  ///
  /// The same `key` with the same fingerprint from the same person gives the first job again. Throws `job.keyReused`,
  /// `job.invalid`, `job.noTarget`, `file.unknown`, `machine.unknown`, `machine.class`.
  public func submit(
    _ submission: JobSubmission, by: String, key: IdempotencyKey? = nil
  ) async throws(StoreError) -> SubmissionResult { throw unwritten }
  /// One job. Throws `job.unknown`.
  public func job(_ id: Int64) async throws(StoreError) -> JobRecord { throw unwritten }
  /// Jobs by number.
  public func jobs(_ query: JobQuery = JobQuery()) async throws(StoreError) -> [JobRecord] { throw unwritten }
  /// How many jobs there are in each state.
  public func jobCounts() async throws(StoreError) -> [JobRecord.State: Int] { throw unwritten }
  /// The job waits for a person; copies that run go on. Returns staged attempts to withdraw. Throws `job.ended`,
  /// `job.held`.
  public func hold(_ id: Int64, reason: String, by: String) async throws(StoreError) -> JobOrders {
    throw unwritten
  }
  /// The job waits no more. Where it was held for a mismatch that no machine of its target is free of, the mismatch is
  /// accepted by this word; a temperature above the limit never is (`job.invalid`). Throws `job.notHeld`.
  public func release(_ id: Int64, by: String) async throws(StoreError) -> JobRecord { throw unwritten }
  /// Ends the job. Returns what to withdraw and what to cancel; where nothing is open it has ended. An uncertain or failed
  /// job is cancelled by it, too. Throws `job.ended` for done and cancelled.
  public func cancel(
    _ id: Int64, reason: String?, by: String
  ) async throws(StoreError) -> JobOrders { throw unwritten }
  /// Queues the copies that failed, were cancelled or are uncertain again, from the start. Throws `job.notEnded`,
  /// `job.ended` where it is done, `file.missing`.
  public func retry(_ id: Int64, by: String) async throws(StoreError) -> JobRecord { throw unwritten }
  /// Changes a job that has not ended; `before` and `priority` reorder it. Throws `job.invalid`, `job.ended`,
  /// `job.running` for another machine while a copy is open, `machine.unknown`.
  public func change(_ id: Int64, _ edit: JobEdit, by: String) async throws(StoreError) -> JobRecord {
    throw unwritten
  }
  /// The attempts of a job that can be paused now. Throws `job.notPrinting`.
  public func attemptsToPause(_ id: Int64) async throws(StoreError) -> [AttemptRecord] { throw unwritten }
  /// The attempts of a job that can be resumed now. Throws `job.notPaused`.
  public func attemptsToResume(_ id: Int64) async throws(StoreError) -> [AttemptRecord] { throw unwritten }

  // MARK: Attempts

  /// Commits an attempt before its driver hears of it.
  ///
  /// Throws `attempt.exists`, `job.held`, `job.ended`, `attempt.noCopyLeft`, `machine.disabled`, `machine.busy` where one
  /// is staged there already, `machine.class`. With `copy` nil the lowest copy left is taken.
  public func attemptStaged(
    _ id: String, job: Int64, machine: String, copy: Int? = nil, by: String
  ) async throws(StoreError) -> AttemptRecord { throw unwritten }
  /// Commits the order to start, before the driver hears of it: the bed is occupied from here on. Saying it again is
  /// allowed. Throws `bed.notClear`, `machine.notReady`, `machine.disabled`, `machine.busy`, `job.held`, `job.ended`.
  public func attemptOrdered(_ id: String, by: String) async throws(StoreError) -> AttemptRecord {
    throw unwritten
  }
  /// The driver says that it started: a fact, never refused for the bed. Saying it again changes nothing.
  public func attemptStarted(_ id: String, at: Int64, by: String) async throws(StoreError) -> AttemptRecord {
    throw unwritten
  }
  /// The driver's phase changed in mid-attempt: `printing`, `paused` or `needsAttention`.
  public func attemptMoved(
    _ id: String, to state: AttemptRecord.State, reason: String?, by: String
  ) async throws(StoreError) -> AttemptRecord { throw unwritten }
  /// Writes progress down, for a restart; call it every few seconds at most. Not in the history.
  public func attemptProgress(_ id: String, _ progress: AttemptRecord.Progress) async throws(StoreError) {
    throw unwritten
  }
  /// An attempt ended. The same end again changes nothing; a known end replaces `uncertain`; any other throws
  /// `attempt.ended`. Acknowledge the driver's outcome only after this returned.
  public func attemptEnded(_ id: String, _ end: AttemptEnd, by: String) async throws(StoreError)
    -> AttemptRecord
  {
    throw unwritten
  }
  /// A staged attempt was taken back, and the driver said so or never had it. Throws `attempt.started`.
  public func attemptWithdrawn(
    _ id: String, reason: String?, by: String
  ) async throws(StoreError) -> AttemptRecord { throw unwritten }
  /// One attempt. Throws `attempt.unknown`.
  public func attempt(_ id: String) async throws(StoreError) -> AttemptRecord { throw unwritten }
  /// The attempts that a driver holds or should hold, by machine or all.
  public func openAttempts(machine: String? = nil) async throws(StoreError) -> [AttemptRecord] {
    throw unwritten
  }

  // MARK: Dispatch, history, events

  /// What `dispatch` needs from the store, in one snapshot: `live` tells for each machine what it does (missing: away).
  public func dispatchInput(
    live: [String: MachineFacts.Activity], policy: DispatchPolicy = DispatchPolicy()
  ) async throws(StoreError) -> DispatchInput { throw unwritten }
  /// Rows of history, oldest first.
  public func history(_ query: HistoryQuery) async throws(StoreError) -> [HistoryRecord] { throw unwritten }
  /// Adds to the event ring and drops the oldest rows above `bound`. Not synced to disk at once.
  public func appendEvents(_ events: [EventRecord], bound: Int = 20_000) async throws(StoreError) {
    throw unwritten
  }
  /// Rows of the event ring.
  public func events(_ query: EventQuery) async throws(StoreError) -> [EventRecord] { throw unwritten }
  /// The highest event number ever given; 0 for none.
  public func lastEvent() async throws(StoreError) -> Int64 { throw unwritten }
}

private let unwritten = StoreError(.storeFailed, "not written yet")
