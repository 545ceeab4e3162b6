import PrinterProtocol
import Testing
import VirtualFirmware

/// Buffer sizes found by bursts, against firmware whose sizes are known.
@Suite struct MeasurementTests {
  struct Bench {
    var firmware: VirtualFirmware
    var measurement: Measurement
    var now: Int64 = 0

    init(_ profile: FirmwareProfile) {
      firmware = VirtualFirmware(profile: profile)
      firmware.keepsExecuted = true
      firmware.hostOpened(now: 0)
      measurement = Measurement(baud: profile.baud, now: 0)
    }

    mutating func run() {
      var turns = 0
      while measurement.nextDeadline != nil, turns < 200_000 {
        turns += 1
        let bytes = measurement.takeOutput()
        if !bytes.isEmpty { firmware.receive(bytes, now: now) }
        var next = measurement.nextDeadline ?? now
        if let deadline = firmware.nextDeadline { next = min(next, max(now, deadline)) }
        now = max(now + 1000, next)
        firmware.run(until: now)
        var out: [UInt8] = []
        firmware.takeOutput(upTo: now, into: &out)
        measurement.receive(out.span, now: now)
        measurement.timeout(now: now)
      }
    }
  }

  static let sizes = [(128, 4), (64, 4), (256, 8), (1024, 4), (128, 16), (512, 32), (63, 2)]

  @Test(arguments: sizes) func theSizesAreFoundExactly(buffer: Int, queue: Int) throws {
    var profile = FirmwareProfile.marlin21
    profile.receiveBuffer = buffer
    profile.queueSlots = queue
    var bench = Bench(profile)
    bench.run()
    #expect(bench.measurement.failure == nil)
    let found = try #require(bench.measurement.result)
    #expect(found.isQueueExact && found.isReceiveBufferExact, "\(found)")
    #expect(found.queueLines == queue)
    #expect(found.receiveBuffer == buffer)
    // Nothing moved, nothing was heated, and numbering is right again.
    #expect(bench.measurement.isNumberingProven)
    #expect(bench.firmware.isStandingStill)
    #expect(bench.firmware.hotEndTarget == 0 && bench.firmware.bedTarget == 0)
    #expect(bench.firmware.lastLineNumber >= 2)
    let words = Set(bench.firmware.takeExecuted().map { String(decoding: $0.text.prefix(2), as: UTF8.self) })
    #expect(words.isSubset(of: ["G4", "M1"]), "\(words)")
  }

  /// Whatever the firmware: what is called exact is right, and what is not is no more than there is.
  @Test(arguments: ["marlin21", "marlin21full", "marlin10", "prusa", "repetier"])
  func whatIsSaidIsTrue(name: String) throws {
    let profile = try #require(FirmwareProfile.named(name))
    var bench = Bench(profile)
    bench.run()
    #expect(bench.measurement.failure == nil)
    let found = try #require(bench.measurement.result)
    if let bytes = found.receiveBuffer {
      #expect(
        found.isReceiveBufferExact ? bytes == profile.receiveBuffer : bytes <= profile.receiveBuffer,
        "\(found)")
    }
    if let lines = found.queueLines, name == "marlin10" {
      #expect(lines == profile.queueSlots - 1, "one place is never used")
    } else if let lines = found.queueLines {
      #expect(found.isQueueExact ? lines == profile.queueSlots : lines <= profile.queueSlots, "\(found)")
    }
    #expect(bench.measurement.isNumberingProven)
    #expect(bench.firmware.isStandingStill && bench.firmware.hotEndTarget == 0)
  }

  @Test func aFirmwareThatLosesNothingGivesALowerBound() throws {
    var profile = FirmwareProfile.marlin21
    profile.flowControl = true
    var bench = Bench(profile)
    bench.run()
    let found = try #require(bench.measurement.result)
    #expect(!found.isReceiveBufferExact && !found.isQueueExact)
    #expect((found.receiveBuffer ?? 0) <= 10_000)
    #expect(bench.measurement.isNumberingProven)
  }

  @Test func aFirmwareThatSaysNothingIsGivenUp() {
    var measurement = Measurement(baud: 115_200, now: 0)
    var turns = 0
    while let deadline = measurement.nextDeadline, turns < 1000 {
      turns += 1
      measurement.timeout(now: deadline)
    }
    #expect(measurement.result == nil)
    #expect(measurement.failure?.contains("M110") == true)
  }
}
