import Glibc

/// A file's bytes in pieces of 256 KiB, read as they are asked for.
struct FilePieces: Sendable {
  /// Where it lies.
  let path: String
  /// The piece's size.
  var pieceSize = 256 << 10

  /// Starts from the beginning.
  func makeIterator() -> Iterator { Iterator(path: path, pieceSize: pieceSize) }

  /// Reads on; closes at the end.
  final class Iterator {
    private let path: String
    private var descriptor: Int32
    private var piece: [UInt8]

    init(path: String, pieceSize: Int) {
      self.path = path
      descriptor = open(path, O_RDONLY | O_CLOEXEC)
      piece = [UInt8](repeating: 0, count: pieceSize)
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// The next bytes; nil at the end. Throws `Failure` where the file cannot be read.
    func next() throws(Failure) -> ArraySlice<UInt8>? {
      guard descriptor >= 0 else { throw unreadable() }
      while true {
        let count = piece.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
        if count > 0 { return piece[..<count] }
        if count == 0 { return nil }
        if errno != EINTR { throw unreadable() }
      }
    }

    /// Goes on from `offset`; the place that was reached. The corresponding call is `lseek`.
    func skip(to offset: Int64) -> Int64 { Int64(lseek(descriptor, off_t(offset), SEEK_SET)) }

    private func unreadable() -> Failure {
      Failure(
        code: "file.unreadable", sentence: "\(path) cannot be read: \(String(cString: strerror(errno)))",
        status: .noSuchFile)
    }
  }
}
