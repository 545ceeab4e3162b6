/// `sessions:` how long a browser stays signed in.
public struct SessionsSection: ConfigurationSection {
  /// Hours without a request after which the password is asked again.
  public var idleHours = 72
  /// Days after which it is asked again in any case.
  public var mostDays = 30

  static let name = "sessions"

  /// Everything at its default.
  public init() {}

  init(_ section: inout Section) throws(ConfigurationError) {
    idleHours = try section.number("idle-hours", 1...8760) ?? idleHours
    mostDays = try section.number("most-days", 1...365) ?? mostDays
    if idleHours > mostDays * 24 {
      throw section.wrong(
        "idle-hours", "is longer than sessions.most-days (\(mostDays)), which ends a session in any case")
    }
  }

  static let sample = """
    sessions:
      # Hours without a request after which a browser has to sign in again: a tablet beside a machine survives a weekend.
      #idle-hours: 72
      # Days after which it has to in any case.
      #most-days: 30
    """
}
