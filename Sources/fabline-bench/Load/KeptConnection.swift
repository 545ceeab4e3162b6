import CLinux
import Foundation

/// Where a server listens.
enum ServerAddress: Sendable {
  /// A Unix socket.
  case unix(String)
  /// A TCP port of this computer.
  case local(UInt16)

  /// Connects; the descriptor is the caller's. Throws `BenchError`.
  func connect() throws -> Int32 {
    switch self {
    case .unix(let path):
      let descriptor = clinux_unix_socket(1)
      guard descriptor >= 0, clinux_unix_connect(descriptor, path) == 0 else {
        if descriptor >= 0 { close(descriptor) }
        throw BenchError("nobody listens at \(path)")
      }
      return descriptor
    case .local(let port):
      let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
      var address = sockaddr_in()
      address.sin_family = sa_family_t(AF_INET)
      address.sin_port = port.bigEndian
      address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
      let size = socklen_t(MemoryLayout<sockaddr_in>.size)
      let result = withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { Glibc.connect(descriptor, $0, size) }
      }
      guard result == 0 else {
        close(descriptor)
        throw BenchError("nobody listens at port \(port)")
      }
      var yes: Int32 = 1
      setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(MemoryLayout<Int32>.size))
      return descriptor
    }
  }
}

/// One connection over which requests follow each other, as a browser or a library keeps it; for one thread.
///
/// HTTP/1.1 as far as these servers answer it: a length, or chunks, or an end of the connection.
final class KeptConnection {
  private let address: ServerAddress
  private let headers: String
  private var descriptor: Int32 = -1
  private var buffer: [UInt8] = []

  /// `headers` are lines with CRLF behind each, sent with every request.
  init(_ address: ServerAddress, headers: String = "") {
    self.address = address
    self.headers = headers
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// Asks and reads the whole answer; gives its status. Throws `BenchError` where there is none.
  func ask(_ method: String, _ path: String, type: String? = nil, body: [UInt8] = []) throws -> Int {
    if descriptor < 0 { try open() }
    var head = "\(method) \(path) HTTP/1.1\r\nHost: localhost\r\n\(headers)"
    if let type { head += "Content-Type: \(type)\r\nContent-Length: \(body.count)\r\n" }
    do {
      try send(Array((head + "\r\n").utf8) + body)
      return try answer()
    } catch {
      close(descriptor)
      descriptor = -1
      throw error
    }
  }

  private func open() throws {
    descriptor = try address.connect()
    buffer = []
    var limit = timeval(tv_sec: 30, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
  }

  private func send(_ bytes: [UInt8]) throws {
    var sent = 0
    while sent < bytes.count {
      let count = bytes.withUnsafeBytes {
        clinux_send(descriptor, $0.baseAddress.map { $0 + sent }, $0.count - sent)
      }
      guard count > 0 else { throw BenchError("the server went in mid-request") }
      sent += count
    }
  }

  private func answer() throws -> Int {
    let head = String(decoding: try taken(through: [13, 10, 13, 10]), as: UTF8.self).lowercased()
    let lines = head.split(separator: "\r\n")
    guard let status = lines.first?.split(separator: " ").dropFirst().first.flatMap({ Int($0) }) else {
      throw BenchError("the server does not speak HTTP")
    }
    func field(_ name: String) -> String? {
      lines.first { $0.hasPrefix(name + ":") }.map {
        $0.dropFirst(name.count + 1).trimmingCharacters(in: .whitespaces)
      }
    }
    if let length = field("content-length").flatMap({ Int($0) }) {
      try drop(length)
    } else if field("transfer-encoding") == "chunked" {
      while true {
        let line = String(decoding: try taken(through: [13, 10]).dropLast(2), as: UTF8.self)
        guard let size = Int(line, radix: 16) else { throw BenchError("the server's chunks are garbled") }
        try drop(size + 2)
        if size == 0 { break }
      }
    } else if status != 204, status != 304 {
      while try more() {}
    }
    if field("connection") == "close" {
      close(descriptor)
      descriptor = -1
    }
    return status
  }

  private func taken(through end: [UInt8]) throws -> [UInt8] {
    var from = 0
    while true {
      if let range = buffer[from...].firstRange(of: end) {
        let head = Array(buffer[..<range.upperBound])
        buffer.removeFirst(range.upperBound)
        return head
      }
      from = max(0, buffer.count - end.count)
      guard try more() else { throw BenchError("the server went in mid-answer") }
    }
  }

  private func drop(_ count: Int) throws {
    while buffer.count < count { guard try more() else { throw BenchError("the server went in mid-answer") } }
    buffer.removeFirst(count)
  }

  /// False at the end of the connection.
  private func more() throws -> Bool {
    var piece = [UInt8](repeating: 0, count: 1 << 16)
    let count = recv(descriptor, &piece, piece.count, 0)
    guard count >= 0 else { throw BenchError("the server does not answer") }
    buffer += piece[..<count]
    return count > 0
  }
}
