import Testing

@testable import HTTPAPI

/// The limiter alone, in its own time.
@Suite("Wrong passwords are slowed down") struct SignInLimiterTests {
  private var limiter = SignInLimiter()

  private func wait(_ answer: SignInLimiter.Answer) -> Int? {
    if case .wait(let seconds, _) = answer { seconds } else { nil }
  }

  @Test("an account waits twice as long each time, up to a minute")
  mutating func account() {
    var now: Int64 = 1_000_000
    var waits: [Int] = []
    for number in 0..<15 {
      // From another address each time.
      let answer = limiter.begin(address: "\(number)", account: "kim", now: now)
      if let seconds = wait(answer) {
        waits.append(seconds)
        now += Int64(seconds) * 1000
        #expect(limiter.begin(address: "\(number)", account: "kim", now: now) == .allowed)
      }
    }
    #expect(waits == [1, 2, 4, 8, 16, 32, 60, 60, 60, 60])
  }

  @Test("an address waits up to a quarter of an hour, whatever names it tries; another address does not")
  mutating func address() {
    var now: Int64 = 1_000_000
    for number in 0..<20 {
      #expect(limiter.begin(address: "a", account: "user\(number)", now: now) == .allowed)
    }
    var last = 0
    for number in 20..<40 {
      let answer = limiter.begin(address: "a", account: "user\(number)", now: now)
      last = wait(answer) ?? 0
      now += Int64(last) * 1000
      #expect(limiter.begin(address: "a", account: "user\(number)", now: now) == .allowed)
    }
    #expect(last == 900)
    #expect(limiter.begin(address: "b", account: "kim", now: now) == .allowed)
  }

  @Test("attempts that run at the same time count before they are judged; a success takes only itself back")
  mutating func concurrent() {
    for _ in 0..<5 { #expect(limiter.begin(address: "a", account: "kim", now: 0) == .allowed) }
    #expect(wait(limiter.begin(address: "b", account: "kim", now: 0)) == 1)
    limiter.succeeded(address: "a", account: "kim")
    #expect(limiter.begin(address: "b", account: "kim", now: 0) == .allowed)
    // An attacker's own account does not wash their address clean.
    for number in 0..<16 {
      #expect(limiter.begin(address: "a", account: "victim\(number)", now: 0) == .allowed)
    }
    #expect(wait(limiter.begin(address: "a", account: "mine", now: 0)) != nil)
  }

  @Test("a wait is news once; an hour of quiet and a clock that was set back forget all")
  mutating func forgets() {
    for _ in 0..<8 { _ = limiter.begin(address: "a", account: "kim", now: 1000) }
    for _ in 0..<5 { _ = limiter.begin(address: "a", account: "lee", now: 1000) }
    #expect(limiter.begin(address: "a", account: "lee", now: 1000) == .wait(seconds: 1, isNews: true))
    #expect(limiter.begin(address: "a", account: "lee", now: 1000) == .wait(seconds: 1, isNews: false))
    #expect(limiter.begin(address: "a", account: "lee", now: 3_602_000) == .allowed)
    for _ in 0..<5 { _ = limiter.begin(address: "c", account: "lee", now: 3_602_000) }
    #expect(limiter.begin(address: "c", account: "lee", now: 5) == .allowed)
  }

  @Test("the table has a bound, whatever names are tried")
  mutating func bound() {
    var small = SignInLimiter(capacity: 64)
    for number in 0..<10_000 {
      _ = small.begin(address: "\(number)", account: "user\(number)", now: Int64(number))
    }
    #expect(small.size <= 64)
  }

  @Test("one IPv6 customer counts as one, an IPv4 address in IPv6 clothes as itself")
  func networks() {
    #expect(Doorkeeper.network(of: "2001:db8::1") == Doorkeeper.network(of: "2001:db8:0:0:ffff::9"))
    #expect(Doorkeeper.network(of: "2001:db8::1") != Doorkeeper.network(of: "2001:db8:0:1::1"))
    #expect(Doorkeeper.network(of: "::ffff:192.0.2.1") == "192.0.2.1")
    #expect(Doorkeeper.network(of: "192.0.2.1") == "192.0.2.1")
    #expect(Doorkeeper.network(of: "fe80::1%eth0") == Doorkeeper.network(of: "fe80::2%eth0"))
  }
}
