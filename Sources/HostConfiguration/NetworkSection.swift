/// `network:` where `fablined` listens beside its Unix socket; nowhere, unless asked to.
public struct NetworkSection: ConfigurationSection {
  /// The addresses to listen on.
  public var listen: [ListenAddress] = []
  /// How what goes over them is guarded.
  public var tls: TLSChoice = .selfSigned
  /// Further names and addresses in a self-signed certificate.
  public var hostNames: [String] = []
  /// The addresses of reverse proxies whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed.
  public var trustProxy: [String] = []

  /// How connections are guarded.
  public enum TLSChoice: Equatable, Sendable {
    /// With a certificate that is made on the first start and kept in the state folder.
    case selfSigned
    /// With these PEM files: the chain, the host's own certificate first, and its key.
    case files(certificate: String, key: String)
    /// Not at all: passwords and tokens can be read by whoever sees the network.
    case off
  }

  static let name = "network"

  /// Everything at its default.
  public init() {}

  init(_ section: inout Section) throws(ConfigurationError) {
    for text in try section.texts("listen") {
      guard let address = ListenAddress(text) else {
        throw section.wrong(
          "listen", "has to be addresses like 0.0.0.0:7380, [::]:7380 or 192.168.1.5:7380, not \(text)")
      }
      guard !listen.contains(address) else { throw section.wrong("listen", "names \(text) twice") }
      listen.append(address)
    }
    tls = try Self.choice(&section)
    for name in try section.texts("host-names") {
      guard Self.isHostName(name) else {
        throw section.wrong(
          "host-names", "has to be names like printers.example.org or addresses, not \(name)")
      }
      hostNames.append(name)
    }
    for address in try section.texts("trust-proxy") where address != "no" {
      guard ListenAddress.isAddress(address) else {
        throw section.wrong("trust-proxy", "has to be no, or the proxies' IP addresses, not \(address)")
      }
      trustProxy.append(address)
    }
  }

  private static func choice(_ section: inout Section) throws(ConfigurationError) -> TLSChoice {
    let word = try section.choice("tls", ["self-signed", "off", "files"]) ?? "self-signed"
    let certificate = try section.path("certificate")
    let key = try section.path("key")
    guard word == "files" else {
      if certificate != nil { throw section.wrong("certificate", "needs tls: files") }
      if key != nil { throw section.wrong("key", "needs tls: files") }
      return word == "off" ? .off : .selfSigned
    }
    guard let certificate, let key else {
      throw section.wrong("tls", "as files needs certificate and key, the paths of two PEM files")
    }
    return .files(certificate: certificate, key: key)
  }

  /// Letters, digits, hyphens and dots; or an IP address.
  private static func isHostName(_ name: String) -> Bool {
    if ListenAddress.isAddress(name) { return true }
    return name.utf8.count <= 253
      && name.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
        (1...63).contains(label.utf8.count) && label.first != "-" && label.last != "-"
          && label.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
              || byte == 0x2D
          }
      }
  }

  static let sample = """
    network:
      # Addresses to listen on, beside the Unix socket: ["0.0.0.0:7380"] for IPv4, ["[::]:7380"] for both. Empty: the Unix
      # socket alone.
      #listen: []
      # self-signed: a certificate is made on the first start and kept; programs remember its fingerprint, which
      # `fabline status` shows. files: your own, see below. off: whoever sees the network can read passwords and tokens.
      #tls: self-signed
      # PEM files for tls: files; the host's own certificate first, then the chain.
      #certificate:
      #key:
      # Further names and addresses in a self-signed certificate; this host's own are in it. Takes effect when
      # tls/certificate.pem in the state folder is removed.
      #host-names: []
      # The IP addresses of reverse proxies whose X-Forwarded-For is believed; they may hold more connections than one client.
      # One that ends TLS says so with X-Forwarded-Proto: https, and cookies are for TLS alone.
      #trust-proxy: no
    """
}
