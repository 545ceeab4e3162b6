import APIModel
import Foundation
import Glibc
import Hummingbird
import NIOCore

/// Who acts, and what they may do.
public struct Principal: Equatable, Sendable {
  /// The Unix user's number at the other end of the socket; `UInt32.max` where there is none.
  public var uid: UInt32
  /// The user's name, or the number where it has none.
  public var name: String
  /// What they may do.
  public var role: Role

  /// Makes a principal.
  public init(uid: UInt32, name: String, role: Role) {
    self.uid = uid
    self.name = name
    self.role = role
  }

  /// Before anybody is known; no route sees it.
  static let nobody = Principal(uid: .max, name: "nobody", role: .viewer)

  /// What a Unix user may do: root and the user that the supervisor runs as everything, others who may open the socket
  /// act on machines and jobs.
  static func role(ofUnix uid: UInt32) -> Role { uid == 0 || uid == geteuid() ? .admin : .operator }

  /// Whether it may act in another person's name: root, and the user that the supervisor runs as.
  var speaksForOthers: Bool { uid == 0 || uid == geteuid() }

  /// Reads the user's name. The corresponding call is `getpwuid_r`.
  static func name(of uid: UInt32) -> String {
    var entry = passwd()
    var found: UnsafeMutablePointer<passwd>?
    var space = [CChar](repeating: 0, count: 4096)
    guard getpwuid_r(uid, &entry, &space, space.count, &found) == 0, found != nil, let name = entry.pw_name
    else {
      return "\(uid)"
    }
    return String(cString: name)
  }
}

/// How a connection's principal is found.
public enum PrincipalSource: Sendable {
  /// By the credentials that the kernel keeps of whoever connected.
  case peerCredentials
  /// Always this one; for tests without a socket.
  case fixed(Principal)

  func principal(of channel: any Channel) async throws -> Principal {
    switch self {
    case .fixed(let principal): return principal
    case .peerCredentials:
      let credentials = try await PeerCredentials.read(channel)
      return Principal(
        uid: credentials.uid, name: Principal.name(of: credentials.uid),
        role: Principal.role(ofUnix: credentials.uid))
    }
  }
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

/// Finds out who acts before any route runs.
///
/// Root and the supervisor's own user may say for whom they submit (`X-Fabline-Submitter`), as a print server does.
struct PrincipalMiddleware: RouterMiddleware {
  let source: PrincipalSource

  func handle(
    _ request: Request, context: APIContext, next: (Request, APIContext) async throws -> Response
  ) async throws -> Response {
    var context = context
    context.principal = try await source.principal(of: context.channel)
    if let other = request.header("X-Fabline-Submitter"), !other.isEmpty {
      guard context.principal.speaksForOthers else {
        throw Problem(
          code: "principal.notAllowed", title: "not allowed", status: 403,
          detail: "\(context.principal.name) may not act in another person's name")
      }
      guard other.utf8.count <= 64, other.unicodeScalars.allSatisfy({ $0.value > 0x20 && $0.value != 0x7F })
      else {
        throw Problem.request("X-Fabline-Submitter is not a user's name")
      }
      context.principal.name = other
    }
    return try await next(request, context)
  }
}
