import PrinterProtocol
import Testing
import VirtualFirmware

@testable import SimulatedLink

private let second: Int64 = 1_000_000_000
private let hour = 3600 * second

/// The judge itself: what it must not let pass, and what it must not blame anybody for.
@Suite struct JudgeTests {
  static let mill = FileMaker.millFile(lines: 60, seed: 5)

  /// A mill in the middle of its file.
  private func milling(_ profile: GrblProfile = .grbl11) throws -> PrintedWorld {
    var world = PrintedWorld(file: Self.mill, profile: profile)
    world.open()
    #expect(world.run(for: hour) { $0.session.phase == .idle })
    try world.session.startJob(JobStart(token: 1), now: world.now)
    world.act()
    #expect(world.run(for: hour) { $0.session.progress.fileLine > 20 && $0.grbl?.isStandingStill == false })
    return world
  }

  /// Stopped in the middle: what ran is compared with the file, and a file that differs in one line is told.
  @Test(arguments: [GrblProfile.grbl11, .grblhal])
  func aStoppedMillIsComparedWithItsFile(_ profile: GrblProfile) throws {
    var world = try milling(profile)
    #expect(world.restlessness(whileWaiting: false) == "it still moves")
    try world.session.cancel(now: world.now)
    world.act()
    // A reset while it moves costs the position, and a person is asked for it.
    #expect(world.run(for: hour) { $0.end != nil && [.idle, .needsAttention].contains($0.session.phase) })
    #expect(world.end?.end == .cancelled)
    #expect(world.restlessness(whileWaiting: false) == nil)
    let failed: (JobEnd, SessionFault?) = (
      .failed, SessionFault(code: "any", sentence: "", scope: .job, fileLine: 0)
    )
    #expect(world.unnumbered(file: Self.mill, ended: failed) == .stopped(code: "any"))
    for (index, change) in [
      (8, { (file: inout [String]) in _ = file.remove(at: 8) }),
      (8, { $0.insert("G1 X1.000 Y1.000 F1500", at: 8) }), (8, { $0.swapAt(8, 9) }),
    ] as [(Int, (inout [String]) -> Void)] {
      var other = Self.mill
      change(&other)
      try #require(other[index] != Self.mill[index])
      let verdict = world.unnumbered(file: other, ended: failed)
      #expect(verdict.isWrong, "\(verdict)")
    }
  }

  /// A spindle that turns behind a stop, and a place that no line leads to.
  @Test func whatAMillMustNotDoBehindAStop() throws {
    var world = try milling()
    #expect(world.run(for: hour) { $0.end?.end == .done && $0.session.phase == .idle })
    #expect(world.restlessness(whileWaiting: false) == nil)
    try world.session.send(line: Array("M3 S500".utf8)[...], token: 2, now: world.now)
    world.act()
    world.pass(2 * second)
    #expect(world.restlessness(whileWaiting: false) == "its spindle still turns")
    try world.session.send(line: Array("M5".utf8)[...], token: 3, now: world.now)
    try world.session.send(line: Array("$J=G91 G21 X7.5 Y3 F3000".utf8)[...], token: 4, now: world.now)
    world.act()
    world.pass(10 * second)
    #expect(world.restlessness(whileWaiting: false)?.contains("no line of the file leads") == true)
  }

  /// A damaged M110 is an M112 now and then: the firmware is killed, and the session says so.
  @Test func aFirmwareKilledInItsGreetingIsAStop() {
    var world = PrintedWorld(file: ["G1 X1 F600"], profile: .marlin21full)
    world.cable.losesHeads = 0.000_001
    world.open()
    #expect(world.run(for: hour) { $0.session.phase == .handshaking })
    world.firmware.receive(Array("\nM112\n".utf8), now: world.now)
    #expect(world.print(["G1 X1 F600"]) == .stopped(code: "firmware.killed"))
  }

  /// The cable comes back: the session greets again, and what it then says is no more than what ran.
  @Test(arguments: [false, true], ["marlin21", "prusa", "grbl11"])
  func aCableThatComesBackEndsInAGreetedMachine(_ resets: Bool, _ name: String) throws {
    var choice = CampaignChoice()
    choice.dialect = name
    var recipe = PrintRecipe(seed: 11, choice: choice)
    recipe.faults = FaultPlan()
    recipe.cable = LinkFaults()
    recipe.faults.unplugAt = 15
    recipe.faults.unplugFor = 3 * second
    recipe.cable.isPluggedInAgain = true
    recipe.cable.resetsWhenPluggedIn = resets
    let (world, judgement) = recipe.run()
    #expect(!judgement.isWrong, "\(judgement)")
    #expect(
      [.idle, .needsAttention].contains(world.session.phase), "\(name): \(world.session.phase), \(judgement)")
  }

  /// What a person is asked for by the firmware itself, and answers.
  @Test(arguments: ["runout", "m600", "prompt", "lcd-pause"])
  func aPersonAnswersAndThePrintIsIntact(_ fault: String) throws {
    var choice = CampaignChoice()
    choice.dialect = "marlin21full"
    var recipe = PrintRecipe(seed: 12, choice: choice)
    recipe.faults = try FaultPlan(specification: "\(fault)@20")
    recipe.cable = LinkFaults()
    let (_, judgement) = recipe.run()
    #expect(judgement == .intact)
  }

  /// A long line goes to a GRBL without blanks: that is the same line, and where it leads is known.
  @Test func blanksMeanNothingToAMill() throws {
    var world = try milling()
    #expect(world.run(for: hour) { $0.end?.end == .done && $0.session.phase == .idle })
    let tight = Self.mill.map { $0.filter { $0 != " " } }
    #expect(world.judgement(file: tight) == .intact)
  }

  /// Smoothie counts a number behind which everything was lost: the line did not run, and nothing tells.
  @Test func aNumberThatWasCountedAloneIsNoLineThatRan() {
    var firmware = VirtualFirmware(profile: .smoothie, now: 0)
    firmware.keepsExecuted = true
    firmware.hostOpened(now: 0)
    firmware.receive(Array("N0 M110*35\nN1 \nN2 G90*18\n".utf8), now: 0)
    firmware.run(until: second)
    let ran = firmware.takeExecuted().map { String(decoding: $0.text, as: UTF8.self) }
    #expect(ran == ["", "G90"])
    #expect(firmware.record.lines == 1)
  }

  /// Smoothie runs a line that lost its checksum: that is another cause than a checksum that held.
  @Test func aLineThatRanUncheckedIsCountedAsThat() throws {
    var choice = CampaignChoice()
    choice.dialect = "smoothie"
    try choice.setFaults("flip-in=0.002")
    let judgements = (1...60).map { PrintRecipe(seed: $0, choice: choice).run().judgement }
    #expect(!judgements.contains { $0.isWrong })
    #expect(
      judgements.contains { if case .undetectable(.noChecksum, _) = $0 { true } else { false } },
      "\(Set(judgements.map(\.kind)))")
  }

  /// A share of what `fabline-bench campaign` does by the thousand.
  @Test func aFewPrintsOfTheCampaign() {
    var tally = CampaignTally()
    for index in 0..<120 {
      let recipe = PrintRecipe(seed: CampaignTally.seed(of: index, in: 2))
      tally.count(recipe, recipe.run())
    }
    for failure in tally.failures {
      Issue.record("\(failure.words): fabline-bench campaign --print-seed \(failure.seed) --trace")
    }
    #expect(tally.prints == 120)
  }

  /// Safety rule 17 on a whole mill: raised and dark while it is paused, and every line of the file once and in order.
  @Test(arguments: [GrblProfile.grbl11, .grblhal])
  func aPausedMillIsRaisedAndGoesOnWhereItWas(_ profile: GrblProfile) throws {
    var world = try milling(profile)
    try world.session.pause(now: world.now)
    world.act()
    #expect(world.run(for: hour) { $0.session.phase == .paused })
    let paused = try #require(world.grbl)
    #expect(paused.beam.power == 0)
    #expect(paused.isStandingStill)
    let z = paused.machinePosition.z
    world.pass(600 * second)
    #expect(world.session.phase == .paused)
    try world.session.resume(now: world.now)
    world.act()
    #expect(world.run(for: hour) { $0.session.phase == .printing })
    // It came down to where it had left the work, ten millimetres lower.
    #expect(abs((world.grbl?.machinePosition.z ?? 0) - (z - 10)) < 0.01)
    #expect((world.grbl?.beam.power ?? 0) > 0)
    #expect(world.run(for: hour) { $0.end?.end == .done })
    let ran = world.log.map { String(decoding: $0.text, as: UTF8.self) }
    var rest = ran[...]
    for line in Self.mill {
      let index = try #require(rest.firstIndex(of: line), "\(line) did not run")
      rest = rest[(index + 1)...]
    }
    // What is more than the file is the pause's own: off and on, a dwell.
    #expect(ran.filter { $0.hasPrefix("G1") } == Self.mill.filter { $0.hasPrefix("G1") })
  }
}
