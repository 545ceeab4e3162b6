import NIOCore
import NIOPosix
import NIOSSL
import NIOTLS
import Synchronization

/// Asks a host for its certificate: a TLS handshake, and not a byte more.
struct CertificateProbe: Sendable {
  let host: HostAddress

  /// What it shows.
  struct Found: Sendable {
    var fingerprint: CertificateFingerprint
    /// The system's authorities vouch for it under this name.
    var isVouched: Bool
  }

  /// Throws `supervisor.unreachable`.
  func run() async throws -> Found {
    let fingerprint = try await handshake(verifies: false)
    let isVouched = (try? await handshake(verifies: true)) == fingerprint
    return Found(fingerprint: fingerprint, isVouched: isVouched)
  }

  private func handshake(verifies: Bool) async throws -> CertificateFingerprint {
    var configuration = TLSConfiguration.makeClientConfiguration()
    configuration.certificateVerification = verifies ? .fullVerification : .none
    configuration.minimumTLSVersion = .tlsv12
    let context = try NIOSSLContext(configuration: configuration)
    // An address is no server name of TLS.
    let isAddress = (try? SocketAddress(ipAddress: host.host, port: 0)) != nil
    let name = isAddress ? nil : host.host
    let group = MultiThreadedEventLoopGroup.singleton
    do {
      let found = group.next().makePromise(of: CertificateFingerprint.self)
      let channel = try await ClientBootstrap(group: group).connectTimeout(.seconds(10))
        .channelInitializer { channel in
          channel.eventLoop.makeCompletedFuture {
            let tls = try NIOSSLClientHandler(context: context, serverHostname: name)
            try channel.pipeline.syncOperations.addHandlers([tls, HandshakeWitness(tls: tls, found: found)])
          }
        }.connect(host: host.host, port: host.port).flatMapError { error in
          found.fail(error)
          return group.next().makeFailedFuture(error)
        }.get()
      let fingerprint = try await found.futureResult.get()
      try? await channel.close()
      return fingerprint
    } catch {
      throw RemoteHost.unreachable(host, error)
    }
  }
}

/// Tells the peer's certificate once the handshake is over, or why there was none.
private final class HandshakeWitness: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  private let tls: NIOSSLClientHandler
  private let found: EventLoopPromise<CertificateFingerprint>

  init(tls: NIOSSLClientHandler, found: EventLoopPromise<CertificateFingerprint>) {
    self.tls = tls
    self.found = found
  }

  func channelActive(context: ChannelHandlerContext) {
    let found = found
    context.eventLoop.scheduleTask(in: .seconds(10)) { found.fail(ChannelError.connectTimeout(.seconds(10))) }
    context.fireChannelActive()
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if case .some(.handshakeCompleted) = event as? TLSUserEvent {
      found.completeWith(
        Result {
          guard let certificate = tls.peerCertificate else { throw NIOSSLError.noCertificateToValidate }
          return CertificateFingerprint(der: try certificate.toDERBytes())
        })
    }
    context.fireUserInboundEventTriggered(event)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    found.fail(error)
    context.close(promise: nil)
  }

  func channelInactive(context: ChannelHandlerContext) {
    found.fail(ChannelError.eof)
    context.fireChannelInactive()
  }
}
