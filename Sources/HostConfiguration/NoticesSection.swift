/// `notices:` who hears of what outside: webhooks, and people's telephones through a server that speaks as ntfy does.
public struct NoticesSection: ConfigurationSection {
  /// One receiver of JSON.
  public struct Webhook: Equatable, Sendable {
    /// Its address, http or https.
    public var url: String
    /// The file that holds the signature's key.
    public var secretFile: String?
    /// The events that it wants; empty for all.
    public var events: [String]

    /// Makes a receiver.
    public init(url: String, secretFile: String? = nil, events: [String] = []) {
      self.url = url
      self.secretFile = secretFile
      self.events = events
    }
  }

  /// Every event that a webhook can ask for; a test of `Notices` holds the two lists together.
  public static let events = [
    "job.queued", "job.held", "job.printing", "job.paused", "job.needsAttention", "job.done", "job.failed",
    "job.cancelled", "job.uncertain", "machine.fault", "machine.linkLost", "machine.killed",
  ]

  /// Receivers of JSON.
  public var webhooks: [Webhook] = []
  /// The notification server's address; nil for none.
  public var server: String?
  /// The file that holds its access token.
  public var tokenFile: String?
  /// A topic by user.
  public var topics: [String: String] = [:]
  /// Everybody else's topic, `{user}` standing for the name.
  public var pattern: String?
  /// The operators' topic.
  public var operators: String?

  static let name = "notices"

  /// Everything at its default.
  public init() {}

  init(_ section: inout Section) throws(ConfigurationError) {
    for var hook in try section.sections("webhooks") {
      guard let url = try NoticesSection.address("url", &hook) else {
        throw hook.wrong("url", "is missing: it names the receiver")
      }
      let events = try hook.texts("events")
      if let stranger = events.first(where: { !NoticesSection.events.contains($0) }) {
        throw hook.wrong(
          "events", "has \(stranger), and knows \(NoticesSection.events.joined(separator: ", "))")
      }
      webhooks.append(Webhook(url: url, secretFile: try hook.path("secret-file"), events: events))
      try hook.end()
    }
    server = try NoticesSection.address("ntfy", &section)
    while server?.hasSuffix("/") == true { server?.removeLast() }
    tokenFile = try section.path("token-file")
    pattern = try topic("topic", &section, orPattern: true)
    operators = try topic("operators", &section)
    if var named = try section.section("topics") {
      for user in named.names { topics[user] = try topic(user, &named) }
      try named.end()
    }
    if server == nil, pattern != nil || operators != nil || !topics.isEmpty {
      throw section.wrong("ntfy", "is missing: topics need a server")
    }
  }

  /// An http or https address without blanks; with a user in it it would end up in logs.
  private static func address(_ key: String, _ section: inout Section) throws(ConfigurationError) -> String? {
    guard let text = try section.text(key) else { return nil }
    let isWeb = text.hasPrefix("https://") || text.hasPrefix("http://")
    guard isWeb, text.utf8.count <= 2000, text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }),
      !text.contains("@")
    else { throw section.wrong(key, "has to be an address with http:// or https:// and without a password") }
    return text
  }

  /// Letters, digits, `-` and `_`: it becomes a part of an address.
  private func topic(_ key: String, _ section: inout Section, orPattern: Bool = false)
    throws(ConfigurationError) -> String?
  {
    guard let text = try section.text(key) else { return nil }
    let plain = orPattern ? text.split(separator: "{user}", omittingEmptySubsequences: false) : [text[...]]
    let letters = plain.joined()
    guard plain.count <= 2, text.utf8.count <= 64,
      letters.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_") })
    else { throw section.wrong(key, "has to be letters, digits, - and _, at most 64") }
    return text
  }

  static let sample = """
    notices:
      # Webhooks get each event as JSON, for example [{url: "https://hooks.example.org/shop", secret-file: /etc/fabline/hook.key,
      # events: [job.done, job.failed]}]. The key in secret-file signs (X-Fabline-Signature, HMAC-SHA256); without events all
      # come: job.queued held printing paused needsAttention done failed cancelled uncertain, machine.fault linkLost killed.
      # What does not arrive is tried again for about three hours, also after a restart.
      #webhooks: []
      # A server that takes notifications as ntfy does (https://ntfy.sh or your own), and the file with its access token.
      #ntfy:
      #token-file:
      # Where submitters hear that a job is done, failed or needs them: {user} stands for the name. On a public server whoever
      # guesses a topic reads along: choose one that nobody guesses, for example lab-x7Qe2-{user}.
      #topic:
      # Topics of single users instead, for example {ann: ann-9fK3}.
      #topics: {}
      # Where operators hear of faults, lost links and uncertain jobs.
      #operators:
    """
}
