import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import NIOPosix
import Notices

/// Sends requests to what the configuration names, and nowhere else: no redirection is followed, certificates are verified
/// against the system's authorities. Nothing of it is loaded before the first request.
actor OutgoingClient {
  private var client: HTTPClient?
  private let seconds: Int64

  /// Waits `seconds` for a whole answer.
  init(seconds: Int64 = 30) { self.seconds = seconds }

  /// Sends, and tells what came back. What the body of an answer says is not read.
  func send(_ request: OutgoingRequest) async -> Outcome {
    var outgoing = HTTPClientRequest(url: request.url)
    outgoing.method = HTTPMethod(rawValue: request.method)
    for header in request.headers { outgoing.headers.add(name: header.name, value: header.value) }
    outgoing.body = .bytes(ByteBuffer(bytes: request.body))
    do {
      let response = try await opened().execute(outgoing, timeout: .seconds(seconds))
      return .answered(
        Int(response.status.code),
        retryAfter: response.headers.first(name: "Retry-After").flatMap { Int($0) })
    } catch let error as HTTPClientError {
      return .unreachable("\(error.shortDescription)")
    } catch {
      return .unreachable("\(error)")
    }
  }

  /// Ends its connections.
  func close() async {
    try? await client?.shutdown()
    client = nil
  }

  private func opened() -> HTTPClient {
    if let client { return client }
    var configuration = HTTPClient.Configuration()
    configuration.redirectConfiguration = .disallow
    configuration.timeout = .init(connect: .seconds(10), read: .seconds(seconds))
    configuration.connectionPool.idleTimeout = .seconds(5)
    configuration.httpVersion = .http1Only
    // The loops that the API is served on.
    let client = HTTPClient(
      eventLoopGroupProvider: .shared(MultiThreadedEventLoopGroup.singleton), configuration: configuration)
    self.client = client
    return client
  }
}
