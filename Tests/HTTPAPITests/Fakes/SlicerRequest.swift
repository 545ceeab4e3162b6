import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import Testing

@testable import HTTPAPI

/// A request as `Tests/Fixtures/slicers` keeps it, or one in a slicer's manner.
struct SlicerRequest {
  var method: HTTPRequest.Method
  var uri: String
  var headers: HTTPFields = [:]
  var body: [UInt8] = []

  /// Reads `Tests/Fixtures/slicers/NAME.http`.
  init(recorded name: String) throws {
    let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let bytes = Array(try Data(contentsOf: tests.appendingPathComponent("Fixtures/slicers/\(name).http")))
    let end = try #require(bytes.firstRange(of: Array("\r\n\r\n".utf8)))
    let lines = String(decoding: bytes[..<end.lowerBound], as: UTF8.self).components(separatedBy: "\r\n")
    let words = lines[0].split(separator: " ")
    method = try #require(HTTPRequest.Method(rawValue: String(words[0])))
    uri = String(words[1])
    for line in lines.dropFirst() {
      let parts = line.split(separator: ":", maxSplits: 1)
      // Over a socket the server reads this one itself.
      guard parts[0] != "Host" else { continue }
      let name = try #require(HTTPField.Name(String(parts[0])))
      headers[name] = parts[1].trimmingCharacters(in: .whitespaces)
    }
    body = Array(bytes[end.upperBound...])
    #expect(headers[.contentLength].flatMap { Int($0) } ?? 0 == body.count)
    headers[.contentLength] = nil
    headers[.expect] = nil
  }

  init(_ method: HTTPRequest.Method, _ uri: String, _ body: String = "") {
    self.method = method
    self.uri = uri
    self.body = Array(body.utf8)
  }

  /// A form as libcurl sends it; a part is what stands behind `form-data; ` and its content.
  static func form(_ uri: String, _ parts: [(String, String)], end: String = "--b--\r\n") -> SlicerRequest {
    var request = SlicerRequest(
      .post, uri,
      parts.map { "--b\r\nContent-Disposition: form-data; \($0)\r\n\r\n\($1)\r\n" }.joined() + end)
    request.headers[.contentType] = "multipart/form-data; boundary=b"
    return request
  }

  /// A file called `name`, to be printed, in each dialect.
  static func uploads(_ name: String, _ content: String, to base: String = "/m/ender") -> [SlicerRequest] {
    let file = ("name=\"file\"; filename=\"\(name)\"", content)
    let path = name.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
    var put = SlicerRequest(.put, "\(base)/api/v1/files/local/\(path)", content)
    if let name = HTTPField.Name("Print-After-Upload") { put.headers[name] = "?1" }
    return [
      form("\(base)/api/files/local", [("name=\"print\"", "true"), ("name=\"path\"", "../.."), file]),
      form("\(base)/server/files/upload", [("name=\"root\"", "gcodes"), ("name=\"print\"", "true"), file]),
      put,
    ]
  }
}

extension Service {
  /// Sends it to the routes without a socket.
  func send(
    _ request: SlicerRequest, as principal: Principal = Principal(uid: 1234, name: "ann", role: .admin)
  ) async throws -> Answer {
    try await send(request, over: .fixed(principal))
  }

  /// Sends it to the routes without a socket, over a connection whose other end is found as `source` says.
  func send(_ request: SlicerRequest, over source: PrincipalSource) async throws -> Answer {
    let router = APIServer.router(
      supervisor: supervisor, version: "1.2.3", principals: source, door: door, heartbeat: 3600)
    return try await Application(router: router).test(.router) { client in
      let response = try await client.execute(
        uri: request.uri, method: request.method, headers: request.headers,
        body: request.body.isEmpty ? nil : ByteBuffer(bytes: request.body))
      return Answer(
        status: response.status.code, type: response.headers[.contentType] ?? "",
        text: String(buffer: response.body), headers: response.headers)
    }
  }

  /// What is below the folder of files that came, whole or not.
  func contents(_ folder: String) -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: "\(self.folder)/\(folder)")) ?? []).sorted()
  }
}
