/// Paths and queries with everything escaped that is not unreserved (RFC 3986, section 2.3).
enum Query {
  /// `text` percent-encoded.
  static func escaped(_ text: String) -> String {
    let digits = Array("0123456789ABCDEF".utf8)
    var bytes: [UInt8] = []
    for byte in text.utf8 {
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E: bytes.append(byte)
      default: bytes += [0x25, digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// `path?a=b&c=d`; pairs without a value are left out.
  static func path(_ path: String, _ pairs: [(String, String?)] = []) -> String {
    let query = pairs.compactMap { name, value in value.map { name + "=" + escaped($0) } }
    return query.isEmpty ? path : path + "?" + query.joined(separator: "&")
  }
}
