/// Slows down whoever guesses passwords: by address, and by account.
///
/// An attempt counts when it begins and is taken back when it succeeds, so that many at once are no way around. After some free
/// ones each further attempt has to wait, twice as long each time: an account at most a minute, so that nobody can be shut out
/// of theirs by a stranger; an address a quarter of an hour. What was quiet for an hour is forgotten.
struct SignInLimiter: Sendable {
  /// Whether an attempt may be made.
  enum Answer: Equatable, Sendable {
    case allowed
    /// Not before so many seconds. `isNews` the first time that a wait is told, so that the log has it once.
    case wait(seconds: Int, isNews: Bool)
  }

  private enum Key: Hashable {
    case address(String)
    case account(String)

    var free: Int {
      switch self {
      case .address: 20
      case .account: 5
      }
    }

    /// In milliseconds.
    var longest: Int64 {
      switch self {
      case .address: 900_000
      case .account: 60_000
      }
    }
  }

  private struct Count {
    var failures = 0
    var last: Int64 = 0
    var isTold = false

    func wait(_ key: Key) -> Int64 {
      guard failures >= key.free else { return 0 }
      return min(key.longest, 1000 << Int64(min(failures - key.free, 20)))
    }
  }

  private var counts: [Key: Count] = [:]
  private let capacity: Int

  init(capacity: Int = 4096) { self.capacity = capacity }

  /// How much is remembered.
  var size: Int { counts.count }

  /// An attempt is about to be made; `now` in milliseconds.
  mutating func begin(address: String, account: String, now: Int64) -> Answer {
    let keys = SignInLimiter.keys(address, account)
    var wait: Int64 = 0
    var isNews = false
    for key in keys {
      guard var count = counts[key] else { continue }
      // A clock that was set back does not shut anybody out for longer.
      if now - count.last > 3_600_000 || now < count.last {
        counts[key] = nil
        continue
      }
      let rest = count.last + count.wait(key) - now
      guard rest > 0 else { continue }
      wait = max(wait, rest)
      isNews = isNews || !count.isTold
      count.isTold = true
      counts[key] = count
    }
    guard wait == 0 else { return .wait(seconds: Int((wait + 999) / 1000), isNews: isNews) }
    makeRoom()
    for key in keys {
      counts[key, default: Count()].failures += 1
      counts[key]?.last = now
      counts[key]?.isTold = false
    }
    return .allowed
  }

  /// The attempt succeeded: the account's count is over, the address's loses this one; others may have failed from there.
  mutating func succeeded(address: String, account: String) { settle(address, account, forgets: true) }

  /// The attempt was never judged.
  mutating func withdrawn(address: String, account: String) { settle(address, account, forgets: false) }

  private mutating func settle(_ address: String, _ account: String, forgets: Bool) {
    for key in SignInLimiter.keys(address, account) {
      if case .account = key, forgets {
        counts[key] = nil
      } else {
        counts[key]?.failures -= 1
      }
    }
  }

  /// Names are cut, so that long ones cost nothing.
  private static func keys(_ address: String, _ account: String) -> [Key] {
    [.address(address), .account(String(account.prefix(64)))]
  }

  private mutating func makeRoom() {
    guard counts.count + 2 > capacity else { return }
    let oldest = counts.sorted { $0.value.last < $1.value.last }.prefix(capacity / 4)
    for (key, _) in oldest { counts[key] = nil }
  }
}
