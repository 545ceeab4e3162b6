import Testing

@testable import Supervisor

@Suite struct EventRingTests {
  private func event(_ id: Int64) -> HostEvent {
    var event = HostEvent(
      kind: .log, at: id * 10, machine: "ender", job: id, state: "done", level: "info",
      message: "line \(id)")
    event.id = id
    return event
  }

  @Test("What is kept comes back whole, oldest first; what fell out is counted", arguments: [3, 5, 12])
  func keeps(count: Int64) {
    var ring = EventRing(capacity: 5, forgotten: 100)
    for id in 101...(100 + count) { ring.keep(event(id)) }
    let oldest = max(101, 100 + count - 4)
    #expect(ring.events(above: 0) { _ in true } == (oldest...(100 + count)).map(event))
    #expect(ring.forgotten == oldest - 1)
    #expect(ring.events(above: 99 + count) { _ in true }.map(\.id) == [100 + count])
    #expect(ring.events(above: 0) { $0.job == 100 + count }.map(\.id) == [100 + count])
  }
}
