import Testing

@testable import JobStore

@Suite("Machines")
struct MachineTests {
  private var full: MachineRecord.Settings {
    var settings = MachineRecord.Settings(name: "prusa-1", port: "/dev/serial/by-id/x", baud: 250_000)
    settings.pool = "big"
    settings.dialect = "marlin"
    settings.kinematics = "corexy"
    settings.volume = [250, 210, 210.5]
    settings.tools = [
      MachineRecord.Tool(nozzle: 0.4, material: "PLA", colour: "black"),
      MachineRecord.Tool(nozzle: nil, material: nil, colour: nil),
    ]
    settings.model = "MK3S"
    settings.maxTool = 300
    settings.maxBed = 110
    settings.holdsZ = true
    settings.resetsOnOpen = false
    settings.hostOnly = true
    settings.allowM3 = true
    settings.receiveBuffer = 127
    settings.queueLines = 8
    settings.window = 4
    settings.startsAlone = true
    settings.camera = "http://kim:secret@cam.local/snap.jpg"
    settings.cameraStream = "https://cam.local/stream"
    settings.hotEndOffAfter = 120
    settings.bedOffAfter = 14_400
    settings.standbyAfter = 10
    settings.macros = ["purge": ["G1 E5 F300", "G92 E0"], "empty": [""]]
    settings.scripts = ["start": ["G28"], "cancel": ["M107", "", "M84"]]
    return settings
  }

  @Test("keep every setting", arguments: Place.allCases)
  func roundTrip(_ place: Place) async throws {
    let shop = try await Shop(place)
    let added = try await shop.store.addMachine(full, by: "kim")
    #expect(added.settings == full)
    #expect(added.bed == MachineRecord.Bed() && !added.ready && added.disabled == nil)
    #expect(try await shop.store.machine("prusa-1") == added)
    var changed = full
    changed.tools = [MachineRecord.Tool(nozzle: 0.6)]
    changed.macros = [:]
    changed.pool = nil
    changed.camera = "http://kim:other@cam.local/snap.jpg"
    #expect(try await shop.store.setMachine(changed, by: "lee").settings == changed)
    let history = try await shop.store.history(HistoryQuery(machine: "prusa-1"))
    #expect(history.map(\.what) == ["added", "changed"])
    #expect(history.last?.who == "lee")
    #expect(history.last?.why?.contains("pool big -> none") == true)
    #expect(history.last?.why?.contains("camera") == true && history.last?.why?.contains("other") == false)
    _ = try await shop.store.setMachine(changed, by: "lee")
    #expect(try await shop.store.history(HistoryQuery(machine: "prusa-1")).count == 2, "no change, no row")
  }

  static let names: [(String, Bool)] = [
    ("ender", true), ("Prusa_MK3-2", true), ("3d", true), ("a", true),
    (String(repeating: "a", count: 64), true),
    ("", false), ("12", false), ("-x", false), ("a b", false), ("a/b", false), ("ü", false), ("a.b", false),
    (String(repeating: "a", count: 65), false), ("a\n", false), ("_x", false),
  ]

  @Test("names are never all digits and never a path", arguments: names.indices)
  func name(_ index: Int) async throws {
    let (name, isGood) = Self.names[index]
    let shop = try await Shop()
    let settings = MachineRecord.Settings(name: name, port: "/dev/a")
    if isGood {
      #expect(try await shop.store.addMachine(settings, by: "kim").name == name)
    } else {
      await expectError(.machineInvalid) { try await shop.store.addMachine(settings, by: "kim") }
    }
  }

  @Test("settings that no machine can have are refused with a sentence")
  func invalid() async throws {
    let shop = try await Shop()
    let wrongs: [(inout MachineRecord.Settings) -> Void] = [
      { $0.pool = "7" }, { $0.port = "" }, { $0.baud = 0 }, { $0.volume = [1, 2] },
      { $0.volume = [1, 2, -3] },
      { $0.volume = [1, 2, .infinity] }, { $0.tools = [] }, { $0.tools = [.init(nozzle: -1)] },
      { $0.tools = [.init(material: "")] }, { $0.maxTool = 2000 }, { $0.maxBed = .nan }, { $0.dialect = "" },
      { $0.hotEndOffAfter = 0 }, { $0.hotEndOffAfter = 3601 }, { $0.bedOffAfter = 9 },
      { $0.bedOffAfter = 14_401 }, { $0.standbyAfter = -1 }, { $0.standbyAfter = 7201 },
      { $0.scripts = ["lunch": []] }, { $0.macros = ["x": ["G28\nM112"]] }, { $0.scripts = ["end": ["a\0"]] },
    ]
    for (index, wrong) in wrongs.enumerated() {
      var settings = full
      wrong(&settings)
      let sentence = await expectError(.machineInvalid) {
        try await shop.store.addMachine(settings, by: "kim")
      }
      #expect(!sentence.isEmpty, "\(index)")
    }
    #expect(try await shop.store.machines().isEmpty)
  }

  @Test("a name is taken once; a removed one can be added anew, with nothing known of its bed")
  func removal() async throws {
    let shop = try await Shop()
    try await shop.printer()
    await expectError(.machineExists) {
      try await shop.store.addMachine(MachineRecord.Settings(name: "ender", port: "/dev/b"), by: "kim")
    }
    let job = try await shop.submit()
    await expectError(.machineNeeded) { try await shop.store.removeMachine("ender", by: "kim") }
    let attempt = try await shop.start(job.id)
    await expectError(.machineBusy) { try await shop.store.removeMachine("ender", by: "kim") }
    try await shop.end(attempt, .done)
    try await shop.store.removeMachine("ender", by: "kim")
    await expectError(.machineUnknown) { try await shop.store.machine("ender") }
    #expect(try await shop.store.machines().isEmpty)
    #expect(try await shop.store.job(job.id).attempts.first?.machine == "ender")
    let again = try await shop.store.addMachine(
      MachineRecord.Settings(name: "ender", port: "/dev/b"), by: "kim")
    #expect(again.bed.state == .unknown && !again.ready && again.settings.port == "/dev/b")
  }

  @Test("the port does not change under a print; the material may")
  func busy() async throws {
    let shop = try await Shop()
    var settings = try await shop.printer().settings
    let job = try await shop.submit()
    try await shop.start(job.id)
    settings.tools = [MachineRecord.Tool(material: "PETG")]
    _ = try await shop.store.setMachine(settings, by: "kim")
    settings.port = "/dev/other"
    await expectError(.machineBusy) { try await shop.store.setMachine(settings, by: "kim") }
    settings.name = "nobody"
    await expectError(.machineUnknown) { try await shop.store.setMachine(settings, by: "kim") }
  }

  @Test("a disabled machine says why, and takes nothing new")
  func disabled() async throws {
    let shop = try await Shop()
    try await shop.printer()
    let job = try await shop.submit()
    _ = try await shop.store.attemptStaged(newID(), job: job.id, machine: "ender", by: "fablined")
    let attempt = try #require(try await shop.store.openAttempts().first)
    #expect(try await shop.store.disableMachine("ender", reason: "belt", by: "lee").disabled == "belt")
    let sentence = await expectError(.machineDisabled) {
      try await shop.store.attemptOrdered(attempt.id, by: "fablined")
    }
    #expect(sentence.contains("belt"))
    #expect(try await shop.store.enableMachine("ender", by: "lee").disabled == nil)
    _ = try await shop.store.attemptOrdered(attempt.id, by: "fablined")
  }

  @Test(
    "settings that no machine can have are refused",
    arguments: [
      { $0.kinematics = "scara" }, { $0.dialect = "esperanto" }, { $0.receiveBuffer = 8 },
      { $0.queueLines = 0 },
      { $0.window = -1 },
    ] as [@Sendable (inout MachineRecord.Settings) -> Void])
  func refusedSettings(_ change: @Sendable (inout MachineRecord.Settings) -> Void) async throws {
    let shop = try await Shop()
    var settings = MachineRecord.Settings(name: "ender", port: "/dev/a")
    change(&settings)
    await expectError(.machineInvalid) { try await shop.store.addMachine(settings, by: "kim") }
  }

  @Test("a port stays free from a person's disconnect to a person's connect")
  func disconnected() async throws {
    let shop = try await Shop()
    try await shop.printer()
    #expect(try await shop.store.disconnectMachine("ender", by: "lee").disconnectedBy == "lee")
    #expect(try await shop.store.machine("ender").disconnectedBy == "lee")
    #expect(try await shop.store.connectMachine("ender", by: "kim").disconnectedBy == nil)
  }

  @Test("what a board does at opening is learned once, and a reset is not unlearned")
  func learned() async throws {
    let shop = try await Shop()
    try await shop.printer()
    #expect(try await shop.store.machine("ender").resetsOnOpen == nil)
    try await shop.store.learnResets("ender", false, by: "driver ender")
    #expect(try await shop.store.machine("ender").resetsOnOpen == false)
    try await shop.store.learnResets("ender", true, by: "driver ender")
    try await shop.store.learnResets("ender", false, by: "driver ender")
    #expect(try await shop.store.machine("ender").resetsOnOpen == true)
    let rows = try await shop.store.history(HistoryQuery(machine: "ender"))
    #expect(rows.count(where: { $0.what == "learned" }) == 2)
    // Another port may have another board behind it.
    var settings = try await shop.store.machine("ender").settings
    settings.port = "/dev/other"
    #expect(try await shop.store.setMachine(settings, by: "kim").resetsOnOpen == nil)
  }

  @Test("a firmware's profile is found by any machine with that firmware, whatever its board's own numbers")
  func profiles() async throws {
    let shop = try await Shop()
    try await shop.printer("a")
    try await shop.printer("b")
    let words = "FIRMWARE_NAME:Marlin 2.1.2 SOURCE_CODE_URL:x EXTRUDER_COUNT:1 UUID:"
    try await shop.store.learnFirmware("a", words + "1111", by: "driver a")
    try await shop.store.learnFirmware("b", words + "2222", by: "driver b")
    let fingerprint = try #require(try await shop.store.machine("a").fingerprint)
    #expect(try await shop.store.machine("b").fingerprint == fingerprint)
    #expect(FirmwareFingerprint("FIRMWARE_NAME:Marlin 2.1.3")?.text != fingerprint)
    #expect(try await shop.store.profile(ofMachine: "b") == nil)
    var profile = QuirkProfile(fingerprint: fingerprint, firmware: words + "1111")
    profile.receiveBuffer = 128
    profile.queueLines = 4
    profile.measuredAt = shop.clock.now
    #expect(try await shop.store.setProfile(profile, by: "kim") == profile)
    #expect(try await shop.store.profile(ofMachine: "b") == profile)
    #expect(try await shop.store.profiles() == [profile])
    profile.queueLines = nil
    #expect(try await shop.store.setProfile(profile, by: "kim").queueLines == nil)
    await expectError(.profileUnknown) { try await shop.store.profile("0123456789abcdef") }
    profile.fingerprint = "0123456789abcdef"
    await expectError(.profileInvalid) { try await shop.store.setProfile(profile, by: "kim") }
  }

  @Test("what people do by hand is in the machine's history, and in that of the job that runs there")
  func acts() async throws {
    let shop = try await Shop()
    try await shop.printer()
    try await shop.store.noteAct("home", why: "home all", machine: "ender", by: "lee", at: 5)
    let job = try await shop.submit()
    let attempt = try await shop.start(job.id)
    try await shop.store.noteAct("tune", why: "speed 90 %", machine: "ender", by: "kim", at: 6)
    let rows = try await shop.store.history(HistoryQuery(machine: "ender"))
    #expect(rows.contains { $0.what == "home" && $0.who == "lee" && $0.job == nil && $0.at == 5 })
    let ofJob = try await shop.store.history(HistoryQuery(job: job.id))
    #expect(ofJob.contains { $0.what == "tune" && $0.attempt == attempt.id && $0.machine == "ender" })
  }
}

/// safety.md, rule 8.
@Suite("Lasers and mills")
struct AttendedTests {
  @Test(
    "start a copy only on a start that was given for this job", arguments: [MachineRecord.Kind.laser, .cnc])
  func attended(_ kind: MachineRecord.Kind) async throws {
    let shop = try await Shop()
    try await shop.printer("cutter") { $0.kind = kind }
    let job = try await shop.submit(machine: "cutter", copies: 2)
    let other = try await shop.submit(machine: "cutter")
    await expectError(.machineUnattended) {
      try await shop.store.attemptStaged(newID(), job: job.id, machine: "cutter", by: "fablined")
    }
    _ = try await shop.store.attend(job.id, on: "cutter", by: "lee")
    await expectError(.machineUnattended) {
      try await shop.store.attemptStaged(newID(), job: other.id, machine: "cutter", by: "fablined")
    }
    let attempt = try await shop.start(job.id, on: "cutter")
    #expect(try await shop.store.machine("cutter").attendance == nil)
    try await shop.end(attempt, .done)
    _ = try await shop.store.ready("cutter", job: job.id, by: "lee")
    // Each copy asks again.
    await expectError(.machineUnattended) { try await shop.start(job.id, on: "cutter") }
  }

  @Test("forget a start after two minutes, also between staging and the order")
  func late() async throws {
    let shop = try await Shop()
    try await shop.printer("cutter") { $0.kind = .laser }
    let job = try await shop.submit(machine: "cutter")
    _ = try await shop.store.attend(job.id, on: "cutter", by: "lee")
    shop.clock.advance(Attendance.lasts)
    let id = newID()
    _ = try await shop.store.attemptStaged(id, job: job.id, machine: "cutter", by: "fablined")
    shop.clock.advance(1)
    await expectError(.machineUnattended) { try await shop.store.attemptOrdered(id, by: "fablined") }
  }

  @Test("start nothing alone, and printers take no such word")
  func alone() async throws {
    let shop = try await Shop()
    try await shop.printer("cutter") {
      $0.kind = .laser
      $0.startsAlone = true
    }
    _ = try await shop.store.machineRestarted("cutter", reason: "power", by: "driver cutter")
    #expect(try await !shop.store.machine("cutter").mayStart)
    try await shop.printer()
    let job = try await shop.submit()
    await expectError(.machineClass) { try await shop.store.attend(job.id, on: "ender", by: "lee") }
    await expectError(.jobInvalid) { try await shop.store.attend(job.id, on: "cutter", by: "lee") }
  }

  @Test("are told apart in the plan, with the command that starts them")
  func plan() async throws {
    let shop = try await Shop()
    try await shop.printer("cutter") { $0.kind = .laser }
    let job = try await shop.submit(machine: "cutter")
    let before = dispatch(try await shop.store.dispatchInput(live: ["cutter": .idle]))
    #expect(before.assignments.isEmpty)
    #expect(before.refusals(of: job.id).first?.code == "unattended")
    #expect(before.summary(of: job.id).contains("fabline start \(job.id)"))
    _ = try await shop.store.attend(job.id, on: "cutter", by: "lee")
    let after = dispatch(try await shop.store.dispatchInput(live: ["cutter": .idle]))
    #expect(after.assignments.map(\.job) == [job.id])
    shop.clock.advance(Attendance.lasts + 1)
    #expect(dispatch(try await shop.store.dispatchInput(live: ["cutter": .idle])).assignments.isEmpty)
  }

  @Test("are not asked the questions of printers' G-code")
  func questions() async throws {
    let shop = try await Shop()
    try await shop.printer("cutter") { $0.kind = .laser }
    let text = "G21 G90\nM4 S0\nG1 X10 Y10 F600 S500\nX20\nM5\n"
    #expect(try await shop.submit(text, machine: "cutter").hold == nil)
    let verdict = try await shop.store.check(
      file: try await shop.takeIn(text).file.hash, on: shop.store.machine("cutter").settings)
    #expect(verdict.blocking(forced: false).isEmpty, "\(verdict)")
  }
}

/// safety.md, rules 5 and 6.
@Suite("The bed")
struct BedTests {
  @Test("is unknown at first, and nothing starts on it")
  func unknown() async throws {
    let shop = try await Shop()
    let machine = try await shop.store.addMachine(
      MachineRecord.Settings(name: "ender", port: "/dev/a"), by: "kim")
    #expect(machine.bed.state == .unknown)
    let job = try await shop.submit()
    let id = newID()
    _ = try await shop.store.attemptStaged(id, job: job.id, machine: "ender", by: "fablined")
    await expectError(.bedNotClear) { try await shop.store.attemptOrdered(id, by: "fablined") }
    let ready = try await shop.store.ready("ender", job: nil, by: "kim")
    #expect(ready.bed.state == .clear && ready.bed.clearedBy == "kim" && ready.ready)
    #expect(ready.bed.clearedAt == shop.clock.now)
    _ = try await shop.store.attemptOrdered(id, by: "fablined")
  }

  @Test("is occupied from the order to start on, whatever the end", arguments: AttemptEnd.Kind.allCases)
  func occupied(_ kind: AttemptEnd.Kind) async throws {
    let shop = try await Shop()
    try await shop.printer()
    let job = try await shop.submit(copies: 2)
    let attempt = try await shop.start(job.id)
    #expect(try await shop.store.machine("ender").bed.job == job.id)
    await expectError(.machineBusy) { try await shop.store.ready("ender", job: job.id, by: "kim") }
    try await shop.end(attempt, kind)
    let bed = try await shop.store.machine("ender").bed
    #expect(bed.state == .occupied && bed.job == job.id)
  }

  @Test("is cleared only by naming the job whose part was taken off")
  func staleClick() async throws {
    let shop = try await Shop()
    try await shop.printer()
    let first = try await shop.submit()
    try await shop.end(try await shop.start(first.id), .done)
    let unnamed = await expectError(.bedJobNotNamed) {
      try await shop.store.ready("ender", job: nil, by: "kim")
    }
    #expect(unnamed.contains("job \(first.id)"))
    let ready = try await shop.store.ready("ender", job: first.id, by: "kim")
    #expect(ready.bed.clearedJob == first.id)
    let second = try await shop.submit("G28\nG1 X1\n")
    try await shop.end(try await shop.start(second.id), .done)
    // The same click again, which came late, must not clear the second part.
    let sentence = await expectError(.bedOtherJob) {
      try await shop.store.ready("ender", job: first.id, by: "kim")
    }
    #expect(sentence.contains("job \(second.id)"))
    #expect(try await shop.store.machine("ender").bed.state == .occupied)
    _ = try await shop.store.ready("ender", job: second.id, by: "kim")
    _ = try await shop.store.ready("ender", job: second.id, by: "kim")
    await expectError(.bedOtherJob) { try await shop.store.ready("ender", job: first.id, by: "kim") }
  }

  @Test("with a part that is none of the queue's is cleared without a job")
  func foreignPart() async throws {
    let shop = try await Shop()
    try await shop.printer()
    let bed = try await shop.store.occupyBed("ender", reason: "a print from SD", by: "driver ender").bed
    #expect(bed.state == .occupied && bed.job == nil && bed.reason == "a print from SD")
    await expectError(.bedOtherJob) { try await shop.store.ready("ender", job: 1, by: "kim") }
    #expect(try await shop.store.ready("ender", job: nil, by: "kim").bed.state == .clear)
  }

  @Test("is clear again where it is certain that nothing was extruded")
  func nothingExtruded() async throws {
    let shop = try await Shop()
    try await shop.printer()
    let job = try await shop.submit()
    let attempt = try await shop.start(job.id)
    let end = AttemptEnd(
      .failed, at: shop.clock.now, reason: "is the power supply on?", code: "heat.noRise",
      mayHaveExtruded: false,
      holdReason: "ender did not heat: is its power supply on?")
    _ = try await shop.store.attemptEnded(attempt.id, end, by: "driver ender")
    let machine = try await shop.store.machine("ender")
    #expect(machine.bed.state == .clear && machine.bed.clearedBy == "owner")
    let held = try await shop.store.job(job.id)
    #expect(held.state == .held && held.hold?.kind == .machine, "held, not failed (rule 12)")
    #expect(held.copiesLeft == [1])
  }

  @Test("an order that the driver never followed leaves it as it was")
  func withdrawnOrder() async throws {
    let shop = try await Shop()
    try await shop.printer()
    let job = try await shop.submit()
    let id = newID()
    _ = try await shop.store.attemptStaged(id, job: job.id, machine: "ender", by: "fablined")
    _ = try await shop.store.attemptOrdered(id, by: "fablined")
    #expect(try await shop.store.machine("ender").bed.state == .occupied)
    await expectError(.machineBusy) { try await shop.store.ready("ender", job: job.id, by: "kim") }
    _ = try await shop.store.attemptWithdrawn(id, reason: "refused", by: "fablined")
    #expect(try await shop.store.machine("ender").bed.state == .clear)
  }

  @Test("a machine that was switched on, reset or replugged waits for a person, unless it starts alone")
  func restarted() async throws {
    let shop = try await Shop()
    try await shop.printer()
    _ = try await shop.store.machineRestarted("ender", reason: "banner seen", by: "driver ender")
    let job = try await shop.submit(copies: 2)
    let id = newID()
    _ = try await shop.store.attemptStaged(id, job: job.id, machine: "ender", by: "fablined")
    await expectError(.machineNotReady) { try await shop.store.attemptOrdered(id, by: "fablined") }
    #expect(try await shop.store.ready("ender", job: nil, by: "kim").ready)
    _ = try await shop.store.machineRestarted("ender", reason: "replugged", by: "driver ender")
    var settings = try await shop.store.machine("ender").settings
    settings.startsAlone = true
    _ = try await shop.store.setMachine(settings, by: "kim")
    _ = try await shop.store.attemptOrdered(id, by: "fablined")
  }
}
