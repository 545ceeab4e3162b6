import GRDB
import Synchronization
import Thumbnail
import Toolpath

/// Readings of files' contents that go on: each file once at a time, one file after the other.
final class ContentsQueue: Sendable {
  private struct State {
    var running: [String: Task<FileContents, any Error>] = [:]
    var last: Task<FileContents, any Error>?
  }

  private let state = Mutex(State())

  /// The reading of `hash` that goes on, or a new one behind the others.
  func reading(
    _ hash: String, _ body: @escaping @Sendable () async throws -> FileContents
  ) -> Task<FileContents, any Error> {
    state.withLock { state in
      if let running = state.running[hash] { return running }
      let before = state.last
      let task = Task {
        _ = await before?.result
        defer { forget(hash) }
        return try await body()
      }
      state.running[hash] = task
      state.last = task
      return task
    }
  }

  private func forget(_ hash: String) {
    state.withLock {
      $0.running[hash] = nil
      if $0.running.isEmpty { $0.last = nil }
    }
  }
}

extension JobStore {
  /// What following a stored file's path found: kept in the database, read now where nobody asked before.
  ///
  /// Reading takes about a second for each 50 MB where the machine has nothing else to do, and only what time others leave.
  /// Throws `file.unknown`, `file.missing`, `file.io`.
  public func contents(ofFile hash: String) async throws(StoreError) -> FileContents {
    let file = try await file(hash)
    if let known = try await look({ try FileContents.fetch($0, hash: file.hash) }) { return known }
    do { return try await reading(of: file).value } catch { throw told(error) }
  }

  /// Has a file's contents read when there is time, and does not wait for it.
  public func readContents(of file: FileRecord) {
    if file.facts.computed == nil { _ = reading(of: file) }
  }

  private func reading(of file: FileRecord) -> Task<FileContents, any Error> {
    // A store that is let go of is not held by a reading that goes on.
    readings.reading(file.hash) { [weak self, files] in
      let isPrinting = try await self?.isPrinting() ?? false
      let reading = ContentsReading(folder: files, hash: file.hash, rest: isPrinting ? 20_000 : 0)
      let found = try await QuietThread.run(.idle) { () throws(StoreError) in try reading.run() }
      try await self?.keep(found, of: file)
      return found.contents
    }
  }

  /// One layer of a stored file, counted from 0, and the lines that it draws. Throws `layer.unknown` and as `contents`.
  public func layer(
    _ number: Int, ofFile hash: String, most: Int
  ) async throws(StoreError) -> (layer: Layer, path: LayerPath, of: PathFacts) {
    let facts = try await contents(ofFile: hash).path
    guard facts.layers.indices.contains(number) else {
      throw StoreError(
        .layerUnknown,
        "the file has \(facts.layers.count) layers, counted from 0: there is no layer \(number)")
    }
    let hash = try await file(hash).hash
    let layer = facts.layers[number]
    let files = self.files
    let path = try await QuietThread.run(.asked) { () throws(StoreError) in
      try files.path(of: hash, layer, most: most)
    }
    return (layer, path, facts)
  }

  /// The bytes of a thumbnail, as they are in the file. Throws `file.changed` where they are no longer what was found there.
  public func picture(
    _ thumbnail: Thumbnail, ofFile hash: String
  ) async throws(StoreError) -> [UInt8] {
    let files = self.files
    return try await QuietThread.run(.asked) { () throws(StoreError) in
      var lines: [UInt8] = []
      try files.read(hash, from: thumbnail.offset, to: thumbnail.offset + Int64(thumbnail.length)) {
        lines.append(contentsOf: $0)
      }
      guard let picture = thumbnail.picture(in: lines) else {
        throw StoreError(.fileChanged, "the stored bytes of \(hash.prefix(12)) were changed; upload it again")
      }
      return picture
    }
  }

  private func isPrinting() async throws(StoreError) -> Bool {
    try await look { database in
      try Bool.fetchOne(database, sql: "SELECT EXISTS (SELECT 1 FROM attempt WHERE state = 'printing')")
        ?? false
    }
  }

  private func keep(_ found: ContentsReading.Found, of file: FileRecord) async throws(StoreError) {
    var facts = file.facts
    facts.complete(found)
    let completed = facts
    try await commit(by: "fablined") { transaction in
      // It may have been removed meanwhile.
      guard try FileRecord.fetch(transaction.database, hash: file.hash) != nil else { return }
      try found.contents.save(transaction.database, hash: file.hash)
      try completed.saveContents(transaction.database, hash: file.hash)
    }
  }
}
