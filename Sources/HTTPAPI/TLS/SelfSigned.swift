import Crypto
import Foundation
import NIOCore
import Supervisor
import X509

/// A certificate of our own making: P-256, ten years, for this host's names and addresses as they are when it is made.
///
/// Nobody vouches for it: clients remember its fingerprint instead.
struct SelfSigned {
  /// Names and addresses that it is for.
  var names: [String]
  var addresses: [[UInt8]]

  /// This host's, with further ones that the configuration has.
  static func forThisHost(_ more: [String]) -> SelfSigned {
    let host = ProcessInfo.processInfo.hostName
    var names = [host]
    if !host.contains(".") { names.append(host + ".local") }
    names.append("localhost")
    var addresses: [[UInt8]] = []
    for device in (try? System.enumerateDevices()) ?? [] {
      if let bytes = device.address.flatMap({ bytes(of: $0) }) { addresses.append(bytes) }
    }
    for name in more {
      if let address = try? SocketAddress(ipAddress: name, port: 0), let bytes = bytes(of: address) {
        addresses.append(bytes)
      } else {
        names.append(name)
      }
    }
    return SelfSigned(names: names.uniqued(), addresses: addresses.uniqued())
  }

  /// 4 or 16 bytes; nil for what no certificate should name: addresses that hold on one link only.
  private static func bytes(of address: SocketAddress) -> [UInt8]? {
    switch address {
    case .v4(let four): return withUnsafeBytes(of: four.address.sin_addr) { Array($0) }
    case .v6(let six):
      let bytes = withUnsafeBytes(of: six.address.sin6_addr) { Array($0) }
      return bytes[0] == 0xFE && bytes[1] & 0xC0 == 0x80 ? nil : bytes
    default: return nil
    }
  }

  /// Certificate and key as PEM texts.
  func make(now: Date) throws -> (certificate: String, key: String) {
    let key = P256.Signing.PrivateKey()
    let issuer = Certificate.PrivateKey(key)
    let subject = try DistinguishedName { CommonName(names.first ?? "fabline") }
    var all: [GeneralName] = names.map { name in .dnsName(name) }
    all += addresses.map { address in GeneralName.ipAddress(.init(contentBytes: address[...])) }
    let alternatives = SubjectAlternativeNames(all)
    let certificate = try Certificate(
      version: .v3, serialNumber: .init(), publicKey: issuer.publicKey,
      // A board without a clock of its own may be a little ahead.
      notValidBefore: now.addingTimeInterval(-86_400), notValidAfter: now.addingTimeInterval(3650 * 86_400),
      issuer: subject, subject: subject,
      extensions: try Certificate.Extensions {
        Critical(BasicConstraints.notCertificateAuthority)
        Critical(KeyUsage(digitalSignature: true))
        try ExtendedKeyUsage([.serverAuth])
        alternatives
      }, issuerPrivateKey: issuer)
    return (try certificate.serializeAsPEM().pemString + "\n", key.pemRepresentation + "\n")
  }
}

extension Sequence where Element: Hashable {
  /// Each element once, where it stands first.
  fileprivate func uniqued() -> [Element] {
    var seen: Set<Element> = []
    return filter { seen.insert($0).inserted }
  }
}
