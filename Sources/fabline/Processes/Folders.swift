import FoundationEssentials
import Glibc

/// Folders for sockets and throw-away state: made for their owner alone.
enum Folders {
  /// Makes `path` and what is missing above it, for the owner alone. The corresponding call is `mkdir`.
  static func make(_ path: String) throws(Failure) {
    var made = ""
    for part in path.split(separator: "/") {
      made += "/" + part
      guard mkdir(made, 0o700) != 0, errno != EEXIST else { continue }
      let number = errno
      var facts = stat()
      if stat(made, &facts) == 0, facts.st_mode & S_IFMT == S_IFDIR { continue }
      throw Failure(
        code: "run.folder",
        sentence:
          "the folder \(made) cannot be made: \(String(cString: strerror(number))); name another with --run",
        status: .internalError)
    }
  }

  /// Makes a new folder with a name of its own below `TMPDIR` or `/tmp`. The corresponding call is `mkdtemp`.
  static func temporary(_ prefix: String) throws(Failure) -> String {
    var parent = RunFolder.environment("TMPDIR") ?? "/tmp"
    // A socket's path holds 107 bytes, and drivers' sockets lie deeper.
    if parent.isEmpty || parent.utf8.count > 50 { parent = "/tmp" }
    var template = Array("\(parent)/\(prefix)-XXXXXX".utf8CString)
    let made = template.withUnsafeMutableBufferPointer { buffer in
      buffer.baseAddress.flatMap { mkdtemp($0) }.map { String(cString: $0) }
    }
    guard let made else {
      throw Failure(
        code: "run.folder",
        sentence: "no temporary folder can be made in \(parent): \(String(cString: strerror(errno)))",
        status: .internalError)
    }
    return made
  }

  /// Refuses a folder in a public place that belongs to somebody else or that others may write.
  static func checkOwn(_ path: String) throws(Failure) {
    var facts = stat()
    guard lstat(path, &facts) == 0, facts.st_mode & S_IFMT == S_IFDIR, facts.st_uid == getuid(),
      facts.st_mode & 0o022 == 0
    else {
      throw Failure(
        code: "run.folder", sentence: "the folder \(path) is not yours alone; name another with --run",
        status: .internalError)
    }
  }

  /// Removes a folder with all that is in it; what cannot be removed stays.
  static func remove(_ path: String) {
    // Nothing depends on it: a throw-away folder that stays is untidy, no error.
    try? FileManager.default.removeItem(atPath: path)
  }
}
