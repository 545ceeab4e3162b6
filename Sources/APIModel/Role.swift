/// What a person may do; each role may do all that the ones before it may.
public enum Role: String, Codable, CaseIterable, Comparable, Sendable {
  /// Sees everything, changes nothing; may stop a machine in an emergency.
  case viewer
  /// Submits, and changes the own jobs; clears beds, loads material, answers prompts.
  case member
  /// Acts on machines and on everybody's jobs.
  case `operator`
  /// Adds machines and people, and settles what lasts.
  case admin

  private var rank: Int {
    switch self {
    case .viewer: 0
    case .member: 1
    case .operator: 2
    case .admin: 3
    }
  }

  /// Whether one may less than the other.
  public static func < (one: Role, other: Role) -> Bool { one.rank < other.rank }
}
