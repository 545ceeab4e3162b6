import Camera
import Glibc
import NIOPosix

/// Asks the system where a name leads, and leaves out where no camera is asked.
///
/// The request is then made to that very address, so that a name that leads elsewhere a moment later leads nowhere.
/// The corresponding call is `getaddrinfo`.
enum Resolver {
  /// What came of a name.
  enum Answer: Equatable, Sendable {
    /// Addresses as text, the one to try first at first.
    case addresses([String])
    /// It leads to none that may be asked.
    case forbidden
    /// The system's words.
    case failed(String)
  }

  /// Resolves on a thread that may wait.
  static func addresses(of host: String) async -> Answer {
    // An address asks nobody, and does not wait behind names that nobody answers for.
    let literal = look(host, flags: AI_NUMERICHOST)
    if case .failed = literal {} else { return literal }
    do {
      return try await NIOThreadPool.singleton.runIfActive { look(host) }
    } catch {
      return .failed("the host is ending")
    }
  }

  private static func look(_ host: String, flags: Int32 = 0) -> Answer {
    var hints = addrinfo()
    hints.ai_flags = flags
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var first: UnsafeMutablePointer<addrinfo>?
    let result = getaddrinfo(host, nil, &hints, &first)
    guard result == 0 else { return .failed(String(cString: gai_strerror(result))) }
    defer { freeaddrinfo(first) }
    var found: [String] = []
    var isForbidden = false
    var next = first
    while let entry = next?.pointee {
      next = entry.ai_next
      guard let (address, text) = address(entry) else { continue }
      if address.isForbidden {
        isForbidden = true
      } else if !found.contains(text) {
        found.append(text)
      }
    }
    if found.isEmpty { return isForbidden ? .forbidden : .failed("the name has no address") }
    return .addresses(found)
  }

  private static func address(_ entry: addrinfo) -> (NetworkAddress, String)? {
    guard let raw = entry.ai_addr else { return nil }
    var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
    let bytes: [UInt8]
    switch entry.ai_family {
    case AF_INET:
      var place = raw.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { $0.pointee.sin_addr }
      bytes = withUnsafeBytes(of: &place) { Array($0) }
      guard inet_ntop(AF_INET, &place, &text, socklen_t(text.count)) != nil else { return nil }
    case AF_INET6:
      var place = raw.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) { $0.pointee.sin6_addr }
      bytes = withUnsafeBytes(of: &place) { Array($0) }
      guard inet_ntop(AF_INET6, &place, &text, socklen_t(text.count)) != nil else { return nil }
    default: return nil
    }
    guard let address = NetworkAddress(bytes: bytes) else { return nil }
    let end = text.firstIndex(of: 0) ?? text.endIndex
    return (address, String(decoding: text[..<end].map { UInt8(bitPattern: $0) }, as: UTF8.self))
  }
}
