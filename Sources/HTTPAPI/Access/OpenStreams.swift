import APIModel
import JobStore
import Synchronization

/// Who wants to hear that an account, a session or a token was changed.
final class AccessChanges: Sendable {
  private struct State {
    var last = 0
    var listeners: [Int: AsyncStream<Void>.Continuation] = [:]
  }
  private let state = Mutex(State())

  /// A value for each change, those that come fast as one, and for each that the listener itself yields; ends with the task that
  /// reads it.
  func listen() -> (changes: AsyncStream<Void>, listener: AsyncStream<Void>.Continuation) {
    let (stream, listener) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    let number = state.withLock { state in
      state.last += 1
      state.listeners[state.last] = listener
      return state.last
    }
    listener.onTermination = { [weak self] _ in
      _ = self?.state.withLock { $0.listeners.removeValue(forKey: number) }
    }
    return (stream, listener)
  }

  /// Tells all of them.
  func tell() {
    for listener in state.withLock({ Array($0.listeners.values) }) { listener.yield() }
  }

  /// How many listen.
  var count: Int { state.withLock { $0.listeners.count } }
}

extension Doorkeeper {
  /// Runs what sends a stream, and calls `end` once whoever opened it is let in no more: signed out, the account changed, the
  /// token taken back or run out; or once `isWanted` says so. Looked at with each such change, and once a minute.
  ///
  /// That nobody asked for anything else meanwhile is no reason: a tablet on the wall looks at the stream.
  func whileLetIn(
    _ principal: Principal, isWanted: @escaping @Sendable () async -> Bool = { true },
    end: @escaping @Sendable () -> Void, _ body: () async throws -> Void
  ) async rethrows {
    let (changes, listener) = changes.listen()
    // Tokens and sessions run out without a change. Each stream looks for itself alone: others have their own minute.
    let minutes = Task {
      while true {
        try await Task.sleep(for: .seconds(60))
        listener.yield()
      }
    }
    let watch = Task {
      for await _ in changes {
        guard await isLetIn(principal), await isWanted() else { return end() }
      }
    }
    defer {
      minutes.cancel()
      watch.cancel()
    }
    try await body()
  }

  /// Whether a stream of this principal's may go on. A database that does not answer ends none.
  private func isLetIn(_ principal: Principal) async -> Bool {
    let now = store.now()
    do {
      switch principal.signIn {
      case .unix, .open: return true
      case .session(let hash, _, let until):
        guard now < until, let record = try await store.session(hash) else { return false }
        return Role(record.account.role) == principal.role
      case .token(let id, _, let scopes):
        guard let record = try await store.tokens().first(where: { $0.id == id }) else { return false }
        let isInTime = record.expiresAt.map { $0 > now } ?? true
        return isInTime && record.scopes == scopes && Role(record.role) == principal.role
      }
    } catch { return true }
  }
}
