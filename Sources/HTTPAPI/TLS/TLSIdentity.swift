import Foundation
import Glibc
import HostConfiguration
import NIOSSL
import Supervisor

/// What this host shows to clients: a certificate chain with its key, and the fingerprint they may remember.
struct TLSIdentity: Sendable {
  let chain: [NIOSSLCertificate]
  let key: NIOSSLPrivateKey
  /// Of the host's own certificate.
  let fingerprint: String

  /// Finds it as the configuration says; makes one where it is to be self-signed and there is none yet.
  ///
  /// Throws `tls.certificate`, `tls.key`, `tls.folder`. Nil where TLS is off.
  static func find(_ network: NetworkSection, state: String) throws(HostError) -> TLSIdentity? {
    switch network.tls {
    case .off: return nil
    case .files(let certificate, let key):
      return try TLSIdentity(certificate: certificate, key: key, isOurs: false)
    case .selfSigned:
      let folder = state + "/tls"
      let certificate = folder + "/certificate.pem"
      let key = folder + "/key.pem"
      if access(certificate, F_OK) != 0 { try make(folder, certificate, key, network.hostNames) }
      return try TLSIdentity(certificate: certificate, key: key, isOurs: true)
    }
  }

  /// Reads two PEM files; `isOurs` where a new pair can take their place.
  init(certificate: String, key: String, isOurs: Bool) throws(HostError) {
    let remedy = isOurs ? ": remove it, and the next start makes another" : ""
    do {
      chain = try NIOSSLCertificate.fromPEMFile(certificate)
      guard let first = chain.first else { throw NIOSSLError.failedToLoadCertificate }
      fingerprint = CertificateFingerprint.text(try first.toDERBytes())
    } catch {
      throw HostError(
        code: "tls.certificate",
        sentence:
          "no certificate can be read from \(certificate) (\(Self.words(error, certificate)))\(remedy)")
    }
    do {
      self.key = try NIOSSLPrivateKey(file: key, format: .pem)
    } catch {
      throw HostError(
        code: "tls.key",
        sentence: "no private key can be read from \(key) (\(Self.words(error, key)))\(remedy)")
    }
    do {
      _ = try NIOSSLContext(configuration: configuration)
    } catch {
      throw HostError(
        code: "tls.key",
        sentence: "the key in \(key) does not belong to the certificate in \(certificate)\(remedy)")
    }
  }

  /// For a server: TLS 1.2 and 1.3, HTTP/1.1 alone.
  var configuration: TLSConfiguration {
    var configuration = TLSConfiguration.makeServerConfiguration(
      certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
    configuration.minimumTLSVersion = .tlsv12
    configuration.applicationProtocols = ["http/1.1"]
    return configuration
  }

  /// The library tells a missing file from a bad one by a number only.
  private static func words(_ error: any Error, _ path: String) -> String {
    if access(path, R_OK) != 0 { return String(cString: strerror(errno)) }
    return "it is not PEM"
  }

  /// The key first, for its owner alone: a certificate that is there has its key.
  private static func make(
    _ folder: String, _ certificate: String, _ key: String, _ names: [String]
  ) throws(HostError) {
    do {
      if mkdir(folder, 0o700) != 0, errno != EEXIST {
        throw HostError(code: "tls.folder", sentence: String(cString: strerror(errno)))
      }
      let pair = try SelfSigned.forThisHost(names).make(now: Date())
      try write(pair.key, key, 0o600)
      try write(pair.certificate, certificate, 0o644)
    } catch {
      let cause = (error as? HostError)?.sentence ?? "\(error)"
      throw HostError(code: "tls.folder", sentence: "no certificate can be made in \(folder): \(cause)")
    }
  }

  private static func write(_ text: String, _ path: String, _ mode: mode_t) throws(HostError) {
    let part = path + ".part"
    unlink(part)
    let file = open(part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
    guard file >= 0 else {
      throw HostError(code: "tls.folder", sentence: "\(part): \(String(cString: strerror(errno)))")
    }
    let bytes = Array(text.utf8)
    let isWritten = Glibc.write(file, bytes, bytes.count) == bytes.count && fsync(file) == 0
    let number = errno
    close(file)
    guard isWritten, rename(part, path) == 0 else {
      throw HostError(
        code: "tls.folder", sentence: "\(path): \(String(cString: strerror(isWritten ? errno : number)))")
    }
  }
}
