import Foundation

/// Work on stored files that never holds up a print: the drivers' threads go first.
enum QuietThread {
  /// How far the work stands back.
  enum Manner {
    /// Only what processor time nobody else wants: SCHED_IDLE.
    case idle
    /// Behind the others, but somebody waits for it: nice 10.
    case asked
  }

  /// Runs `body` on a thread of its own, which ends with the work: one that went down may not be allowed up again.
  ///
  /// The corresponding calls are `sched_setscheduler` and `setpriority`.
  static func run<Result: Sendable>(
    _ manner: Manner, _ body: @escaping @Sendable () throws(StoreError) -> Result
  ) async throws(StoreError) -> Result {
    let result: Swift.Result<Result, StoreError> = await withCheckedContinuation { continuation in
      let thread = Thread {
        lower(manner)
        do throws(StoreError) { continuation.resume(returning: .success(try body())) } catch {
          continuation.resume(returning: .failure(error))
        }
      }
      thread.name = "contents"
      thread.stackSize = 1 << 20
      thread.start()
    }
    return try result.get()
  }

  private static func lower(_ manner: Manner) {
    // 0 stands for the calling thread in both calls.
    switch manner {
    case .idle:
      var parameters = sched_param()
      parameters.sched_priority = 0
      if sched_setscheduler(0, 5, &parameters) != 0 { setpriority(Int32(PRIO_PROCESS.rawValue), 0, 19) }
    case .asked: setpriority(Int32(PRIO_PROCESS.rawValue), 0, 10)
    }
  }
}
