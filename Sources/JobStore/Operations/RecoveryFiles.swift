import Foundation

extension JobStore {
  /// A piece of a stored file from `offset` on, at most `count` bytes; empty at its end.
  ///
  /// Throws `file.missing`, `file.io`.
  public func piece(
    ofFile hash: String, at offset: Int64, count: Int = 256 << 10
  ) async throws(StoreError) -> [UInt8] {
    try await PieceReader(thread: checkThread, folder: files).read(hash, offset, count)
  }

  /// Stores `head`, followed by the stored file `hash` from `offset` on, under `name`; like any other file it is streamed, checked
  /// and named by its content.
  public func derive(
    from hash: String, at offset: Int64, head: [UInt8], name: String, by: String
  ) async throws(StoreError) -> FileRecord {
    let pieces = DerivedPieces(store: self, hash: hash, offset: offset, head: head)
    return try await takeIn(pieces, name: name, by: by, expected: nil).file
  }
}

/// A head, and the rest of a stored file behind it, piece by piece.
private struct DerivedPieces: AsyncSequence, Sendable {
  let store: JobStore
  let hash: String
  let offset: Int64
  let head: [UInt8]

  struct Iterator: AsyncIteratorProtocol {
    let store: JobStore
    let hash: String
    var offset: Int64
    var head: [UInt8]?

    mutating func next() async throws(StoreError) -> [UInt8]? {
      if let first = head {
        head = nil
        return first
      }
      let piece = try await store.piece(ofFile: hash, at: offset)
      offset += Int64(piece.count)
      return piece.isEmpty ? nil : piece
    }
  }

  func makeAsyncIterator() -> Iterator {
    Iterator(store: store, hash: hash, offset: offset, head: head.isEmpty ? nil : head)
  }
}

/// Reads pieces of stored files without holding up those that come in.
private actor PieceReader {
  private let thread: DiskThread
  private let folder: FileFolder

  nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

  init(thread: DiskThread, folder: FileFolder) {
    self.thread = thread
    self.folder = folder
  }

  func read(_ hash: String, _ offset: Int64, _ count: Int) throws(StoreError) -> [UInt8] {
    let place = folder.path(of: hash)
    let descriptor = open(place, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
    guard descriptor >= 0 else {
      throw StoreError(.fileMissing, "\(place) cannot be read: \(errnoWords(errno))")
    }
    defer { close(descriptor) }
    var number: Int32 = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      while filled < count {
        let got = pread(
          descriptor, buffer.baseAddress?.advanced(by: filled), count - filled,
          off_t(offset) + off_t(filled))
        if got == 0 { return }
        if got < 0, errno == EINTR { continue }
        guard got > 0 else {
          number = errno
          return
        }
        filled += got
      }
    }
    guard number == 0 else { throw StoreError(.fileIO, "\(place) cannot be read: \(errnoWords(number))") }
    return bytes
  }
}
