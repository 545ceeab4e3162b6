import Glibc

/// Asks a Unix socket whether anybody listens, before a client library is set to work: the errno makes the sentence.
enum SocketProbe {
  /// 0 where somebody listens, else the errno of `connect`.
  static func connect(_ path: String) -> Int32 {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let bytes = Array(path.utf8)
    let room = MemoryLayout.size(ofValue: address.sun_path)
    guard bytes.count < room else { return ENAMETOOLONG }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { return errno }
    defer { close(descriptor) }
    let size = socklen_t(MemoryLayout<sockaddr_un>.size)
    let result = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { Glibc.connect(descriptor, $0, size) }
    }
    return result == 0 ? 0 : errno
  }

  /// Nil where the supervisor listens at `path`; otherwise why not, and what to do.
  static func supervisorFailure(_ path: String) -> Failure? {
    let sentence: String
    switch connect(path) {
    case 0: return nil
    case ENOENT, ENOTDIR:
      sentence =
        "the supervisor is not running (no socket \(path)): start it with `fablined`, or name its run folder with --run or FABLINE_RUN"
    case ECONNREFUSED:
      sentence =
        "the supervisor is not running (it left the socket \(path) behind): start it again with `fablined`"
    case EACCES, EPERM:
      sentence =
        "you may not talk to the supervisor at \(path): join the group that owns the socket, then log in again"
    case ENAMETOOLONG:
      sentence = "the socket's path is too long for Linux (107 bytes): \(path); choose a shorter run folder"
    case let other:
      sentence = "the supervisor at \(path) cannot be reached: \(String(cString: strerror(other)))"
    }
    return Failure(code: "supervisor.unreachable", sentence: sentence, status: .unavailable)
  }
}
