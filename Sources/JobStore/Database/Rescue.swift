import Foundation
import GRDB

/// Makes a new database from what is left of a damaged one, and puts the damaged one aside.
///
/// The base is the newest automatic backup that is sound, or an empty database; over it comes every row that can still be read
/// from the damaged one. What was done since the last row that is left is not known: so every job that had not ended is held,
/// no bed counts as clear and no machine as ready, and new jobs get numbers that no lost one can have had. Nothing starts
/// before a person has looked. What drivers print goes on: their attempts are adopted where the rows are there, and shown as
/// a print that is not in the queue where they are not.
///
/// A kill in between loses nothing: the old files keep their names until the new database is whole and synced.
struct Rescue {
  let places: DatabasePlaces
  /// What is wrong with the old one.
  let detail: String
  let moment: Int64

  /// Does all of it; tells what came of it.
  func replace() throws(StoreError) -> StoreDamage {
    let told = try build()
    let sentence = """
      The database was damaged (\(detail)) and is put aside as \(places.database)\(mark). \(told) \(Rescue.advice) When \
      that is settled, take \(places.database)\(mark)* away.
      """
    Rescue.write(sentence, to: places.database + mark + ".txt")
    let aside = try putAside()
    try Rescue.finish(places)
    return StoreDamage(detail: detail, putAside: aside, sentence: sentence)
  }

  private var mark: String { ".damaged-" + dateMark(moment) }

  private static let advice = """
    Jobs that had not ended are held and no bed counts as clear: look at each before you release it. Stored files and the \
    drivers' journals are kept, and what prints goes on.
    """

  /// Builds the new database under a name of its own; the last step is the rename that makes it valid.
  private func build() throws(StoreError) -> String {
    DatabasePlaces.remove(places.rescue)
    defer { DatabasePlaces.remove(places.salvage) }
    do {
      let backup = places.automaticBackups().first(where: Rescue.isSound)
      if let backup { try FileManager.default.copyItem(atPath: backup, toPath: places.rescue) }
      let database = try DatabaseQueue(path: places.rescue, configuration: JobStore.configuration)
      try Schema.migrator.migrate(database)
      let salvage = Salvage.run(places, into: database)
      let words = Rescue.words(backup: backup, salvage)
      try database.write { connection in
        try Rescue.takeKeysBack(connection)
        try Rescue.makeSafe(connection, "the database was damaged: \(detail)", by: "fablined", at: moment)
        let transaction = Transaction(database: connection, now: moment, by: "fablined")
        try transaction.log("database rescued", why: "\(detail). \(words)")
      }
      try database.close()
      try Rescue.sync(places.rescue)
      guard rename(places.rescue, places.rescued) == 0 else { throw Disk.Errno(code: errno) }
      try syncFolder(places.folder)
      return words
    } catch let error as DatabaseError where error.resultCode == .SQLITE_FULL {
      throw StoreError(
        .storeFull, "the database is damaged (\(detail)), and there is no room to make a new one: make some")
    } catch {
      throw StoreError(
        .storeFolder, "the database is damaged (\(detail)), and no new one can be made: \(error)")
    }
  }

  private static func words(backup: String?, _ salvage: Salvage) -> String {
    let name = backup?.split(separator: "/").last.map(String.init)
    switch (salvage.isWhole, name) {
    case (true, _): return "Every row of it could be read and was taken over."
    case (false, .some(let name)):
      return "The queue is that of the backup \(name), with \(salvage.rows) rows that could still be read."
    case (false, nil) where salvage.rows > 0:
      return "There is no backup; \(salvage.rows) rows could still be read and were taken over."
    case (false, nil): return "Nothing of it could be read and there is no backup: the queue begins empty."
    }
  }

  private static func isSound(_ path: String) -> Bool {
    var configuration = JobStore.configuration
    configuration.readonly = true
    guard let queue = try? DatabaseQueue(path: path, configuration: configuration) else { return false }
    defer { try? queue.close() }
    let words = try? queue.read { try String.fetchOne($0, sql: "PRAGMA integrity_check(1)") }
    let isNewer = try? queue.read(Schema.migrator.hasBeenSuperseded)
    return words == "ok" && isNewer == false
  }

  /// Renames the old database and its log, so that nothing of them is lost.
  private func putAside() throws(StoreError) -> [String] {
    var moved: [String] = []
    for suffix in DatabasePlaces.suffixes where DatabasePlaces.exists(places.database + suffix) {
      let target = places.database + mark + suffix
      guard rename(places.database + suffix, target) == 0 else {
        throw StoreError(
          .storeFolder, "the damaged \(places.database) cannot be put aside: \(errnoWords(errno))")
      }
      moved.append(target)
    }
    return moved
  }

  /// Gives a new database, made whole before, its name; also after a kill in the middle of a rescue.
  static func finish(_ places: DatabasePlaces) throws(StoreError) {
    DatabasePlaces.remove(places.rescue)
    guard DatabasePlaces.exists(places.rescued) else { return }
    guard !DatabasePlaces.exists(places.database), !DatabasePlaces.exists(places.database + "-wal") else {
      // The old one was not put aside yet: it is looked at again.
      unlink(places.rescued)
      return
    }
    places.forgetOpen()
    guard rename(places.rescued, places.database) == 0 else {
      throw StoreError(.storeFolder, "\(places.database) cannot be made: \(errnoWords(errno))")
    }
    do throws(Disk.Errno) { try syncFolder(places.folder) } catch {
      throw StoreError(.storeFolder, "\(places.folder) cannot be synced: \(error.words)")
    }
  }

  /// The database is sound, but its log was taken away: what was changed since the last checkpoint is lost.
  static func distrust(
    _ pool: DatabasePool, _ places: DatabasePlaces, at moment: Int64
  ) throws(StoreError) -> StoreDamage {
    let detail = "its log fabline.sqlite-wal is gone"
    do {
      try pool.write { connection in
        try takeKeysBack(connection)
        try makeSafe(connection, "the database lost its log", by: "fablined", at: moment)
        try Transaction(database: connection, now: moment, by: "fablined").log("database lost its log")
      }
    } catch { throw StoreError(error) }
    let report = places.database + ".damaged-" + dateMark(moment) + ".txt"
    let sentence = """
      The database was not closed and \(detail): the last changes are lost, unless another program opened the database since. \
      \(advice) When that is settled, take \(report) away.
      """
    write(sentence, to: report)
    return StoreDamage(detail: detail, putAside: [], sentence: sentence)
  }

  /// What was revoked since the backup is back with it: whoever was signed in signs in again, and programs get new tokens.
  static func takeKeysBack(_ database: Database) throws {
    try database.execute(sql: "DELETE FROM session; DELETE FROM token")
  }

  /// Holds what waits, and trusts no bed: nothing that was done and forgotten is done again.
  static func makeSafe(_ database: Database, _ reason: String, by: String, at moment: Int64) throws {
    let transaction = Transaction(database: database, now: moment, by: by)
    try database.execute(
      sql: """
        UPDATE machine SET ready = 0, bedState = CASE bedState WHEN 'clear' THEN 'unknown' ELSE bedState END
        """)
    try database.execute(sql: "DELETE FROM attendance")
    // A job whose attempts are lost is no longer what its row says: done before, it would be printed again.
    for job in try Int64.fetchAll(database, sql: "SELECT id FROM job") { _ = try transaction.refreshed(job) }
    let waiting = try Int64.fetchAll(
      database,
      sql: """
        SELECT id FROM job WHERE holdKind IS NULL
          AND state IN ('queued', 'held', 'printing', 'paused', 'needsAttention')
        """)
    for job in waiting {
      try database.execute(
        sql: "UPDATE job SET holdKind = 'question', holdReason = ?, heldBy = ?, heldAt = ? WHERE id = ?",
        arguments: ["\(reason); was it printed since? If not: fabline release \(job)", by, moment, job])
      try transaction.log("held", why: reason, job: job)
      _ = try transaction.refreshed(job)
    }
    // No number comes twice: drivers and people may remember jobs that are lost here.
    try database.execute(
      sql: """
        INSERT INTO sqlite_sequence (name, seq) SELECT 'job', 0
        WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = 'job')
        """)
    try database.execute(sql: "UPDATE sqlite_sequence SET seq = (seq / 1000 + 1) * 1000 WHERE name = 'job'")
  }

  private static func sync(_ path: String) throws {
    let descriptor = Foundation.open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw Disk.Errno(code: errno) }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw Disk.Errno(code: errno) }
  }

  private static func write(_ text: String, to path: String) {
    // What is told once more at each start and in the status; without it the log has it.
    try? Data((text + "\n").utf8).write(to: URL(fileURLWithPath: path))
  }
}
