import Foundation
import GRDB

extension JobStore {
  /// Writes a consistent copy of the database to `path` while it is in use, and returns the paths of the stored files that
  /// belong to it.
  ///
  /// The copy is made beside its place and renamed, so that `path` is never half a backup; an older one is replaced. Throws
  /// `store.backupFailed`. Uses SQLite's online backup.
  @discardableResult
  public func backup(to path: String) async throws(StoreError) -> [String] {
    guard path.hasPrefix("/") else { throw StoreError(.backupFailed, "\(path) is not an absolute path") }
    let database = self.database
    let files = self.files
    let work = Task.detached { () async throws -> [String] in
      let part = path + ".part"
      for suffix in ["", "-wal", "-shm", "-journal"] { unlink(part + suffix) }
      try Self.copy(database, to: part)
      guard rename(part, path) == 0 else { throw Disk.Errno(code: errno) }
      try syncFolder(URL(fileURLWithPath: path).deletingLastPathComponent().path)
      return try await database.read {
        try String.fetchAll($0, sql: "SELECT hash FROM file WHERE removedAt IS NULL ORDER BY hash")
      }.map(files.path)
    }
    do { return try await work.value } catch {
      unlink(path + ".part")
      let words = (error as? Disk.Errno)?.words ?? "\(error)"
      throw StoreError(.backupFailed, "the backup \(path) could not be written: \(words)")
    }
  }

  /// Writes the automatic backup where the newest one is older than `age` milliseconds, and keeps the newest seven. Returns
  /// the new one's path, nil where none was due.
  ///
  /// It is what a damaged database is replaced with. The copy is checked whole: damage that nobody has met yet shows here, as
  /// `store.damaged`. Throws `store.backupFailed`.
  public func backUpIfDue(age: Int64 = 24 * 3_600_000) async throws(StoreError) -> String? {
    guard let places else { return nil }
    let moment = now()
    let newest = places.automaticBackups().first.flatMap { DatabasePlaces.changed($0) }
    // A time far in the future is a clock that was set back.
    if let newest, abs(moment - newest) < age { return nil }
    let path = "\(places.backups)/auto-\(dateMark(moment)).sqlite"
    do throws(StoreError) {
      _ = try await backup(to: path)
    } catch {
      if error.code == .backupFailed, let words = try await look({ try Self.quickCheck($0) }) {
        throw told(DatabaseError(resultCode: .SQLITE_CORRUPT, message: words))
      }
      throw error
    }
    for old in places.automaticBackups().dropFirst(7) { unlink(old) }
    return path
  }

  /// What is wrong with an open database; nil where nothing is.
  private static func quickCheck(_ database: Database) throws -> String? {
    let words = try String.fetchOne(database, sql: "PRAGMA quick_check(1)")
    return words == "ok" ? nil : words ?? "it cannot be checked"
  }

  private static func copy(_ database: any DatabaseWriter, to part: String) throws {
    var configuration = Configuration()
    configuration.label = "backup"
    let copy = try DatabaseQueue(path: part, configuration: configuration)
    try database.backup(to: copy)
    // One file that stands alone: no log beside it that a copy could forget.
    try copy.writeWithoutTransaction { try $0.execute(sql: "PRAGMA journal_mode = DELETE") }
    let words = try copy.read { try String.fetchOne($0, sql: "PRAGMA quick_check(1)") }
    guard words == "ok" else { throw StoreError(.backupFailed, words ?? "it cannot be read back") }
    try copy.close()
    let descriptor = Foundation.open(part, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw Disk.Errno(code: errno) }
    defer { Foundation.close(descriptor) }
    guard fsync(descriptor) == 0 else { throw Disk.Errno(code: errno) }
  }
}
