import PrinterProtocol
import SimulatedLink
import Testing
import VirtualFirmware

private let second: Int64 = 1_000_000_000
private let hour = 3600 * second

extension PrintedWorld {
  /// A world with a running job, or an issue.
  static func printing(
    _ file: [String], profile: FirmwareProfile = .marlin21, faults: FaultPlan = FaultPlan(), seed: UInt64 = 1,
    configure: (inout SessionConfiguration) -> Void = { _ in }
  ) -> PrintedWorld {
    var world = PrintedWorld(file: file, profile: profile, faults: faults, seed: seed, configure: configure)
    world.open()
    #expect(world.run(for: hour) { $0.session.phase == .idle })
    #expect(throws: Never.self) { try world.session.startJob(JobStart(token: 1), now: world.now) }
    world.act()
    return world
  }

  /// Runs for so long whatever happens.
  mutating func pass(_ time: Int64) { _ = run(for: time) { _ in false } }

  mutating func finish() -> (end: JobEnd, fault: SessionFault?)? {
    _ = run(for: 20 * hour) { $0.end != nil }
    return end
  }
}

@Suite struct MachineTests {
  static let heated =
    ["M140 S50", "M104 S190", "G28", "G90", "M82", "G92 E0", "M190 S50", "M109 S190"]
    + (1...60).map { "G1 X\(50 + $0 % 7).5 Y\(60 + $0 % 5).25 E\($0).125 F1800" } + ["M104 S0", "M140 S0"]

  @Test(arguments: ["marlin21", "marlin21full", "marlin10"])
  func aHeatedPrintIsIntact(_ name: String) throws {
    let profile = try #require(FirmwareProfile.named(name))
    var world = PrintedWorld.printing(Self.heated, profile: profile)
    #expect(world.finish()?.end == .done)
    #expect(world.judgement(file: Self.heated) == .intact)
    #expect(!world.firmware.record.extrudedCold)
    #expect(world.firmware.isStandingStill)
    // Nothing had to be asked, however long it took to heat and home.
    #expect(world.session.counters.resends == 0)
  }

  @Test(arguments: ["marlin21", "marlin21full", "marlin10"])
  func aResetInMidPrintStopsEverything(_ name: String) throws {
    let profile = try #require(FirmwareProfile.named(name))
    var faults = FaultPlan()
    faults.resetAt = 30
    var world = PrintedWorld.printing(Self.heated, profile: profile, faults: faults)
    let end = world.finish()
    #expect(end?.end == .uncertain)
    #expect(end?.fault?.code == "firmware.reset")
    let executed = world.log.count(where: { PrintedWorld.isOfFile($0) })
    world.pass(60 * second)
    #expect(world.session.phase == .idle)
    #expect(world.log.count(where: { PrintedWorld.isOfFile($0) }) == executed)
    #expect(world.firmware.hotEndTarget == 0)
  }

  @Test func aFirmwareThatHangsIsFoundOut() {
    var faults = FaultPlan()
    faults.silentAt = 30
    var world = PrintedWorld.printing(Self.heated, faults: faults)
    #expect(world.finish()?.fault?.code == "link.silent")
    #expect(world.session.phase == .linkLost)
  }

  @Test func aKillAtTheMachineEndsTheJob() {
    var faults = FaultPlan()
    faults.killAt = 30
    var world = PrintedWorld.printing(Self.heated, faults: faults)
    #expect(world.finish()?.fault?.code == "firmware.killed")
    #expect(world.session.phase == .killed)
    let before = world.session.counters.linesSent
    world.pass(60 * second)
    #expect(world.session.counters.linesSent == before)
  }

  @Test func aBrokenHeaterWireEndsTheJobByTheFirmware() {
    var faults = FaultPlan()
    faults.heaterFaultAt = 1
    var world = PrintedWorld.printing(["M109 S190", "G28"], faults: faults)
    #expect(world.finish()?.fault?.code == "firmware.heaterFault")
  }

  @Test func withoutPowerTheJobIsHeldAndTheHeatersGoOff() {
    var faults = FaultPlan()
    faults.noPower = true
    var profile = FirmwareProfile.marlin21
    profile.thermalProtection = false
    var world = PrintedWorld.printing(Self.heated, profile: profile, faults: faults)
    #expect(world.run(for: hour) { $0.session.phase == .needsAttention })
    #expect(world.faults.map(\.code) == ["heat.noRise"])
    world.pass(10 * second)
    #expect(world.end == nil)
    #expect(world.firmware.hotEndTarget == 0)
    #expect(world.firmware.bedTarget == 0)
  }

  @Test func aStopIsConfirmedWhileTheFirmwareHeats() {
    var world = PrintedWorld.printing(Self.heated)
    #expect(world.run(for: hour) { $0.firmware.isHeating })
    world.session.emergencyStop(now: world.now)
    world.act()
    world.pass(2 * second)
    #expect(world.events.contains(.stopConfirmed))
    #expect(world.firmware.record.killed)
    #expect(world.firmware.hotEndTarget == 0)
    #expect(world.end?.end == .cancelled)
  }

  @Test(arguments: ["marlin21", "marlin21full"])
  func aStopIsConfirmedInMidMove(_ name: String) throws {
    let profile = try #require(FirmwareProfile.named(name))
    let slow = (1...40).map { "G1 X\($0 % 2 * 20) F600" }
    var world = PrintedWorld.printing(slow, profile: profile)
    #expect(world.run(for: hour) { $0.session.progress.fileLine > 20 })
    world.session.emergencyStop(now: world.now)
    world.act()
    world.pass(2 * second)
    #expect(world.firmware.record.killed)
    #expect(world.events.contains(.stopConfirmed))
  }

  @Test func resetLeadsBackToIdle() throws {
    var world = PrintedWorld.printing(Self.heated) { $0.resetsOnOpen = .yes }
    world.pass(20 * second)
    world.session.emergencyStop(now: world.now)
    world.act()
    world.pass(2 * second)
    try world.session.reset(now: world.now)
    world.act()
    #expect(world.run(for: 60 * second) { $0.session.phase == .idle })
  }

  @Test(arguments: ["marlin21", "marlin21full", "marlin10"])
  func pauseAndResumeLeaveTheFileIntact(_ name: String) throws {
    let profile = try #require(FirmwareProfile.named(name))
    var world = PrintedWorld.printing(Self.heated, profile: profile)
    #expect(world.run(for: hour) { $0.session.progress.fileLine >= 30 })
    try world.session.pause(now: world.now)
    world.act()
    #expect(world.run(for: hour) { $0.session.phase == .paused })
    #expect(world.firmware.isStandingStill)
    world.pass(1000 * second)
    // Rule 10: the hot end went to standby, the motors hold.
    #expect(world.firmware.hotEndTarget == 0)
    #expect(world.firmware.bedTarget == 50)
    #expect(!world.firmware.record.steppersTimedOut)
    try world.session.resume(now: world.now)
    world.act()
    #expect(world.finish()?.end == .done)
    #expect(!world.firmware.record.extrudedCold)
    let numbered = world.log.filter { $0.number != nil }.map { String(decoding: $0.text, as: UTF8.self) }
    // Every line of the file ran once and in order, with the scripts between two of them.
    var rest = numbered[...]
    for line in Self.heated {
      let index = try #require(rest.firstIndex(of: line), "\(line) did not run")
      rest = rest[(index + 1)...]
    }
    #expect(
      numbered.filter { $0 == Self.heated[40] }.count == Self.heated.count(where: { $0 == Self.heated[40] }))
  }

  @Test(arguments: ["marlin21", "marlin21full", "marlin10"])
  func cancelLeavesEverythingOff(_ name: String) throws {
    let profile = try #require(FirmwareProfile.named(name))
    var world = PrintedWorld.printing(Self.heated, profile: profile)
    #expect(world.run(for: hour) { $0.session.progress.fileLine >= 30 })
    try world.session.cancel(now: world.now)
    world.act()
    #expect(world.finish()?.end == .cancelled)
    #expect(world.firmware.hotEndTarget == 0)
    #expect(world.firmware.bedTarget == 0)
    #expect(world.session.phase == .idle)
    let texts = world.log.map { String(decoding: $0.text, as: UTF8.self) }
    let off = try #require(texts.lastIndex(of: "M104 S0"))
    let lift = try #require(texts[off...].firstIndex { $0.hasPrefix("G1 Z") })
    let park = try #require(texts[off...].firstIndex { $0.hasPrefix("G1 X0 Y0") })
    #expect(lift < park)
    #expect(!texts[off...].contains("M84"))
  }

  @Test func cancelDuringAHeatUpDoesNotWaitForIt() throws {
    var world = PrintedWorld.printing(Self.heated)
    #expect(world.run(for: hour) { $0.firmware.isHeating })
    try world.session.cancel(now: world.now)
    world.act()
    #expect(world.run(for: 30 * second) { $0.end != nil })
    #expect(world.firmware.bedTarget == 0)
  }

  @Test func aPromptIsShownAndAnswered() throws {
    var faults = FaultPlan()
    faults.promptAt = 30
    var world = PrintedWorld.printing(Self.heated, profile: .marlin21full, faults: faults)
    #expect(world.run(for: hour) { $0.session.prompt != nil && $0.session.phase == .needsAttention })
    #expect(world.session.prompt?.choices.count == 2)
    world.pass(3 * hour)
    #expect(world.end == nil)
    try world.session.answer(choice: 0, now: world.now)
    world.act()
    #expect(world.finish()?.end == .done)
    #expect(world.judgement(file: Self.heated) == .intact)
  }

  @Test func aFilamentChangeInTheFileWaitsForAPerson() throws {
    var file = Self.heated
    file.insert("M600", at: 40)
    var world = PrintedWorld.printing(file, profile: .marlin21full)
    #expect(world.run(for: hour) { $0.session.phase == .needsAttention })
    world.pass(2 * hour)
    #expect(world.end == nil)
    for _ in 0..<6 where world.end == nil {
      try? world.session.answer(choice: world.session.prompt == nil ? nil : 1, now: world.now)
      world.act()
      _ = world.run(for: 600 * second) { $0.end != nil || $0.session.phase == .needsAttention }
    }
    #expect(world.finish()?.end == .done)
  }

  @Test func aRunoutPausesWithoutOurScript() {
    var faults = FaultPlan()
    faults.runoutAt = 30
    var world = PrintedWorld.printing(Self.heated, profile: .marlin21full, faults: faults)
    #expect(world.run(for: hour) { $0.session.phase == .needsAttention || $0.session.phase == .paused })
    #expect(world.end == nil)
  }

  @Test func aPrintFromTheCardIsLeftAlone() {
    var world = PrintedWorld(file: [], profile: .marlin21)
    world.firmware = VirtualFirmware(profile: .marlin21, seed: 1, printingFromCard: true, now: 0)
    world.open()
    #expect(world.run(for: 60 * second) { $0.session.phase == .printingNotOurs })
    #expect(throws: SessionRefusal.self) { try world.session.startJob(JobStart(token: 1), now: world.now) }
  }

  @Test func aWrongSpeedIsFoundOut() {
    var world = PrintedWorld(file: [], profile: .marlin21, coldStart: true)
    world.firmware.hostSpeedMatches = false
    world.open()
    #expect(world.run(for: hour) { $0.session.phase == .linkLost })
    #expect(world.faults.map(\.code) == ["link.garbled"])
  }

  @Test(arguments: ["marlin21", "marlin21full", "marlin10"])
  func aColdStartIsGreeted(_ name: String) throws {
    let profile = try #require(FirmwareProfile.named(name))
    var world = PrintedWorld(file: [], profile: profile) { $0.resetsOnOpen = .yes }
    world.firmware.resetsOnOpen = true
    world.open()
    #expect(world.run(for: 30 * second) { $0.session.phase == .idle })
    #expect(world.session.firmware.contains("Marlin"))
    #expect(world.session.capabilities.contains("AUTOREPORT_TEMP") == (name != "marlin10"))
  }

  @Test func aLongLineBudgetHoldsUpToTheWidestNumber() {
    let file = (1...40).map { "M117 \(String(repeating: "x", count: 76 - $0 % 3))" }
    var world = PrintedWorld.printing(file)
    #expect(world.finish()?.end == .done)
    #expect(world.judgement(file: file) == .intact)
    #expect(world.session.counters.resends == 0)
  }
}
