import APIModel
import Glibc
import HostConfiguration
import Synchronization

/// What the Unix users may do who open the socket: root and the supervisor's own user everything, others by their groups.
///
/// The system's user database may be slow (LDAP): what it said holds for a minute.
final class UnixRoles: Sendable {
  private let section: UnixSection
  private let known = Mutex<[UInt32: (principal: Principal?, until: Int64)]>([:])
  private let now: @Sendable () -> Int64

  init(_ section: UnixSection, now: @escaping @Sendable () -> Int64) {
    self.section = section
    self.now = now
  }

  /// Throws `principal.notAllowed` for those whom the configuration gives no role.
  func principal(of credentials: PeerCredentials) throws(Problem) -> Principal {
    let moment = now()
    let kept = known.withLock { $0[credentials.uid] }
    var principal = kept?.principal
    if kept.map({ moment >= $0.until || moment < $0.until - 60_000 }) ?? true {
      let name = UnixRoles.name(of: credentials.uid)
      principal = role(credentials, name).map { Principal(uid: credentials.uid, name: name, role: $0) }
      known.withLock { [principal] in $0[credentials.uid] = (principal, moment + 60_000) }
    }
    guard let principal else {
      throw Problem.notAllowed("the configuration gives your groups no role: see unix.groups and unix.others")
    }
    return principal
  }

  private func role(_ credentials: PeerCredentials, _ name: String) -> Role? {
    if credentials.uid == 0 || credentials.uid == geteuid() { return .admin }
    guard !section.groups.isEmpty else { return section.others }
    let named = UnixRoles.groups(of: name, credentials.gid).compactMap { section.groups[$0] }
    return named.max() ?? section.others
  }

  /// Reads the user's name; the number where there is none. The corresponding call is `getpwuid_r`.
  static func name(of uid: UInt32) -> String {
    var entry = passwd()
    var found: UnsafeMutablePointer<passwd>?
    var space = [CChar](repeating: 0, count: 4096)
    guard getpwuid_r(uid, &entry, &space, space.count, &found) == 0, found != nil, let name = entry.pw_name
    else { return "\(uid)" }
    return String(cString: name)
  }

  /// The names of the user's groups. The corresponding calls are `getgrouplist` and `getgrgid_r`.
  static func groups(of name: String, _ gid: UInt32) -> [String] {
    var count: Int32 = 64
    var numbers = [gid_t](repeating: 0, count: Int(count))
    if getgrouplist(name, gid, &numbers, &count) < 0 {
      numbers = [gid_t](repeating: 0, count: Int(max(count, 1)))
      if getgrouplist(name, gid, &numbers, &count) < 0 { count = 0 }
    }
    return numbers.prefix(Int(max(count, 0))).compactMap { number in
      var entry = group()
      var found: UnsafeMutablePointer<group>?
      var space = [CChar](repeating: 0, count: 65_536)
      guard getgrgid_r(number, &entry, &space, space.count, &found) == 0, found != nil,
        let name = entry.gr_name
      else { return nil }
      return String(cString: name)
    }
  }
}
