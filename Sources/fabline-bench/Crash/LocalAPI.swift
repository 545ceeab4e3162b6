import CLinux
import Foundation

/// A supervisor's API as a stranger would speak it: one request a connection over the Unix socket, no code of the project.
struct LocalAPI {
  let socket: String

  /// What came back.
  struct Answer {
    var status: Int
    var body: Data

    func read<Value: Decodable>(_ type: Value.Type) throws -> Value {
      do {
        return try JSONDecoder().decode(type, from: body)
      } catch {
        throw BenchError(
          "not understood, status \(status): \(String(decoding: body.prefix(400), as: UTF8.self))")
      }
    }
  }

  struct Page<Item: Decodable>: Decodable { var items: [Item] }

  struct Job: Decodable {
    var id: Int64
    var name: String
    var state: String
    var reason: String?
    var copies: Int
    var copiesDone: Int
    var attempts: [Attempt]
  }

  struct Attempt: Decodable {
    var id: String
    var machine: String
    var state: String
    var copy: Int
    var reason: String?
    var progress: Progress?
  }

  struct Progress: Decodable { var line: Int64 }

  struct Machine: Decodable {
    struct Settings: Decodable { var name: String }
    var settings: Settings
    var phase: String
    var reason: String?
    var bed: String
    var bedJob: Int64?
    var ready: Bool
    var job: Int64?
    var name: String { settings.name }
  }

  struct StoredFile: Decodable { var hash: String }

  func get<Value: Decodable>(_ path: String, _ type: Value.Type) throws -> Value {
    let answer = try ask("GET", path)
    guard answer.status == 200 else { throw BenchError("GET \(path) is answered with \(answer.status)") }
    return try answer.read(type)
  }

  func machines() throws -> [Machine] { try get("/api/v1/machines", Page<Machine>.self).items }

  /// Asks, and reads to the end of the connection.
  func ask(
    _ method: String, _ path: String, _ body: Data = Data("{}".utf8), headers: [String: String] = [:],
    seconds: Double = 5
  ) throws -> Answer {
    let descriptor = clinux_unix_socket(1)
    guard descriptor >= 0, clinux_unix_connect(descriptor, socket) == 0 else {
      if descriptor >= 0 { close(descriptor) }
      throw BenchError("the supervisor does not listen")
    }
    defer { close(descriptor) }
    var limit = timeval(tv_sec: Int(seconds), tv_usec: Int((seconds - Double(Int(seconds))) * 1e6))
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    var head = "\(method) \(path) HTTP/1.1\r\nHost: fabline\r\nConnection: close\r\n"
    if method != "GET" {
      head += "Content-Length: \(body.count)\r\n"
      if headers["Content-Type"] == nil { head += "Content-Type: application/json\r\n" }
    }
    for (name, value) in headers { head += "\(name): \(value)\r\n" }
    let request = Data((head + "\r\n").utf8) + (method == "GET" ? Data() : body)
    try request.withUnsafeBytes { bytes in
      var sent = 0
      while sent < bytes.count {
        let count = clinux_send(descriptor, bytes.baseAddress.map { $0 + sent }, bytes.count - sent)
        guard count > 0 else { throw BenchError("the supervisor went in mid-request") }
        sent += count
      }
    }
    var response = Data()
    var piece = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = piece.withUnsafeMutableBytes { recv(descriptor, $0.baseAddress, $0.count, 0) }
      if count == 0 { break }
      guard count > 0 else { throw BenchError("the supervisor does not answer \(method) \(path)") }
      response += piece[..<count]
    }
    return try Self.parse(response)
  }

  private static func parse(_ response: Data) throws -> Answer {
    guard let end = response.range(of: Data("\r\n\r\n".utf8)) else {
      throw BenchError("the supervisor went in mid-answer")
    }
    let head = String(decoding: response[..<end.lowerBound], as: UTF8.self).split(separator: "\r\n")
    guard let status = head.first?.split(separator: " ").dropFirst().first.flatMap({ Int($0) }) else {
      throw BenchError("the supervisor does not speak HTTP")
    }
    let fields = head.dropFirst().map { $0.lowercased() }
    var body = Data(response[end.upperBound...])
    if let length = fields.first(where: { $0.hasPrefix("content-length:") }) {
      let count = Int(length.dropFirst(15).trimmingCharacters(in: .whitespaces)) ?? 0
      guard body.count >= count else { throw BenchError("the supervisor went in mid-answer") }
    } else if fields.contains(where: { $0.hasPrefix("transfer-encoding:") && $0.contains("chunked") }) {
      body = try unchunked(body)
    }
    return Answer(status: status, body: body)
  }

  private static func unchunked(_ body: Data) throws -> Data {
    var whole = Data()
    var rest = body[...]
    while let end = rest.range(of: Data("\r\n".utf8)) {
      guard let size = Int(String(decoding: rest[..<end.lowerBound], as: UTF8.self), radix: 16) else { break }
      if size == 0 { return whole }
      guard rest.distance(from: end.upperBound, to: rest.endIndex) >= size + 2 else { break }
      whole += rest[end.upperBound..<(end.upperBound + size)]
      rest = rest[(end.upperBound + size + 2)...]
    }
    throw BenchError("the supervisor went in mid-answer")
  }
}
