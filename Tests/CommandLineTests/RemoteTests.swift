import FoundationEssentials
import Glibc
import Testing

@testable import fabline

/// Another machine's supervisor: where it is, and whether it is the one that is trusted.
@Suite struct RemoteTests {
  private let one = String(repeating: "AB", count: 32)
  private let two = String(repeating: "CD", count: 32)

  private func print(_ text: String) throws -> CertificateFingerprint {
    try #require(CertificateFingerprint(text))
  }

  @Test("A host is written in full, or short")
  func addresses() throws {
    let cases = [
      ("https://printers:7380", "https://printers:7380"), ("printers", "https://printers:7380"),
      ("Printers.Example.org:8000/", "https://printers.example.org:8000"),
      ("http://10.0.0.5", "http://10.0.0.5:7380"), ("[fd00::1]", "https://[fd00::1]:7380"),
      ("https://[::1]:9", "https://[::1]:9"),
    ]
    for (text, full) in cases { #expect(try HostAddress(text).text == full) }
    for text in ["", "ftp://x", "https://", "x:0", "x:70000", "x:y", "a b", "[x]", "x/api", "user@x", "::1"] {
      #expect(throws: Failure.self, "\(text)") { try HostAddress(text) }
    }
  }

  @Test("A fingerprint is read with and without colons, in either case")
  func fingerprints() throws {
    let text = try print(one).text
    #expect(text.hasPrefix("AB:AB:") && text.utf8.count == 95)
    #expect(CertificateFingerprint(text.lowercased()) == CertificateFingerprint(one))
    #expect(CertificateFingerprint(String(one.dropLast())) == nil)
    #expect(CertificateFingerprint(one + "00") == nil)
    #expect(CertificateFingerprint(der: []).text.hasPrefix("E3:B0:C4:42"))
  }

  @Test("What is unknown is asked about, what is known is taken, what has changed is refused")
  func trust() throws {
    let host = try HostAddress("printers")
    func decide(
      _ shown: String, vouched: Bool = false, _ remembered: KnownHosts.Host? = nil, named: String? = nil
    ) throws -> TrustDecision {
      TrustDecision.decide(
        host, shown: try print(shown), isVouched: vouched, remembered: remembered,
        named: named.flatMap(CertificateFingerprint.init))
    }
    func isRefused(_ decision: TrustDecision) -> Bool {
      if case .refuse(let failure) = decision { return failure.code == "host.changed" }
      return false
    }
    let pinned = KnownHosts.Host(fingerprint: try print(one).text)
    #expect(try decide(one) == .ask(try print(one)))
    #expect(try decide(one, vouched: true) == .new(.authorities))
    #expect(try decide(one, pinned) == .known(.pinned(try print(one))))
    #expect(try isRefused(decide(two, pinned)))
    #expect(
      try isRefused(decide(two, vouched: true, pinned)), "an authority's word does not replace a comparison")
    #expect(try decide(two, pinned, named: two) == .new(.pinned(try print(two))))
    #expect(try isRefused(decide(two, named: one)))
    #expect(try decide(one, vouched: true, KnownHosts.Host()) == .known(.authorities))
    #expect(try isRefused(decide(one, KnownHosts.Host())))
  }

  @Test("The hosts file is for its owner alone, and one that others can open is refused")
  func hostsFile() throws {
    let folder = try Folders.temporary("fl")
    defer { Folders.remove(folder) }
    let path = folder + "/config/fabline/hosts.json"
    #expect(try KnownHosts.read(path) == KnownHosts())
    var hosts = KnownHosts()
    hosts.hosts["https://printers:7380"] = KnownHosts.Host(
      fingerprint: one, token: "secret", tokenID: 3, name: "ann")
    try hosts.write(path)
    var facts = stat()
    #expect(stat(path, &facts) == 0 && facts.st_mode & 0o777 == 0o600)
    #expect(try KnownHosts.read(path) == hosts)
    chmod(path, 0o640)
    #expect(throws: Failure.self) { try KnownHosts.read(path) }
    #expect(
      KnownHosts.path { ["HOME": "/home/a"][$0] } == "/home/a/.config/fabline/hosts.json")
  }

  @Test("--host goes before FABLINE_HOST, and --run names a folder of this machine")
  func choice() throws {
    func address(_ words: [String], _ host: String?) throws -> String? {
      let options = try CommonOptions.parse(words)
      return try RemoteContext(options: options) { $0 == "FABLINE_HOST" ? host : nil }.address()?.text
    }
    #expect(try address([], nil) == nil)
    #expect(try address([], "a") == "https://a:7380")
    #expect(try address(["--host", "b"], "a") == "https://b:7380")
    #expect(try address(["--run", "/tmp"], "a") == nil)
    #expect(throws: Failure.self) { try address(["--run", "/tmp", "--host", "b"], nil) }
  }
}
