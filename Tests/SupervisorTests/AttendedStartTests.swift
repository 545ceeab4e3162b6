import DriverClient
import DriverInterface
import JobStore
import Testing

@testable import Supervisor

/// Lasers and mills start attended only (safety.md rules 8 and 17).
@Suite(.timeLimit(.minutes(1))) struct AttendedStartTests {
  private static let engraving = "G21 G90\nM4 S0\nG0 X10 Y10\nG1 X60 Y30 F600 S500\nM5\n"

  @Test("The bounds tell where it works, the offset in force, full power and laser mode")
  func bounds() async throws {
    let shop = try await Workshop()
    try await shop.addLaser()
    let job = try await shop.addJob(machine: "k40", text: Self.engraving)
    try await shop.supervise { supervisor in
      try await supervisor.attached("k40")
      let bounds = try await supervisor.bounds(job.id, on: nil, by: "lee")
      #expect(bounds.work.least == [10, 10, nil])
      #expect(bounds.work.most == [60, 30, nil])
      #expect(bounds.travel == [200, 200, 200])
      #expect(bounds.workOffset == [11, 20, -5])
      #expect(bounds.maximumPower == 1000)
      #expect(bounds.laserMode == true)
      #expect(bounds.warnings.isEmpty)
    }
  }

  @Test("A start begins one copy at once, only after its bounds were shown to the same person")
  func start() async throws {
    let shop = try await Workshop()
    let driver = try await shop.addLaser()
    let job = try await shop.addJob(copies: 2, machine: "k40", text: Self.engraving)
    try await shop.supervise { supervisor in
      try await supervisor.attached("k40")
      _ = try await supervisor.ready("k40", job: nil, by: "lee")
      await supervisor.dispatchOnce()
      #expect(!driver.requests.contains { $0.word == "stage" }, "nothing starts by itself")
      try await expect("job.boundsNotShown") { try await supervisor.start(job.id, on: "k40", by: "lee") }
      _ = try await supervisor.bounds(job.id, on: "k40", by: "kim")
      try await expect("job.boundsNotShown") { try await supervisor.start(job.id, on: "k40", by: "lee") }
      _ = try await supervisor.bounds(job.id, on: "k40", by: "lee")
      #expect(try await supervisor.start(job.id, on: "k40", by: "lee").startsUntil != nil)
      try await supervisor.job(job.id, is: "printing")
      driver.finish(.done)
      try await driver.was { $0.acknowledged == 1 }
      _ = try await supervisor.ready("k40", job: job.id, by: "lee")
      await supervisor.dispatchOnce()
      #expect(driver.requests.count { $0.word == "stage" } == 1, "each copy asks again")
      let history = try await supervisor.store.history(HistoryQuery(job: job.id))
      #expect(history.contains { $0.what == "start given" && $0.who == "lee" })
    }
  }

  @Test("A start that cannot be followed now is not followed later")
  func notNow() async throws {
    let shop = try await Workshop()
    let driver = try await shop.addLaser()
    let job = try await shop.addJob(machine: "k40", text: Self.engraving)
    try await shop.supervise { supervisor in
      try await supervisor.attached("k40")
      _ = try await supervisor.bounds(job.id, on: "k40", by: "lee")
      let sentence = try await expect("job.cannotStart") {
        try await supervisor.start(job.id, on: "k40", by: "lee")
      }
      #expect(sentence.contains("bed"))
      _ = try await supervisor.ready("k40", job: nil, by: "lee")
      await supervisor.dispatchOnce()
      #expect(!driver.requests.contains { $0.word == "stage" })
      #expect(try await supervisor.store.machine("k40").attendance == nil)
    }
  }

  @Test("M3 is refused unless the machine allows it, and so is a laser without laser mode")
  func beam() async throws {
    let shop = try await Workshop()
    let driver = try await shop.addLaser()
    let job = try await shop.addJob(
      machine: "k40", text: Self.engraving.replacing("M4 S0", with: "M3 S0"))
    try await shop.supervise { supervisor in
      try await supervisor.attached("k40")
      _ = try await supervisor.ready("k40", job: nil, by: "lee")
      _ = try await supervisor.bounds(job.id, on: "k40", by: "lee")
      try await expect("laser.m3") { try await supervisor.start(job.id, on: "k40", by: "lee") }
      driver.state.withLock { $0.answers["$$"] = ["$30=1000", "$32=0"] }
      let other = try await shop.addJob(machine: "k40", text: Self.engraving)
      let shown = try await supervisor.bounds(other.id, on: "k40", by: "lee")
      #expect(shown.warnings.contains { $0.contains("$32=0") })
      try await expect("laser.mode") { try await supervisor.start(other.id, on: "k40", by: "lee") }
      #expect(!driver.requests.contains { $0.word == "stage" })
    }
  }

  @Test("A laser that does not tell how it is set just now is not started")
  func silent() async throws {
    let shop = try await Workshop()
    let driver = try await shop.addLaser()
    let job = try await shop.addJob(machine: "k40", text: Self.engraving)
    try await shop.supervise { supervisor in
      try await supervisor.attached("k40")
      _ = try await supervisor.ready("k40", job: nil, by: "lee")
      _ = try await supervisor.bounds(job.id, on: "k40", by: "lee")
      driver.refuse { request in
        guard case .send = request else { return nil }
        return Fault(code: "machine.notIdle", sentence: "it jogs", scope: .line)
      }
      try await expect("machine.notIdle") { try await supervisor.start(job.id, on: "k40", by: "lee") }
      #expect(!driver.requests.contains { $0.word == "stage" })
    }
  }

  @Test("M3 may burn where the machine allows it")
  func allowedBeam() async throws {
    let shop = try await Workshop()
    try await shop.addLaser { $0.allowM3 = true }
    let job = try await shop.addJob(
      machine: "k40", text: Self.engraving.replacing("M4 S0", with: "M3 S0"))
    try await shop.supervise { supervisor in
      try await supervisor.attached("k40")
      _ = try await supervisor.ready("k40", job: nil, by: "lee")
      _ = try await supervisor.bounds(job.id, on: "k40", by: "lee")
      _ = try await supervisor.start(job.id, on: "k40", by: "lee")
      try await supervisor.job(job.id, is: "printing")
    }
  }

  @Test("A frame stages the file, traces, and takes it back; nothing of the queue starts by it")
  func frame() async throws {
    let shop = try await Workshop()
    let driver = try await shop.addLaser()
    let job = try await shop.addJob(machine: "k40", text: Self.engraving)
    try await shop.supervise { supervisor in
      try await supervisor.attached("k40")
      let bounds = try await supervisor.frame(job.id, on: "k40", by: "lee")
      #expect(bounds.work.most == [60, 30, nil])
      var staged: AttemptID?
      var framed: AttemptID?
      var withdrawn: AttemptID?
      for request in driver.requests {
        switch request {
        case .stage(let attempt): staged = attempt.attempt
        case .act(.frame(let attempt)): framed = attempt
        case .withdraw(let attempt): withdrawn = attempt
        case .start: Issue.record("a frame starts nothing")
        default: break
        }
      }
      #expect(staged != nil && staged == framed && staged == withdrawn)
      let history = try await supervisor.store.history(HistoryQuery(machine: "k40"))
      #expect(history.contains { $0.what == "frame" && $0.who == "lee" })
      #expect(try await supervisor.store.job(job.id).attempts.isEmpty)
    }
  }

  @Test("A frame and a measurement want the machine idle")
  func notIdle() async throws {
    let shop = try await Workshop()
    let driver = try await shop.addLaser()
    try await shop.store.learnFirmware("k40", "[VER:1.1h]", by: "driver k40")
    driver.set { $0.phase = .needsAttention }
    let job = try await shop.addJob(machine: "k40", text: Self.engraving)
    try await shop.supervise { supervisor in
      try await supervisor.attached("k40")
      try await expect("machine.notIdle") { try await supervisor.frame(job.id, on: "k40", by: "lee") }
      try await expect("machine.notIdle") { try await supervisor.measure("k40", by: "lee") }
      #expect(!driver.requests.contains { $0.word == "stage" || $0 == .act(.measure) })
    }
  }

  @Test("A frame that the driver refuses says why, and still takes the file back")
  func frameRefused() async throws {
    let shop = try await Workshop()
    let driver = try await shop.addLaser()
    driver.refuse { request in
      guard case .act(.frame) = request else { return nil }
      return Fault(code: "frame.notHomed", sentence: "it is not homed", scope: .line)
    }
    let job = try await shop.addJob(machine: "k40", text: Self.engraving)
    try await shop.supervise { supervisor in
      try await supervisor.attached("k40")
      try await expect("frame.notHomed") { try await supervisor.frame(job.id, on: nil, by: "lee") }
      #expect(driver.status.staged.isEmpty)
    }
  }

  @Test("Printers need no such start")
  func printer() async throws {
    let shop = try await Workshop()
    try await shop.addMachine()
    let job = try await shop.addJob()
    try await shop.supervise { supervisor in
      try await supervisor.attached()
      await #expect(throws: StoreError.self) { try await supervisor.start(job.id, on: "ender", by: "lee") }
    }
  }

  /// Expects a `HostError` with this code; returns its sentence.
  @discardableResult
  private func expect<Value>(_ code: String, _ body: () async throws -> Value) async throws -> String {
    let error = await #expect(throws: HostError.self) { _ = try await body() }
    #expect(error?.code == code)
    return error?.sentence ?? ""
  }
}

/// What is measured of a firmware.
@Suite(.timeLimit(.minutes(1))) struct MeasureTests {
  private static let firmware = "FIRMWARE_NAME:Marlin 2.1.2 UUID:77"

  @Test(
    "What was measured is kept under the firmware's fingerprint, and stays where the next time finds less")
  func measured() async throws {
    let shop = try await Workshop()
    try await shop.addMachine()
    try await shop.store.learnFirmware("ender", Self.firmware, by: "driver ender")
    try await shop.store.learnResets("ender", false, by: "driver ender")
    let driver = FakeDriver(machine: "ender")
    driver.state.withLock {
      $0.measurement.receiveBuffer = 128
      $0.measurement.queueLines = 4
      $0.measurement.notes = ["filled"]
    }
    shop.host.put(driver)
    try await shop.supervise { supervisor in
      try await supervisor.attached()
      let found = try await supervisor.measure("ender", by: "lee")
      #expect(found.notes == ["filled"])
      #expect(found.profile.receiveBuffer == 128 && found.profile.queueLines == 4)
      #expect(found.profile.resetsOnOpen == false)
      #expect(found.profile.measuredAt == shop.clock.hostClock.wall())
      driver.state.withLock { $0.measurement = BufferMeasurement() }
      #expect(try await supervisor.measure("ender", by: "lee").profile.queueLines == 4)
      let rows = try await supervisor.store.history(HistoryQuery(machine: "ender"))
      #expect(rows.contains { $0.what == "measure" && $0.why?.contains("128 bytes") == true })
    }
  }

  @Test("A firmware without a name is not measured")
  func nameless() async throws {
    let shop = try await Workshop()
    try await shop.addMachine()
    try await shop.supervise { supervisor in
      try await supervisor.attached()
      let error = await #expect(throws: HostError.self) { try await supervisor.measure("ender", by: "lee") }
      #expect(error?.code == "machine.noFirmware")
      #expect(shop.host.driver("ender")?.requests.contains(.act(.measure)) == false)
    }
  }

  @Test("The answers of GRBL are read whatever stands between them")
  func parameters() {
    let read = GrblParameters(["$30=255.000", "$32=0 (laser mode)", "[G54:1,2,3]", "ok", "<Idle|MPos:0,0,0>"])
    #expect(read.maximumPower == 255 && read.laserMode == false && read.workOffset == [1, 2, 3])
    let nothing = GrblParameters(["error:9", "[MSG:Caution: Unlocked]", "[G54:a,b,c]", "$32="])
    #expect(nothing.workOffset == nil && nothing.laserMode == nil && nothing.maximumPower == nil)
    #expect(nothing.travel.isEmpty)
    let second = GrblParameters([
      "[GC:G0 G55 G17 G21 G90 G94 M5 M9 T0 F0 S0]", "[G54:1,2,3]", "[G55:10,20,30,0]", "[G92:0.5,0,-1]",
      "[PRB:7,7,7:1]", "$130=300.000", "$131=200", "$132=45 (z max travel, mm)", "$x=1",
    ])
    #expect(second.workOffset == [10.5, 20, 29] && second.travel == [300, 200, 45])
  }
}
