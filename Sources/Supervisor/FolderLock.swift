import Glibc

/// Keeps a second supervisor out of a run folder, for as long as the value lives; the store does the same for its own folder.
///
/// The lock is the kernel's and falls with the process, so a `kill -9` leaves nothing to clean up; the file also names the
/// holder's process for the sentence that the second one prints. Drivers do not inherit it.
///
/// The corresponding call is `flock`.
public final class FolderLock: Sendable {
  private let descriptor: Int32

  /// Locks `folder`, or tells who holds it.
  public init(folder: String) throws(HostError) {
    let path = "\(folder)/fablined.lock"
    let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o640)
    guard file >= 0 else {
      throw HostError(code: "folder.lock", sentence: "cannot open \(path): \(systemWords(errno)).")
    }
    guard flock(file, LOCK_EX | LOCK_NB) == 0 else {
      let holder = FolderLock.holder(of: file)
      close(file)
      throw HostError(
        code: "folder.locked",
        sentence: "another fablined\(holder.map { " (pid \($0))" } ?? "") uses \(folder): "
          + "stop it, or choose other folders with --state and --run.")
    }
    descriptor = file
    ftruncate(file, 0)
    let text = Array("\(getpid())\n".utf8)
    _ = text.withUnsafeBytes { pwrite(file, $0.baseAddress, $0.count, 0) }
  }

  deinit { close(descriptor) }

  private static func holder(of file: Int32) -> Int32? {
    var bytes = [UInt8](repeating: 0, count: 16)
    let count = bytes.withUnsafeMutableBytes { pread(file, $0.baseAddress, $0.count, 0) }
    guard count > 0 else { return nil }
    let digits = bytes[0..<count].prefix { $0 >= 0x30 && $0 <= 0x39 }
    return Int32(String(decoding: digits, as: UTF8.self))
  }
}

/// What the system says about an error number.
func systemWords(_ number: Int32) -> String {
  strerror(number).map { String(cString: $0) } ?? "error \(number)"
}
