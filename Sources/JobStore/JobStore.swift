import Foundation
import GRDB

/// The queue's memory: files, machines, jobs, attempts, beds and their history, in one SQLite database and one folder.
///
/// One process at a time writes (an flock'ed file in the state folder). Every change and its history row are one
/// transaction, committed with `synchronous=FULL`, so that what a caller was told survives a power cut. A change that was
/// begun is finished although the calling task is cancelled. Times are milliseconds since 1970. `by` is the acting person
/// (`fablined` and `driver NAME` for what machines do).
public final class JobStore: Sendable {
  let database: any DatabaseWriter
  let files: FileFolder
  let now: @Sendable () -> Int64
  let diskThread = DiskThread()
  /// Checks read whole files: files that come in do not wait for them.
  let checkThread = DiskThread()
  let checks = RememberedChecks()
  private let lock: FolderLock

  init(
    database: any DatabaseWriter, files: FileFolder, lock: FolderLock, now: @escaping @Sendable () -> Int64
  ) {
    self.database = database
    self.files = files
    self.lock = lock
    self.now = now
  }

  /// Milliseconds since 1970 by the system's clock.
  public static let systemClock: @Sendable () -> Int64 = { Int64(Date().timeIntervalSince1970 * 1000) }
}

/// An opened store, and what was found on the way.
public struct StoreOpening: Sendable {
  /// The store, ready.
  public let store: JobStore
  /// The database was damaged and put aside; the store is new and empty, the stored files are kept.
  public let damage: StoreDamage?
}

/// A damaged database that was put aside.
public struct StoreDamage: Equatable, Sendable {
  /// What SQLite said.
  public let detail: String
  /// Where the files of the old database are now.
  public let putAside: [String]
  /// What happened and what to do, for a person.
  public let sentence: String
}
