import APIModel
import Foundation
import Glibc
import HostConfiguration
import JobStore

extension Doorkeeper {
  /// Takes a name and a password, and gives a session. One sentence for a wrong name and a wrong password, after the same work.
  ///
  /// Throws `session.refused`, `session.tooMany` while the address or the account has to wait, `account.busy`.
  func signIn(
    _ request: SessionRequest, from address: String, replacing old: Principal
  ) async throws -> (principal: Principal, secret: Secret) {
    // A phone's keyboard begins with a capital, and leaves a blank behind.
    let name = request.name.trimmingCharacters(in: .whitespaces).lowercased()
    guard try await judge(name, request.password, from: address) != nil else {
      throw Problem(
        code: "session.refused", title: "not signed in", status: 401,
        detail: "name or password is wrong, or the account is disabled")
    }
    let actor = AuditActor(name: name, via: SignInKind.session.rawValue, address: address)
    let (session, secret) = try await store.openSession(name, times: times, by: actor)
    // Whatever the browser showed before is nothing from now on.
    if case .session(let hash, _, _) = old.signIn {
      try await store.endSession(hash, by: old.audited(from: address))
    }
    changed()
    return (Doorkeeper.principal(of: session, secret), secret)
  }

  /// The account whose password this is; nil for a wrong one. Counted, and told to the audit log where it is wrong.
  func judge(_ name: String, _ password: String, from address: String) async throws -> AccountRecord? {
    let network = Doorkeeper.network(of: address)
    let answer = limiter.withLock { $0.begin(address: network, account: name, now: store.now()) }
    if case .wait(let seconds, let isNews) = answer {
      if isNews { await refused(name, address, "too many wrong passwords: \(seconds) s to wait") }
      throw TryLater(
        problem: Problem(
          code: "session.tooMany", title: "too many requests", status: 429,
          detail: "too many wrong passwords from here or for this account: try again in \(seconds) s"),
        seconds: seconds)
    }
    do {
      guard let account = try await store.accepts(name, password: password) else {
        await refused(name, address, "wrong name or password, or a disabled account")
        return nil
      }
      limiter.withLock { $0.succeeded(address: network, account: name) }
      return account
    } catch {
      limiter.withLock { $0.withdrawn(address: network, account: name) }
      throw error
    }
  }

  private func refused(_ name: String, _ address: String, _ words: String) async {
    await trail.write(
      AuditRecord(
        at: store.now(), actor: AuditActor(name: "nobody", via: "open", address: address), what: "sign-in",
        target: name, outcome: .refused, detail: words))
  }

  /// What counts as one: an IPv4 address, and of an IPv6 address the /64 that one customer has.
  static func network(of address: String) -> String {
    var bytes = in6_addr()
    let text = String(address.prefix { $0 != "%" })
    guard inet_pton(AF_INET6, text, &bytes) == 1 else { return address }
    let octets = withUnsafeBytes(of: &bytes) { Array($0) }
    // ::ffff:192.0.2.1 is an IPv4 address, each of which counts for itself.
    if octets.prefix(10).allSatisfy({ $0 == 0 }), octets[10] == 0xFF, octets[11] == 0xFF {
      return octets.suffix(4).map { "\($0)" }.joined(separator: ".")
    }
    return octets.prefix(8).map { String($0, radix: 16) }.joined(separator: ":")
  }
}

/// A refusal that ends by itself; `Retry-After` says when.
struct TryLater: Error {
  var problem: Problem
  var seconds: Int
}

extension SessionTimes {
  /// As the configuration says.
  init(_ section: SessionsSection) {
    self.init()
    idle = Int64(section.idleHours) * 3_600_000
    most = Int64(section.mostDays) * 86_400_000
  }
}
