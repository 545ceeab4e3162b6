import CLinux

/// Firmware time: life's time at a pace, plus what has been skipped.
struct VirtualClock {
  /// Firmware seconds in a second of life.
  private(set) var pace: Double
  private var base: Int64 = 0
  private var lifeBase: Int64

  init(pace: Double) {
    self.pace = pace
    lifeBase = clinux_monotonic_ns()
  }

  /// Firmware time, ns since the start.
  var now: Int64 {
    base + Int64(Double(clinux_monotonic_ns() - lifeBase) * pace)
  }

  /// How long it takes in life until a firmware time, ns.
  func life(until time: Int64, from now: Int64) -> Int64 {
    max(0, Int64(Double(time - now) / pace))
  }

  /// Skips to a firmware time.
  mutating func jump(to time: Int64) {
    lifeBase = clinux_monotonic_ns()
    base = time
  }

  mutating func setPace(_ wanted: Double) {
    if wanted == pace { return }
    let time = now
    lifeBase = clinux_monotonic_ns()
    base = time
    pace = wanted
  }
}
