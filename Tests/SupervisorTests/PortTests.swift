import DriverInterface
import JobStore
import Testing

@testable import Supervisor

/// Ports that are left alone, and what is learned when they are opened (safety.md rule 16).
@Suite(.timeLimit(.minutes(1))) struct PortTests {
  @Test("A port that resets its board is left alone at the start, until a person connects it")
  func heldAtStart() async throws {
    let shop = try await Workshop()
    try await shop.addMachine()
    try await shop.store.learnResets("ender", true, by: "driver ender")
    try await shop.supervise { supervisor in
      try await supervisor.attached()
      #expect(shop.host.orders.first?.arguments.contains("--hold-port") == true)
      let driver = try #require(shop.host.driver("ender"))
      driver.set { $0.phase = .disconnected }
      driver.emit(.phase(.disconnected, reason: ""))
      let held = try await supervisor.event { $0.kind == .machine && $0.state == "disconnected" }
      let reason = try #require(try await supervisor.machine("ender").reason)
      #expect(reason.contains("host-only") && reason.contains("fabline connect ender"))
      _ = try await supervisor.act(.connect, on: "ender", by: "lee")
      try await supervisor.event(after: held.id) { $0.kind == .machine && $0.state == "idle" }
      #expect(driver.requests.contains(.connect))
      // From now on a driver that dies is replaced by one that opens the port.
      let before = supervisor.hub.last
      driver.die()
      await shop.clock.somebodySleeps(atMost: 1_000_000_000)
      shop.clock.advance(by: 1_000_000_000)
      try await supervisor.attached(after: before)
      #expect(shop.host.orders.last?.arguments.contains("--hold-port") == false)
    }
  }

  @Test("A host-only machine, and one with a print of ours under way, is opened at the start")
  func openedAtStart() async throws {
    let shop = try await Workshop()
    try await shop.addMachine()
    try await shop.store.learnResets("ender", true, by: "driver ender")
    let job = try await shop.addJob()
    _ = try await shop.store.ready("ender", job: nil, by: "ann")
    _ = try await shop.store.attemptStaged("00000000000000aa", job: job.id, machine: "ender", by: "fablined")
    _ = try await shop.store.attemptOrdered("00000000000000aa", by: "fablined")
    try await shop.supervise { try await $0.attached() }
    #expect(shop.host.orders.first?.arguments.contains("--hold-port") == false)

    let other = try await Workshop()
    try await other.addMachine()
    try await other.store.learnResets("ender", true, by: "driver ender")
    var settings = try await other.store.machine("ender").settings
    settings.hostOnly = true
    _ = try await other.store.setMachine(settings, by: "ann")
    try await other.supervise { try await $0.attached() }
    #expect(other.host.orders.first?.arguments.contains("--hold-port") == false)
  }

  @Test("A disconnect outlives the driver and the supervisor")
  func disconnect() async throws {
    let shop = try await Workshop()
    try await shop.addMachine()
    try await shop.supervise { supervisor in
      try await supervisor.attached()
      _ = try await supervisor.act(.disconnect, on: "ender", by: "lee")
      let driver = try #require(shop.host.driver("ender"))
      #expect(driver.requests.contains(.disconnect))
      let before = supervisor.hub.last
      driver.die()
      await shop.clock.somebodySleeps(atMost: 1_000_000_000)
      shop.clock.advance(by: 1_000_000_000)
      try await supervisor.attached(after: before)
      #expect(shop.host.orders.last?.arguments.contains("--hold-port") == true)
    }
    try #require(shop.host.driver("ender")).die()
    try await shop.supervise { supervisor in
      try await supervisor.attached()
      #expect(shop.host.orders.last?.arguments.contains("--hold-port") == true)
      _ = try await supervisor.act(.connect, on: "ender", by: "lee")
      #expect(try await shop.store.machine("ender").disconnectedBy == nil)
    }
  }

  @Test("A driver that was not told of a disconnect is told when it is adopted")
  func disconnectAgain() async throws {
    let shop = try await Workshop()
    try await shop.addMachine()
    _ = try await shop.store.disconnectMachine("ender", by: "lee")
    let driver = FakeDriver(machine: "ender")
    shop.host.put(driver)
    try await shop.supervise { supervisor in
      try await supervisor.event { $0.kind == .machine && $0.state == "disconnected" }
      #expect(driver.requests.contains(.disconnect))
      #expect(try await supervisor.machine("ender").reason?.contains("disconnected by lee") == true)
    }
  }

  @Test("Whether opening resets the board, and which firmware answered, is learned at the connect")
  func learned() async throws {
    let shop = try await Workshop()
    try await shop.addMachine()
    let driver = FakeDriver(machine: "ender", phase: .handshaking)
    driver.state.withLock {
      $0.recorder = ["1.0 # opened /dev/a at 115200 baud", "1.5 < start", "3.0 > M115"]
    }
    shop.host.put(driver)
    try await shop.supervise { supervisor in
      try await supervisor.attached()
      driver.emit(.opened(baudAsked: 115_200, baudGranted: 115_200))
      driver.emit(.connected(firmware: "FIRMWARE_NAME:Marlin 2.1.2"))
      driver.emit(.phase(.idle, reason: ""))
      try await supervisor.event { $0.kind == .machine && $0.state == "idle" }
      let machine = try await shop.store.machine("ender")
      #expect(machine.resetsLearned == true)
      #expect(machine.fingerprint == FirmwareFingerprint("FIRMWARE_NAME:Marlin 2.1.2")?.text)
    }
  }

  @Test("It is learned as well where the port was open before the supervisor talked to the driver")
  func learnedOfThePast() async throws {
    let shop = try await Workshop()
    try await shop.addMachine()
    let driver = FakeDriver(machine: "ender")
    driver.state.withLock {
      $0.recorder = ["1.0 # opened /dev/a at 115200 baud", "3.0 > M115", "3.1 < start"]
    }
    driver.emit(.opened(baudAsked: 115_200, baudGranted: 115_200))
    driver.emit(.connected(firmware: "FIRMWARE_NAME:Marlin 2.1.2"))
    shop.host.put(driver)
    try await shop.supervise { supervisor in
      while try await supervisor.store.machine("ender").resetsLearned != false {
        try Task.checkCancellation()
        await Task.yield()
      }
      #expect(try await supervisor.store.machine("ender").firmware == "FIRMWARE_NAME:Marlin 2.1.2")
    }
  }

  @Test("A measured profile is used by the next driver of a machine with that firmware")
  func profile() async throws {
    let shop = try await Workshop()
    try await shop.addMachine()
    let firmware = "FIRMWARE_NAME:Marlin 2.1.2"
    try await shop.store.learnFirmware("ender", firmware, by: "driver ender")
    var profile = QuirkProfile(
      fingerprint: try #require(FirmwareFingerprint(firmware)).text, firmware: firmware)
    profile.receiveBuffer = 128
    _ = try await shop.store.setProfile(profile, by: "lee")
    try await shop.supervise { try await $0.attached() }
    #expect(shop.host.orders.first?.arguments.suffix(2) == ["--receive-buffer", "128"])
  }
}

/// What people do by hand, in the history.
@Suite(.timeLimit(.minutes(1))) struct ActHistoryTests {
  @Test("Each act is a row with who did it, and a refusal says so")
  func rows() async throws {
    let shop = try await Workshop()
    try await shop.addMachine()
    let driver = FakeDriver(machine: "ender")
    driver.refuse { request in
      guard case .act(.home) = request else { return nil }
      return Fault(code: "limit.printing", sentence: "a job runs", scope: .line)
    }
    shop.host.put(driver)
    try await shop.supervise { supervisor in
      try await supervisor.attached()
      let acts: [MachineAct] = [
        .manual(.heatBed(target: 60)), .manual(.cool), .manual(.load(tool: 0, target: 200, length: 50)),
        .manual(.jog(x: 1, y: 0, z: 0, e: 0, feedrate: 100, unhomed: false)), .send("M115"), .answer(1),
        .reset,
        .disconnect, .connect,
      ]
      for act in acts { _ = try await supervisor.act(act, on: "ender", by: "lee") }
      await #expect(throws: HostError.self) {
        try await supervisor.act(.manual(.home(axes: "")), on: "ender", by: "kim")
      }
      await #expect(throws: HostError.self) {
        try await supervisor.act(.macro("none"), on: "ender", by: "kim")
      }
      let rows = try await supervisor.store.history(HistoryQuery(machine: "ender"))
      let byLee = rows.filter { $0.who == "lee" }.map(\.what)
      #expect(
        byLee == ["heat", "cool", "load", "jog", "send", "answer", "reset", "disconnect", "connect"])
      #expect(
        rows.contains { $0.who == "kim" && $0.what == "home" && $0.why?.hasSuffix("a job runs") == true })
      #expect(rows.contains { $0.who == "kim" && $0.what == "run" && $0.why?.contains("not done") == true })
      _ = try await supervisor.emergencyStop("ender", by: "ann")
      while try await !supervisor.store.history(HistoryQuery(machine: "ender")).contains(where: {
        $0.what == "estop" && $0.who == "ann" && $0.why == "confirmed"
      }) { try Task.checkCancellation() }
    }
  }
}

/// Files that do not fit their machine.
@Suite(.timeLimit(.minutes(1))) struct CheckedStartTests {
  @Test("A file that leaves the volume holds its job with the line, and a release starts it")
  func held() async throws {
    let shop = try await Workshop()
    try await shop.addMachine()
    try await shop.supervise { supervisor in
      try await supervisor.attached()
      let text =
        "G28\nM104 S200\nG90\nM82\nG1 X10 Y10 F3000\nG1 X190 Y250 E5 F1500\nG1 X10 Y190 E6\nM104 S0\n"
      let file = try await shop.takeIn(text)
      let job = try await supervisor.submit(
        JobSubmission(file: file, machine: "ender"), by: "ann", key: nil
      ).job
      #expect(job.state == .held)
      #expect(job.reason?.contains("Line 6") == true)
      _ = try await supervisor.ready("ender", job: nil, by: "ann")
      _ = try await supervisor.release(job.id, by: "ann")
      try await supervisor.job(job.id, is: "printing")
    }
  }

  @Test("A job that was queued before its machine changed is looked at before it starts")
  func beforeStart() async throws {
    let shop = try await Workshop()
    try await shop.addMachine()
    let job = try await shop.addJob(text: "G28\nM104 S200\nG90\nG1 X10 Y10\nG1 X190 Y10 E1 F1500\nM104 S0\n")
    // The part is 180 mm wide and fits; where it lies, it does not.
    var settings = try await shop.store.machine("ender").settings
    settings.volume = [185, 200, 200]
    _ = try await shop.store.setMachine(settings, by: "ann")
    try await shop.supervise { supervisor in
      try await supervisor.attached()
      _ = try await supervisor.ready("ender", job: nil, by: "ann")
      try await supervisor.job(job.id, is: "held")
      #expect(try await supervisor.store.job(job.id).reason?.contains("Line 5") == true)
      #expect(shop.host.driver("ender")?.requests.contains { $0.word == "stage" } == false)
    }
  }

  @Test("Too hot stays held, whoever forces it")
  func tooHot() async throws {
    let shop = try await Workshop()
    try await shop.addMachine()
    try await shop.supervise { supervisor in
      try await supervisor.attached()
      _ = try await supervisor.ready("ender", job: nil, by: "ann")
      // M303 is no target that a slicer's comments or the comparison at submission would show.
      let file = try await shop.takeIn("G28\nM303 E0 S400 C8\nG1 X10 Y10 E1 F1500\n")
      var submission = JobSubmission(file: file, machine: "ender")
      submission.force = true
      let job = try await supervisor.submit(submission, by: "ann", key: nil).job
      #expect(job.state == .held)
      await supervisor.dispatchOnce()
      #expect(shop.host.driver("ender")?.requests.contains { $0.word == "stage" } == false)
    }
  }
}
