/// An error of the queue or of the file store, as a value that a person can read and a program can compare.
///
/// Codes are stable and dotted: `store.*` the database, `host.*` the whole host, `file.*` stored files, `job.*`, `attempt.*`, `machine.*`, `profile.*`, `bed.*`,
/// `account.*`, `token.*`.
public struct StoreError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The stable dotted code, as listed in `StoreError.Code`.
  public var code: Code
  /// What happened to which job, file or machine, and what to do.
  public var sentence: String

  /// Makes an error.
  public init(_ code: Code, _ sentence: String) {
    self.code = code
    self.sentence = sentence
  }

  /// Code and sentence.
  public var description: String { "\(code.rawValue): \(sentence)" }
}

extension StoreError {
  /// A stable dotted code; the text is what API clients see. Besides those here there are GCode's for files that are not fit
  /// to be printed, such as `file.zip` or `file.numbered`: see `FileProblem`.
  public struct Code: RawRepresentable, Hashable, Sendable {
    /// The dotted code.
    public let rawValue: String

    /// Wraps a dotted code.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// Another fablined holds the state folder.
    public static let storeInUse = Code(rawValue: "store.inUse")
    /// The state folder cannot be made, opened or written.
    public static let storeFolder = Code(rawValue: "store.folder")
    /// SQLite failed in a way that nothing here expects.
    public static let storeFailed = Code(rawValue: "store.failed")
    /// The database was damaged while it was in use.
    public static let storeDamaged = Code(rawValue: "store.damaged")
    /// The database is of a newer fablined.
    public static let storeNewer = Code(rawValue: "store.newer")
    /// There is no room left.
    public static let storeFull = Code(rawValue: "store.full")
    /// A backup could not be written.
    public static let backupFailed = Code(rawValue: "store.backupFailed")

    /// A person asked that no job starts.
    public static let hostDraining = Code(rawValue: "host.draining")

    /// No such file is stored.
    public static let fileUnknown = Code(rawValue: "file.unknown")
    /// The file has no layer of this number.
    public static let layerUnknown = Code(rawValue: "layer.unknown")
    /// There is no room for the file.
    public static let fileDiskFull = Code(rawValue: "file.diskFull")
    /// More bytes than the host takes.
    public static let fileTooLarge = Code(rawValue: "file.tooLarge")
    /// The stored bytes are gone.
    public static let fileMissing = Code(rawValue: "file.missing")
    /// The stored bytes are not what was taken in.
    public static let fileChanged = Code(rawValue: "file.changed")
    /// A job still needs the file.
    public static let fileInUse = Code(rawValue: "file.inUse")
    /// The file holds nothing.
    public static let fileEmpty = Code(rawValue: "file.empty")
    /// The bytes stopped coming before the end.
    public static let fileIncomplete = Code(rawValue: "file.incomplete")
    /// Reading or writing the file failed.
    public static let fileIO = Code(rawValue: "file.io")

    /// No such job.
    public static let jobUnknown = Code(rawValue: "job.unknown")
    /// The job has ended.
    public static let jobEnded = Code(rawValue: "job.ended")
    /// The job has not ended in a way that can be retried.
    public static let jobNotEnded = Code(rawValue: "job.notEnded")
    /// The job is not held.
    public static let jobNotHeld = Code(rawValue: "job.notHeld")
    /// The job is held already.
    public static let jobHeld = Code(rawValue: "job.held")
    /// The job is not printing.
    public static let jobNotPrinting = Code(rawValue: "job.notPrinting")
    /// The job is not paused.
    public static let jobNotPaused = Code(rawValue: "job.notPaused")
    /// The job runs: what was asked needs it to wait.
    public static let jobRunning = Code(rawValue: "job.running")
    /// Neither machine nor pool is named, and there is more than one to choose from.
    public static let jobNoTarget = Code(rawValue: "job.noTarget")
    /// A number, text or combination that no job can have.
    public static let jobInvalid = Code(rawValue: "job.invalid")
    /// The idempotency key came before with another request.
    public static let keyReused = Code(rawValue: "job.keyReused")
    /// The idempotency key came before with another request of another kind.
    public static let requestKeyReused = Code(rawValue: "request.keyReused")
    /// A request with this key was begun, and nobody knows how it ended.
    public static let requestDoubtful = Code(rawValue: "request.doubtful")

    /// No such attempt.
    public static let attemptUnknown = Code(rawValue: "attempt.unknown")
    /// The attempt ended already, otherwise.
    public static let attemptEnded = Code(rawValue: "attempt.ended")
    /// The attempt started already.
    public static let attemptStarted = Code(rawValue: "attempt.started")
    /// The attempt is not staged or not running.
    public static let attemptState = Code(rawValue: "attempt.state")
    /// The identifier was used before.
    public static let attemptExists = Code(rawValue: "attempt.exists")
    /// Every copy is printed, printing or staged.
    public static let attemptNoCopyLeft = Code(rawValue: "attempt.noCopyLeft")

    /// No such machine.
    public static let machineUnknown = Code(rawValue: "machine.unknown")
    /// The name is taken.
    public static let machineExists = Code(rawValue: "machine.exists")
    /// A setting that no machine can have.
    public static let machineInvalid = Code(rawValue: "machine.invalid")
    /// The machine prints or holds an attempt.
    public static let machineBusy = Code(rawValue: "machine.busy")
    /// A person disabled the machine.
    public static let machineDisabled = Code(rawValue: "machine.disabled")
    /// The machine waits for a person's word after power-on, reset or replug.
    public static let machineNotReady = Code(rawValue: "machine.notReady")
    /// The machine's class does not have what was asked for.
    public static let machineClass = Code(rawValue: "machine.class")
    /// A laser or mill, and nobody pressed start for this job within two minutes.
    public static let machineUnattended = Code(rawValue: "machine.unattended")
    /// A job still waits for the machine.
    public static let machineNeeded = Code(rawValue: "machine.needed")

    /// No such account.
    public static let accountUnknown = Code(rawValue: "account.unknown")
    /// The name is taken.
    public static let accountExists = Code(rawValue: "account.exists")
    /// A name or a password that no account can have.
    public static let accountInvalid = Code(rawValue: "account.invalid")
    /// Nobody could settle anything any more.
    public static let accountLastAdmin = Code(rawValue: "account.lastAdmin")
    /// More passwords wait to be looked at than this host takes.
    public static let accountBusy = Code(rawValue: "account.busy")
    /// No such token.
    public static let tokenUnknown = Code(rawValue: "token.unknown")
    /// The owner has a token of this name.
    public static let tokenExists = Code(rawValue: "token.exists")
    /// A name, a scope or an end that no token can have.
    public static let tokenInvalid = Code(rawValue: "token.invalid")

    /// No such profile.
    public static let profileUnknown = Code(rawValue: "profile.unknown")
    /// A profile that no firmware can have.
    public static let profileInvalid = Code(rawValue: "profile.invalid")

    /// The bed is not known to be clear.
    public static let bedNotClear = Code(rawValue: "bed.notClear")
    /// The part of another job lies there, or none of this job.
    public static let bedOtherJob = Code(rawValue: "bed.otherJob")
    /// The part that lies there belongs to a job: it has to be named.
    public static let bedJobNotNamed = Code(rawValue: "bed.jobNotNamed")
  }
}
