/// An error of the queue or of the file store, as a value that a person can read and a program can compare.
///
/// Codes are stable and dotted: `store.*` the database, `file.*` stored files, `job.*`, `attempt.*`, `machine.*`, `bed.*`.
public struct StoreError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The stable dotted code, as listed in `StoreError.Code`.
  public var code: Code
  /// The finer code where GCode gave one (`file.zip`, `file.numbered`): what API clients see before `code`.
  public var problem: String?
  /// What happened to which job, file or machine, and what to do.
  public var sentence: String

  /// Makes an error.
  public init(_ code: Code, _ sentence: String) {
    self.code = code
    self.sentence = sentence
  }

  /// The dotted code for programs: the finer one where there is one.
  public var dottedCode: String { problem ?? code.rawValue }
  /// Code and sentence.
  public var description: String { "\(dottedCode): \(sentence)" }
}

extension StoreError {
  /// Every code there is; the text is what API clients see.
  public enum Code: String, Sendable, CaseIterable {
    /// Another fablined holds the state folder.
    case storeInUse = "store.inUse"
    /// The state folder cannot be made, opened or written.
    case storeFolder = "store.folder"
    /// SQLite failed in a way that nothing here expects.
    case storeFailed = "store.failed"
    /// The database is of a newer fablined.
    case storeNewer = "store.newer"
    /// There is no room left.
    case storeFull = "store.full"
    /// A backup could not be written.
    case backupFailed = "store.backupFailed"

    /// No such file is stored.
    case fileUnknown = "file.unknown"
    /// There is no room for the file.
    case fileDiskFull = "file.diskFull"
    /// The stored bytes are gone.
    case fileMissing = "file.missing"
    /// The stored bytes are not what was taken in.
    case fileChanged = "file.changed"
    /// A job still needs the file.
    case fileInUse = "file.inUse"
    /// The file holds nothing.
    case fileEmpty = "file.empty"
    /// The file is not G-code; the sentence names what it is.
    case fileNotGCode = "file.notGCode"
    /// The file is G-code that no machine should be given; the sentence names the line.
    case fileRejected = "file.rejected"
    /// The bytes stopped coming before the end.
    case fileIncomplete = "file.incomplete"
    /// Reading or writing the file failed.
    case fileIO = "file.io"

    /// No such job.
    case jobUnknown = "job.unknown"
    /// The job has ended.
    case jobEnded = "job.ended"
    /// The job has not ended in a way that can be retried.
    case jobNotEnded = "job.notEnded"
    /// The job is not held.
    case jobNotHeld = "job.notHeld"
    /// The job is held already.
    case jobHeld = "job.held"
    /// The job is not printing.
    case jobNotPrinting = "job.notPrinting"
    /// The job is not paused.
    case jobNotPaused = "job.notPaused"
    /// The job runs: what was asked needs it to wait.
    case jobRunning = "job.running"
    /// Neither machine nor pool is named, and there is more than one to choose from.
    case jobNoTarget = "job.noTarget"
    /// A number, text or combination that no job can have.
    case jobInvalid = "job.invalid"
    /// The idempotency key came before with another request.
    case keyReused = "job.keyReused"

    /// No such attempt.
    case attemptUnknown = "attempt.unknown"
    /// The attempt ended already, otherwise.
    case attemptEnded = "attempt.ended"
    /// The attempt started already.
    case attemptStarted = "attempt.started"
    /// The attempt is not staged or not running.
    case attemptState = "attempt.state"
    /// The identifier was used before.
    case attemptExists = "attempt.exists"
    /// Every copy is printed, printing or staged.
    case attemptNoCopyLeft = "attempt.noCopyLeft"

    /// No such machine.
    case machineUnknown = "machine.unknown"
    /// The name is taken.
    case machineExists = "machine.exists"
    /// A setting that no machine can have.
    case machineInvalid = "machine.invalid"
    /// The machine prints or holds an attempt.
    case machineBusy = "machine.busy"
    /// A person disabled the machine.
    case machineDisabled = "machine.disabled"
    /// The machine waits for a person's word after power-on, reset or replug.
    case machineNotReady = "machine.notReady"
    /// A laser or mill: refused until its dialect exists.
    case machineClass = "machine.class"
    /// A job still waits for the machine.
    case machineNeeded = "machine.needed"

    /// The bed is not known to be clear.
    case bedNotClear = "bed.notClear"
    /// The part of another job lies there, or none of this job.
    case bedOtherJob = "bed.otherJob"
    /// The part that lies there belongs to a job: it has to be named.
    case bedJobNotNamed = "bed.jobNotNamed"
  }
}
