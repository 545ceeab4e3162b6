import Foundation
import PrinterProtocol
import Testing
import VirtualFirmware

/// One cell of the table of noise.
struct Noise: CustomTestStringConvertible, Sendable {
  var name: String
  var profile: String
  var faults: @Sendable (inout FaultPlan) -> Void
  /// What the link itself does, beyond the firmware's faults.
  var losesHeads = 0.0
  var garblesReplies = 0.0
  var prints = 24

  var testDescription: String { "\(profile) \(name)" }
}

@Suite struct NoisyLinkTests {
  static func run(_ noise: Noise, seed: UInt64, relative: Bool, lines: Int = 50, window: Int = 1) -> (
    PrintedWorld, [String], Judgement
  ) {
    let profile = FirmwareProfile.named(noise.profile) ?? .marlin21
    var faults = FaultPlan()
    noise.faults(&faults)
    let file = FileMaker.file(lines: lines, relative: relative, seed: seed)
    let latency = Int64([100_000, 1_000_000, 8_000_000][Int(seed % 3)])
    var world = PrintedWorld(file: file, profile: profile, faults: faults, seed: seed, latency: latency) {
      $0.windowLines = window
    }
    world.readsBytewise = seed % 8 == 7
    world.losesHeads = noise.losesHeads
    world.garblesReplies = noise.garblesReplies
    world.open()
    let hour: Int64 = 3_600_000_000_000
    let isConnected = world.run(for: hour) { $0.session.phase == .idle || $0.session.phase == .linkLost }
    guard isConnected else {
      return (world, file, .wrong("no greeting within an hour: \(world.session.phase)"))
    }
    guard world.session.phase == .idle else { return (world, file, world.judgement(file: file)) }
    do {
      try world.session.startJob(JobStart(token: 1), now: world.now)
    } catch {
      return (world, file, .wrong("\(error)"))
    }
    world.act()
    guard world.run(for: 10 * hour, until: { $0.end != nil }) else {
      return (
        world, file, .wrong("no end within ten hours: \(world.session.phase) at \(world.session.progress)")
      )
    }
    return (world, file, world.judgement(file: file))
  }

  static let cells: [Noise] = ["marlin21", "marlin21full", "marlin10"].flatMap { profile in
    [
      Noise(name: "clean", profile: profile, faults: { _ in }, prints: 10),
      Noise(name: "flips in 0.1 %", profile: profile, faults: { $0.flipIn = 0.001 }),
      Noise(name: "flips in 1 %", profile: profile, faults: { $0.flipIn = 0.01 }),
      Noise(name: "flips out 0.2 %", profile: profile, faults: { $0.flipOut = 0.002 }),
      Noise(name: "flips out 2 %", profile: profile, faults: { $0.flipOut = 0.02 }),
      Noise(name: "lost ok 5 %", profile: profile, faults: { $0.loseOk = 0.05 }),
      Noise(name: "doubled ok 5 %", profile: profile, faults: { $0.doubleOk = 0.05 }),
      Noise(name: "lost bytes in 0.3 %", profile: profile, faults: { $0.loseByteIn = 0.003 }),
      Noise(name: "lost bytes out 0.5 %", profile: profile, faults: { $0.loseByteOut = 0.005 }),
      Noise(name: "split", profile: profile, faults: { $0.split = 0.3 }),
      Noise(name: "stalls", profile: profile, faults: { $0.stall = 0.02 }),
      Noise(name: "lost heads 3 %", profile: profile, faults: { _ in }, losesHeads: 0.03),
      Noise(name: "bursts in replies 3 %", profile: profile, faults: { _ in }, garblesReplies: 0.03),
      Noise(
        name: "everything", profile: profile,
        faults: {
          $0.flipIn = 0.0005
          $0.flipOut = 0.0005
          $0.loseOk = 0.01
          $0.doubleOk = 0.01
          $0.loseByteIn = 0.0005
          $0.loseByteOut = 0.0005
          $0.split = 0.1
          $0.stall = 0.005
        }),
    ]
  }

  @Test(arguments: cells)
  func nothingIsSkippedDoubledOrReordered(_ noise: Noise) {
    var tally: [String: Int] = [:]
    // More than a test run needs: FABLINE_LINK_PRINTS=500 swift test --filter NoisyLinkTests
    let more = ProcessInfo.processInfo.environment["FABLINE_LINK_PRINTS"].flatMap(UInt64.init)
    for seed in 1...(more ?? UInt64(noise.prints)) {
      for relative in [false, true] {
        let (world, _, judgement) = Self.run(noise, seed: seed, relative: relative)
        tally[judgement.description.prefix(60).description, default: 0] += 1
        if case .wrong(let words) = judgement {
          Issue.record("\(noise.testDescription), seed \(seed), relative \(relative): \(words)")
          if tally.count > 0 { print(world.wire.suffix(60).joined(separator: "\n")) }
          return
        }
      }
    }
    print(noise.testDescription, tally.sorted { $0.value > $1.value }.map { "\($0.value) \($0.key)" })
  }

  /// The session sends one line at a time; that more of them would do is what the stream is built for.
  @Test(arguments: [2, 3], ["marlin21", "marlin21full", "marlin10"])
  func largerWindowsToo(_ window: Int, _ profile: String) {
    let faults: [Noise] = [
      Noise(name: "clean", profile: profile, faults: { _ in }, prints: 3),
      Noise(name: "flips in 0.1 %", profile: profile, faults: { $0.flipIn = 0.001 }, prints: 10),
      Noise(name: "flips out 0.2 %", profile: profile, faults: { $0.flipOut = 0.002 }, prints: 10),
    ]
    for noise in faults {
      for seed in 1...UInt64(noise.prints) {
        let (world, _, judgement) = Self.run(noise, seed: seed, relative: seed % 2 == 0, window: window)
        if case .wrong(let words) = judgement {
          Issue.record("\(noise.testDescription), window \(window), seed \(seed): \(words)")
          print(world.wire.suffix(60).joined(separator: "\n"))
          return
        }
      }
    }
  }
}
