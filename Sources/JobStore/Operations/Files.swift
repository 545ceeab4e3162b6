import Foundation
import GRDB

extension JobStore {
  /// Takes a file in: streams `chunks` to disk, strips keys of print hosts, hashes, checks, reads, and stores it by content.
  ///
  /// - Parameters:
  ///   - chunks: The bytes in pieces of any size; one is in memory at a time.
  ///   - name: The client's name for it, asked for when the bytes have come; only its last component is used, made safe.
  ///   - by: Who brings it.
  ///   - expected: How many bytes will come, where known: too little room is told before the first, too few after the last.
  /// - Throws: `file.diskFull`, `file.incomplete`, `file.io`, and the codes of GCode's `FileProblem` for what is not fit to
  ///   be printed (`file.empty`, `file.zip`, `file.numbered`, ...); nothing stays behind.
  public func takeIn<Chunks: AsyncSequence>(
    _ chunks: sending Chunks, name: @autoclosure @Sendable () -> String, by: String, expected: Int64? = nil
  ) async throws(StoreError) -> FileIntake where Chunks.Element: Collection<UInt8> {
    let intake = Intake(folder: files, thread: diskThread, expected: expected)
    do {
      let part = try await Self.receive(chunks, intake)
      return try await keep(part, name: safeName(name()), by: by)
    } catch {
      await intake.abandon()
      throw error
    }
  }

  private static func receive<Chunks: AsyncSequence>(
    _ chunks: sending Chunks, _ intake: Intake
  ) async throws(StoreError) -> Intake.Part where Chunks.Element: Collection<UInt8> {
    try await intake.begin()
    do {
      for try await chunk in chunks where !chunk.isEmpty { try await intake.append(Array(chunk)) }
    } catch let error as StoreError {
      throw error
    } catch {
      throw StoreError(.fileIncomplete, "the file stopped coming: \(error)")
    }
    if Task.isCancelled { throw StoreError(.fileIncomplete, "the file stopped coming: cancelled") }
    return try await intake.finish()
  }

  /// Gives the part its name and its record. Both happen in the one place where changes are made, so that a removal of the
  /// same content cannot come in between.
  private func keep(_ part: Intake.Part, name: String, by: String) async throws(StoreError) -> FileIntake {
    let files = self.files
    return try await commit(by: by) { transaction in
      let known = try FileRecord.fetch(transaction.database, hash: part.hash)
      var isThere = false
      if let known { isThere = (try? files.look(at: known)) != nil }
      if isThere { unlink(part.path) } else { try files.adopt(part) }
      let questions = part.remarks.filter(\.isQuestion).map(\.sentence)
      let record = FileRecord(
        hash: part.hash, name: name, size: part.size, createdAt: known?.createdAt ?? transaction.now,
        submitter: known?.submitter ?? transaction.by, facts: part.facts,
        question: questions.isEmpty ? nil : questions.joined(separator: " "))
      do {
        try record.save(transaction.database)
        if known == nil { try transaction.log("file stored", why: "\(name), \(part.hash.prefix(12))") }
      } catch {
        // Without a record nobody could remove the bytes.
        if known == nil { unlink(files.path(of: part.hash)) }
        throw error
      }
      return FileIntake(
        file: record, storedBefore: isThere, remarks: part.remarks, strippedLines: part.strippedLines)
    }
  }

  /// How many bytes of files may still come; 0 where that is not known.
  public var freeBytes: Int64 {
    guard case .success(let free) = files.disk.freeBytes(files.incoming) else { return 0 }
    return max(0, free - files.disk.reserve)
  }

  /// The file with this hash, or any unambiguous beginning of it of at least 8 digits. Throws `file.unknown`.
  public func file(_ hash: String) async throws(StoreError) -> FileRecord {
    guard hash.utf8.count >= 8, hash.utf8.count <= 64, hash.utf8.allSatisfy(isLowerHexadecimal) else {
      throw StoreError(.fileUnknown, "\"\(hash)\" names no file: 8 to 64 lower-case hexadecimal digits do")
    }
    return try await look { database in
      let rows = try Row.fetchAll(
        database, sql: "SELECT * FROM file WHERE hash BETWEEN ? AND ? AND removedAt IS NULL LIMIT 2",
        arguments: [hash, hash + "g"])
      guard let row = rows.first else {
        throw StoreError(.fileUnknown, "no file \(hash.prefix(12)) is stored")
      }
      guard rows.count == 1 else {
        throw StoreError(.fileUnknown, "more than one file begins with \(hash): give more digits")
      }
      return try FileRecord(row: row, database: database)
    }
  }

  /// Files, newest first, after the one with hash `after`.
  public func files(after: String? = nil, limit: Int = 200) async throws(StoreError) -> [FileRecord] {
    try await look { database in
      try Row.fetchAll(
        database,
        sql: """
          SELECT file.* FROM file LEFT JOIN file AS last ON last.hash = ?
          WHERE file.removedAt IS NULL AND (last.hash IS NULL
            OR (file.createdAt, file.hash) < (last.createdAt, last.hash))
          ORDER BY file.createdAt DESC, file.hash DESC LIMIT ?
          """, arguments: [after, min(max(1, limit), 1000)]
      ).map { try FileRecord(row: $0, database: database) }
    }
  }

  /// Removes a file's bytes; what old jobs know of it stays.
  ///
  /// Throws `file.unknown`; `file.inUse` while a job needs it: one that has not ended, failed or is uncertain.
  public func removeFile(_ hash: String, by: String) async throws(StoreError) {
    let files = self.files
    try await commit(by: by) { transaction in
      let file = try transaction.storedFile(hash)
      let needed = try Int64.fetchOne(
        transaction.database,
        sql: """
          SELECT min(id) FROM job WHERE (file = ?1 OR id IN (SELECT job FROM attempt WHERE file = ?1))
            AND state NOT IN ('done', 'cancelled')
          """, arguments: [hash])
      if let needed {
        throw StoreError(.fileInUse, "job \(needed) needs \(file.name); cancel it first")
      }
      try transaction.database.execute(
        sql: "UPDATE file SET removedAt = ? WHERE hash = ?", arguments: [transaction.now, hash])
      try transaction.database.execute(sql: "DELETE FROM fileContents WHERE file = ?", arguments: [hash])
      try transaction.log("file removed", why: "\(file.name), \(hash.prefix(12))")
      // Unlinked before the commit: where the power fails between the two, the record says that the bytes are missing, and
      // an upload heals it. The other way round bytes would stay that nobody can remove.
      unlink(files.path(of: hash))
    }
  }

  /// The absolute path of the stored bytes, after a look that they are still what was taken in.
  ///
  /// Size and time of change are looked at; only where something wrote to the file since it was stored is all of it read
  /// again. Throws `file.unknown`, `file.missing`, `file.changed`.
  public func path(ofFile hash: String) async throws(StoreError) -> String {
    let file = try await look { try FileRecord.fetch($0, hash: hash) }
    guard let file else { throw StoreError(.fileUnknown, "no file \(hash.prefix(12)) is stored") }
    if try files.look(at: file) > file.createdAt + 2000 {
      try await FileAudit(thread: diskThread, folder: files).verify(file)
    }
    return files.path(of: hash)
  }

  /// Reads the stored bytes again and compares their hash. Throws `file.unknown`, `file.missing`, `file.changed`.
  public func verifyFile(_ hash: String) async throws(StoreError) {
    let record = try await look { try FileRecord.fetch($0, hash: hash) }
    guard let record else { throw StoreError(.fileUnknown, "no file \(hash.prefix(12)) is stored") }
    try await FileAudit(thread: diskThread, folder: files).verify(record)
  }

  /// Registers stored files that have no record (a crash at the end of an intake, a database put aside). Returns them.
  public func adoptFiles() async throws(StoreError) -> [FileRecord] {
    let known = try await look {
      try Set(String.fetchAll($0, sql: "SELECT hash FROM file WHERE removedAt IS NULL"))
    }
    var adopted: [FileRecord] = []
    for hash in files.hashes() where !known.contains(hash) {
      let audit = FileAudit(thread: diskThread, folder: files)
      guard let part = try? await audit.read(hash) else { continue }
      let record = FileRecord(
        hash: hash, name: "recovered-\(hash.prefix(12)).gcode", size: part.size, createdAt: now(),
        submitter: "fablined", facts: part.facts)
      try await commit(by: "fablined") { transaction in
        guard try FileRecord.fetch(transaction.database, hash: hash) == nil else { return }
        try record.save(transaction.database)
        try transaction.log("file found", why: "\(record.name): it had no record")
      }
      adopted.append(record)
    }
    return adopted
  }
}

extension FileFolder {
  /// Renames a part to its hash and puts the name on the disk.
  func adopt(_ part: Intake.Part) throws(StoreError) {
    guard rename(part.path, path(of: part.hash)) == 0 else {
      throw StoreError(.fileIO, "\(path(of: part.hash)) cannot be made: \(errnoWords(errno))")
    }
    do throws(Disk.Errno) { try syncFolder(files) } catch {
      throw StoreError(.fileIO, "\(files) cannot be synced: \(error.words)")
    }
  }
}

/// Reads stored files again, on the disk's thread.
private actor FileAudit {
  private let thread: DiskThread
  private let folder: FileFolder

  nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

  init(thread: DiskThread, folder: FileFolder) {
    self.thread = thread
    self.folder = folder
  }

  func verify(_ file: FileRecord) throws(StoreError) { try folder.verify(file) }

  /// Size and facts of a file, if its bytes are those that its name promises and can be printed.
  func read(_ hash: String) throws(StoreError) -> (size: Int64, facts: StoredFacts) {
    var reading = FileReading()
    try folder.read(hash) { reading.feed($0) }
    let size = reading.size
    let facts = try reading.finish().facts
    try folder.verify(
      FileRecord(hash: hash, name: hash, size: size, createdAt: 0, submitter: "fablined", facts: facts))
    return (size, facts)
  }
}
