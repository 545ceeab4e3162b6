import Glibc

extension PortPermission {
  // Who may open this node, and what would help the user of this process, who was refused.
  static func facts(of node: stat) -> PortPermission {
    let group = groupName(node.st_gid)
    let user = userName(geteuid())
    let mode = UInt32(node.st_mode) & 0o7777
    let groupMay = mode & 0o060 == 0o060
    let inSession = node.st_gid == getegid() || currentGroups().contains(node.st_gid)
    let remedy: Remedy =
      if mode & 0o006 == 0o006 || (groupMay && inSession) || geteuid() == 0 {
        .outsideRules
      } else if !groupMay || node.st_gid == 0 {
        .changeMode
      } else if membersByName(user).contains(node.st_gid) {
        .logInAgain
      } else {
        .joinGroup
      }
    return PortPermission(user: user, group: group, mode: mode, remedy: remedy)
  }

  // The groups that this process has, fixed when its session began.
  private static func currentGroups() -> [gid_t] {
    var groups = [gid_t](repeating: 0, count: 256)
    let count = getgroups(Int32(groups.count), &groups)
    return count < 0 ? [] : Array(groups[..<Int(count)])
  }

  // The groups that the user has by the group database, as the next login would see them.
  private static func membersByName(_ user: String) -> [gid_t] {
    var groups = [gid_t](repeating: 0, count: 256)
    var count = Int32(groups.count)
    return getgrouplist(user, getegid(), &groups, &count) < 0 ? [] : Array(groups[..<Int(count)])
  }

  private static func groupName(_ id: gid_t) -> String {
    var entry = Glibc.group()
    var found: UnsafeMutablePointer<Glibc.group>?
    var buffer = [CChar](repeating: 0, count: 4096)
    guard getgrgid_r(id, &entry, &buffer, buffer.count, &found) == 0, found != nil else { return "\(id)" }
    return String(cString: entry.gr_name)
  }

  private static func userName(_ id: uid_t) -> String {
    var entry = passwd()
    var found: UnsafeMutablePointer<passwd>?
    var buffer = [CChar](repeating: 0, count: 4096)
    guard getpwuid_r(id, &entry, &buffer, buffer.count, &found) == 0, found != nil else { return "\(id)" }
    return String(cString: entry.pw_name)
  }
}
