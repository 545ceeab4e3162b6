import Dispatch
import Glibc
import Supervisor

/// The smallest HTTP client: one connection, bytes out, bytes in until the other end closes or `until` is seen.
enum UnixClient {
  static func exchange(_ path: String, _ request: String, until: String? = nil) async throws -> String {
    try await withCheckedThrowingContinuation { continuation in
      DispatchQueue.global().async {
        continuation.resume(with: Result { try exchange(path, Array(request.utf8), until: until) })
      }
    }
  }

  struct Failed: Error { var call: String }

  private static func exchange(_ path: String, _ request: [UInt8], until: String?) throws -> String {
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    guard descriptor >= 0 else { throw Failed(call: "socket") }
    defer { close(descriptor) }
    var patience = timeval(tv_sec: 20, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) {
      $0.copyBytes(from: Array(path.utf8).prefix($0.count - 1))
    }
    let length = socklen_t(MemoryLayout<sockaddr_un>.size)
    let result = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, length) }
    }
    guard result == 0 else { throw Failed(call: "connect") }
    guard send(descriptor, request, request.count, Int32(MSG_NOSIGNAL)) == request.count else {
      throw Failed(call: "send")
    }
    var answer: [UInt8] = []
    var space = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = recv(descriptor, &space, space.count, 0)
      guard count > 0 else { break }
      answer += space[0..<count]
      if let until, String(decoding: answer, as: UTF8.self).contains(until) { break }
    }
    return String(decoding: answer, as: UTF8.self)
  }
}
