import DriverInterface
import Testing

@testable import Supervisor

@Suite struct TemperatureHistoryTests {
  private let second: Int64 = 1_000_000_000

  private func reading(_ current: Double, _ target: Double = 210) -> [HeaterReading] {
    [
      HeaterReading(name: "T0", current: current, target: target),
      HeaterReading(name: "B", current: 60, target: 0),
    ]
  }

  @Test("A reading each ten seconds is kept for a quarter of an hour, and no more")
  func ring() {
    var history = TemperatureHistory()
    for time in 0..<(Int64(3600)) { history.take(reading(Double(time % 300)), now: time * second) }
    let readings = history.readings(now: 3600 * second)
    #expect(readings.count == 90 && readings.first?.age == 900 && readings.last?.age == 10)
    #expect(history.count == 91, "what is older is not held")
    #expect(readings.last?.heaters == reading(Double(3590 % 300)))
    #expect(
      history.readings(now: 3600 * second + 5 * 60 * second).count == 60, "time passes without readings too")
    #expect(history.readings(now: 9000 * second).isEmpty)
  }

  @Test("Other heaters begin anew; nothing known is nothing kept; what is no temperature does no harm")
  func others() {
    var history = TemperatureHistory()
    history.take([], now: 0)
    #expect(history.readings(now: 0).isEmpty)
    history.take(reading(20), now: 0)
    history.take([HeaterReading(name: "T0", current: .nan, target: 1e300)], now: 20 * second)
    let readings = history.readings(now: 20 * second)
    #expect(
      readings.count == 1 && readings[0].heaters == [HeaterReading(name: "T0", current: 0, target: 3000)])
    history.take([HeaterReading(name: "T0", current: 21.26, target: -1e300)], now: 40 * second)
    #expect(history.readings(now: 40 * second).last?.heaters.first?.current == 21.3)
  }
}
