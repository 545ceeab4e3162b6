@testable import VirtualFirmware

/// A firmware on a bench: lines in, lines out, time as told.
struct Bench {
  var firmware: VirtualFirmware
  private(set) var now: Int64 = 0
  private var pending: [UInt8] = []
  /// Everything said so far.
  private(set) var said: [String] = []

  init(
    _ profile: FirmwareProfile = .marlin21, faults: FaultPlan = FaultPlan(), seed: UInt64 = 1,
    paced: Bool = true, card: Bool = false, coldStart: Bool = false
  ) {
    firmware = VirtualFirmware(
      profile: profile, faults: faults, seed: seed, paced: paced, coldStart: coldStart, printingFromCard: card
    )
  }

  /// Sends bytes now.
  mutating func send(_ text: String) { firmware.receive(Array(text.utf8), now: now) }

  /// Sends a line with number and checksum.
  mutating func send(_ number: Int, _ command: String) {
    send(numbered(number, command))
  }

  func numbered(_ number: Int, _ command: String) -> String {
    let text = "N\(number) \(command)"
    return text + "*\(text.utf8.reduce(0, ^))\n"
  }

  /// Lets time pass and returns what is said meanwhile.
  @discardableResult
  mutating func wait(seconds: Double) -> [String] {
    let end = now + Int64(seconds * 1e9)
    let before = said.count
    while let next = firmware.nextDeadline, next <= end { step(to: max(next, now)) }
    step(to: end)
    return Array(said[before...])
  }

  /// Sends a line and waits for its `ok`, at most a firmware hour; returns all that was said.
  @discardableResult
  mutating func ask(_ line: String) -> [String] {
    let before = said.count
    send(line.hasSuffix("\n") ? line : line + "\n")
    let end = now + 3_600_000_000_000
    while let next = firmware.nextDeadline, next <= end {
      step(to: max(next, now))
      if said[before...].contains(where: { $0.hasPrefix("ok") }) { break }
    }
    return Array(said[before...])
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
