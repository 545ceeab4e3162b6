import Glibc

/// A log that another process appends to, kept from growing without end.
enum BoundedLog {
  /// Puts the content aside as `PATH.1` and starts anew where it is larger than `limit` bytes; the writer keeps its
  /// descriptor, which appends. A line that is written in between may be lost.
  static func cut(_ path: String, limit: Int = 1 << 20) {
    let file = open(path, O_RDWR | O_CLOEXEC)
    guard file >= 0 else { return }
    defer { close(file) }
    let size = Int(lseek(file, 0, SEEK_END))
    guard size > limit else { return }
    let aside = open(path + ".1", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o640)
    guard aside >= 0 else { return }
    defer { close(aside) }
    var piece = [UInt8](repeating: 0, count: 64 << 10)
    var offset = 0
    while true {
      let count = piece.withUnsafeMutableBytes { pread(file, $0.baseAddress, $0.count, off_t(offset)) }
      guard count > 0 else { break }
      _ = piece.withUnsafeBytes { write(aside, $0.baseAddress, count) }
      offset += count
    }
    ftruncate(file, 0)
  }

  /// The last lines of a file, oldest first, from at most its last 8 kB.
  static func lastLines(of path: String, count: Int) -> [String] {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return [] }
    defer { close(file) }
    let size = Int(lseek(file, 0, SEEK_END))
    var bytes = [UInt8](repeating: 0, count: min(size, 8 << 10))
    let start = off_t(size - bytes.count)
    let read = bytes.withUnsafeMutableBytes { pread(file, $0.baseAddress, $0.count, start) }
    let text = String(decoding: bytes.prefix(max(0, read)), as: UTF8.self)
    return text.split(whereSeparator: \.isNewline).suffix(count).map(String.init)
  }
}
