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
  /// The clock that everything here goes by, in milliseconds since 1970.
  public let now: @Sendable () -> Int64
  let passwords: PasswordBench
  let diskThread = DiskThread()
  /// Checks read whole files: files that come in do not wait for them.
  let checkThread = DiskThread()
  let checks = RememberedChecks()
  let readings = ContentsQueue()
  /// Damage that showed while the database was in use, once it did.
  public let damages: AsyncStream<StoreError>
  private let damageSeen: AsyncStream<StoreError>.Continuation
  let places: DatabasePlaces?
  private let lock: FolderLock

  init(
    database: any DatabaseWriter, files: FileFolder, lock: FolderLock, places: DatabasePlaces? = nil,
    passwordCost: PasswordCost = .standard, now: @escaping @Sendable () -> Int64
  ) {
    self.database = database
    self.files = files
    self.lock = lock
    self.places = places
    self.now = now
    passwords = PasswordBench(cost: passwordCost)
    (damages, damageSeen) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(1))
  }

  /// The log goes with the last connection, and that is no loss then.
  deinit { places?.forgetOpen() }

  /// What became of a damaged database; nil once its files were taken away.
  public var damage: String? { places?.report() }

  /// An error as the store gives it; damage is told to whoever watches for it.
  func told(_ error: any Error) -> StoreError {
    let error = StoreError(error)
    if error.code == .storeDamaged { damageSeen.yield(error) }
    return error
  }

  /// Waits for the reader's and the writer's answer. Throws where one of them cannot answer; nothing is written.
  public func answers() async throws(StoreError) {
    let database = self.database
    do {
      _ = try await database.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM machine") }
      _ = try await database.writeWithoutTransaction { try Int.fetchOne($0, sql: "SELECT 1") }
    } catch { throw told(error) }
  }

  /// Milliseconds since 1970 by the system's clock.
  public static let systemClock: @Sendable () -> Int64 = { Int64(Date().timeIntervalSince1970 * 1000) }
}

/// An opened store, and what was found on the way.
public struct StoreOpening: Sendable {
  /// The store, ready.
  public let store: JobStore
  /// The database was damaged and put aside; the store holds what could be rescued, the stored files are kept.
  public let damage: StoreDamage?
}

/// A damaged database that was put aside.
public struct StoreDamage: Equatable, Sendable {
  /// What was found.
  public let detail: String
  /// Where the files of the old database are now; empty where only its log was gone.
  public let putAside: [String]
  /// What happened and what to do, for a person.
  public let sentence: String
}
