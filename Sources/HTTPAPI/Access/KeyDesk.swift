import JobStore

/// What programs ask for until a person has said yes or no: keys of their own. A value; time comes in, in milliseconds.
///
/// Anybody who reaches the port may ask, so little is remembered, and not for long. No key is made before the person's word, and
/// then only when the program comes for it: what nobody fetches never was.
struct KeyDesk: Sendable {
  /// One program that asks.
  struct Asking: Equatable, Sendable {
    /// What people call it by.
    var id: Int64
    /// What the program calls itself; anybody could.
    var app: String
    /// Whose key it wants to have, where it says so.
    var user: String?
    var address: String
    var askedAt: Int64
    fileprivate(set) var seenAt: Int64
    fileprivate(set) var grant: Grant?
  }

  /// A person's yes: what is made when the program comes for it.
  struct Grant: Equatable, Sendable {
    var order: TokenOrder
    var actor: AuditActor
  }

  /// What a program hears that comes back.
  enum Answer: Equatable, Sendable {
    /// Nobody has said anything yet.
    case waiting
    /// The person's yes; told once.
    case granted(Grant)
    /// Refused, over, or never asked: nobody is told which.
    case none
  }

  /// So long a person has to say something.
  static let life: Int64 = 5 * 60_000
  /// So long a program may stay away: it asks twice a second, or has gone.
  static let absence: Int64 = 30_000
  /// At once, in all and from one address.
  static let most = 16, mostFromOne = 3
  /// From one address in an hour.
  static let mostInAnHour = 10

  /// By the hash of what the program was told.
  private var askings: [String: Asking] = [:]
  /// Begins anywhere: a word for number N of a fablined before this one must not meet another program's request.
  private var last: Int64

  /// Makes an empty desk; the first request has the number behind `last`.
  init(last: Int64 = .random(in: 1_000...999_999)) { self.last = last }

  /// When who asked, within the hour; as many as are remembered at all.
  private var asked: [(address: String, at: Int64)] = []

  /// Takes a request; `secret` is what the program shows when it comes back. Nil where there are too many already.
  mutating func ask(
    app: String, user: String?, address: String, secret: Secret, now: Int64
  ) -> Asking? {
    sweep(now)
    guard askings.count < KeyDesk.most,
      askings.values.count(where: { $0.address == address }) < KeyDesk.mostFromOne,
      asked.count(where: { $0.address == address }) < KeyDesk.mostInAnHour
    else { return nil }
    last += 1
    let asking = Asking(id: last, app: app, user: user, address: address, askedAt: now, seenAt: now)
    askings[secret.hash] = asking
    asked.append((address, now))
    if asked.count > 1000 { asked.removeFirst() }
    return asking
  }

  /// A program comes back.
  mutating func poll(_ secret: Secret, now: Int64) -> Answer {
    sweep(now)
    let hash = secret.hash
    guard var asking = askings[hash] else { return .none }
    if let grant = asking.grant {
      askings[hash] = nil
      return .granted(grant)
    }
    asking.seenAt = now
    askings[hash] = asking
    return .waiting
  }

  /// What waits for a person's word, oldest first.
  mutating func waiting(now: Int64) -> [Asking] {
    sweep(now)
    return askings.values.filter { $0.grant == nil }.sorted { $0.id < $1.id }
  }

  /// A person's word; no grant is a no. False where it does not wait any more.
  mutating func decide(_ id: Int64, _ grant: Grant?, now: Int64) -> Bool {
    sweep(now)
    guard let hash = askings.first(where: { $0.value.id == id && $0.value.grant == nil })?.key else {
      return false
    }
    if let grant { askings[hash]?.grant = grant } else { askings[hash] = nil }
    return true
  }

  /// A clock that was set back ends what it makes no sense of.
  private mutating func sweep(_ now: Int64) {
    askings = askings.filter { _, asking in
      (0..<KeyDesk.life).contains(now - asking.askedAt) && (0..<KeyDesk.absence).contains(now - asking.seenAt)
    }
    asked.removeAll { !(0..<3_600_000).contains(now - $0.at) }
  }
}
