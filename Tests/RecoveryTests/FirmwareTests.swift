import GCode
import Testing

@testable import Recovery
@testable import VirtualFirmware

/// The plan and the rest of the file on a firmware that lost its power: it has to end where the uninterrupted print ends.
@Suite struct FirmwareTests {
  /// A firmware without pace; lines go in one by one, each after the `ok` of the one before.
  struct Bench {
    var firmware: VirtualFirmware
    struct NoAnswer: Error { var line: String }

    private var now: Int64 = 0
    private var said: [UInt8] = []

    init(_ profile: FirmwareProfile = .marlin21) {
      firmware = VirtualFirmware(profile: profile, paced: false)
    }

    /// Sends a line and lets time pass until it is answered; throws after an hour of the firmware's.
    mutating func send(_ line: String) throws {
      said.removeAll(keepingCapacity: true)
      firmware.receive(Array((line + "\n").utf8), now: now)
      let end = now + 3_600_000_000_000
      while let next = firmware.nextDeadline, next <= end {
        now = max(now, next)
        firmware.run(until: now)
        firmware.takeOutput(upTo: now, into: &said)
        if String(decoding: said, as: UTF8.self).split(separator: "\n").contains(where: { $0.hasPrefix("ok") }
        ) {
          return
        }
      }
      throw NoAnswer(line: line)
    }

    /// Sends all commands of these lines.
    mutating func send(_ lines: some Sequence<String>) throws {
      for line in lines {
        let clean = cleaned(Array(line.utf8)[...])
        if !clean.isEmpty { try send(String(decoding: clean, as: UTF8.self)) }
      }
    }

    /// Where the nozzle is by the firmware's own words, in the coordinates of the file.
    var place: [Double] {
      let modes = firmware.modes
      return [
        modes.position.x + modes.shift.x, modes.position.y + modes.shift.y, modes.position.z + modes.shift.z,
        modes.position.e,
      ]
    }
  }

  @Test(arguments: [Part(layers: 4), Part(layers: 4, isExtruderRelative: true), Part(layers: 4, hop: 0.4)])
  func thePlanAndTheRestEndWhereThePrintWouldHave(_ part: Part) throws {
    let lines = part.lines
    var whole = Bench()
    try whole.send(lines)
    for acknowledged in stride(from: 30, to: lines.count - 6, by: 13) {
      let record = StopRecord.of(lines, acknowledged: acknowledged, unsure: 6, ahead: 2)
      let height = recover(part.bytes, record).heights.last?.z
      let result = recover(part.bytes, record, .bench, RecoveryChoice(height: height))
      guard let place = result.place else { continue }
      var again = Bench()
      try again.send(result.plan)
      let there = again.place
      #expect(abs(there[0] - place.position.x) < 1e-3 && abs(there[1] - place.position.y) < 1e-3)
      #expect(abs(there[2] - place.position.z) < 1e-3 && abs(there[3] - place.position.e) < 1e-3)
      try again.send(lines[(Int(place.line) - 1)...])
      for (one, other) in zip(again.place, whole.place)
      where !part.isExtruderRelative || one == again.place[0] {
        #expect(
          abs(one - other) < 1e-2, "stopped at line \(acknowledged): \(again.place), not \(whole.place)")
      }
      #expect(again.firmware.record.coldExtrusionsPrevented == 0)
      #expect(again.firmware.record.unknownCommands <= whole.firmware.record.unknownCommands)
      #expect(again.firmware.modes.speedFactor == whole.firmware.modes.speedFactor)
      #expect(again.firmware.modes.flowFactor == whole.firmware.modes.flowFactor)
      #expect(again.firmware.modes.printAcceleration == whole.firmware.modes.printAcceleration)
      #expect(again.firmware.modes.retractAcceleration == whole.firmware.modes.retractAcceleration)
      #expect(again.firmware.modes.maxFeedrate == whole.firmware.modes.maxFeedrate)
      #expect(again.firmware.hotEndTarget == 0 && again.firmware.bedTarget == 0)
    }
  }

  /// In the machine's own frame, where the stop's height is the truth, the nozzle never comes below it before its place.
  @Test func inTheMetalTheNozzleOnlyRises() throws {
    let part = Part()
    let record = StopRecord.of(part.lines, acknowledged: 90, unsure: 4)
    let result = recover(part.bytes, record)
    var bench = Bench()
    var heights: [Double] = []
    for line in result.plan {
      try bench.send([line])
      heights.append(bench.firmware.modes.position.z)
    }
    let lifted = try #require(heights.max())
    #expect(heights.allSatisfy { $0 >= -1e-9 }, "below where it stood")
    let first = try #require(result.plan.firstIndex { $0.hasPrefix("G28") })
    #expect(abs(heights[first] - lifted) < 1e-9)
    #expect(
      abs(lifted - 5 - ((try #require(result.place)).position.z - (try #require(result.believedZ)))) < 0.3)
  }
}
