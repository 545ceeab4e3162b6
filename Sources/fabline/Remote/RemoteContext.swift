import Glibc

/// Finds the host that a verb talks to, from options, environment and the hosts file.
struct RemoteContext: Sendable {
  let options: CommonOptions
  var environment: @Sendable (String) -> String? = RunFolder.environment

  /// Nil for the supervisor of this machine: no `--host`, no `FABLINE_HOST`, or `--run`, which names a folder here.
  func address() throws(Failure) -> HostAddress? {
    if let host = options.host {
      guard options.run == nil else { throw .usage("--host or --run, not both") }
      return try HostAddress(host)
    }
    guard options.run == nil, let host = environment("FABLINE_HOST"), !host.isEmpty else { return nil }
    return try HostAddress(host)
  }

  /// The host as it is trusted now; asks a person where it was never seen. What is trusted for the first time is remembered.
  func host(_ address: HostAddress) async throws -> RemoteHost {
    let path = KnownHosts.path(environment)
    var known = try KnownHosts.read(path)
    let remembered = known.hosts[address.text]
    let token = try token(remembered)
    let named = try options.trust.map { text throws(Failure) in
      guard let fingerprint = CertificateFingerprint(text) else {
        throw .usage(
          "--trust is a SHA-256 fingerprint: 32 bytes as AB:CD:…, as `fabline status` on the host shows it")
      }
      return fingerprint
    }
    guard address.isSecure else {
      if token != nil {
        Output.complain("\(address.text) has no TLS: whoever sees the network can read your token")
      }
      return RemoteHost(address: address, trust: .none, token: token)
    }
    // A host that is known by its fingerprint is compared on each connection: no need to ask it twice.
    if named == nil, let pin = remembered?.fingerprint.flatMap(CertificateFingerprint.init) {
      return RemoteHost(address: address, trust: .pinned(pin), token: token)
    }
    let found = try await CertificateProbe(host: address).run()
    let trust: Trust
    switch TrustDecision.decide(
      address, shown: found.fingerprint, isVouched: found.isVouched, remembered: remembered, named: named)
    {
    case .known(let decided): return RemoteHost(address: address, trust: decided, token: token)
    case .new(let decided): trust = decided
    case .ask(let fingerprint):
      try ask(address, fingerprint)
      trust = .pinned(fingerprint)
    case .refuse(let failure): throw failure
    }
    var host = known.hosts[address.text] ?? KnownHosts.Host()
    if case .pinned(let fingerprint) = trust {
      host.fingerprint = fingerprint.text
    } else {
      host.fingerprint = nil
    }
    known.hosts[address.text] = host
    try known.write(path)
    return RemoteHost(address: address, trust: trust, token: token)
  }

  private func ask(_ address: HostAddress, _ fingerprint: CertificateFingerprint) throws {
    guard isatty(STDIN_FILENO) == 1 else {
      throw Failure(
        code: "host.unknown",
        sentence: "\(address.text) is not known yet, and nobody is here to compare its fingerprint",
        status: .forbidden,
        details: [
          "it shows \(fingerprint.text)",
          "if `fabline status` on the host says the same: --trust FINGERPRINT",
        ])
    }
    Output.complain("\(address.text) is not known yet. Its certificate's SHA-256 fingerprint is")
    Output.complain("  \(fingerprint.text)")
    Output.complain("`fabline status` on the host itself has to show the same.")
    try Consent.ask("Is it the same?", hint: "--trust FINGERPRINT")
  }

  /// `--token-file`, else `FABLINE_TOKEN`, else the hosts file.
  private func token(_ remembered: KnownHosts.Host?) throws(Failure) -> String? {
    if let path = options.tokenFile { return try Self.token(inFile: path) }
    if let token = environment("FABLINE_TOKEN"), !token.isEmpty { return token }
    return remembered?.token
  }

  /// A file's first line.
  static func token(inFile path: String) throws(Failure) -> String {
    guard let bytes = InstallPlan.bytes(path) else {
      throw Failure(code: "token.unreadable", sentence: "\(path) cannot be read", status: .noSuchFile)
    }
    let line = bytes.prefix { $0 != 0x0A && $0 != 0x0D }
    let token = String(decoding: line, as: UTF8.self).trimmingBlanks()
    guard !token.isEmpty, token.utf8.count <= 512, token.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
    else {
      throw Failure(code: "token.unreadable", sentence: "\(path) does not begin with a token", status: .usage)
    }
    return token
  }
}
