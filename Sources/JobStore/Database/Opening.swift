import Foundation
import GRDB

extension JobStore {
  /// Opens or makes the store in `folder` (`fabline.sqlite`, `fabline.lock`, `files/`, `incoming/`).
  ///
  /// A damaged database is put aside as `fabline.sqlite.damaged-DATE` and told in the result; the store is then new, and
  /// `adoptFiles` finds the stored files again.
  /// - Throws: `store.inUse` with the pid of the fablined that has it, `store.folder`, `store.newer`, `store.full`.
  public static func open(
    folder: String, now: @escaping @Sendable () -> Int64 = JobStore.systemClock
  ) async throws(StoreError) -> StoreOpening {
    try open(folder: folder, disk: .system, now: now)
  }

  /// A store whose database is in memory, with its files under `folder`; for tests and the demo.
  public static func inMemory(
    folder: String, now: @escaping @Sendable () -> Int64 = JobStore.systemClock
  ) async throws(StoreError) -> JobStore {
    try inMemory(folder: folder, disk: .system, now: now)
  }

  static func open(
    folder: String, disk: Disk, now: @escaping @Sendable () -> Int64
  ) throws(StoreError) -> StoreOpening {
    let lock = try prepare(folder)
    let path = folder + "/fabline.sqlite"
    var damage: StoreDamage?
    let pool: DatabasePool
    switch try attemptOpening(path) {
    case .opened(let sound): pool = sound
    case .damaged(let detail):
      damage = try putAside(path, detail: detail, at: now())
      guard case .opened(let fresh) = try attemptOpening(path) else {
        throw StoreError(.storeFolder, "\(folder) gives back other bytes than were written: check the disk")
      }
      pool = fresh
    }
    let files = FileFolder(path: folder, disk: disk)
    return StoreOpening(store: JobStore(database: pool, files: files, lock: lock, now: now), damage: damage)
  }

  static func inMemory(
    folder: String, disk: Disk, now: @escaping @Sendable () -> Int64
  ) throws(StoreError) -> JobStore {
    let lock = try prepare(folder)
    do {
      let queue = try DatabaseQueue(configuration: configuration)
      try Schema.migrator.migrate(queue)
      return JobStore(database: queue, files: FileFolder(path: folder, disk: disk), lock: lock, now: now)
    } catch { throw StoreError(error) }
  }

  /// Makes the folders, takes the lock, and drops intakes that a crash left half done.
  private static func prepare(_ folder: String) throws(StoreError) -> FolderLock {
    guard folder.hasPrefix("/") else {
      throw StoreError(.storeFolder, "\(folder) is not an absolute path")
    }
    do {
      for part in ["", "/files", "/incoming"] {
        try FileManager.default.createDirectory(
          atPath: folder + part, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
      }
    } catch { throw StoreError(.storeFolder, "\(folder) cannot be made: \(error.localizedDescription)") }
    let lock = try FolderLock(folder: folder)
    let incoming = folder + "/incoming"
    for name in (try? FileManager.default.contentsOfDirectory(atPath: incoming)) ?? [] {
      unlink(incoming + "/" + name)
    }
    return lock
  }

  private static var configuration: Configuration {
    var configuration = Configuration()
    configuration.label = "fabline"
    configuration.busyMode = .timeout(10)
    configuration.foreignKeysEnabled = true
    // A queue's database is small and the kernel keeps its pages: a reader and a writer with little caches of their own do.
    configuration.maximumReaderCount = 1
    configuration.prepareDatabase { try $0.execute(sql: "PRAGMA cache_size = -128") }
    return configuration
  }
}

/// What came of looking at a database file.
private enum OpeningResult {
  case opened(DatabasePool)
  case damaged(String)
}

extension JobStore {
  /// Checks, opens and migrates; damage is a value, everything else an error.
  private static func attemptOpening(_ path: String) throws(StoreError) -> OpeningResult {
    do {
      if let words = try damage(in: path) { return .damaged(words) }
      let pool = try DatabasePool(path: path, configuration: configuration)
      try Schema.migrator.migrate(pool)
      // The pool sets NORMAL when it turns WAL on; FULL syncs the log at each commit, so that a commit outlives the power.
      try pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = FULL") }
      return .opened(pool)
    } catch let error as DatabaseError {
      switch error.resultCode {
      case .SQLITE_CORRUPT, .SQLITE_NOTADB: return .damaged(error.message ?? "\(error.resultCode)")
      case .SQLITE_CANTOPEN, .SQLITE_PERM, .SQLITE_READONLY, .SQLITE_IOERR:
        throw StoreError(.storeFolder, "\(path) cannot be opened: \(error.message ?? "")")
      default: throw StoreError(error)
      }
    } catch { throw StoreError(error) }
  }

  /// What is wrong with the database, looked at without writing to it: a damaged one is kept as it was found, and one of a
  /// newer fablined (`store.newer`) is left alone.
  private static func damage(in path: String) throws -> String? {
    guard access(path, F_OK) == 0 else { return nil }
    var configuration = configuration
    configuration.readonly = true
    let reader = try DatabaseQueue(path: path, configuration: configuration)
    defer { try? reader.close() }
    if let words = try reader.read({ try String.fetchOne($0, sql: "PRAGMA quick_check(1)") }), words != "ok" {
      return words
    }
    if try reader.read(Schema.migrator.hasBeenSuperseded) {
      throw StoreError(.storeNewer, "\(path) was written by a newer fablined; install that one again")
    }
    return nil
  }

  /// Renames the database and its log, so that nothing of them is lost and a new one can be made.
  private static func putAside(
    _ path: String, detail: String, at moment: Int64
  ) throws(StoreError) -> StoreDamage {
    let mark = ".damaged-" + dateMark(moment)
    var moved: [String] = []
    for suffix in ["", "-wal", "-shm"] where access(path + suffix, F_OK) == 0 {
      let target = path + mark + suffix
      guard rename(path + suffix, target) == 0 else {
        throw StoreError(.storeFolder, "the damaged \(path) cannot be put aside: \(errnoWords(errno))")
      }
      moved.append(target)
    }
    return StoreDamage(
      detail: detail, putAside: moved,
      sentence: """
        The database was damaged (\(detail)) and is put aside as \(moved.first ?? path). The queue begins empty; stored \
        files are kept. Restore a backup by stopping fablined and copying it to \(path).
        """)
  }

  /// `20261122-142305-123` in UTC: sorts, and never holds a character that a shell minds.
  private static func dateMark(_ moment: Int64) -> String {
    let formatter = DateFormatter()
    formatter.locale = Locale(identifier: "en_US_POSIX")
    formatter.timeZone = TimeZone(identifier: "UTC")
    formatter.dateFormat = "yyyyMMdd-HHmmss-SSS"
    return formatter.string(from: Date(timeIntervalSince1970: Double(moment) / 1000))
  }
}
