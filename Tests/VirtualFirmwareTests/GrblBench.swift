@testable import VirtualFirmware

/// A GRBL controller on a bench: bytes in, lines out, time as told.
struct GrblBench {
  var firmware: GrblFirmware
  private(set) var now: Int64 = 0
  private var pending: [UInt8] = []
  /// Everything said so far, line ends cut off.
  private(set) var said: [String] = []

  init(
    _ profile: GrblProfile = .grbl11, faults: FaultPlan = FaultPlan(), seed: UInt64 = 1, paced: Bool = true
  ) {
    firmware = GrblFirmware(profile: profile, faults: faults, seed: seed, paced: paced)
  }

  /// Sends bytes now.
  mutating func send(_ text: String) { firmware.receive(Array(text.utf8), now: now) }

  /// Sends one realtime byte now.
  mutating func send(realtime byte: UInt8) { firmware.receive([byte], now: now) }

  /// Lets time pass and returns what is said meanwhile.
  @discardableResult
  mutating func wait(seconds: Double) -> [String] {
    let end = now + Int64(seconds * 1e9)
    let before = said.count
    while let next = firmware.nextDeadline, next <= end { step(to: max(next, now)) }
    step(to: end)
    return Array(said[before...])
  }

  /// Sends a line and waits for its answer, at most a firmware hour; returns all that was said.
  @discardableResult
  mutating func ask(_ line: String) -> [String] {
    let before = said.count
    send(line + "\n")
    let end = now + 3_600_000_000_000
    while let next = firmware.nextDeadline, next <= end {
      step(to: max(next, now))
      if said[before...].contains(where: { $0 == "ok" || $0.hasPrefix("error:") }) { break }
    }
    return Array(said[before...])
  }

  /// Asks for a status report and returns it.
  mutating func status() -> String {
    send("?")
    return wait(seconds: 0.02).last { $0.hasPrefix("<") } ?? "none"
  }

  private mutating func step(to time: Int64) {
    now = time
    firmware.run(until: now)
    var fresh: [UInt8] = []
    firmware.takeOutput(upTo: now, into: &fresh)
    for byte in fresh {
      if byte == 10 {
        if pending.last == 13 { pending.removeLast() }
        said.append(String(decoding: pending, as: UTF8.self))
        pending = []
      } else {
        pending.append(byte)
      }
    }
  }
}
