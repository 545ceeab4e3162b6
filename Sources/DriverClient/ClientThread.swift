import CLinux

/// Starts a thread that nobody waits for; false where the system has no more of them.
///
/// Threads and not tasks, because `poll` blocks: on the cooperative pool it would hold up unrelated work.
func startThread(_ body: @escaping @Sendable () -> Void) -> Bool {
  final class Body: Sendable {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
  }
  let owned = Unmanaged.passRetained(Body(body))
  let result = clinux_thread_start(
    { argument in
      guard let argument else { return nil }
      Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run()
      return nil
    }, owned.toOpaque(), 256 * 1024)
  if result < 0 { owned.release() }
  return result >= 0
}
