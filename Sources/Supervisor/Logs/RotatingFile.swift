import Glibc

/// A log file that starts anew at a size and keeps a few of its predecessors (`NAME.1` the youngest).
///
/// Belongs to one thread. A full disk loses lines, counts them, and stops nothing.
struct RotatingFile: ~Copyable {
  let path: String
  let limit: Int
  let keep: Int
  private var descriptor: Int32 = -1
  private var size = 0
  /// Lines that could not be written.
  private(set) var lost = 0

  /// A file at `path`, of at most `limit` bytes, with `keep` older ones.
  init(path: String, limit: Int, keep: Int) {
    self.path = path
    self.limit = limit
    self.keep = keep
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// Appends one line, line feed included, in one write.
  mutating func append(_ line: [UInt8]) {
    if descriptor >= 0, size + line.count > limit { rotate() }
    if descriptor < 0 { reopen() }
    guard descriptor >= 0 else {
      lost += 1
      return
    }
    let written = line.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
    if written > 0 { size += written }
    if written != line.count { lost += 1 }
  }

  /// Opens the file; a line that a crash tore is ended first, so that the next one stands alone.
  private mutating func reopen() {
    descriptor = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o640)
    guard descriptor >= 0 else { return }
    size = Int(lseek(descriptor, 0, SEEK_END))
    var last: UInt8 = 0x0A
    if size > 0, pread(descriptor, &last, 1, off_t(size - 1)) == 1, last != 0x0A {
      last = 0x0A
      size += max(0, write(descriptor, &last, 1))
    }
  }

  private mutating func rotate() {
    close(descriptor)
    descriptor = -1
    for number in stride(from: keep, to: 0, by: -1) {
      rename(number == 1 ? path : "\(path).\(number - 1)", "\(path).\(number)")
    }
    if keep == 0 { unlink(path) }
  }
}
