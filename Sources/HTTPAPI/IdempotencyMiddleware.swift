import APIModel
import Foundation
import HTTPTypes
import Hummingbird
import JobStore
import NIOCore
import Supervisor

/// A write with an `Idempotency-Key` is carried out once: its repetition gets the answer of the first time.
///
/// Jobs keep their key in the transaction that makes them, files are named by their content, an emergency stop waits for
/// nothing, and answers with secrets in them are not kept: these pass.
struct IdempotencyMiddleware: RouterMiddleware {
  let supervisor: Supervisor

  func handle(
    _ request: Request, context: APIContext, next: (Request, APIContext) async throws -> Response
  ) async throws -> Response {
    guard let key = request.header("Idempotency-Key"), applies(request, context) else {
      return try await next(request, context)
    }
    let body = try await request.bytes(context)
    let who = context.principal.name
    let named = try IdempotencyMiddleware.key(key, request, body)
    if let kept = try await supervisor.store.begin(named, by: who) { return Response(kept) }
    let again = Request(head: request.head, body: RequestBody(buffer: ByteBuffer(bytes: body)))
    do {
      return try await keep(try await next(again, context), for: named, by: who)
    } catch {
      // A refusal did nothing. After an error of ours, or of a machine that did not answer, nobody knows.
      if Problem(error).status < 500 { try await supervisor.store.forget(named, by: who) }
      throw error
    }
  }

  private func applies(_ request: Request, _ context: APIContext) -> Bool {
    guard let path = context.endpointPath, request.method != .get, request.method != .head,
      !context.audit.isStop
    else {
      return false
    }
    let passes: Set = ["/api/v1/jobs", "/api/v1/files", "/api/v1/estop"]
    return path.hasPrefix("/api/v1/") && !passes.contains(path)
      && !["session", "tokens", "users"].contains { path.hasPrefix("/api/v1/" + $0) }
  }

  private func keep(_ response: Response, for key: IdempotencyKey, by who: String) async throws -> Response {
    let collector = BodyCollector()
    let writer: any ResponseBodyWriter = collector
    try await response.body.write(writer)
    let body = collector.bytes
    try await supervisor.store.keep(
      KeptAnswer(status: response.status.code, type: response.headers[.contentType], body: body), for: key,
      by: who)
    var answer = response
    answer.body = ResponseBody(byteBuffer: ByteBuffer(bytes: body))
    return answer
  }

  /// A client's key with what tells two requests apart. Throws `request.invalid`.
  static func key(_ text: String, _ request: Request, _ body: some Collection<UInt8>) throws -> IdempotencyKey
  {
    guard (1...255).contains(text.utf8.count) else {
      throw Problem.request("Idempotency-Key has 1 to 255 characters")
    }
    let line = Array("\(request.method.rawValue) \(request.uri.string)\n".utf8)
    return IdempotencyKey(key: text, fingerprint: Fingerprint.of(line + Array(body)))
  }
}

/// Takes what a response writes.
private final class BodyCollector: ResponseBodyWriter {
  private(set) var bytes = Data()
  func write(_ buffer: ByteBuffer) { bytes.append(contentsOf: buffer.readableBytesView) }
  func finish(_ trailingHeaders: HTTPFields?) {}
}

extension Response {
  /// The answer of the first time; `Idempotency-Replayed` says so.
  fileprivate init(_ kept: KeptAnswer) {
    var headers: HTTPFields = [.cacheControl: "no-store"]
    headers[.contentType] = kept.type
    if let name = HTTPField.Name("Idempotency-Replayed") { headers[name] = "true" }
    self.init(
      status: .init(code: kept.status), headers: headers,
      body: kept.body.isEmpty ? .init() : ResponseBody(byteBuffer: ByteBuffer(bytes: kept.body)))
  }
}
