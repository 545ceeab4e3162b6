/// An IPv4 or IPv6 address as its bytes, and whether a camera may be there.
///
/// What is refused answers for the machine that asks and not for a camera: an instance's metadata service gives credentials to
/// whoever asks it from there.
public struct NetworkAddress: Equatable, Sendable {
  /// Four bytes or sixteen, the first byte first.
  public let bytes: [UInt8]

  /// Wraps the bytes of an address; nil where there are neither four nor sixteen.
  public init?(bytes: [UInt8]) {
    guard bytes.count == 4 || bytes.count == 16 else { return nil }
    self.bytes = bytes
  }

  /// Reads `192.0.2.1` or `2001:db8::1`; nil for anything else, names among it.
  public init?(_ text: String) {
    let text = Array(text.utf8)
    guard let bytes = text.contains(UInt8(ascii: ":")) ? Self.six(text[...]) : Self.four(text[...]) else {
      return nil
    }
    self.bytes = bytes
  }

  /// No camera is asked there. RFC 3927 and RFC 4291 (link-local), RFC 5771 (multicast), RFC 1122 (this network, broadcast),
  /// and the metadata services that clouds put elsewhere. An IPv4 address within an IPv6 one is judged as what it is.
  public var isForbidden: Bool {
    if let inner { return inner.isForbidden }
    if bytes.count == 4 {
      let metadata: [[UInt8]] = [[100, 100, 100, 200], [192, 0, 0, 192], [168, 63, 129, 16]]
      return bytes[0] == 0 || (bytes[0] == 169 && bytes[1] == 254) || bytes[0] >= 224
        || metadata.contains(bytes)
    }
    let isUnspecified = bytes.allSatisfy { $0 == 0 }
    let isLinkLocal = bytes[0] == 0xFE && bytes[1] & 0xC0 == 0x80
    // fd00:ec2::254 and fd20:ce::254
    let isMetadata =
      bytes == [0xFD, 0, 0x0E, 0xC2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0x54]
      || bytes == [0xFD, 0x20, 0, 0xCE, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0x54]
    return isUnspecified || isLinkLocal || isMetadata || bytes[0] == 0xFF
  }

  /// The IPv4 address that an IPv6 one stands for: mapped, compatible, NAT64, 6to4.
  private var inner: NetworkAddress? {
    guard bytes.count == 16 else { return nil }
    let last = NetworkAddress(bytes: Array(bytes[12...]))
    let isZero = bytes[..<10].allSatisfy { $0 == 0 }
    if isZero, bytes[10] == 0xFF, bytes[11] == 0xFF { return last }
    // `::` and `::1` are addresses of their own.
    if isZero, bytes[10] == 0, bytes[11] == 0, bytes[12...14].contains(where: { $0 != 0 }) { return last }
    if bytes[..<12].elementsEqual([0, 0x64, 0xFF, 0x9B, 0, 0, 0, 0, 0, 0, 0, 0]) { return last }
    if bytes[0] == 0x20, bytes[1] == 0x02 { return NetworkAddress(bytes: Array(bytes[2...5])) }
    return nil
  }

  private static func four(_ text: ArraySlice<UInt8>) -> [UInt8]? {
    let parts = text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    guard parts.count == 4 else { return nil }
    var bytes: [UInt8] = []
    for part in parts {
      guard (1...3).contains(part.count), part.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }),
        let value = UInt8(String(decoding: part, as: UTF8.self))
      else { return nil }
      bytes.append(value)
    }
    return bytes
  }

  private static func six(_ text: ArraySlice<UInt8>) -> [UInt8]? {
    var head: [UInt8] = []
    var tail: [UInt8]?
    var groups = text.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
    // A `::` at either end leaves two empty groups there, alone three.
    let count = groups.count
    if count > 2, groups[0].isEmpty, groups[1].isEmpty { groups.removeFirst() }
    if count > 2, groups.count > 1, groups[groups.count - 1].isEmpty, groups[groups.count - 2].isEmpty {
      groups.removeLast()
    }
    for (index, group) in groups.enumerated() {
      if group.isEmpty {
        guard tail == nil else { return nil }
        tail = []
        continue
      }
      let bytes: [UInt8]
      if index == groups.count - 1, group.contains(UInt8(ascii: ".")) {
        guard let last = four(group) else { return nil }
        bytes = last
      } else {
        guard group.count <= 4, group.first != UInt8(ascii: "+"),
          let value = UInt16(String(decoding: group, as: UTF8.self), radix: 16)
        else { return nil }
        bytes = [UInt8(value >> 8), UInt8(value & 0xFF)]
      }
      if tail == nil { head += bytes } else { tail? += bytes }
    }
    guard let tail else { return head.count == 16 ? head : nil }
    guard head.count + tail.count <= 14 else { return nil }
    return head + [UInt8](repeating: 0, count: 16 - head.count - tail.count) + tail
  }
}
