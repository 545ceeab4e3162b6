import Glibc

/// Where a supervisor listens on the network: `https://HOST:7380`, or `HOST` for short.
struct HostAddress: Equatable, Hashable, Sendable {
  /// Guarded by TLS; without it whoever sees the network can read tokens.
  var isSecure: Bool
  /// A name or an address, IPv6 without brackets.
  var host: String
  var port: Int

  /// What `network.listen` has in the sample.
  static let usualPort = 7380

  /// Reads one. Throws `request.usage`.
  init(_ text: String) throws(Failure) {
    var rest = text[...]
    isSecure = true
    if let mark = text.range(of: "://") {
      switch text[..<mark.lowerBound].lowercased() {
      case "https": isSecure = true
      case "http": isSecure = false
      default: throw Self.wrong(text)
      }
      rest = text[mark.upperBound...]
    }
    if rest.hasSuffix("/") { rest = rest.dropLast() }
    if rest.first == "[", let end = rest.firstIndex(of: "]") {
      host = String(rest[rest.index(after: rest.startIndex)..<end])
      rest = rest[rest.index(after: end)...]
      guard host.contains(":"), rest.isEmpty || rest.first == ":" else { throw Self.wrong(text) }
    } else {
      host = String(rest.prefix { $0 != ":" }).lowercased()
      rest = rest.dropFirst(host.count)
    }
    let isName = host.utf8.allSatisfy { byte in
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x3A, 0x5F, 0x25: true
      default: false
      }
    }
    guard !host.isEmpty, host.utf8.count <= 253, isName else { throw Self.wrong(text) }
    guard !rest.isEmpty else {
      port = Self.usualPort
      return
    }
    guard let number = Int(rest.dropFirst()), (1...65535).contains(number) else { throw Self.wrong(text) }
    port = number
  }

  /// As it stands in the hosts file and in sentences.
  var text: String { "\(isSecure ? "https" : "http")://\(authority)" }

  /// As a request's Host field has it.
  var authority: String { (host.contains(":") ? "[\(host)]" : host) + ":\(port)" }

  private static func wrong(_ text: String) -> Failure {
    .usage("\(text) is no host: https://HOST:\(usualPort), or HOST for short")
  }
}

extension String {
  /// Where `other` stands first.
  fileprivate func range(of other: String) -> Range<String.Index>? {
    var start = startIndex
    while start < endIndex {
      if self[start...].hasPrefix(other), let end = index(start, offsetBy: other.count, limitedBy: endIndex) {
        return start..<end
      }
      start = index(after: start)
    }
    return nil
  }
}
