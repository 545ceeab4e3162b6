import Glibc

/// A numeric address with a port: `0.0.0.0:7380`, `[::]:7380`.
public struct ListenAddress: Equatable, Hashable, Sendable {
  /// The address, IPv6 without brackets.
  public var address: String
  /// The port; 0 for one that the kernel chooses.
  public var port: Int

  /// Wraps an address and a port.
  public init(address: String, port: Int) {
    self.address = address
    self.port = port
  }

  /// Reads one; nil where it is none. Names are not looked up: what listens where must not depend on a name server.
  public init?(_ text: String) {
    guard let colon = text.lastIndex(of: ":") else { return nil }
    var host = text[..<colon]
    let digits = text[text.index(after: colon)...]
    guard let port = Int(digits), (0...65535).contains(port),
      digits.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 })
    else { return nil }
    if host.first == "[", host.last == "]" {
      host = host.dropFirst().dropLast()
      guard host.contains(":") else { return nil }
    } else if host.contains(":") {
      return nil
    }
    guard Self.isAddress(String(host)) else { return nil }
    self.init(address: String(host), port: port)
  }

  /// As it is written in the configuration.
  public var text: String { isSix ? "[\(address)]:\(port)" : "\(address):\(port)" }

  /// Whether it is of IPv6.
  public var isSix: Bool { address.contains(":") }

  /// Whether a text is an IPv4 or IPv6 address. The corresponding call is `inet_pton`.
  public static func isAddress(_ text: String) -> Bool {
    var space = in6_addr()
    return inet_pton(AF_INET, text, &space) == 1 || inet_pton(AF_INET6, text, &space) == 1
  }
}
