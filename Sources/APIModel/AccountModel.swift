/// `POST /api/v1/session`: signs in.
public struct SessionRequest: Codable, Equatable, Sendable {
  /// The account's name.
  public var name: String
  /// Its password.
  public var password: String
  /// Makes a request.
  public init(name: String, password: String) {
    self.name = name
    self.password = password
  }
}

/// How somebody is known.
public enum SignInKind: String, Codable, CaseIterable, Sendable {
  /// By the Unix user at the other end of the socket.
  case unix
  /// By a name and a password, remembered by a cookie.
  case session
  /// By a token.
  case token
  /// Not at all.
  case open
}

/// Who one is: the answer to `GET` and `POST /api/v1/session`.
public struct SessionModel: Codable, Equatable, Sendable {
  /// The name under which jobs are submitted.
  public var name: String
  /// What one may do.
  public var role: Role
  /// How one is known.
  public var signedIn: SignInKind
  /// What goes into `X-Fabline-CSRF` with every write of a page; only where a cookie tells who it is.
  public var csrf: String?
  /// When the password is asked again at the latest, ISO 8601.
  public var until: String?
  /// What the token is for; missing where that is not restricted.
  public var scopes: [String]?
  /// Makes an answer.
  public init(name: String, role: Role, signedIn: SignInKind) {
    self.name = name
    self.role = role
    self.signedIn = signedIn
  }
}

/// Somebody who signs in with a password.
public struct AccountModel: Codable, Equatable, Sendable {
  /// The name.
  public var name: String
  /// What they may do.
  public var role: Role
  /// Shut out.
  public var disabled: Bool
  /// ISO 8601.
  public var createdAt: String
  /// Who made the account.
  public var createdBy: String
  /// When a password was last taken, ISO 8601; shown to admins.
  public var lastSignIn: String?
  /// Makes an account.
  public init(name: String, role: Role, disabled: Bool, createdAt: String, createdBy: String) {
    self.name = name
    self.role = role
    self.disabled = disabled
    self.createdAt = createdAt
    self.createdBy = createdBy
  }
}

/// `POST /api/v1/users`.
public struct AccountRequest: Codable, Equatable, Sendable {
  /// 1 to 32 of a-z, 0-9, dot, hyphen, underscore.
  public var name: String
  /// What they may do.
  public var role: Role
  /// At least 8 characters.
  public var password: String
  /// Makes a request.
  public init(name: String, role: Role, password: String) {
    self.name = name
    self.role = role
    self.password = password
  }
}

/// `PATCH /api/v1/users/NAME`; what is missing stays.
public struct AccountChange: Codable, Equatable, Sendable {
  /// Another role; for admins.
  public var role: Role?
  /// Shut out, or let in again; for admins.
  public var disabled: Bool?
  /// A new password.
  public var password: String?
  /// The old password, where one changes one's own.
  public var currentPassword: String?
  /// Makes a change of nothing.
  public init() {}
}

/// What a program shows instead of a password.
public struct TokenModel: Codable, Equatable, Sendable {
  /// Its number.
  public var id: Int64
  /// What its owner calls it.
  public var name: String
  /// For whom it acts.
  public var owner: String
  /// What it may do at most.
  public var role: Role
  /// `read`, `submit`, `metrics`: the parts of the API that it is for; empty for all that its role may.
  public var scopes: [String]
  /// ISO 8601.
  public var createdAt: String
  /// Who made it.
  public var createdBy: String
  /// When it ends, ISO 8601.
  public var expiresAt: String?
  /// When it was last shown, ISO 8601.
  public var lastUsedAt: String?
  /// The token itself: only in the answer that makes it, and never again.
  public var secret: String?
  /// Makes a token.
  public init(
    id: Int64, name: String, owner: String, role: Role, scopes: [String], createdAt: String, createdBy: String
  ) {
    self.id = id
    self.name = name
    self.owner = owner
    self.role = role
    self.scopes = scopes
    self.createdAt = createdAt
    self.createdBy = createdBy
  }
}

/// `POST /api/v1/tokens`.
public struct TokenRequest: Codable, Equatable, Sendable {
  /// What it is called.
  public var name: String
  /// For whom it acts; oneself where nothing is said. For admins.
  public var owner: String?
  /// What it may do at most; one's own role where nothing is said.
  public var role: Role?
  /// `read`, `submit`, `metrics`; all that the role may where nothing is said.
  public var scopes: [String]?
  /// When it ends, ISO 8601.
  public var expires: String?
  /// Makes a request.
  public init(name: String) { self.name = name }
}

/// One row of the audit log.
public struct AuditModel: Codable, Equatable, Sendable {
  /// Its number, rising.
  public var id: Int64
  /// ISO 8601.
  public var at: String
  /// Who.
  public var who: String
  /// `unix`, `session`, `token NAME`, `open`.
  public var via: String
  /// From where; missing for the Unix socket.
  public var address: String?
  /// `sign-in`, `user added`, …, or method and path of a request.
  public var what: String
  /// To what.
  public var target: String?
  /// `done`, `refused`, `failed`.
  public var outcome: String
  /// What exactly, or why not.
  public var detail: String?
  /// Makes a row.
  public init(id: Int64, at: String, who: String, via: String, what: String, outcome: String) {
    self.id = id
    self.at = at
    self.who = who
    self.via = via
    self.what = what
    self.outcome = outcome
  }
}
