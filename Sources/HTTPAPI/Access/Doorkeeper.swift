import APIModel
import HostConfiguration
import Hummingbird
import JobStore
import Synchronization

/// Knows who is at the door: what a request shows is looked up once and remembered, so that neither a poll nor an emergency
/// stop waits for the database.
///
/// Only this process changes accounts, sessions and tokens, always through `changed()`: from then on nothing that was remembered
/// counts. How long a session was idle is kept here and written down once a minute.
public final class Doorkeeper: Sendable {
  let store: JobStore
  let unix: UnixRoles
  let times: SessionTimes
  let trail: AuditTrail
  let limiter = Mutex(SignInLimiter())
  /// Programs that ask for keys.
  let keys = Mutex(KeyDesk())
  private let memory = Mutex(Memory())
  /// What streams that stay open listen to.
  let changes = AccessChanges()

  private struct Memory {
    /// Rises with every change: what was read before it is not remembered after it.
    var generation = 0
    var sessions: [String: (record: SessionRecord, writtenAt: Int64)] = [:]
    var tokens: [String: (record: TokenRecord, writtenAt: Int64)] = [:]
  }

  /// Guards the doors of one store.
  public init(store: JobStore, unix: UnixSection = UnixSection(), times: SessionTimes = SessionTimes()) {
    self.store = store
    self.times = times
    self.unix = UnixRoles(unix, now: store.now)
    trail = AuditTrail(store: store)
  }

  /// Whom the request's token or cookie stands for; nil where it shows none, or a cookie that is over. Throws
  /// `principal.token` for a token that is none.
  func shown(by request: Request, isSecure: Bool) async throws -> Principal? {
    if let secret = Doorkeeper.token(in: request) {
      guard let principal = try await principal(token: secret) else { throw Problem.wrongToken }
      return principal
    }
    guard let secret = SessionCookie.read(request, isSecure: isSecure) else { return nil }
    return try await principal(session: secret)
  }

  /// Whom a token stands for; nil where it is none, has expired, or was taken back.
  func principal(token secret: Secret) async throws -> Principal? {
    let now = store.now()
    let hash = secret.hash
    let (kept, generation) = memory.withLock { ($0.tokens[hash], $0.generation) }
    guard
      let record = try await { if let kept { kept.record } else { try await store.token(shown: secret) } }(),
      record.expiresAt.map({ $0 > now }) ?? true
    else { return nil }
    let isDue = now - (kept?.writtenAt ?? 0) >= 60_000
    remember(generation) { $0.tokens[hash] = (record, isDue ? now : kept?.writtenAt ?? now) }
    if isDue { Task { try? await store.touchToken(record.id) } }
    return Principal(
      name: record.owner, role: Role(record.role),
      signIn: .token(id: record.id, name: record.name, scopes: record.scopes))
  }

  /// Whom a cookie stands for; nil where it is none, and where the session is over.
  func principal(session secret: Secret) async throws -> Principal? {
    let now = store.now()
    let hash = secret.hash
    let (kept, generation) = memory.withLock { ($0.sessions[hash], $0.generation) }
    guard var record = try await { if let kept { kept.record } else { try await store.session(hash) } }(),
      !times.hasEnded(record, at: now)
    else {
      memory.withLock { $0.sessions[hash] = nil }
      return nil
    }
    let isDue = now - (kept?.writtenAt ?? record.seenAt) >= 60_000
    record.seenAt = now
    remember(generation) { [record] in $0.sessions[hash] = (record, isDue ? now : kept?.writtenAt ?? now) }
    if isDue { Task { try? await store.touchSession(hash) } }
    return Doorkeeper.principal(of: record, secret)
  }

  static func principal(of session: SessionRecord, _ secret: Secret) -> Principal {
    Principal(
      name: session.account.name, role: Role(session.account.role),
      signIn: .session(hash: session.hash, csrf: secret.derived(for: "csrf"), until: session.until))
  }

  /// An account, a session or a token was changed: everything is looked up again.
  func changed() {
    memory.withLock { memory in
      memory.generation += 1
      memory.sessions.removeAll()
      memory.tokens.removeAll()
    }
    changes.tell()
  }

  private func remember(_ generation: Int, _ note: (inout Memory) -> Void) {
    memory.withLock { memory in
      guard memory.generation == generation else { return }
      if memory.sessions.count + memory.tokens.count > 2000 {
        memory.sessions.removeAll()
        memory.tokens.removeAll()
      }
      note(&memory)
    }
  }

  /// `Authorization: Bearer TOKEN`, or `X-Api-Key: TOKEN` as slicers send it.
  private static func token(in request: Request) -> Secret? {
    if let field = request.headers[.authorization] {
      let parts = field.split(separator: " ", maxSplits: 1).map(String.init)
      if parts.count == 2, parts[0].lowercased() == "bearer" { return Secret(text: parts[1]) }
    }
    guard let key = request.header("X-Api-Key"), !key.isEmpty else { return nil }
    return Secret(text: key)
  }

  /// What to tell somebody who is not signed in.
  func unsigned() async -> Problem {
    let hasAccounts = (try? await store.accounts().isEmpty).map { !$0 } ?? true
    let words =
      hasAccounts
      ? "sign in first (POST /api/v1/session), or send a token (Authorization: Bearer TOKEN)"
      : "nobody has an account yet: on the machine itself, `sudo fabline user add NAME --role admin` makes the first"
    return Problem(code: "principal.unsigned", title: "not signed in", status: 401, detail: words)
  }
}

extension Role {
  init(_ role: AccountRole) {
    switch role {
    case .viewer: self = .viewer
    case .member: self = .member
    case .operator: self = .operator
    case .admin: self = .admin
    }
  }

  /// As the store keeps it.
  var stored: AccountRole {
    switch self {
    case .viewer: .viewer
    case .member: .member
    case .operator: .operator
    case .admin: .admin
    }
  }
}

extension Problem {
  /// What was shown is no token, or no longer.
  static let wrongToken = Problem(
    code: "principal.token", title: "not signed in", status: 401,
    detail: "the token is not known: it was mistyped, has expired or was taken back")
}
