import HTTPTypes
import Hummingbird
import NIOCore
import NIOHTTPTypes

/// Tells a client that waits with its body to send it, once it is known that it may (`Expect: 100-continue`, RFC 9110 10.1.1).
///
/// libcurl, and with it PrusaSlicer and its kin, otherwise waits a second before each upload; refused before, it sends nothing.
struct ContinueMiddleware: RouterMiddleware {
  func handle(
    _ request: Request, context: APIContext, next: (Request, APIContext) async throws -> Response
  ) async throws -> Response {
    if context.endpointPath != nil, request.header("Expect")?.lowercased() == "100-continue" {
      try await context.channel.writeAndFlush(HTTPResponsePart.head(HTTPResponse(status: .continue)))
    }
    return try await next(request, context)
  }
}
