import GCode
import Testing

@testable import PrinterProtocol

/// Greeting a GRBL, and telling it from other firmware.
struct GrblGreetingTests {
  /// Safety rule 17: a driver that starts or reopens sends 0x18 first and asks afterwards.
  @Test func theFirstByteIsAReset() {
    var rig = GrblRig()
    rig.open()
    #expect(rig.sent() == ["^X"])
    #expect(rig.session.phase == .handshaking)
  }

  @Test func settingsOffsetsAndModesAreRead() {
    var rig = GrblRig()
    rig.open()
    rig.say("", "Grbl 1.1h ['$' for help]", ">:error:7", ">:error:7")
    _ = rig.sent()
    rig.greet()
    #expect(rig.session.phase == .idle)
    #expect(rig.events.contains(.connected(firmware: "Grbl 1.1h.20190830:")))
    #expect(rig.session.settings.laserMode == true)
    #expect(rig.session.settings.maximumSpeed == 1000)
    #expect(rig.session.settings.travelX == 200)
    #expect(rig.session.offsets[.g54] == GrblPoint())
    #expect(rig.session.window == 127)
    #expect(rig.session.modal.known.isSuperset(of: .xyz))
  }

  /// Never more than one line of the greeting is on the wire, and `$10` is not written.
  @Test func theGreetingAsksOneByOne() {
    var rig = GrblRig()
    rig.open()
    rig.say("Grbl 1.1h ['$' for help]")
    rig.pass(second)
    #expect(rig.sent() == ["^X", "$I"])
    rig.say("[VER:1.1h:]")
    #expect(rig.sent().isEmpty)
    rig.say("ok")
    #expect(rig.sent() == ["$$"])
    rig.say("$32=1", "ok")
    #expect(rig.sent() == ["$#"])
    rig.say("ok")
    #expect(rig.sent() == ["$G"])
  }

  @Test func aMachineThatIsLockedAsksForAPerson() throws {
    var rig = GrblRig()
    rig.state = "Alarm|MPos:0.000,0.000,0.000|FS:0,0"
    rig.open()
    rig.say("Grbl 1.1h ['$' for help]", "[MSG:'$H'|'$X' to unlock]")
    _ = rig.sent()
    rig.greet()
    #expect(rig.session.phase == .needsAttention)
    #expect(rig.session.prompt?.choices == ["home ($H)", "unlock ($X)"])
    #expect(throws: SessionRefusal.self) { try rig.session.startJob(JobStart(token: 1), now: rig.now) }
    rig.pass(10 * second)
    // Neither is done unasked.
    #expect(rig.sent().isEmpty)
    try rig.session.answer(choice: 1, now: rig.now)
    rig.run()
    #expect(rig.sent() == ["$X"])
    rig.state = "Idle|MPos:0.000,0.000,0.000|FS:0,0"
    rig.say("[MSG:Caution: Unlocked]", "ok")
    rig.pass(second)
    #expect(rig.session.phase == .idle)
    #expect(rig.session.prompt == nil)
  }

  @Test func aSilentPortIsGivenUp() {
    var rig = GrblRig()
    rig.state = nil
    rig.open()
    rig.pass(30 * second)
    #expect(rig.session.phase == .linkLost)
    #expect(rig.faults == ["handshake.noAnswer"])
    #expect(rig.actions.contains(.closeLink))
    #expect(rig.sent() == ["^X", "^X", "^X", "^X", "^X"])
  }

  @Test func noiseMeansAWrongSpeed() {
    var rig = GrblRig()
    rig.state = nil
    rig.open()
    for _ in 0..<5 {
      rig.bytes([0xf8, 0x80, 0xe0, 10])
      rig.pass(6 * second)
    }
    #expect(rig.faults == ["link.garbled"])
  }

  @Test func aSecondBannerStartsTheGreetingAgain() {
    var rig = GrblRig()
    rig.open()
    rig.banner()
    rig.pass(second)
    rig.banner()
    rig.pass(second)
    #expect(rig.sent() == ["^X", "$I", "$I"])
  }

  // MARK: Recognition

  private func machine(_ change: (inout SessionConfiguration) -> Void = { _ in }) -> MachineSession {
    var configuration = SessionConfiguration()
    configuration.dialect = .auto
    change(&configuration)
    return MachineSession(configuration: configuration)
  }

  private func written(_ session: inout MachineSession) -> [UInt8] {
    var bytes: [UInt8] = []
    while let action = session.nextAction() {
      guard case .write = action else { continue }
      bytes += session.withPendingOutput { Array($0) }
      session.wrote(bytes.count, now: 0)
    }
    return bytes
  }

  @Test(arguments: [
    ("grbl11-boot", true), ("grblhal", true), ("marlin21-boot", false), ("marlin10-boot", false),
  ])
  func theBannerDecides(_ name: String, _ isGrbl: Bool) throws {
    var session = machine()
    session.linkOpened(now: 0)
    #expect(written(&session).isEmpty)
    let transcript = try Transcript(name)
    for entry in transcript.entries {
      if entry.isHost { break }
      session.receive(entry.bytes[...], now: entry.milliseconds * ms)
    }
    #expect((session.family == .grbl) == isGrbl)
    #expect(written(&session) == (isGrbl ? [0x18] : []))
  }

  /// A board that does not reset on opening says nothing; GRBL's answer to the first question gives it away.
  @Test func aComplaintDecidesWhereNoBannerCame() {
    var session = machine()
    session.linkOpened(now: 0)
    session.timeout(now: 3 * second)
    #expect(String(decoding: written(&session), as: UTF8.self).contains("M27"))
    session.receive(Array("ok\r\nerror:20\r\n".utf8)[...], now: 3 * second)
    #expect(session.family == .grbl)
    #expect(written(&session) == [0x18])
  }

  @Test func klipperIsDeclined() throws {
    var session = machine()
    session.linkOpened(now: 0)
    _ = written(&session)
    session.receive(try Transcript("klipper-lines").entries[0].bytes[...], now: second)
    #expect(session.phase == .linkLost)
    #expect(session.reason.contains("Klipper"))
    var actions: [SessionAction] = []
    while let action = session.nextAction() { actions.append(action) }
    #expect(actions.contains(.closeLink))
    #expect(actions.contains(.event(.fault(.klipper))))
  }

  @Test func aConfiguredKlipperIsDeclinedUnasked() {
    var session = machine { $0.dialect = .klipper }
    session.linkOpened(now: 0)
    #expect(written(&session).isEmpty)
    #expect(session.phase == .linkLost)
  }

  @Test func lasersAreResetBeforeAnythingElse() {
    var session = machine { $0.machineClass = .laser }
    session.linkOpened(now: 0)
    #expect(written(&session) == [0x18])
  }

  @Test func lasersThatSpeakMarlinAreNotDriven() {
    var session = machine {
      $0.machineClass = .laser
      $0.dialect = .marlin
    }
    #expect(throws: SessionRefusal.self) { try session.startJob(JobStart(token: 1), now: 0) }
  }
}
