import APIModel
import AsyncHTTPClient
import NIOCore
import NIOHTTP1

/// One request to the supervisor, without the library's types.
struct APIRequest: Sendable {
  var method = "GET"
  /// Path and query below `/api/v1`.
  var path: String
  /// JSON text, for requests that carry some.
  var body: String?
  /// Header fields beyond content type and length.
  var headers: [(String, String)] = []
  /// How long until the whole answer must be there.
  var seconds: Int64 = 60
}

/// HTTP over the supervisor's Unix socket, or over TLS to another machine's. With `RemoteHost` the only file that knows the
/// HTTP library.
struct APIClient: Sendable {
  private let client: HTTPClient
  private let base: String
  /// The other machine; nil for this one's socket.
  private let remote: RemoteHost?

  /// Opens a client for the time of `body`.
  static func with<Result: Sendable>(
    socket: String, _ body: (APIClient) async throws -> Result
  ) async throws -> Result {
    if let failure = SocketProbe.supervisorFailure(socket) { throw failure }
    var configuration = HTTPClient.Configuration()
    configuration.connectionPool.retryConnectionEstablishment = false
    return try await with(configuration, base: baseURL(socket), remote: nil, body)
  }

  /// Opens a client to another machine for the time of `body`.
  static func with<Result: Sendable>(
    _ remote: RemoteHost, _ body: (APIClient) async throws -> Result
  ) async throws -> Result {
    try await with(remote.configuration, base: remote.address.text + "/api/v1", remote: remote, body)
  }

  private static func with<Result: Sendable>(
    _ configuration: HTTPClient.Configuration, base: String, remote: RemoteHost?,
    _ body: (APIClient) async throws -> Result
  ) async throws -> Result {
    let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    let result: Swift.Result<Result, any Error>
    do {
      result = .success(try await body(APIClient(client: client, base: base, remote: remote)))
    } catch {
      result = .failure(error)
    }
    try? await client.shutdown()
    return try result.get()
  }

  /// `http+unix://` with the socket's path as the host, percent-encoded.
  static func baseURL(_ socket: String) -> String {
    "http+unix://" + Query.escaped(socket) + "/api/v1"
  }

  /// Sends a request and gives the answer's body; an error status throws its problem document as `Failure`.
  func send(_ request: APIRequest) async throws -> [UInt8] {
    var message = message(for: request)
    if let body = request.body {
      message.body = .bytes(ByteBuffer(string: body))
      message.headers.replaceOrAdd(name: "content-type", value: "application/json")
    }
    return try await finish(message, seconds: request.seconds)
  }

  /// The same, with the cookies that were set.
  func exchange(_ request: APIRequest) async throws -> (body: [UInt8], cookies: [String]) {
    var message = message(for: request)
    message.body = .bytes(ByteBuffer(string: request.body ?? ""))
    message.headers.replaceOrAdd(name: "content-type", value: "application/json")
    let (bytes, headers) = try await answer(to: message, seconds: request.seconds)
    return (bytes, headers["set-cookie"])
  }

  /// Sends a file's bytes as they come, never holding more than a piece.
  func upload(_ request: APIRequest, pieces: FilePieces, size: Int64) async throws -> [UInt8] {
    var message = message(for: request)
    message.headers.replaceOrAdd(name: "content-type", value: "application/octet-stream")
    message.body = .stream(Buffers(pieces: pieces), length: .known(size))
    return try await finish(message, seconds: request.seconds)
  }

  /// Follows an event stream until it ends or the task is cancelled.
  func events(
    _ request: APIRequest, _ receive: (ServerSentEvent) async throws -> Bool
  ) async throws {
    var message = message(for: request)
    message.headers.replaceOrAdd(name: "accept", value: "text/event-stream")
    do {
      let response = try await client.execute(message, deadline: .distantFuture)
      guard response.status.code == 200 else {
        let bytes = try await response.body.collect(upTo: 1 << 20)
        throw failure(JSONText.problem(status: Int(response.status.code), Array(bytes.readableBytesView)))
      }
      var parser = ServerSentEventParser()
      for try await buffer in response.body {
        for event in parser.receive(buffer.readableBytesView) {
          guard try await receive(event) else { return }
        }
      }
    } catch {
      throw failure(error)
    }
  }

  private func message(for request: APIRequest) -> HTTPClientRequest {
    var message = HTTPClientRequest(url: base + request.path)
    message.method = .init(rawValue: request.method)
    if let remote {
      if let token = remote.token { message.headers.add(name: "authorization", value: "Bearer \(token)") }
    } else {
      message.headers.add(name: "host", value: "localhost")
    }
    message.headers.add(name: "user-agent", value: "fabline/\(Version.text)")
    for (name, value) in request.headers { message.headers.replaceOrAdd(name: name, value: value) }
    return message
  }

  private func finish(_ message: HTTPClientRequest, seconds: Int64) async throws -> [UInt8] {
    try await answer(to: message, seconds: seconds).body
  }

  private func answer(to message: HTTPClientRequest, seconds: Int64) async throws -> (
    body: [UInt8], headers: HTTPHeaders
  ) {
    do {
      let response = try await client.execute(message, timeout: .seconds(seconds))
      let body = try await response.body.collect(upTo: 256 << 20)
      let bytes = Array(body.readableBytesView)
      guard (200..<300).contains(response.status.code) else {
        throw failure(JSONText.problem(status: Int(response.status.code), bytes))
      }
      return (bytes, response.headers)
    } catch {
      throw failure(error)
    }
  }

  /// What the supervisor answered; who is not signed in on another machine is told how.
  private func failure(_ problem: Problem) -> Failure {
    var failure = Failure(problem)
    if let remote, problem.status == 401, !problem.code.hasPrefix("session.") {
      failure.sentence += "; fabline login \(remote.address.text)"
    }
    return failure
  }

  /// The library's errors in words; ours and cancellation pass through.
  private func failure(_ error: any Error) -> any Error {
    if let remote, RemoteHost.isConnecting(error) { return RemoteHost.unreachable(remote.address, error) }
    switch error {
    case is Failure, is CancellationError: return error
    case let error as HTTPClientError where error == .cancelled: return CancellationError()
    case let error as HTTPClientError where error == .deadlineExceeded || error == .readTimeout:
      return Failure(
        code: "supervisor.silent",
        sentence: "the supervisor took the request and gave no answer in time; see `fabline logs`",
        status: .unavailable)
    default:
      return Failure(
        code: "supervisor.lost",
        sentence: "the connection to the supervisor broke off (did it end?): \(error)", status: .unavailable)
    }
  }

  /// The pieces of a file as the library wants them.
  private struct Buffers: AsyncSequence, Sendable {
    let pieces: FilePieces

    struct AsyncIterator: AsyncIteratorProtocol {
      var source: FilePieces.Iterator

      mutating func next() async throws -> ByteBuffer? {
        try source.next().map { ByteBuffer(bytes: $0) }
      }
    }

    func makeAsyncIterator() -> AsyncIterator { AsyncIterator(source: pieces.makeIterator()) }
  }
}
