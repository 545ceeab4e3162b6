import Synchronization

@testable import Supervisor

/// Time that passes when a test says so.
final class ManualClock: Sendable {
  private struct Sleeper {
    var asked: Int64
    var deadline: Int64
    var wake: CheckedContinuation<Void, any Error>
  }

  private struct State {
    var now: Int64 = 1_000_000_000
    var next = 0
    var sleepers: [Int: Sleeper] = [:]
    var arrivals: [(range: ClosedRange<Int64>, tell: CheckedContinuation<Void, Never>)] = []
  }

  private let state = Mutex(State())

  var hostClock: HostClock {
    HostClock(
      wall: { 1_750_000_000_000 + self.now / 1_000_000 }, monotonic: { self.now },
      sleep: { try await self.sleep($0) })
  }

  var now: Int64 { state.withLock { $0.now } }

  /// Lets `nanoseconds` pass and wakes whoever slept until then.
  func advance(by nanoseconds: Int64) {
    let due = state.withLock { state in
      state.now += nanoseconds
      let due = state.sleepers.filter { $0.value.deadline <= state.now }
      for number in due.keys { state.sleepers[number] = nil }
      return due.values.map(\.wake)
    }
    for wake in due { wake.resume() }
  }

  /// Returns once somebody sleeps who asked for at most `longest` nanoseconds.
  func somebodySleeps(atMost longest: Int64) async {
    await somebodySleeps(within: longest, longerThan: 0)
  }

  /// Returns once somebody sleeps who asked for at most `longest` and more than `shortest` nanoseconds.
  func somebodySleeps(within longest: Int64, longerThan shortest: Int64) async {
    await withCheckedContinuation { continuation in
      let isThere = state.withLock { state in
        let range = (shortest + 1)...longest
        if state.sleepers.values.contains(where: { range.contains($0.asked) }) { return true }
        state.arrivals.append((range, continuation))
        return false
      }
      if isThere { continuation.resume() }
    }
  }

  private func sleep(_ nanoseconds: Int64) async throws {
    let number = state.withLock { state in
      state.next += 1
      return state.next
    }
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
        guard !Task.isCancelled else {
          continuation.resume(throwing: CancellationError())
          return
        }
        let told = state.withLock { state in
          state.sleepers[number] = Sleeper(
            asked: nanoseconds, deadline: state.now + nanoseconds, wake: continuation)
          let told = state.arrivals.filter { $0.range.contains(nanoseconds) }
          state.arrivals.removeAll { $0.range.contains(nanoseconds) }
          return told
        }
        for arrival in told { arrival.tell.resume() }
        // Cancelled in between: the handler ran before the sleeper was there.
        if Task.isCancelled { cancel(number) }
      }
    } onCancel: {
      cancel(number)
    }
  }

  private func cancel(_ number: Int) {
    state.withLock { $0.sleepers.removeValue(forKey: number) }?.wake.resume(throwing: CancellationError())
  }
}
