import APIModel

/// `unix:` what those may do who open the Unix socket.
///
/// Root and the user that `fablined` runs as may do everything. Whoever else the socket's group lets in has the highest role of
/// the groups that are named here, or `others` where none of theirs is.
public struct UnixSection: ConfigurationSection {
  /// A role by group name, as far as groups are named.
  public var groups: [String: Role] = [:]
  /// Everybody else's role; nil for nobody else.
  public var others: Role? = .operator

  static let name = "unix"

  /// Everything at its default.
  public init() {}

  init(_ section: inout Section) throws(ConfigurationError) {
    if var named = try section.section("groups") {
      for group in named.names {
        let role = try named.choice(group, Role.allCases.map(\.rawValue))
        guard let role = role.flatMap(Role.init(rawValue:)) else { throw named.wrong(group, "needs a role") }
        groups[group] = role
      }
      try named.end()
    }
    if let word = try section.choice("others", Role.allCases.map(\.rawValue) + ["none"]) {
      others = Role(rawValue: word)
    }
  }

  static let sample = """
    unix:
      # Roles of the Unix groups whose members open the socket, for example {lab-staff: admin, students: member}. Roles are
      # viewer, member (own jobs, clears beds), operator (machines and everybody's jobs), admin. Root and the service's own
      # user may do everything.
      #groups: {}
      # Everybody else whom the socket's group (fabline) lets in: a role, or none.
      #others: operator
    """
}
