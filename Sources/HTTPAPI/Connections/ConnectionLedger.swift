import NIOCore
import Synchronization

/// Who holds how many connections over the network: bounded in all and by address, so that nobody takes every one.
final class ConnectionLedger: Sendable {
  private let limit: Int
  private let limitPerAddress: Int
  private let unbounded: Set<String>
  private let held = Mutex<[String: Int]>([:])

  /// `unbounded`: addresses that are bounded in all only, because many people are behind them.
  init(limit: Int, limitPerAddress: Int, unbounded: Set<String>) {
    self.limit = limit
    self.limitPerAddress = limitPerAddress
    self.unbounded = unbounded
  }

  /// Takes a connection in; false where it is one too many. `leave` gives it back.
  func enter(_ address: String) -> Bool {
    let key = Self.key(address)
    return held.withLock { held in
      let own = held[key] ?? 0
      guard own < limitPerAddress || unbounded.contains(address), held.values.reduce(0, +) < limit else {
        return false
      }
      held[key] = own + 1
      return true
    }
  }

  /// Gives a connection back.
  func leave(_ address: String) {
    let key = Self.key(address)
    held.withLock { held in
      let left = (held[key] ?? 1) - 1
      held[key] = left > 0 ? left : nil
    }
  }

  /// Connections that are held now.
  var count: Int { held.withLock { $0.values.reduce(0, +) } }

  /// One household of IPv6 addresses is one address: their first 64 bits.
  private static func key(_ address: String) -> String {
    guard address.contains(":"), let six = try? SocketAddress(ipAddress: address, port: 0),
      case .v6(let parsed) = six
    else { return address }
    return withUnsafeBytes(of: parsed.address.sin6_addr) { bytes in
      // ::ffff:a.b.c.d is an IPv4 client at a socket for both.
      bytes.prefix(10).allSatisfy { $0 == 0 } && bytes[10] == 0xFF && bytes[11] == 0xFF
        ? bytes.suffix(4).map { "\($0)" }.joined(separator: ".")
        : bytes.prefix(8).map { String($0, radix: 16) }.joined(separator: ":") + "/64"
    }
  }
}
