import Foundation

/// The few system calls of an intake that fail when a disk is full, as a seam: tests inject the errno instead of filling a
/// disk.
struct Disk: Sendable {
  /// How many bytes may still be written in the folder, or an errno. The corresponding call is `statvfs`.
  var freeBytes: @Sendable (_ folder: String) -> Result<Int64, Errno>
  /// Writes up to `bytes.count` bytes. The corresponding call is `write`.
  var write: @Sendable (_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Result<Int, Errno>
  /// Puts what was written on the disk. The corresponding call is `fsync`.
  var sync: @Sendable (_ descriptor: Int32) -> Result<Int, Errno>
  /// Always left free, so that the database can go on, in bytes.
  var reserve: Int64 = 16 << 20

  /// A number of the system's, with its words.
  struct Errno: Error, Equatable {
    var code: Int32
    var words: String { errnoWords(code) }
    var isFull: Bool { code == ENOSPC || code == EDQUOT }
  }

  static let system = Disk(
    freeBytes: { folder in
      var facts = statvfs()
      guard statvfs(folder, &facts) == 0 else { return .failure(Errno(code: errno)) }
      let free = UInt64(facts.f_bavail).multipliedReportingOverflow(by: UInt64(facts.f_frsize))
      return .success(free.overflow ? .max : Int64(clamping: free.partialValue))
    },
    write: { descriptor, bytes in
      let count = Foundation.write(descriptor, bytes.baseAddress, bytes.count)
      return count >= 0 ? .success(count) : .failure(Errno(code: errno))
    },
    sync: { descriptor in
      fsync(descriptor) == 0 ? .success(0) : .failure(Errno(code: errno))
    })

  /// Writes all of `bytes`, however short the single writes are; nil, or what kept it from doing so.
  func writeAll(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) -> Errno? {
    var rest = bytes
    while !rest.isEmpty {
      switch write(descriptor, rest) {
      case .success(let count): rest = UnsafeRawBufferPointer(rebasing: rest[count...])
      case .failure(let errno) where errno.code == EINTR: continue
      case .failure(let errno): return errno
      }
    }
    return nil
  }
}

/// Puts a folder's entries on the disk: a rename that is not synced may be undone by a power cut.
func syncFolder(_ path: String) throws(Disk.Errno) {
  let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
  guard descriptor >= 0 else { throw Disk.Errno(code: errno) }
  defer { close(descriptor) }
  guard fsync(descriptor) == 0 else { throw Disk.Errno(code: errno) }
}
