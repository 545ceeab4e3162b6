import AsyncHTTPClient
import Glibc
import NIOCore
import NIOPosix
import NIOSSL

/// A supervisor on another machine: where it is, whom it is believed to be, and what is shown to it.
struct RemoteHost: Sendable {
  var address: HostAddress
  var trust: Trust
  var token: String?

  /// How the HTTP library reaches it.
  ///
  /// A pinned certificate is compared on each connection, after the handshake proved that the host has its key, and before a
  /// byte of a request leaves; the library's own verification would ask for an authority that nobody has here.
  var configuration: HTTPClient.Configuration {
    var configuration = HTTPClient.Configuration()
    configuration.connectionPool.retryConnectionEstablishment = false
    configuration.httpVersion = .http1Only
    configuration.redirectConfiguration = .disallow
    configuration.timeout.connect = .seconds(10)
    guard case .pinned(let pin) = trust else { return configuration }
    var tls = TLSConfiguration.makeClientConfiguration()
    tls.certificateVerification = .none
    tls.minimumTLSVersion = .tlsv12
    configuration.tlsConfiguration = tls
    let address = address
    configuration.http1_1ConnectionDebugInitializer = { channel in
      channel.nioSSL_peerCertificate().flatMapThrowing { certificate in
        let shown = try certificate.map { CertificateFingerprint(der: try $0.toDERBytes()) }
        guard shown == pin else {
          throw TrustDecision.other(address, shown, "the one that was trusted is \(pin.text)")
        }
      }.flatMapErrorThrowing { error in
        channel.close(promise: nil)
        throw error
      }
    }
    return configuration
  }

  /// Whether an error tells that no connection came to be.
  static func isConnecting(_ error: any Error) -> Bool {
    if let error = error as? HTTPClientError {
      return error == .connectTimeout || error == .tlsHandshakeTimeout
    }
    return error is IOError || error is NIOConnectionError || error is NIOSSLError || error is BoringSSLError
  }

  /// Nobody answers there.
  static func unreachable(_ host: HostAddress, _ error: any Error) -> Failure {
    let cause =
      switch error {
      case let error as IOError: String(cString: strerror(error.errnoCode))
      case let error as NIOConnectionError: words(error)
      case is ChannelError, is HTTPClientError: "no answer"
      case let error as NIOSSLError: "it does not speak TLS (\(error))"
      case let error as BoringSSLError: "it does not speak TLS (\(error))"
      default: "\(error)"
      }
    return Failure(
      code: "supervisor.unreachable", sentence: "\(host.text) cannot be reached: \(cause)",
      status: .unavailable)
  }

  private static func words(_ error: NIOConnectionError) -> String {
    if let io = error.connectionErrors.first?.error as? IOError {
      return String(cString: strerror(io.errnoCode))
    }
    if error.dnsAError != nil || error.dnsAAAAError != nil { return "there is no such name" }
    return "no answer"
  }
}
