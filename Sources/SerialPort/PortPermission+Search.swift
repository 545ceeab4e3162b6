import Glibc

// Who asks: the user of this process, and the groups that count now and from the next login.
package struct UserIdentity: Equatable, Sendable {
  package var name: String
  package var isRoot: Bool
  /// The groups that this process has, fixed when its session began.
  package var sessionGroups: [gid_t]
  /// The groups that the group database gives the user.
  package var databaseGroups: [gid_t]

  package init(name: String, isRoot: Bool, sessionGroups: [gid_t], databaseGroups: [gid_t]) {
    self.name = name
    self.isRoot = isRoot
    self.sessionGroups = sessionGroups
    self.databaseGroups = databaseGroups
  }

  package static var current: UserIdentity {
    let name = userName(geteuid())
    var session = [gid_t](repeating: 0, count: 256)
    let held = getgroups(Int32(session.count), &session)
    var database = [gid_t](repeating: 0, count: 256)
    var listed = Int32(database.count)
    if getgrouplist(name, getegid(), &database, &listed) < 0 { listed = 0 }
    return UserIdentity(
      name: name, isRoot: geteuid() == 0, sessionGroups: [getegid()] + session.prefix(Int(max(0, held))),
      databaseGroups: Array(database.prefix(Int(listed))))
  }
}

extension PortPermission {
  // Who may open this node, and what would help the one who was refused.
  package static func facts(of node: stat, askedBy user: UserIdentity = .current) -> PortPermission {
    let mode = UInt32(node.st_mode) & 0o7777
    let groupMay = mode & 0o060 == 0o060
    let remedy: Remedy =
      if user.isRoot || mode & 0o006 == 0o006 || (groupMay && user.sessionGroups.contains(node.st_gid)) {
        .outsideRules
      } else if !groupMay || node.st_gid == 0 {
        .changeMode
      } else if user.databaseGroups.contains(node.st_gid) {
        .logInAgain
      } else {
        .joinGroup
      }
    return PortPermission(user: user.name, group: groupName(node.st_gid), mode: mode, remedy: remedy)
  }
}

private func groupName(_ id: gid_t) -> String {
  var entry = group()
  var found: UnsafeMutablePointer<group>?
  var buffer = [CChar](repeating: 0, count: 4096)
  guard getgrgid_r(id, &entry, &buffer, buffer.count, &found) == 0, found != nil else { return "\(id)" }
  return String(cString: entry.gr_name)
}

private func userName(_ id: uid_t) -> String {
  var entry = passwd()
  var found: UnsafeMutablePointer<passwd>?
  var buffer = [CChar](repeating: 0, count: 4096)
  guard getpwuid_r(id, &entry, &buffer, buffer.count, &found) == 0, found != nil else { return "\(id)" }
  return String(cString: entry.pw_name)
}
