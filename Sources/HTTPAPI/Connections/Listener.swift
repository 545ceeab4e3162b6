import APIModel
import Glibc
import HostConfiguration
import Hummingbird
import HummingbirdCore
import HummingbirdTLS
import Logging
import NIOCore
import ServiceLifecycle
import Supervisor

/// One place to listen at: HTTP/1.1 with the pace and the bounds of its entrance.
struct Listener: Service {
  private let application: Application<EntranceResponder>
  private let words: String

  /// The Unix socket at `path`, for its owner and group; it has connections of its own.
  init(
    unix path: String, entrance: Entrance, routes: RouterResponder<APIContext>, connections: Int, log: Logger,
    running: @escaping @Sendable (ListeningModel) -> Void
  ) {
    words = path
    application = Application(
      responder: EntranceResponder(entrance: entrance, routes: routes),
      server: HTTPServerBuilder { responder in Listener.http(responder, entrance) },
      configuration: ApplicationConfiguration(
        address: .unixDomainSocket(path: path), serverName: nil,
        availableConnectionsDelegate: .maximum(connections, logger: log)),
      onServerRunning: { _ in
        if chmod(path, 0o660) != 0 {
          log.error("the mode of \(path) cannot be set: only its owner can connect")
        }
        log.notice("serving the API at \(path)")
        running(ListeningModel(url: "unix:\(path)"))
      },
      logger: log)
  }

  /// An address of the network; without `identity` whoever sees the network can read along.
  init(
    _ address: ListenAddress, identity: TLSIdentity?, entrance: Entrance, routes: RouterResponder<APIContext>,
    ledger: ConnectionLedger, log: Logger, running: @escaping @Sendable (ListeningModel) -> Void
  ) {
    words = address.text
    application = Application(
      responder: EntranceResponder(entrance: entrance, routes: routes),
      server: HTTPServerBuilder { responder in
        let http = Listener.http(responder, entrance)
        guard let identity else { return BoundedChannel(base: http, ledger: ledger) }
        let guarded = try TLSChannel(http, tlsConfiguration: identity.configuration)
        return BoundedChannel(base: guarded, ledger: ledger)
      },
      configuration: ApplicationConfiguration(
        address: .hostname(address.address, port: address.port), serverName: nil),
      onServerRunning: { channel in
        var bound = address
        bound.port = channel.localAddress?.port ?? address.port
        let url = (identity == nil ? "http://" : "https://") + bound.text
        log.notice("serving the API at \(url)")
        if identity == nil {
          log.warning("\(url) has no TLS: passwords and tokens can be read by whoever sees the network")
        }
        running(ListeningModel(url: url, fingerprint: identity?.fingerprint))
      },
      logger: log)
  }

  /// Listens until the process is asked to end. Throws `listen.busy`, `listen.forbidden`, `listen.failed`.
  func run() async throws {
    do {
      try await application.run()
    } catch let error as IOError {
      throw Listener.problem(error.errnoCode, words)
    }
  }

  static func problem(_ number: Int32, _ place: String) -> HostError {
    switch number {
    case EADDRINUSE:
      HostError(
        code: "listen.busy",
        sentence:
          "\(place) is in use by another program: end that one, or listen at another port (network.listen)")
    case EADDRNOTAVAIL:
      HostError(
        code: "listen.failed",
        sentence:
          "\(place) is no address of this host: network.listen takes its own addresses, or 0.0.0.0 and [::]")
    case EAFNOSUPPORT:
      HostError(
        code: "listen.forbidden",
        sentence: "this process may not use the network: `systemctl edit fablined` with [Service] and "
          + "RestrictAddressFamilies=AF_UNIX AF_NETLINK AF_INET AF_INET6, then start it again")
    case EACCES, EPERM:
      HostError(
        code: "listen.forbidden",
        sentence: "this user may not listen at \(place): take a port from 1024 on (network.listen)")
    default:
      HostError(
        code: "listen.failed", sentence: "cannot listen at \(place): \(String(cString: strerror(number)))")
    }
  }

  private static func http(_ responder: @escaping HTTPChannelHandler.Responder, _ entrance: Entrance)
    -> HTTP1Channel
  {
    let limits = entrance.limits
    return HTTP1Channel(
      responder: responder,
      configuration: .init(
        additionalChannelHandlers: [PaceKeeper(limits: limits)],
        httpDecoderConfiguration: .init(
          maxHeaderFieldSize: limits.headerBytes, maxHeaderListSize: limits.headerBytes,
          maxHeaderFieldCount: limits.headerFields)))
  }
}
