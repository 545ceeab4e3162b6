import AsyncHTTPClient
import Camera
import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix

/// One request to a camera, with a connection of its own that ends with it.
///
/// No redirection is followed, certificates are verified against the system's authorities, and the connection goes to an address
/// that was looked at.
struct CameraRequest: Sendable {
  let address: CameraAddress
  let machine: String
  let limits: CameraLimits
  let resolve: @Sendable (String) async -> Resolver.Answer

  /// Asks, and hands a good answer's body on while it is read. Throws whatever `read` throws, as words of a camera.
  func answer<Value: Sendable>(
    _ read: @Sendable (HTTPClientResponse) async throws -> Value
  ) async throws(CameraError) -> Value {
    var last = CameraError.unreachable(machine, "no address")
    for place in try await places() {
      let client = client(to: place)
      let result: Result<Value, any Error>
      var isReached = false
      do {
        let response = try await client.execute(request, timeout: .seconds(Int64(limits.seconds)))
        isReached = true
        guard response.status == .ok else {
          throw CameraError.refused(machine, status: Int(response.status.code))
        }
        result = .success(try await read(response))
      } catch {
        result = .failure(error)
      }
      try? await client.shutdown()
      switch result {
      case .success(let value): return value
      case .failure(let error):
        last = words(error)
        // Another address of the same name is tried only where nobody answered at this one.
        guard !isReached, !Task.isCancelled else { throw last }
      }
    }
    throw last
  }

  private func places() async throws(CameraError) -> [String] {
    switch await resolve(address.host) {
    case .addresses(let places): return places
    case .forbidden: throw .forbidden(machine)
    case .failed(let reason): throw .unreachable(machine, reason)
    }
  }

  private var request: HTTPClientRequest {
    var request = HTTPClientRequest(url: address.url)
    request.headers.add(name: "User-Agent", value: "fabline")
    request.headers.add(name: "Accept", value: "image/*, multipart/x-mixed-replace")
    if let credentials = address.credentials {
      request.headers.add(
        name: "Authorization", value: "Basic \(Data(credentials).base64EncodedString())")
    }
    return request
  }

  private func client(to place: String) -> HTTPClient {
    var configuration = HTTPClient.Configuration()
    configuration.redirectConfiguration = .disallow
    configuration.timeout = .init(
      connect: .seconds(Int64(min(5, limits.seconds))), read: .seconds(Int64(limits.quiet)))
    configuration.connectionPool.retryConnectionEstablishment = false
    configuration.httpVersion = .http1Only
    configuration.decompression = .disabled
    configuration.dnsOverride = [address.host: place]
    return HTTPClient(
      eventLoopGroupProvider: .shared(MultiThreadedEventLoopGroup.singleton), configuration: configuration)
  }

  private func words(_ error: any Error) -> CameraError {
    switch error {
    case let error as CameraError: return error
    case is NIOTooManyBytesError: return .tooLarge(machine, bytes: limits.bytes)
    case FrameReader.Failure.tooLarge: return .tooLarge(machine, bytes: limits.bytes)
    case FrameReader.Failure.garbled: return .noPicture(machine, "a stream that cannot be followed")
    case FrameReader.Failure.noPicture: return .noPicture(machine, "a stream of something else")
    case is CancellationError: return .silent(machine, seconds: limits.seconds)
    case let error as HTTPClientError
    where error == .deadlineExceeded || error == .readTimeout || error == .cancelled:
      return .silent(machine, seconds: limits.seconds)
    case let error as HTTPClientError where error == .connectTimeout:
      return .unreachable(machine, "nobody takes the connection")
    case let error as HTTPClientError: return .unreachable(machine, error.shortDescription)
    case let error as IOError: return .unreachable(machine, String(cString: strerror(error.errnoCode)))
    default:
      let name = "\(Swift.type(of: error))"
      let isCertificate = name.contains("SSL")
      return .unreachable(machine, isCertificate ? "its certificate is not trusted by this host" : name)
    }
  }
}
