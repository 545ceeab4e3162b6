import Foundation
import GRDB

extension JobStore {
  /// Opens or makes the store in `folder` (`fabline.sqlite`, `fabline.lock`, `files/`, `incoming/`, `backups/`).
  ///
  /// A damaged database is put aside as `fabline.sqlite.damaged-DATE` and told in the result; the store then holds what could be
  /// rescued (see `Rescue`), and `adoptFiles` finds the stored files again. A kill and a power cut are no damage: each
  /// commit is synced to the log before it is told, and the log is replayed here.
  /// - Throws: `store.inUse` with the pid of the fablined that has it, `store.folder`, `store.newer`, `store.full`.
  public static func open(
    folder: String, now: @escaping @Sendable () -> Int64 = JobStore.systemClock
  ) async throws(StoreError) -> StoreOpening {
    try open(folder: folder, disk: .system, now: now)
  }

  /// A store whose database is in memory, with its files under `folder`; for tests and the demo.
  public static func inMemory(
    folder: String, passwordCost: PasswordCost = .standard,
    now: @escaping @Sendable () -> Int64 = JobStore.systemClock
  ) async throws(StoreError) -> JobStore {
    try inMemory(folder: folder, disk: .system, passwordCost: passwordCost, now: now)
  }

  static func open(
    folder: String, disk: Disk, now: @escaping @Sendable () -> Int64
  ) throws(StoreError) -> StoreOpening {
    let lock = try prepare(folder)
    let places = DatabasePlaces(folder: folder)
    try Rescue.finish(places)
    let logIsMissing = places.logIsMissing
    var damage: StoreDamage?
    let pool: DatabasePool
    switch try attemptOpening(places) {
    case .opened(let sound):
      pool = sound
      if logIsMissing { damage = try Rescue.distrust(pool, places, at: now()) }
    case .damaged(let detail):
      damage = try Rescue(places: places, detail: detail, moment: now()).replace()
      guard case .opened(let rescued) = try attemptOpening(places) else {
        throw StoreError(.storeFolder, "\(folder) gives back other bytes than were written: check the disk")
      }
      pool = rescued
    }
    places.noteOpen()
    let store = JobStore(
      database: pool, files: FileFolder(path: folder, disk: disk), lock: lock, places: places, now: now)
    return StoreOpening(store: store, damage: damage)
  }

  static func inMemory(
    folder: String, disk: Disk, passwordCost: PasswordCost = .standard,
    now: @escaping @Sendable () -> Int64
  ) throws(StoreError) -> JobStore {
    let lock = try prepare(folder)
    do {
      let queue = try DatabaseQueue(configuration: configuration)
      try Schema.migrator.migrate(queue)
      return JobStore(
        database: queue, files: FileFolder(path: folder, disk: disk), lock: lock,
        passwordCost: passwordCost, now: now)
    } catch { throw StoreError(error) }
  }

  /// Makes the folders, takes the lock, and drops intakes that a crash left half done.
  private static func prepare(_ folder: String) throws(StoreError) -> FolderLock {
    guard folder.hasPrefix("/") else {
      throw StoreError(.storeFolder, "\(folder) is not an absolute path")
    }
    do {
      for part in ["", "/files", "/incoming", "/backups"] {
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

  static var configuration: Configuration {
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
  private static func attemptOpening(_ places: DatabasePlaces) throws(StoreError) -> OpeningResult {
    let path = places.database
    do {
      if let words = try places.damage() { return .damaged(words) }
      let pool = try DatabasePool(path: path, configuration: configuration)
      try Schema.migrator.migrate(pool)
      // The pool sets NORMAL when it turns WAL on; FULL syncs the log at each commit, so that a commit outlives the power.
      try pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = FULL") }
      return .opened(pool)
    } catch let error as DatabaseError {
      if error.isDamage { return .damaged(error.message ?? "\(error.resultCode)") }
      switch error.resultCode {
      case .SQLITE_CANTOPEN, .SQLITE_PERM, .SQLITE_READONLY, .SQLITE_IOERR:
        throw StoreError(.storeFolder, "\(path) cannot be opened: \(error.message ?? "")")
      default: throw StoreError(error)
      }
    } catch { throw StoreError(error) }
  }
}

extension DatabasePlaces {
  /// What is wrong with the database, looked at without writing to it: a damaged one is kept as it was found, and one of a
  /// newer fablined (`store.newer`) is left alone. Nil where it is sound, and where there never was one.
  func damage() throws -> String? {
    if let words = absence() { return words }
    guard DatabasePlaces.exists(database) else { return nil }
    var configuration = JobStore.configuration
    configuration.readonly = true
    let reader = try DatabaseQueue(path: database, configuration: configuration)
    defer { try? reader.close() }
    // The whole check, indices too, where that takes a moment only; a queue's database is a few megabytes.
    let check = (DatabasePlaces.size(database) ?? 0) < 64 << 20 ? "integrity_check" : "quick_check"
    if let words = try reader.read({ try String.fetchOne($0, sql: "PRAGMA \(check)(1)") }), words != "ok" {
      return words
    }
    if try reader.read(Schema.migrator.hasBeenSuperseded) {
      throw StoreError(.storeNewer, "\(database) was written by a newer fablined; install that one again")
    }
    return nil
  }

  /// SQLite takes an empty file, and none, for a new database, and would drop the log of the old one.
  private func absence() -> String? {
    let size = DatabasePlaces.size(database)
    guard size == nil || size == 0 else { return nil }
    let hasLog = (DatabasePlaces.size(database + "-wal") ?? 0) > 0
    guard hasLog || DatabasePlaces.exists(openMark) || !automaticBackups().isEmpty else { return nil }
    return size == nil ? "it is gone" : "it is empty"
  }
}
