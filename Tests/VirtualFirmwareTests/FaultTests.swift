import Testing

@testable import VirtualFirmware

@Suite("Faults")
struct FaultTests {
  /// A crude host: one line in flight, asks again after silence, obeys `Resend`.
  private func printed(_ faults: FaultPlan, seed: UInt64) -> ([String], ExecutionRecord) {
    var bench = Bench(faults: faults, seed: seed)
    bench.ask("M110 N0")
    for number in 1...300 {
      bench.send(number, "G1 X\(number % 20) F6000")
      bench.wait(seconds: 0.05)
    }
    return (bench.said, bench.firmware.record)
  }

  @Test(arguments: [1, 2, 3] as [UInt64])
  func areReproducibleBySeed(_ seed: UInt64) {
    var faults = FaultPlan()
    faults.flipIn = 0.002
    faults.flipOut = 0.002
    faults.loseByteIn = 0.001
    faults.loseOk = 0.1
    faults.doubleOk = 0.1
    faults.split = 0.05
    let (first, record) = printed(faults, seed: seed)
    let (second, _) = printed(faults, seed: seed)
    let (other, _) = printed(faults, seed: seed + 100)
    #expect(first == second)
    #expect(first != other)
    #expect(record.bytesDamaged > 0)
    #expect(record.okLost > 0)
    #expect(record.okDoubled > 0)
    #expect(record.resendsAsked > 0)
  }

  @Test func aSpecificationIsRead() throws {
    let plan = try FaultPlan(
      specification: "flip-in=0.001,lose-ok=0.25,reset@500,unplug@700:2.5s,no-power,silent@600,m600@9")
    var wanted = FaultPlan()
    wanted.flipIn = 0.001
    wanted.loseOk = 0.25
    wanted.resetAt = 500
    wanted.unplugAt = 700
    wanted.unplugFor = 2_500_000_000
    wanted.noPower = true
    wanted.silentAt = 600
    wanted.filamentChangeAt = 9
    #expect(plan == wanted)
  }

  @Test(arguments: [
    "flip-in", "flip-in=", "flip-in=2", "reset@", "reset@x", "unplug@5:2h", "fire@3", "no-power=1",
  ])
  func aWrongSpecificationIsNamed(_ text: String) {
    #expect(throws: FaultSpecificationError(item: text)) {
      try FaultPlan(specification: "lose-ok=0.1," + text)
    }
  }

  @Test func aResetLosesTheLineAndSaysStart() {
    var faults = FaultPlan()
    faults.resetAt = 3
    var bench = Bench(faults: faults)
    bench.ask("M110 N0")
    bench.ask(bench.numbered(1, "G1 X1 F3000"))
    bench.ask("M105")
    bench.ask(bench.numbered(2, "G1 X2 F3000"))
    bench.send(3, "G1 X3 F3000")
    let said = bench.wait(seconds: 1)
    #expect(said.first == "ok" || said.first == "start")
    #expect(said.contains("start"))
    #expect(bench.firmware.nextEvent() == .reset)
    #expect(bench.firmware.record.lines == 2)
    #expect(bench.firmware.lastLineNumber == 0)
  }

  @Test func silenceIsTotal() {
    var faults = FaultPlan()
    faults.silentAt = 2
    var bench = Bench(faults: faults)
    bench.ask("G1 X1 F3000")
    bench.send("G1 X2\nM105\nM112\n")
    #expect(bench.wait(seconds: 100).isEmpty)
    #expect(!bench.firmware.record.killed)
  }

  @Test func aBrokenWireIsSeenAfterFortySeconds() {
    var faults = FaultPlan()
    faults.heaterFaultAt = 1
    var bench = Bench(faults: faults)
    bench.send("M109 S200\n")
    bench.wait(seconds: 39)
    #expect(!bench.firmware.record.killed)
    let said = bench.wait(seconds: 3)
    #expect(said.contains("Error:Heating failed, system stopped! Heater_ID: E0"))
    #expect(said.last == "Error:Printer halted. kill() called!")
    #expect(bench.firmware.hotEndTarget == 0)
  }

  @Test func aWireThatBreaksWarmIsARunaway() {
    var faults = FaultPlan()
    faults.heaterFaultAt = 2
    var bench = Bench(faults: faults)
    bench.ask("M109 S200")
    bench.ask("G1 X10 F3000")
    let said = bench.wait(seconds: 60)
    #expect(said.contains("Error:Thermal Runaway, system stopped! Heater_ID: E0"))
  }

  @Test func marlin10NeverNoticesABrokenWire() {
    var faults = FaultPlan()
    faults.noPower = true
    var bench = Bench(.marlin10, faults: faults)
    bench.send("M109 S200\n")
    let said = bench.wait(seconds: 300)
    #expect(said.count > 290)
    #expect(said.allSatisfy { $0.hasPrefix("T:") })
  }

  @Test func anUnpluggedHostIsAnEvent() {
    var faults = FaultPlan()
    faults.unplugAt = 1
    faults.unplugFor = 7
    var bench = Bench(faults: faults)
    bench.ask("M140 S60")
    #expect(bench.firmware.nextEvent() == .unplugged(duration: 7))
    bench.firmware.hostClosed(now: bench.now)
    bench.wait(seconds: 25)
    bench.firmware.settle(now: bench.now)
    #expect(bench.firmware.record.heatersOnAfterHostGone == 25_000_000_000)
  }
}

@Suite("Each fault is counted, and nothing else is")
struct FaultCountTests {
  /// The counts that are not zero after 400 lines sent blindly.
  private func counts(_ specification: String) throws -> ([String: Int64], ExecutionRecord) {
    var bench = Bench(.marlin21full, faults: try FaultPlan(specification: specification), seed: 5)
    bench.ask("M110 N0")
    for number in 1...400 {
      bench.send(number, number % 40 == 0 ? "M105" : "G1 X\(number % 20) F6000")
      bench.wait(seconds: 0.05)
      if number % 20 == 0 { bench.send("N0 M110 N\(number)*\("N0 M110 N\(number)".utf8.reduce(0, ^))\n") }
    }
    bench.wait(seconds: 2)
    let named = bench.firmware.record.faults.all.map { ("\($0.name)", $0.count) }.filter { $0.1 > 0 }
    return (Dictionary(uniqueKeysWithValues: named), bench.firmware.record)
  }

  @Test(
    arguments: [
      ("flip-in=0.002", ["bytesFlippedIn", "lineEndsDamagedIn"]),
      ("flip-out=0.01", ["bytesFlippedOut", "lineEndsDamagedOut"]),
      ("lose-byte-in=0.002", ["bytesLostIn", "lineEndsDamagedIn"]),
      ("lose-byte-out=0.01", ["bytesLostOut", "lineEndsDamagedOut"]),
      ("lose-lf-in=0.02", ["lineEndsDamagedIn"]), ("lose-lf-out=0.02", ["lineEndsDamagedOut"]),
      ("overrun=0.02", ["overrunBursts", "lineEndsDamagedIn"]),
      ("cut=0.02", ["repliesCut", "lineEndsDamagedOut"]), ("split=0.1", ["repliesSplit"]),
      ("stall=0.01", ["repliesStalled"]), ("lose-ok=0.05", ["oksLost"]), ("double-ok=0.05", ["oksDoubled"]),
    ])
  func byItsKind(_ specification: String, kinds: [String]) throws {
    let (found, record) = try counts(specification)
    #expect(found[kinds[0]] ?? 0 > 0, "\(found)")
    #expect(Set(found.keys).subtracting(kinds).isEmpty, "\(found)")
    let reachesIn = specification.contains("in=") || specification.contains("overrun")
    #expect(record.faults.nothingDamagedIn != reachesIn)
  }

  @Test func damagedResendNumbers() throws {
    let (found, record) = try counts("damage-resend=0.5,flip-in=0.003")
    #expect(found["resendNumbersDamaged"] ?? 0 > 0)
    #expect(record.resendsAsked > found["resendNumbersDamaged"] ?? 0)
  }

  /// A judge can tell a line that was damaged and ran all the same from one that was not.
  @Test func aDamagedLineThatRunsIsMarked() throws {
    var faults = FaultPlan()
    faults.loseByteIn = 0.03
    var bench = Bench(.marlin21full, faults: faults, seed: 3)
    bench.firmware.keepsExecuted = true
    for number in 0..<300 {
      bench.send("G1 X\(100 + number) F3000\n")
      bench.wait(seconds: 0.2)
    }
    let executed = bench.firmware.takeExecuted()
    let marked = executed.filter(\.isDamaged)
    let whole = Set((0..<300).map { "G1 X\(100 + $0) F3000" })
    #expect(marked.count > 20)
    #expect(bench.firmware.record.damagedExecuted == marked.count)
    for line in executed where !line.isDamaged {
      #expect(whole.contains(String(decoding: line.text, as: UTF8.self)))
    }
    #expect(bench.firmware.record.unnumberedExecuted == bench.firmware.record.lines)
  }

  @Test func noFaultNoCount() throws {
    let (found, record) = try counts("")
    #expect(found.isEmpty)
    #expect(record.damagedExecuted == 0)
    #expect(record.lines == 390)
  }

  /// Tuning changes how long a print takes, up and down, and nothing else; the same seed tunes the same.
  @Test func machinesAreTunedBySeed() {
    let factors = (1...40 as ClosedRange<UInt64>).map {
      FirmwareProfile.marlin21.tuned(seed: $0).accelerationFactor
    }
    #expect(factors.allSatisfy { $0 > 0.299 && $0 < 3.34 })
    #expect(factors.contains { $0 < 0.6 } && factors.contains { $0 > 1.7 })
    #expect(
      FirmwareProfile.marlin21.tuned(seed: 7).feedrateFactor
        == FirmwareProfile.marlin21.tuned(seed: 7).feedrateFactor)
    func seconds(_ profile: FirmwareProfile) -> Int64 {
      var bench = Bench(profile, paced: false)
      bench.ask("G1 X100 F3000")
      bench.ask("M400")
      return bench.now
    }
    var slow = FirmwareProfile.marlin21
    slow.feedrateFactor = 0.3
    #expect(seconds(slow) > 3 * seconds(.marlin21))
  }

  @Test func aPressOnPauseAsksTheHost() {
    var faults = FaultPlan()
    faults.pauseAt = 2
    var bench = Bench(.prusa, faults: faults)
    bench.ask("G90")
    #expect(bench.ask("G91") == ["//action:pause", "ok"])
  }
}

@Suite("What may be skipped")
struct BusyTests {
  @Test func workThatEndsByItselfIsBusyAndWaitingForPeopleIsNot() {
    var bench = Bench(.marlin21full)
    #expect(!bench.firmware.isBusy)
    bench.send("G4 S3\n")
    bench.wait(seconds: 1)
    #expect(bench.firmware.isBusy)
    bench.wait(seconds: 3)
    #expect(!bench.firmware.isBusy)
    bench.send("M0\n")
    bench.wait(seconds: 1)
    #expect(!bench.firmware.isBusy)
  }

  @Test func aStallIsNotSkipped() {
    var faults = FaultPlan()
    faults.stall = 1
    var bench = Bench(faults: faults)
    bench.send("M105\n")
    bench.wait(seconds: 0.1)
    #expect(!bench.firmware.isBusy)
    #expect(bench.said.isEmpty)
    #expect(bench.wait(seconds: 4).count == 1)
  }

  @Test func milestonesLeadToTheSameRepliesAsEveryDeadline() {
    var byDeadline = Bench()
    var byMilestone = VirtualFirmware(profile: .marlin21)
    let text = (0..<12).map { "G1 X\($0) F3000\n" }.joined() + "M105\nG4 P50\nM114\n"
    byDeadline.send(text)
    byDeadline.wait(seconds: 5)
    byMilestone.receive(Array(text.utf8), now: 0)
    var output: [UInt8] = []
    var wakes = 0
    while let next = byMilestone.nextMilestone, next < 5_000_000_000 {
      byMilestone.run(until: next)
      byMilestone.takeOutput(upTo: next, into: &output)
      wakes += 1
    }
    #expect(String(decoding: output, as: UTF8.self) == byDeadline.said.map { $0 + "\n" }.joined())
    #expect(wakes < 100)
  }
}
