import Foundation
import Testing

@testable import Supervisor

@Suite(.timeLimit(.minutes(1))) struct EventHubTests {
  private func event(_ text: String, kind: HostEvent.Kind = .log, machine: String? = "ender") -> HostEvent {
    HostEvent(kind: kind, at: 0, machine: machine, level: "info", message: text)
  }

  private func texts(_ subscription: EventSubscription) async -> [String] {
    var texts: [String] = []
    for await delivery in subscription.deliveries {
      if case .event(let event) = delivery { texts.append(event.message ?? "") }
    }
    return texts
  }

  @Test("Whoever comes back gets what was missed, in order, then what follows")
  func resume() async {
    let hub = EventHub()
    let first = hub.publish(event("one"))
    hub.publish(event("two"))
    hub.publish(event("three"))
    let subscription = hub.subscribe(EventFilter(), after: first)
    hub.publish(event("four"))
    hub.close()
    #expect(subscription.gap == nil)
    #expect(await texts(subscription) == ["two", "three", "four"])
  }

  @Test("What fell out of the ring is named")
  func gap() async {
    let hub = EventHub(capacity: 3)
    for number in 1...5 { hub.publish(event("\(number)")) }
    let subscription = hub.subscribe(EventFilter(), after: 1)
    hub.close()
    #expect(subscription.gap == EventGap(after: 1, upTo: 2))
    #expect(await texts(subscription) == ["3", "4", "5"])
  }

  @Test("A subscriber that does not read is cut off and told, the others go on")
  func slow() async {
    let hub = EventHub(capacity: 2, waiting: 2)
    let slow = hub.subscribe(EventFilter())
    for number in 1...10 { hub.publish(event("\(number)")) }
    #expect(hub.subscriberCount == 0)
    let other = hub.subscribe(EventFilter())
    hub.publish(event("11"))
    hub.close()
    #expect(await texts(slow) == ["1", "2"])
    #expect(slow.missed)
    #expect(await texts(other) == ["11"])
    #expect(!other.missed)
  }

  @Test("Only the newest progress of a machine is kept")
  func newest() async {
    let hub = EventHub(capacity: 3)
    for number in 1...100 { hub.publish(event("p\(number)", kind: .progress)) }
    hub.publish(event("log"))
    let subscription = hub.subscribe(EventFilter(), after: 0)
    hub.close()
    #expect(await texts(subscription) == ["p100", "log"])
  }

  @Test("Filters admit what was asked for")
  func filters() {
    let log = event("x")
    #expect(EventFilter().admits(log))
    #expect(!EventFilter(machine: "other").admits(log))
    #expect(!EventFilter(kinds: [.job]).admits(log))
    #expect(!EventFilter(level: .warning).admits(log))
    #expect(EventFilter(level: .debug).admits(log))
    #expect(!EventFilter().admits(event("wire", kind: .wire)))
    #expect(EventFilter(kinds: [.wire]).admits(event("wire", kind: .wire)))
  }

  @Test("A subscriber that goes away is forgotten")
  func forgotten() async {
    let hub = EventHub()
    do {
      let subscription = hub.subscribe(EventFilter())
      #expect(hub.subscriberCount == 1)
      subscription.end()
      #expect(await texts(subscription) == [])
    }
    #expect(hub.subscriberCount == 0)
  }

  @Test("Numbers rise across restarts")
  func numbers() throws {
    let folder = try TemporaryFolder()
    var last: Int64 = 0
    for _ in 0..<3 {
      var numbers = EventNumbers(path: folder.path + "/next", block: 10)
      for _ in 0..<25 {
        let number = numbers.take()
        #expect(number > last)
        last = number
      }
    }
  }

  @Test("A number file with garbage does not stop the supervisor")
  func garbage() throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/next"
    for garbage in ["", "x", "-5", "99999999999999999999999"] {
      try garbage.write(toFile: path, atomically: true, encoding: .utf8)
      var numbers = EventNumbers(path: path)
      #expect(numbers.take() == 1)
    }
  }
}
