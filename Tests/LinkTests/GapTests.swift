import PrinterProtocol
import SimulatedLink
import Testing
import VirtualFirmware

private let second: Int64 = 1_000_000_000
private let hour = 3600 * second

/// The link is lost in mid-print and comes back: what goes on by itself, and what must not (safety rule 14).
@Suite struct GapTests {
  /// Moves of half a second each, so that a print lasts longer than the gaps here.
  static let file =
    ["M140 S50", "M104 S190", "G28", "G90", "M83", "G92 E0", "M190 S50", "M109 S190"]
    + (1...120).map { "G1 X\(20 + $0 % 2 * 10) Y\(60 + $0 % 5).25 E0.125 F1200" } + ["M104 S0", "M140 S0"]

  static func world(
    _ name: String = "marlin21", line: Int64 = 40, gap: Int64 = second, resets: Bool = false,
    seed: UInt64 = 1, file: [String] = GapTests.file,
    configure: (inout SessionConfiguration) -> Void = { _ in }
  ) throws -> PrintedWorld {
    var faults = FaultPlan()
    faults.unplugAt = line
    faults.unplugFor = gap
    let profile = try #require(FirmwareProfile.named(name))
    var world = PrintedWorld.printing(
      file, profile: profile, faults: faults, seed: seed, configure: configure)
    world.cable.isPluggedInAgain = true
    world.cable.resetsWhenPluggedIn = resets
    return world
  }

  /// The moves of the file that ran.
  private func moves(_ world: PrintedWorld) -> Int {
    world.log.count { $0.text.starts(with: Array("G1 X".utf8)) }
  }

  private func glitches(_ world: PrintedWorld) -> [Int64] {
    world.events.compactMap { if case .link(.glitch(let gap)) = $0 { gap } else { nil } }
  }

  @Test(arguments: ["marlin21", "marlin21full", "marlin10"], [second / 10, second, 29 * second])
  func aGlitchLosesNothingAndThePrintGoesOn(_ name: String, _ gap: Int64) throws {
    var world = try Self.world(name, gap: gap)
    #expect(world.finish()?.end == .done, "\(String(describing: world.end))")
    #expect(world.judgement(file: Self.file) == .intact)
    #expect(glitches(world).count == 1)
    #expect(glitches(world).allSatisfy { $0 >= gap && $0 < gap + 2 * second })
    #expect(world.firmware.record.resets == 0)
  }

  @Test func afterThirtyOneSecondsAPersonIsNeeded() throws {
    var world = try Self.world(gap: 31 * second)
    let ended = world.finish()
    let end = try #require(ended)
    #expect(end.end == .uncertain)
    #expect(end.fault?.code == "link.lost")
    #expect(glitches(world).isEmpty)
    let ran = moves(world)
    // Not from when it was given up, but from when the link was lost.
    let lost = world.now - 30 * second
    #expect(world.run(for: 301 * second) { $0.firmware.hotEndTarget == 0 })
    #expect(world.now - lost > 299 * second)
    #expect(world.firmware.bedTarget == 50)
    #expect(world.run(for: hour) { $0.firmware.bedTarget == 0 })
    #expect(moves(world) == ran)
    #expect(world.session.phase == .idle)
  }

  @Test(arguments: ["marlin21", "marlin10"])
  func aBoardThatWasResetMeanwhileGetsNothingMore(_ name: String) throws {
    var world = try Self.world(name, resets: true)
    let ended = world.finish()
    let end = try #require(ended)
    #expect(end.end == .uncertain)
    #expect(end.fault?.code == "firmware.reset")
    let ran = moves(world)
    world.pass(60 * second)
    #expect(moves(world) == ran)
    #expect(world.events.contains { if case .link(.reset) = $0 { true } else { false } })
    // The place is kept although the machine forgot everything.
    var session = world.session
    let place = session.jobPlace()
    #expect(place.acknowledged.fileLine > 30)
    #expect(place.open.last?.fileLine == place.acknowledged.fileLine)
    #expect(place.modal.target(tool: 0) == 190)
  }

  /// A reset of which no banner is heard shows in the numbers.
  @Test func aResetWithoutABannerShowsInTheCount() throws {
    var world = try Self.world(gap: 4 * second)
    #expect(world.run(for: hour) { $0.session.isJobKept })
    world.firmware.reset(now: world.now)
    let ended = world.finish()
    let end = try #require(ended)
    #expect(end.end == .uncertain)
    #expect(end.fault?.code == "firmware.reset")
    #expect(glitches(world).isEmpty)
  }

  @Test(arguments: [ResetsOnOpen.yes, .unknown])
  func aBoardThatOpeningMayResetIsNotAskedToGoOn(_ resets: ResetsOnOpen) throws {
    var world = try Self.world { $0.resetsOnOpen = resets }
    // What was seen at the first opening counts only where nothing was configured; here nothing was.
    let isLearned = resets == .unknown
    let ended = world.finish()
    let end = try #require(ended)
    #expect(end.end == (isLearned ? .done : .uncertain))
    #expect(glitches(world).count == (isLearned ? 1 : 0))
    #expect(world.events.contains(.openingResets(false)))
  }

  @Test func aHotEndThatIsNoLongerHotEndsIt() throws {
    var world = try Self.world(gap: 25 * second)
    #expect(world.run(for: hour) { $0.session.isJobKept })
    world.firmware.receive(Array("M104 S0\n".utf8), now: world.now)
    world.pass(24 * second)
    world.firmware.receive(Array("M104 S190\n".utf8), now: world.now)
    let ended = world.finish()
    let end = try #require(ended)
    #expect(end.end == .uncertain)
    #expect(end.fault?.sentence.contains("cooled") == true, "\(String(describing: end.fault?.sentence))")
    #expect(glitches(world).isEmpty)
  }

  @Test func aTargetThatSomebodyChangedMeanwhileEndsIt() throws {
    var world = try Self.world(gap: second)
    #expect(world.run(for: hour) { $0.session.isJobKept })
    world.firmware.receive(Array("M104 S150\n".utf8), now: world.now)
    let ended = world.finish()
    let end = try #require(ended)
    #expect(end.end == .uncertain)
    #expect(end.fault?.sentence.contains("150") == true)
  }

  /// Which of the lines in flight arrived is different each time; none may be missing and none run twice.
  @Test(arguments: Int64(9)...72)
  func linesInFlightAreSentAgainOnlyWhereTheFirmwareDidNotTakeThem(_ line: Int64) throws {
    let name = ["marlin21", "marlin21full", "marlin10"][Int(line % 3)]
    var world = try Self.world(name, line: line, seed: UInt64(line)) {
      $0.receiveBuffer = line % 2 == 0 ? nil : 128
      $0.queueLines = line % 2 == 0 ? nil : 4
    }
    #expect(world.finish()?.end == .done, "\(name) \(line) \(String(describing: world.end))")
    #expect(world.judgement(file: Self.file) == .intact, "\(name) \(line)")
    #expect(glitches(world).count == 1)
  }

  /// The firmware holds the beginning of a line whose rest went down with the cable.
  @Test(arguments: ["N", "N4", "N44 G1 X2", "N44 G1 X25 Y60.25 E0.125 F1200*", "\u{1}\u{7f}?"])
  func aHalfWrittenLineIsClosedAndDoesNotRun(_ piece: String) throws {
    var world = try Self.world(gap: 2 * second)
    #expect(world.run(for: hour) { $0.session.isJobKept })
    world.firmware.receive(Array(piece.utf8), now: world.now + second)
    #expect(world.finish()?.end == .done, "\(String(describing: world.end))")
    // Noise is no line of the file, but the firmware was heard to take it for a command.
    #expect([.intact, .repeatedAfterFragment].contains(world.judgement(file: Self.file)))
    #expect(moves(world) == 120)
  }

  @Test func aCableThatIsPulledAgainIsStillOneGap() throws {
    var world = try Self.world(gap: 12 * second)
    for _ in 0..<3 {
      #expect(world.run(for: hour) { $0.session.isJobKept && $0.session.phase == .handshaking })
      world.session.linkLost(reason: "again", now: world.now)
      let until = world.now + 8 * second
      #expect(!world.run(for: until - world.now) { $0.session.phase == .printing })
      guard world.session.isJobKept else { break }
      world.session.linkOpened(now: world.now)
      world.act()
    }
    let ended = world.finish()
    let end = try #require(ended)
    #expect(end.end == .uncertain)
    #expect(glitches(world).isEmpty)
  }

  @Test func theStepperTimeoutIsNeverOverrun() throws {
    var file = Self.file
    file.insert("M84 S10", at: 2)
    var world = try Self.world(gap: 12 * second, file: file)
    #expect(world.finish()?.end == .uncertain)
    #expect(glitches(world).isEmpty)
  }

  @Test func aCancelMeanwhileIsCarriedOutWhenTheLinkIsBack() throws {
    var world = try Self.world(gap: 5 * second)
    #expect(world.run(for: hour) { $0.session.isJobKept })
    try world.session.cancel(now: world.now)
    world.act()
    #expect(world.finish()?.end == .cancelled)
    #expect(world.firmware.hotEndTarget == 0)
    #expect(world.firmware.bedTarget == 0)
  }

  @Test func aCancelOfAPrintWhoseLinkNeverComesBackInTimeEndsColdAllTheSame() throws {
    var world = try Self.world(gap: 45 * second)
    #expect(world.run(for: hour) { $0.session.isJobKept })
    try world.session.cancel(now: world.now)
    world.act()
    #expect(world.finish()?.end == .cancelled)
    #expect(world.run(for: 60 * second) { $0.firmware.hotEndTarget == 0 && $0.firmware.bedTarget == 0 })
  }

  @Test func aPauseMeanwhileParksWhenTheLinkIsBackAndEveryLineRunsOnce() throws {
    var world = try Self.world(gap: 5 * second)
    #expect(world.run(for: hour) { $0.session.isJobKept })
    try world.session.pause(now: world.now)
    world.act()
    #expect(world.run(for: hour) { $0.session.phase == .paused })
    try world.session.resume(now: world.now)
    world.act()
    #expect(world.finish()?.end == .done)
    let printed = world.log.filter { $0.text.starts(with: Array("G1 X".utf8)) && $0.text.contains(69) }
    #expect(printed.count == 120)
  }
}
