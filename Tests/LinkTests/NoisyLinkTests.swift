import Foundation
import PrinterProtocol
import SimulatedLink
import Testing
import VirtualFirmware

/// One cell of the table of noise.
struct Noise: CustomTestStringConvertible, Sendable {
  var name: String
  var profile: String
  var faults = FaultPlan()
  var cable = LinkFaults()
  var prints = 24

  init(
    _ name: String, _ profile: String, prints: Int = 24,
    _ change: (inout FaultPlan, inout LinkFaults) -> Void = { _, _ in }
  ) {
    self.name = name
    self.profile = profile
    self.prints = prints
    change(&faults, &cable)
  }

  var testDescription: String { "\(profile) \(name)" }
}

@Suite struct NoisyLinkTests {
  static func run(_ noise: Noise, seed: UInt64, relative: Bool, window: Int = 1, keepsWire: Bool = false)
    -> (world: PrintedWorld, judgement: Judgement)
  {
    let profile = FirmwareProfile.named(noise.profile) ?? .marlin21
    let file = FileMaker.file(lines: 50, relative: relative, seed: seed)
    let latency = Int64([100_000, 1_000_000, 8_000_000][Int(seed % 3)])
    var world = PrintedWorld(file: file, profile: profile, faults: noise.faults, seed: seed, latency: latency)
    {
      $0.windowLines = window
    }
    world.readsBytewise = seed % 8 == 7
    world.cable = noise.cable
    world.transcript.keepsWire = keepsWire
    let judgement = world.print(file)
    return (world, judgement)
  }

  /// Runs one print, and again with the wire kept when it went wrong; true when it did.
  static func isWrong(_ noise: Noise, seed: UInt64, relative: Bool, window: Int = 1) -> Bool {
    let (_, judgement) = run(noise, seed: seed, relative: relative, window: window)
    guard case .wrong(let words) = judgement else { return false }
    let again = run(noise, seed: seed, relative: relative, window: window, keepsWire: true).world
    print(again.transcript.wire.suffix(60).joined(separator: "\n"))
    Issue.record(
      "\(noise.testDescription), window \(window), seed \(seed), relative \(relative): \(words)")
    return true
  }

  static let cells: [Noise] = ["marlin21", "marlin21full", "marlin10"].flatMap { profile in
    [
      Noise("clean", profile, prints: 10),
      Noise("flips in 0.1 %", profile) { faults, _ in faults.flipIn = 0.001 },
      Noise("flips in 1 %", profile) { faults, _ in faults.flipIn = 0.01 },
      Noise("flips out 0.2 %", profile) { faults, _ in faults.flipOut = 0.002 },
      Noise("flips out 2 %", profile) { faults, _ in faults.flipOut = 0.02 },
      Noise("lost ok 5 %", profile) { faults, _ in faults.loseOk = 0.05 },
      Noise("doubled ok 5 %", profile) { faults, _ in faults.doubleOk = 0.05 },
      Noise("lost bytes in 0.3 %", profile) { faults, _ in faults.loseByteIn = 0.003 },
      Noise("lost bytes out 0.5 %", profile) { faults, _ in faults.loseByteOut = 0.005 },
      Noise("split", profile) { faults, _ in faults.split = 0.3 },
      Noise("stalls", profile) { faults, _ in faults.stall = 0.02 },
      Noise("lost heads 3 %", profile) { _, cable in cable.losesHeads = 0.03 },
      Noise("bursts in replies 3 %", profile) { _, cable in cable.garblesReplies = 0.03 },
      Noise("everything", profile) { faults, _ in
        faults.flipIn = 0.0005
        faults.flipOut = 0.0005
        faults.loseOk = 0.01
        faults.doubleOk = 0.01
        faults.loseByteIn = 0.0005
        faults.loseByteOut = 0.0005
        faults.split = 0.1
        faults.stall = 0.005
      },
    ]
  }

  @Test(arguments: cells)
  func nothingIsSkippedDoubledOrReordered(_ noise: Noise) {
    // More than a test run needs: FABLINE_LINK_PRINTS=500 swift test --filter NoisyLinkTests
    let more = ProcessInfo.processInfo.environment["FABLINE_LINK_PRINTS"].flatMap(UInt64.init)
    for seed in 1...(more ?? UInt64(noise.prints)) {
      for relative in [false, true] where Self.isWrong(noise, seed: seed, relative: relative) { return }
    }
  }

  /// The session sends one line at a time; that more of them would do is what the stream is built for.
  @Test(arguments: [2, 3], ["marlin21", "marlin21full", "marlin10"])
  func largerWindowsToo(_ window: Int, _ profile: String) {
    let faults = [
      Noise("clean", profile, prints: 3),
      Noise("flips in 0.1 %", profile, prints: 10) { faults, _ in faults.flipIn = 0.001 },
      Noise("flips out 0.2 %", profile, prints: 10) { faults, _ in faults.flipOut = 0.002 },
    ]
    for noise in faults {
      for seed in 1...UInt64(noise.prints)
      where Self.isWrong(noise, seed: seed, relative: seed % 2 == 0, window: window) { return }
    }
  }

  /// With at most one damaged bit a line, no lost bytes and no merged lines, the checksum sees everything.
  @Test(arguments: ["marlin21", "marlin21full", "marlin10"])
  func oneBitALineIsAlwaysSeen(_ profile: String) {
    let noise = Noise("one bit a line", profile) { _, cable in cable.flipsOneBit = 0.1 }
    for seed in 1...40 as ClosedRange<UInt64> {
      let (_, judgement) = Self.run(noise, seed: seed, relative: seed % 2 == 0, window: Int(seed % 3))
      if case .undetectable = judgement { Issue.record("\(profile), seed \(seed): \(judgement)") }
      if case .wrong = judgement { Issue.record("\(profile), seed \(seed): \(judgement)") }
    }
  }
}
