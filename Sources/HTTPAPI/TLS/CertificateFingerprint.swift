import Crypto

/// A certificate's SHA-256 fingerprint, as browsers and `openssl x509 -fingerprint -sha256` write it.
enum CertificateFingerprint {
  /// `AB:CD:…` of a certificate's DER bytes.
  static func text(_ der: [UInt8]) -> String {
    let digits = Array("0123456789ABCDEF")
    return SHA256.hash(data: der).map { "\(digits[Int($0 >> 4)])\(digits[Int($0 & 15)])" }
      .joined(separator: ":")
  }
}
