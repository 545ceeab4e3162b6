import DriverInterface

/// The last quarter of an hour of a machine's temperatures, a reading each ten seconds: a ring in memory, a few kB.
///
/// A value without a clock: nanoseconds of the monotonic clock come in. Tenths of a degree are kept, the oldest reading goes
/// where one more comes, and a machine whose heaters are other ones begins anew.
struct TemperatureHistory: Equatable, Sendable {
  /// Seconds between readings that are kept.
  static let interval: Int64 = 10
  /// Seconds that are kept.
  static let span: Int64 = 900

  private var names: [String] = []
  /// Seconds of the monotonic clock, oldest first; `current` and `target` of each heater at the same place.
  private var times: [Int64] = []
  private var values: [Int16] = []

  /// How many readings are held.
  var count: Int { times.count }

  /// Takes a reading; one that follows too soon is left out.
  mutating func take(_ heaters: [HeaterReading], now: Int64) {
    let now = now / 1_000_000_000
    guard !heaters.isEmpty else { return }
    if heaters.map(\.name) != names {
      self = TemperatureHistory()
      names = heaters.map(\.name)
    }
    if let last = times.last, now - last < Self.interval { return }
    times.append(now)
    for heater in heaters { values += [Self.tenths(heater.current), Self.tenths(heater.target)] }
    forget(now)
  }

  /// What is kept, oldest first, with the age in seconds.
  func readings(now: Int64) -> [(age: Int64, heaters: [HeaterReading])] {
    let now = now / 1_000_000_000
    return times.indices.compactMap { index in
      let age = now - times[index]
      guard age <= Self.span else { return nil }
      let heaters = names.indices.map { number in
        let place = (index * names.count + number) * 2
        return HeaterReading(
          name: names[number], current: Double(values[place]) / 10, target: Double(values[place + 1]) / 10)
      }
      return (age, heaters)
    }
  }

  private mutating func forget(_ now: Int64) {
    let gone = times.prefix { now - $0 > Self.span }.count
    guard gone > 0 else { return }
    times.removeFirst(gone)
    values.removeFirst(gone * names.count * 2)
  }

  private static func tenths(_ value: Double) -> Int16 {
    guard value.isFinite else { return 0 }
    return Int16(max(-3000, min(30_000, (value * 10).rounded())))
  }
}
