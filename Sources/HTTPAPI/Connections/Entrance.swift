import HTTPTypes
import Hummingbird
import NIOCore

/// The way by which a request came in.
struct Entrance: Equatable, Sendable {
  /// What listens there.
  enum Kind: Equatable, Sendable {
    /// The Unix socket: the kernel tells who is there.
    case unix
    /// The network, guarded by TLS.
    case tls
    /// The network, readable by whoever sees it.
    case plain
  }

  var kind: Kind
  /// What its requests may take.
  var limits = ConnectionLimits()
  /// The proxies whose word about the client's address is believed.
  var proxies: Set<String> = []

  /// One without a socket; for tests.
  static let unix = Entrance(kind: .unix)

  /// The client's address: the connection's, or what a believed proxy says of it. Nil at the Unix socket.
  func clientAddress(_ channel: any Channel, forwarded: String?) -> String? {
    guard kind != .unix, let peer = channel.remoteAddress?.ipAddress else { return nil }
    return Entrance.client(peer: peer, forwarded: forwarded, proxies: proxies)
  }

  /// Whether a believed proxy says that its client came over TLS (`X-Forwarded-Proto`).
  func isGuarded(_ channel: any Channel, forwarded: String?) -> Bool {
    guard kind != .unix, let peer = channel.remoteAddress?.ipAddress, proxies.contains(peer) else {
      return false
    }
    return Entrance.isHTTPS(forwarded)
  }

  /// The last word of `X-Forwarded-Proto`, which is the nearest proxy's own.
  static func isHTTPS(_ forwarded: String?) -> Bool {
    forwarded?.split(separator: ",").last.map { $0.filter { $0 != " " }.lowercased() == "https" } ?? false
  }

  /// The last address in `X-Forwarded-For` that is no believed proxy's: what stands before it may be anybody's invention.
  static func client(peer: String, forwarded: String?, proxies: Set<String>) -> String {
    guard proxies.contains(peer), let forwarded else { return peer }
    let named = forwarded.split(separator: ",").map { $0.filter { $0 != " " } }
    for address in named.reversed() {
      guard (try? SocketAddress(ipAddress: address, port: 0)) != nil else { return peer }
      if !proxies.contains(address) { return address }
    }
    return peer
  }
}

/// Answers what comes in by one entrance.
struct EntranceResponder: HTTPResponder {
  let entrance: Entrance
  let routes: RouterResponder<APIContext>

  func respond(to request: Request, context: APIContext) async throws -> Response {
    var context = context
    context.entrance = entrance
    return try await routes.respond(to: request, context: context)
  }
}
