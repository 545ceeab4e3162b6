import Crypto

/// A certificate's SHA-256 fingerprint, as `fabline status`, browsers and `openssl x509 -fingerprint -sha256` write it.
struct CertificateFingerprint: Equatable, Sendable {
  /// `AB:CD:…`, 32 bytes.
  let text: String

  /// Of a certificate's DER bytes.
  init(der: [UInt8]) { text = Self.written(SHA256.hash(data: der).map { $0 }) }

  /// Reads one, with or without colons; nil where it is none.
  init?(_ text: String) {
    let digits = text.utf8.filter { $0 != 0x3A }.map { Self.value($0) }
    guard digits.count == 64, digits.allSatisfy({ $0 != nil }) else { return nil }
    let values = digits.compactMap(\.self)
    self.text = Self.written(stride(from: 0, to: 64, by: 2).map { values[$0] << 4 | values[$0 + 1] })
  }

  private static func written(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789ABCDEF")
    return bytes.map { "\(digits[Int($0 >> 4)])\(digits[Int($0 & 15)])" }.joined(separator: ":")
  }

  private static func value(_ digit: UInt8) -> UInt8? {
    switch digit {
    case 0x30...0x39: digit - 0x30
    case 0x41...0x46: digit - 0x37
    case 0x61...0x66: digit - 0x57
    default: nil
    }
  }
}
