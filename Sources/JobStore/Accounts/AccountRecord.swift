/// What an account or a token may do; each role may do all that the ones before it may.
public enum AccountRole: String, CaseIterable, Comparable, Sendable {
  /// Sees everything.
  case viewer
  /// Acts on the own jobs.
  case member
  /// Acts on machines and everybody's jobs.
  case `operator`
  /// Settles what lasts.
  case admin

  private var rank: Int { AccountRole.allCases.firstIndex(of: self) ?? 0 }

  /// Whether one may less than the other.
  public static func < (one: AccountRole, other: AccountRole) -> Bool { one.rank < other.rank }
}

/// Somebody who signs in with a password.
public struct AccountRecord: Equatable, Sendable {
  /// The name; one person with the Unix user of the same name.
  public var name: String
  /// What they may do.
  public var role: AccountRole
  /// Neither password nor sessions nor tokens are taken while this is set.
  public var isDisabled: Bool
  /// In milliseconds since 1970.
  public var createdAt: Int64
  /// Who made it.
  public var createdBy: String
  /// When a password was last taken, in milliseconds since 1970.
  public var lastSignIn: Int64?
}

/// A change of an account; nil leaves as it is.
public struct AccountEdit: Equatable, Sendable {
  /// Another role.
  public var role: AccountRole?
  /// Shut out, or let in again.
  public var isDisabled: Bool?
  /// A new password.
  public var password: String?

  /// Makes a change of nothing.
  public init() {}
}

/// Somebody who is signed in.
public struct SessionRecord: Equatable, Sendable {
  /// The hash of what the browser shows.
  public var hash: String
  /// Who it is, as the account is now.
  public var account: AccountRecord
  /// When it was last shown, in milliseconds since 1970.
  public var seenAt: Int64
  /// When it ends, however much it is used.
  public var until: Int64
}

/// How long somebody stays signed in, in milliseconds.
public struct SessionTimes: Equatable, Sendable {
  /// Without a request: a tablet beside a machine survives a weekend.
  public var idle: Int64 = 72 * 3_600_000
  /// In all: then the password is asked again.
  public var most: Int64 = 30 * 86_400_000

  /// The usual times.
  public init() {}

  /// Whether a session is over.
  public func hasEnded(_ session: SessionRecord, at now: Int64) -> Bool {
    now >= session.until || now - session.seenAt >= idle
  }
}

/// What part of the API a token is for.
public enum TokenScope: String, CaseIterable, Sendable {
  /// Looks at what its role may see.
  case read
  /// Brings files and submits jobs, and sees what became of them.
  case submit
  /// The figures for Prometheus.
  case metrics
}

/// What a program shows instead of a password.
public struct TokenRecord: Equatable, Sendable {
  /// Its number.
  public var id: Int64
  /// What its owner calls it.
  public var name: String
  /// For whom it acts.
  public var owner: String
  /// What it may do at most; never more than its owner's account may now.
  public var role: AccountRole
  /// The parts of the API that it is for; empty for all that its role may.
  public var scopes: Set<TokenScope>
  /// In milliseconds since 1970.
  public var createdAt: Int64
  /// Who made it.
  public var createdBy: String
  /// When it ends, in milliseconds since 1970; nil for never.
  public var expiresAt: Int64?
  /// When it was last shown, to the minute.
  public var lastUsedAt: Int64?
}

/// A token to be made.
public struct TokenOrder: Equatable, Sendable {
  /// What its owner calls it: 1 to 64 printable characters.
  public var name: String
  /// For whom it acts.
  public var owner: String
  /// What it may do at most.
  public var role: AccountRole
  /// The parts of the API that it is for.
  public var scopes: Set<TokenScope> = []
  /// When it ends, in milliseconds since 1970.
  public var expiresAt: Int64?

  /// Whether a token can be called so: 1 to 64 printable characters.
  public static func isName(_ text: String) -> Bool {
    (1...64).contains(text.unicodeScalars.count) && plainText(text) == text
  }

  /// Makes an order.
  public init(name: String, owner: String, role: AccountRole) {
    self.name = name
    self.owner = owner
    self.role = role
  }
}
