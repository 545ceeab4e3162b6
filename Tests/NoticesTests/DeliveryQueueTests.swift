import Testing

@testable import Notices

/// What waits, when it is tried, and when it is given up; time is an argument.
@Suite struct DeliveryQueueTests {
  private func delivery(_ id: Int64, _ target: String = "a", dueAt: Int64 = 0) -> Delivery {
    Delivery(
      id: id, target: target, notice: Notice(id: id, at: 0, event: .jobDone), dueAt: dueAt)
  }

  @Test("What arrives is gone")
  func arrives() throws {
    var queue = DeliveryQueue()
    let dropped = queue.add(delivery(1))
    #expect(dropped == nil)
    #expect(queue.nextDeadline == 0)
    let next = queue.next(now: 5)
    let sent = try #require(next)
    #expect(sent.attempts == 1 && queue.count == 1 && queue.nextDeadline == nil)
    let answer = queue.answered(1, .answered(204), now: 6, chance: 0)
    #expect(answer == .delivered(sent))
    let last = queue.next(now: 1 << 40)
    #expect(queue.count == 0 && last == nil)
  }

  @Test("Each failure doubles the pause up to an hour, between half and all of it; the twelfth is the last")
  func pauses() throws {
    for (chance, share) in [(0.0, 0.5), (1.0, 1.0)] {
      var queue = DeliveryQueue()
      _ = queue.add(delivery(1))
      var now: Int64 = 0
      var pauses: [Int64] = []
      for attempt in 1...12 {
        let early = queue.next(now: now - 1)
        #expect(early == nil)
        let next = queue.next(now: now)
        let sent = try #require(next)
        #expect(sent.attempts == attempt)
        switch queue.answered(1, .unreachable("no route"), now: now, chance: chance) {
        case .again(let later):
          pauses.append(later.dueAt - now)
          now = later.dueAt
        case .dead(_, let reason):
          #expect(attempt == 12 && reason == "no route, after 12 tries")
        default: Issue.record("neither again nor dead")
        }
      }
      let whole: [Int64] = [10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600, 3600]
      #expect(pauses == whole.map { Int64(Double($0) * share * 1000) })
      #expect(queue.count == 0)
    }
  }

  @Test(
    "A refusal for good, and a redirection, end it at once",
    arguments: [
      (400, true), (404, true), (410, true), (301, true), (308, true), (408, false), (429, false),
      (500, false), (503, false),
    ])
  func refusals(_ status: Int, _ isFinal: Bool) {
    var queue = DeliveryQueue()
    _ = queue.add(delivery(1))
    _ = queue.next(now: 0)
    let answer = queue.answered(1, .answered(status), now: 0, chance: 0)
    if isFinal {
      #expect(queue.count == 0)
      guard case .dead(_, "it answered with status \(status)") = answer else {
        Issue.record("\(answer)")
        return
      }
    } else {
      #expect(queue.nextDeadline == 5000)
    }
  }

  @Test("Retry-After makes a pause longer, never shorter, and never longer than an hour")
  func retryAfter() {
    for (seconds, due) in [(1, 5000), (60, 60_000), (1_000_000, 3_600_000), (-5, 5000)] {
      var queue = DeliveryQueue()
      _ = queue.add(delivery(1))
      _ = queue.next(now: 0)
      _ = queue.answered(1, .answered(429, retryAfter: seconds), now: 0, chance: 0)
      #expect(queue.nextDeadline == Int64(due))
    }
  }

  @Test("One a target is in flight, and a slow target holds up no other")
  func targets() {
    var queue = DeliveryQueue()
    for (id, target) in [(1, "a"), (2, "a"), (3, "b")] { _ = queue.add(delivery(Int64(id), target)) }
    let sent = [queue.next(now: 0), queue.next(now: 0), queue.next(now: 0)].map { $0?.id }
    #expect(sent == [1, 3, nil] && queue.nextDeadline == nil)
    _ = queue.answered(1, .answered(200), now: 0, chance: 0)
    let next = queue.next(now: 0)
    #expect(next?.id == 2)
  }

  @Test("Beyond the bound the oldest goes; the answer for what is not there is a value")
  func bound() {
    var queue = DeliveryQueue(capacity: 2)
    let dropped = (1...3).map { queue.add(delivery($0))?.id }
    #expect(dropped == [nil, nil, 1] && queue.count == 2)
    let answer = queue.answered(9, .answered(200), now: 0, chance: 0)
    #expect(answer == .unknown)
  }
}
