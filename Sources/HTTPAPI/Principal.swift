import APIModel
import Foundation
import Glibc
import JobStore
import NIOCore

/// Who acts, what they may do, and how that is known.
public struct Principal: Equatable, Sendable {
  /// How somebody is known.
  public enum SignIn: Equatable, Sendable {
    /// By the kernel, on the Unix socket.
    case unix
    /// By a cookie; `csrf` is what the page sends along with each write.
    case session(hash: String, csrf: String, until: Int64)
    /// By a token; without scopes it may all that its role may.
    case token(id: Int64, name: String, scopes: Set<TokenScope>)
    /// Not at all.
    case open
  }

  /// The Unix user's number at the other end of the socket; `UInt32.max` where there is none.
  public var uid: UInt32
  /// The name under which is acted.
  public var name: String
  /// Who it really is: root may act in another person's name.
  public var actor: String
  /// What they may do.
  public var role: Role
  /// How that is known.
  public var signIn: SignIn

  /// Makes the principal of a Unix user, or of whoever `signIn` says.
  public init(uid: UInt32 = .max, name: String, role: Role, signIn: SignIn = .unix) {
    self.uid = uid
    self.name = name
    self.role = role
    self.signIn = signIn
    actor = name
  }

  /// Nobody is signed in.
  static let nobody = Principal(name: "nobody", role: .viewer, signIn: .open)

  /// Whether anybody is known.
  var isSignedIn: Bool { signIn != .open }

  /// Whether it may act in another person's name: root, and the user that the supervisor runs as.
  var speaksForOthers: Bool { signIn == .unix && (uid == 0 || uid == geteuid()) }

  /// The kind alone, as clients are told.
  var kind: SignInKind {
    switch signIn {
    case .unix: .unix
    case .session: .session
    case .token: .token
    case .open: .open
    }
  }

  /// How and from where, as the audit log keeps it.
  func audited(from address: String?) -> AuditActor {
    var via = kind.rawValue
    if case .token(_, let name, _) = signIn { via += " \(name)" }
    return AuditActor(name: actor, via: via, address: address)
  }
}

/// How a connection's principal is found.
public enum PrincipalSource: Sendable {
  /// By the credentials that the kernel keeps of whoever connected, unless the request shows others.
  case peerCredentials
  /// By what each request shows: a cookie or a token. `address` stands for the connection's; for tests without a socket.
  case network(isSecure: Bool, address: String? = nil)
  /// Always this one; for tests without a socket.
  case fixed(Principal)
}

/// The kernel's `struct ucred`: who called `connect`. The corresponding option is `SO_PEERCRED`.
struct PeerCredentials: Sendable {
  var pid: Int32 = 0
  var uid: UInt32 = .max
  var gid: UInt32 = .max

  /// Asks the connection's socket, by the event loop that owns it.
  static func read(_ channel: any Channel) async throws -> PeerCredentials {
    guard let socket = channel as? any SocketOptionProvider else { throw Problem.unknownPrincipal }
    let future: EventLoopFuture<PeerCredentials> = socket.unsafeGetSocketOption(
      level: .socket, name: NIOBSDSocket.Option(rawValue: SO_PEERCRED))
    let credentials = try await future.get()
    // Not of the Unix domain: the kernel answers with nobody.
    guard credentials.uid != .max else { throw Problem.unknownPrincipal }
    return credentials
  }
}
