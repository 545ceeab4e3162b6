import Testing

@testable import JobStore

@Suite("Figures of the queue")
struct QueueFigureTests {
  @Test("count jobs and attempts by state, and each job's wait once, at its first start")
  func figures() async throws {
    let shop = try await Shop()
    try await shop.printer()
    let first = try await shop.submit(copies: 2)
    _ = try await shop.submit()
    #expect(try await shop.store.figures().waits == QueueFigures.Waits())
    shop.clock.advance(90_000)
    let attempt = try await shop.start(first.id)
    try await shop.end(attempt, .done)
    _ = try await shop.store.ready("ender", job: first.id, by: "kim")
    shop.clock.advance(5_000_000)
    _ = try await shop.start(first.id)
    let figures = try await shop.store.figures()
    #expect(figures.jobs == [.printing: 1, .queued: 1])
    #expect(figures.attempts == [.done: 1, .printing: 1])
    #expect(figures.waits.count == 1 && figures.waits.sum == 90)
    #expect(figures.waits.atMost == [0, 0, 1, 1, 1, 1, 1, 1, 1])
  }
}
