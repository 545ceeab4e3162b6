/// Whom a host is believed to be, and why.
enum Trust: Equatable, Sendable {
  /// By its certificate's fingerprint alone: somebody compared it.
  case pinned(CertificateFingerprint)
  /// By the authorities that this system trusts.
  case authorities
  /// Without TLS: by nobody.
  case none
}

/// Decides whether a host is trusted, from what it shows, what is remembered of it and what the user said.
enum TrustDecision: Equatable, Sendable {
  /// It is the one that is known.
  case known(Trust)
  /// The user named it, or the authorities vouch for it: to be remembered.
  case new(Trust)
  /// A person has to compare the fingerprint.
  case ask(CertificateFingerprint)
  /// Not the one that is known, or not the one that was named.
  case refuse(Failure)

  /// - Parameters:
  ///   - shown: the certificate that the host shows now.
  ///   - isVouched: whether the system's authorities vouch for it under this host's name.
  ///   - remembered: what the hosts file has; nil for a host that was never trusted.
  ///   - named: what `--trust` says.
  static func decide(
    _ host: HostAddress, shown: CertificateFingerprint, isVouched: Bool, remembered: KnownHosts.Host?,
    named: CertificateFingerprint?
  ) -> TrustDecision {
    if let named {
      guard named == shown else { return .refuse(other(host, shown, "--trust names \(named.text)")) }
      return .new(.pinned(shown))
    }
    guard let remembered else { return isVouched ? .new(.authorities) : .ask(shown) }
    guard let text = remembered.fingerprint else {
      if isVouched { return .known(.authorities) }
      return .refuse(other(host, shown, "so far an authority vouched for it, and none does now"))
    }
    guard CertificateFingerprint(text) == shown else {
      return .refuse(other(host, shown, "the one that was trusted is \(text)"))
    }
    return .known(.pinned(shown))
  }

  /// What a person is told, loudly; `shown` is nil for no certificate at all.
  static func other(_ host: HostAddress, _ shown: CertificateFingerprint?, _ why: String) -> Failure {
    Failure(
      code: "host.changed",
      sentence:
        "\(host.text) IS NOT THE HOST THAT IS TRUSTED: its certificate is another one, and nothing was sent to it",
      status: .forbidden,
      details: [
        "it shows \(shown?.text ?? "none"),", "and \(why).",
        "Either somebody stands between you and the host, or its certificate was made anew. `fabline status` on the host",
        "itself shows its fingerprint. If it is the one shown here: fabline login \(host.text) --trust FINGERPRINT",
      ])
  }
}
