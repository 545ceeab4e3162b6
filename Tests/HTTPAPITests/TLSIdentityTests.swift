import Foundation
import Glibc
import HostConfiguration
import Supervisor
import Testing
import X509

@testable import HTTPAPI

/// The certificate that a host shows.
@Suite struct TLSIdentityTests {
  private func folder<Value>(_ body: (String) throws -> Value) throws -> Value {
    let folder = "/tmp/fl-\(UInt64.random(in: 1...UInt64.max))"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    return try body(folder)
  }

  private func failure(_ body: () throws(HostError) -> some Any) -> HostError? {
    do {
      _ = try body()
      return nil
    } catch {
      return error
    }
  }

  @Test("A self-signed one is made once, kept for its owner alone, and names this host")
  func selfSigned() throws {
    try folder { state in
      var network = NetworkSection()
      network.hostNames = ["printers.example.org", "192.0.2.77"]
      let first = try #require(try TLSIdentity.find(network, state: state))
      let again = try #require(try TLSIdentity.find(network, state: state))
      #expect(first.fingerprint == again.fingerprint)
      #expect(first.fingerprint.split(separator: ":").count == 32)
      var facts = stat()
      #expect(stat(state + "/tls/key.pem", &facts) == 0 && facts.st_mode & 0o777 == 0o600)
      #expect(stat(state + "/tls", &facts) == 0 && facts.st_mode & 0o777 == 0o700)
      let pem = try String(contentsOfFile: state + "/tls/certificate.pem", encoding: .utf8)
      let certificate = try Certificate(pemEncoded: pem)
      let names = "\(try #require(try certificate.extensions.subjectAlternativeNames))"
      for name in ["localhost", "printers.example.org"] { #expect(names.contains(name)) }
      let years = certificate.notValidAfter.timeIntervalSince(certificate.notValidBefore) / (365 * 86_400)
      #expect(years > 9.9)
      try FileManager.default.removeItem(atPath: state + "/tls/certificate.pem")
      #expect(try TLSIdentity.find(network, state: state)?.fingerprint != first.fingerprint)
    }
  }

  @Test("Files that are missing, no PEM, or do not belong together are one sentence each")
  func files() throws {
    try folder { state in
      _ = try TLSIdentity.find(NetworkSection(), state: state)
      let (certificate, key) = (state + "/tls/certificate.pem", state + "/tls/key.pem")
      let other = state + "/other.pem"
      try SelfSigned(names: ["x"], addresses: []).make(now: Date()).key.write(
        toFile: other, atomically: true, encoding: .utf8)
      func find(_ certificate: String, _ key: String) -> HostError? {
        var network = NetworkSection()
        network.tls = .files(certificate: certificate, key: key)
        return failure { () throws(HostError) in try TLSIdentity.find(network, state: state) }
      }
      #expect(find(certificate, key) == nil)
      #expect(find("/nonexistent", key)?.sentence.contains("/nonexistent (No such file") == true)
      #expect(find(key, key)?.code == "tls.certificate")
      #expect(find(certificate, certificate)?.code == "tls.key")
      #expect(find(certificate, other)?.sentence.contains("does not belong") == true)
    }
  }

  @Test("A broken pair of ours says how to have another")
  func broken() throws {
    try folder { state in
      _ = try TLSIdentity.find(NetworkSection(), state: state)
      try "garbage".write(toFile: state + "/tls/certificate.pem", atomically: true, encoding: .utf8)
      let error = failure { () throws(HostError) in try TLSIdentity.find(NetworkSection(), state: state) }
      #expect(error?.sentence.contains("remove it, and the next start makes another") == true)
    }
  }

  @Test("Without TLS there is none")
  func off() throws {
    var network = NetworkSection()
    network.tls = .off
    #expect(try TLSIdentity.find(network, state: "/nonexistent") == nil)
  }
}
