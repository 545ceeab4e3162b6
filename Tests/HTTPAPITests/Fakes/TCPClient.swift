import Dispatch
import Glibc

/// A connection of a client that decides itself how slow it is.
final class TCPClient: Sendable {
  private let descriptor: Int32

  struct Failed: Error { var call: String }

  /// Connects to a port of this host, from an address of this host.
  init(_ port: UInt16, from: String = "127.0.0.1") throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { throw Failed(call: "socket") }
    var patience = timeval(tv_sec: 20, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    guard Self.with(from, 0, { bind(descriptor, $0, $1) }) == 0 else { throw Failed(call: "bind") }
    guard Self.with("127.0.0.1", port, { connect(descriptor, $0, $1) }) == 0 else {
      throw Failed(call: "connect")
    }
  }

  deinit { close(descriptor) }

  func send(_ text: String) throws {
    let bytes = Array(text.utf8)
    guard Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count else {
      throw Failed(call: "send")
    }
  }

  /// All that comes until the server closes; nil where it does not within the client's patience.
  func readToEnd() async throws -> String? { await onThread { $0.receive(until: nil) } }

  /// What comes until `text` is seen; nil where it is not.
  func read(until text: String) async throws -> String? { await onThread { $0.receive(until: text) } }

  private func onThread(_ body: @escaping @Sendable (TCPClient) -> String?) async -> String? {
    await withCheckedContinuation { continuation in
      DispatchQueue.global().async { continuation.resume(returning: body(self)) }
    }
  }

  private func receive(until: String?) -> String? {
    var answer: [UInt8] = []
    var space = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = recv(descriptor, &space, space.count, 0)
      if count < 0, errno == EAGAIN { return nil }
      guard count > 0 else { return until == nil ? String(decoding: answer, as: UTF8.self) : nil }
      answer += space[0..<count]
      if let until, String(decoding: answer, as: UTF8.self).contains(until) {
        return String(decoding: answer, as: UTF8.self)
      }
    }
  }

  private static func with(
    _ host: String, _ port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
  ) -> Int32 {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    inet_pton(AF_INET, host, &address.sin_addr)
    return withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
  }
}
