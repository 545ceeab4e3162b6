/// Who hears of what: the configuration as a value, and the targets of each notice as a pure function.
public struct Subscriptions: Equatable, Sendable {
  /// Receivers of JSON.
  public var webhooks: [Webhook] = []
  /// The server for people's notifications; nil for none.
  public var server: String?
  /// Its access token.
  public var token: String?
  /// A user's topic, where one was named.
  public var topics: [String: String] = [:]
  /// Everybody else's topic, with `{user}` for the name; nil for none.
  public var pattern: String?
  /// The operators' topic; nil for none.
  public var operators: String?

  /// Nobody hears of anything.
  public init() {}

  /// Nobody hears of anything, so nothing has to run.
  public var isEmpty: Bool {
    webhooks.isEmpty && (server == nil || (topics.isEmpty && pattern == nil && operators == nil))
  }

  /// The targets of a notice, each once.
  public func targets(of notice: Notice) -> [Target] {
    var targets = webhooks.filter { $0.events.isEmpty || $0.events.contains(notice.event) }
      .map(Target.webhook)
    guard let server else { return targets }
    var names: [String] = []
    if Subscriptions.isForSubmitter(notice.event), let job = notice.job, let topic = topic(of: job.submitter)
    {
      names.append(topic)
    }
    if Subscriptions.isForOperators(notice.event), let operators, !names.contains(operators) {
      names.append(operators)
    }
    targets += names.map { .ntfy(Ntfy(server: server, topic: $0, token: token)) }
    return targets
  }

  /// The target that a stored delivery was for; nil where the configuration no longer names it.
  public func target(named name: String) -> Target? {
    if let hook = webhooks.first(where: { Target.webhook($0).name == name }) { return .webhook(hook) }
    guard let server, name.hasPrefix("ntfy ") else { return nil }
    let topic = String(name.dropFirst("ntfy ".count))
    guard Ntfy.isTopic(topic), isStillNamed(topic) else { return nil }
    return .ntfy(Ntfy(server: server, topic: topic, token: token))
  }

  /// A user's topic; nil where the name cannot be part of an address.
  public func topic(of user: String) -> String? {
    let topic = topics[user] ?? pattern.map { Subscriptions.fill($0, user) }
    return topic.flatMap { Ntfy.isTopic($0) ? $0 : nil }
  }

  private static func fill(_ pattern: String, _ user: String) -> String {
    guard let mark = pattern.firstRange(of: "{user}") else { return pattern }
    return String(pattern[..<mark.lowerBound]) + user + String(pattern[mark.upperBound...])
  }

  private func isStillNamed(_ topic: String) -> Bool {
    if topic == operators || topics.values.contains(topic) { return true }
    guard let pattern, let mark = pattern.firstRange(of: "{user}") else { return topic == pattern }
    return topic.hasPrefix(pattern[..<mark.lowerBound]) && topic.hasSuffix(pattern[mark.upperBound...])
  }

  private static func isForSubmitter(_ event: Notice.Event) -> Bool {
    switch event {
    case .jobDone, .jobFailed, .jobNeedsAttention, .jobUncertain: true
    case .jobQueued, .jobHeld, .jobPrinting, .jobPaused, .jobCancelled, .machineFault, .machineLinkLost,
      .machineKilled:
      false
    }
  }

  private static func isForOperators(_ event: Notice.Event) -> Bool {
    switch event {
    case .jobUncertain, .machineFault, .machineLinkLost, .machineKilled: true
    case .jobQueued, .jobHeld, .jobPrinting, .jobPaused, .jobNeedsAttention, .jobDone, .jobFailed,
      .jobCancelled:
      false
    }
  }
}
