import Foundation

/// The right to be the one who uses a folder, for as long as the value lives: a state folder's writer, a run folder's fablined.
///
/// The lock is the kernel's and falls with the process: a file left behind by a killed one locks nothing. The descriptor is
/// close-on-exec, so that a driver, which outlives the supervisor, never holds the lock. The corresponding call is `flock`.
public final class FolderLock: Sendable {
  private let descriptor: Int32

  /// Locks `folder` by the file `name` in it.
  ///
  /// Throws `store.inUse` with the holder's pid, `store.folder`, `store.full`; `option` is how a person gives another folder.
  public init(folder: String, name: String = "fabline.lock", option: String = "--state") throws(StoreError) {
    let path = "\(folder)/\(name)"
    descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      throw StoreError(.storeFolder, "\(path) cannot be opened: \(errnoWords(errno))")
    }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      let failure = errno
      let holder = Self.content(of: descriptor)
      close(descriptor)
      guard failure == EWOULDBLOCK else {
        throw StoreError(.storeFolder, "\(path) cannot be locked: \(errnoWords(failure))")
      }
      let who = holder.isEmpty ? "another fablined" : "another fablined (pid \(holder))"
      throw StoreError(
        .storeInUse, "\(folder) is in use by \(who); stop it, or give this one another folder with \(option)")
    }
    let pid = Array("\(getpid())\n".utf8)
    guard ftruncate(descriptor, 0) == 0, pwrite(descriptor, pid, pid.count, 0) == pid.count else {
      let failure = errno
      close(descriptor)
      throw StoreError(
        failure == ENOSPC ? .storeFull : .storeFolder, "\(path) cannot be written: \(errnoWords(failure))")
    }
  }

  deinit { close(descriptor) }

  private static func content(of descriptor: Int32) -> String {
    var bytes = [UInt8](repeating: 0, count: 32)
    let count = pread(descriptor, &bytes, bytes.count, 0)
    return String(decoding: bytes.prefix(max(0, count)).filter { $0 >= 0x30 && $0 <= 0x39 }, as: UTF8.self)
  }
}

/// What the system says about an errno: `No space left on device`.
func errnoWords(_ code: Int32) -> String { String(cString: strerror(code)) }
