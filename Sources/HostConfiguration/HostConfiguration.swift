/// Everything that `fablined` is told by its configuration file; what the file does not say stands at its default.
public struct HostConfiguration: Equatable, Sendable {
  /// Folders and log.
  public var host = HostSection()
  /// Where it listens beside the Unix socket, and with which certificate.
  public var network = NetworkSection()
  /// What those may do who open the Unix socket.
  public var unix = UnixSection()
  /// How long a browser stays signed in.
  public var sessions = SessionsSection()
  /// What one client may take.
  public var limits = LimitsSection()
  /// Who hears of what outside.
  public var notices = NoticesSection()
  /// The broker that hears of the machines.
  public var mqtt = MQTTSection()

  /// Everything at its default.
  public init() {}

  /// Reads a file's text; `file` is what errors call it.
  public init(text: String, file: String) throws(ConfigurationError) {
    var root = try Section(text: text, file: file)
    host = try root.part(HostSection.self)
    network = try root.part(NetworkSection.self)
    unix = try root.part(UnixSection.self)
    sessions = try root.part(SessionsSection.self)
    limits = try root.part(LimitsSection.self)
    notices = try root.part(NoticesSection.self)
    mqtt = try root.part(MQTTSection.self)
    try root.end()
  }

  /// Every section, in the order of the sample.
  static let sections: [any ConfigurationSection.Type] = [
    HostSection.self, NetworkSection.self, UnixSection.self, SessionsSection.self, LimitsSection.self,
    NoticesSection.self, MQTTSection.self,
  ]
}

/// One part of the configuration: its keys with their defaults, and its lines in the sample.
///
/// To add one: a type in a file of its own, a property of `HostConfiguration`, a line where it is read and one in `sections`.
protocol ConfigurationSection: Equatable, Sendable {
  /// The key that it stands under.
  static var name: String { get }
  /// Its part of the sample: `NAME:` at the margin, words after `# `, optional keys at their default after `#` alone.
  static var sample: String { get }
  /// The defaults.
  init()
  /// Reads its keys; what it does not ask for is unknown.
  init(_ section: inout Section) throws(ConfigurationError)
}

extension Section {
  /// A section of a known kind; its defaults where it is missing.
  mutating func part<Part: ConfigurationSection>(_ part: Part.Type) throws(ConfigurationError) -> Part {
    guard var section = try section(Part.name) else { return Part() }
    let read = try Part(&section)
    try section.end()
    return read
  }
}
