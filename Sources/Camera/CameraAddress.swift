/// Where a camera answers: an `http` or `https` address, with the name and password that it may hold kept apart.
///
/// Read strictly: what a person typed is either an address that a request can be made of or refused with the reason.
/// The form is RFC 3986; user and password in it are its `userinfo`.
public struct CameraAddress: Equatable, Sendable {
  /// Whether it is `https`.
  public let isSecure: Bool
  /// A host's name, an IPv4 address, or an IPv6 address without its brackets.
  public let host: String
  /// Where it listens.
  public let port: Int
  /// Path and query, from the slash on.
  public let target: String
  /// `user:password`, percent-decoded; nil where there is none.
  public let credentials: [UInt8]?

  /// Why a text is no camera's address.
  public struct Refusal: Error, Equatable, Sendable {
    /// What is wrong and what would be right, without the address: it may hold a password.
    public let sentence: String
  }

  /// Longer ones are refused.
  public static let longest = 1000

  /// Reads an address.
  public init(_ text: String) throws(Refusal) {
    let bytes = Array(text.utf8)
    guard bytes.count <= Self.longest else {
      throw Refusal(sentence: "a camera's address has at most \(Self.longest) characters")
    }
    guard bytes.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
      throw Refusal(sentence: "a camera's address is plain ASCII without blanks; write the rest as %XX")
    }
    let rest: ArraySlice<UInt8>
    if let after = Self.dropping("http://", from: bytes) {
      (isSecure, rest) = (false, after)
    } else if let after = Self.dropping("https://", from: bytes) {
      (isSecure, rest) = (true, after)
    } else {
      throw Refusal(sentence: "a camera's address begins with http:// or https://")
    }
    guard !bytes.contains(UInt8(ascii: "#")), !bytes.contains(UInt8(ascii: "\\")) else {
      throw Refusal(sentence: "a camera's address has neither # nor \\ in it")
    }
    let end = rest.firstIndex { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?") } ?? rest.endIndex
    let path = String(decoding: rest[end...], as: UTF8.self)
    target = path.hasPrefix("/") ? path : "/" + path
    var place = rest[..<end]
    if let at = place.lastIndex(of: UInt8(ascii: "@")) {
      guard let decoded = Self.decoded(place[..<at]) else {
        throw Refusal(sentence: "what stands before @ is no name and password; write their signs as %XX")
      }
      credentials = decoded
      place = place[(at + 1)...]
    } else {
      credentials = nil
    }
    (host, port) = try Self.place(place, isSecure: isSecure)
  }

  /// The address that a request is made to: without name and password.
  public var url: String {
    let shown = host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]" : host
    return "\(isSecure ? "https" : "http")://\(shown):\(port)\(target)"
  }

  private static func place(
    _ text: ArraySlice<UInt8>, isSecure: Bool
  ) throws(Refusal) -> (host: String, port: Int) {
    var host = text
    var digits: ArraySlice<UInt8>?
    if text.first == UInt8(ascii: "[") {
      guard let close = text.firstIndex(of: UInt8(ascii: "]")) else {
        throw Refusal(sentence: "an IPv6 address stands between [ and ]")
      }
      host = text[(text.startIndex + 1)..<close]
      guard NetworkAddress(String(decoding: host, as: UTF8.self))?.bytes.count == 16 else {
        throw Refusal(sentence: "between [ and ] there is no IPv6 address")
      }
      let rest = text[(close + 1)...]
      guard rest.isEmpty || rest.first == UInt8(ascii: ":") else {
        throw Refusal(sentence: "behind ] only a port may follow")
      }
      digits = rest.isEmpty ? nil : rest.dropFirst()
    } else if let colon = text.firstIndex(of: UInt8(ascii: ":")) {
      host = text[..<colon]
      digits = text[(colon + 1)...]
    }
    guard !host.isEmpty, host.allSatisfy(isHostByte) else {
      throw Refusal(sentence: "a camera's address needs a host: http://camera.local/snapshot.jpg")
    }
    var port = isSecure ? 443 : 80
    if let digits {
      guard (1...5).contains(digits.count), let number = Int(String(decoding: digits, as: UTF8.self)),
        digits.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }), (1...65_535).contains(number)
      else { throw Refusal(sentence: "a camera's port is 1 to 65535") }
      port = number
    }
    let name = String(decoding: host, as: UTF8.self)
    if let address = NetworkAddress(name), address.isForbidden { throw Refusal(sentence: Self.forbidden) }
    return (name, port)
  }

  /// Why some addresses are never asked.
  public static let forbidden =
    "link-local, multicast and metadata addresses are no cameras: what answers there belongs to the machine that Fabline runs on"

  private static func isHostByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"),
      UInt8(ascii: ":"):
      true
    default: false
    }
  }

  private static func dropping(_ scheme: String, from bytes: [UInt8]) -> ArraySlice<UInt8>? {
    let wanted = Array(scheme.utf8)
    guard bytes.count > wanted.count,
      zip(bytes, wanted).allSatisfy({ $0 == $1 || ($0 >= 0x41 && $0 <= 0x5A && $0 | 0x20 == $1) })
    else { return nil }
    return bytes[wanted.count...]
  }

  /// `%XX` as bytes; nil where a sign is not whole, or where a control character would come of it.
  private static func decoded(_ text: ArraySlice<UInt8>) -> [UInt8]? {
    var result: [UInt8] = []
    var index = text.startIndex
    while index < text.endIndex {
      var byte = text[index]
      if byte == UInt8(ascii: "%") {
        guard index + 2 < text.endIndex,
          let value = UInt8(String(decoding: text[(index + 1)...(index + 2)], as: UTF8.self), radix: 16)
        else { return nil }
        byte = value
        index += 2
      }
      guard byte >= 0x20, byte != 0x7F else { return nil }
      result.append(byte)
      index += 1
    }
    return result.isEmpty ? nil : result
  }
}
