import Glibc

/// Where the supervisor gets its time and its pauses from; a test gives its own.
public struct HostClock: Sendable {
  /// Milliseconds since 1970.
  public var wall: @Sendable () -> Int64
  /// Nanoseconds of the monotonic clock.
  public var monotonic: @Sendable () -> Int64
  /// Waits this many nanoseconds; throws when the task is cancelled.
  public var sleep: @Sendable (Int64) async throws -> Void

  /// Makes a clock.
  public init(
    wall: @escaping @Sendable () -> Int64, monotonic: @escaping @Sendable () -> Int64,
    sleep: @escaping @Sendable (Int64) async throws -> Void
  ) {
    self.wall = wall
    self.monotonic = monotonic
    self.sleep = sleep
  }

  /// The system's.
  public static let system = HostClock(
    wall: LocalTime.now,
    monotonic: {
      var time = timespec()
      clock_gettime(CLOCK_MONOTONIC, &time)
      return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    },
    sleep: { try await Task.sleep(nanoseconds: UInt64(max(0, $0))) })
}
