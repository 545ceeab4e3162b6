import JobStore
import ServiceLifecycle

/// Ends the process where the database shows damage while it is in use: nothing more is written into it, drivers print on,
/// and the next start puts it aside.
public struct DamageWatch: Service {
  private let store: JobStore

  /// Watches `store`.
  public init(store: JobStore) { self.store = store }

  /// Waits for damage; throws `store.damaged`, which ends the other services too.
  public func run() async throws {
    let damages = store.damages
    let found = await cancelWhenGracefulShutdown { () async -> StoreError? in
      for await error in damages { return error }
      return nil
    }
    if let found { throw found }
  }
}
