import Hummingbird
import JobStore
import NIOCore

/// An upload's pieces as they come, until more have come than are taken. Throws `file.tooLarge`.
struct BoundedUpload: AsyncSequence, Sendable {
  let body: RequestBody
  /// In bytes.
  let limit: Int64

  struct AsyncIterator: AsyncIteratorProtocol {
    var pieces: RequestBody.AsyncIterator
    var left: Int64
    let limit: Int64

    mutating func next() async throws -> ByteBufferView? {
      guard let piece = try await pieces.next() else { return nil }
      left -= Int64(piece.readableBytes)
      guard left >= 0 else { throw StoreError.tooLarge(limit) }
      return piece.readableBytesView
    }
  }

  func makeAsyncIterator() -> AsyncIterator {
    AsyncIterator(pieces: body.makeAsyncIterator(), left: limit, limit: limit)
  }
}

extension StoreError {
  /// More than the configuration lets in.
  static func tooLarge(_ limit: Int64) -> StoreError {
    StoreError(
      .fileTooLarge,
      "the file is larger than the \(limit / 1_000_000) MB that this host takes (limits.upload-megabytes)")
  }
}
