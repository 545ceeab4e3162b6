import APIModel
import Hummingbird

/// Finds out who acts before any route runs.
///
/// Root and the supervisor's own user may say for whom they submit (`X-Fabline-Submitter`), as a print server does.
struct PrincipalMiddleware: RouterMiddleware {
  let source: PrincipalSource
  let door: Doorkeeper

  func handle(
    _ request: Request, context: APIContext, next: (Request, APIContext) async throws -> Response
  ) async throws -> Response {
    var context = context
    switch source {
    case .fixed(let principal): context.principal = principal
    case .peerCredentials:
      // A proxy at the socket; what it says of its client's connection only makes the cookie stricter.
      context.isSecure = Entrance.isHTTPS(request.header("X-Forwarded-Proto"))
      context.principal =
        if let shown = try await door.shown(by: request, isSecure: context.isSecure) { shown } else {
          try await peer(request, context)
        }
      context.address = forwarded(request)
    case .network(let isSecure, let address):
      context.isSecure =
        isSecure
        || context.entrance.isGuarded(context.channel, forwarded: request.header("X-Forwarded-Proto"))
      let forwarded = request.header("X-Forwarded-For")
      context.address =
        address ?? context.entrance.clientAddress(context.channel, forwarded: forwarded) ?? "unknown"
      context.principal = try await door.shown(by: request, isSecure: context.isSecure) ?? .nobody
    }
    if let other = request.header("X-Fabline-Submitter"), !other.isEmpty {
      guard context.principal.speaksForOthers else {
        throw Problem.notAllowed("\(context.principal.name) may not act in another person's name")
      }
      guard other.utf8.count <= 64, other.unicodeScalars.allSatisfy(isPlain) else {
        throw Problem.request("X-Fabline-Submitter is not a user's name")
      }
      context.principal.name = other
    }
    return try await next(request, context)
  }

  /// A proxy's own Unix user says nothing about the person behind it, and neither does the user who forwarded the socket to a
  /// port of theirs when a page of the web asks there under its own name (DNS rebinding): such requests have to sign in.
  private func peer(_ request: Request, _ context: APIContext) async throws -> Principal {
    let credentials = try await PeerCredentials.read(context.channel)
    let isForwarded = request.header("X-Forwarded-For") != nil || request.header("Forwarded") != nil
    guard !isForwarded, !CrossSite.isForeignName(request.head.authority ?? "") else { return .nobody }
    return try door.unix.principal(of: credentials)
  }

  /// Whom a proxy at the socket names as its client: the last address, which the proxy itself put there. Whoever opens the
  /// socket could name any, but what counts by address there is only their own guesses at passwords.
  private func forwarded(_ request: Request) -> String? {
    guard let last = request.header("X-Forwarded-For")?.split(separator: ",").last else { return nil }
    let address = last.filter { $0.isHexDigit || $0 == "." || $0 == ":" }
    return (2...45).contains(address.count) ? address : nil
  }

  /// Neither blank nor control character nor anything that turns a line's direction.
  private func isPlain(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .spaceSeparator, .privateUse, .surrogate,
      .unassigned:
      false
    default: true
    }
  }
}
