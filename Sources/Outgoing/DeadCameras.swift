import Synchronization

/// Cameras that gave nothing when they were asked last: they are not asked again for a minute.
final class DeadCameras: Sendable {
  private let until = Mutex<[String: Int64]>([:])

  /// Whether a machine's camera is worth a question. `now` is in milliseconds.
  func mayBeAsked(_ machine: String, now: Int64) -> Bool {
    until.withLock { ($0[machine] ?? .min) <= now }
  }

  /// It gave nothing.
  func note(_ machine: String, now: Int64) {
    until.withLock { $0[machine] = now + 60_000 }
  }
}
