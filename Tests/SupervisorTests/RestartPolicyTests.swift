import Testing

@testable import Supervisor

@Suite struct RestartPolicyTests {
  private let second: Int64 = 1_000_000_000

  @Test("Three deaths within a minute end the restarts (safety.md rule 3)")
  func threeDeaths() {
    var policy = RestartPolicy()
    #expect(policy.died(at: 0) == .restart(after: second / 2))
    #expect(policy.died(at: 10 * second) == .restart(after: second))
    #expect(policy.died(at: 59 * second) == .giveUp)
  }

  @Test("Deaths that are a minute apart are no series")
  func farApart() {
    var policy = RestartPolicy()
    for minute in 0..<10 {
      #expect(policy.died(at: Int64(minute) * 60 * second) == .restart(after: second / 2))
    }
  }

  @Test("The pause doubles while deaths go on, and is bounded")
  func backoff() {
    var policy = RestartPolicy()
    policy.deaths = 100
    let pauses = (0..<10).map { number -> Int64 in
      guard case .restart(let pause) = policy.died(at: Int64(number)) else { return 0 }
      return pause
    }
    #expect(pauses.prefix(4) == [second / 2, second, 2 * second, 4 * second])
    #expect(pauses.last == 30 * second)
  }

  @Test("A person's word begins anew")
  func forgiven() {
    var policy = RestartPolicy()
    _ = policy.died(at: 0)
    _ = policy.died(at: 1)
    policy.forgive()
    #expect(policy.died(at: 2) == .restart(after: second / 2))
  }

  @Test("A firmware that talks without end passes drop by drop")
  func bucket() {
    var bucket = TokenBucket(capacity: 3, perSecond: 1)
    var admitted: [Bool] = []
    for _ in 0..<5 { admitted.append(bucket.admits(at: 0)) }
    #expect(admitted == [true, true, true, false, false])
    let heldBack = bucket.takeHeldBack()
    #expect(heldBack == 2)
    let later = [bucket.admits(at: second), bucket.admits(at: second)]
    #expect(later == [true, false])
  }
}
