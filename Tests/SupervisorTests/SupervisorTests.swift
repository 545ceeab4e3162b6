import DriverInterface
import JobStore
import Testing

@testable import Supervisor

/// A supervisor with fake drivers and a real store: jobs go out, ends come in, people's words are carried out.
@Suite(.timeLimit(.minutes(1))) struct SupervisorTests {
  @Test("A job is staged, ordered, started, ended, recorded, and only then acknowledged")
  func printsOne() async throws {
    let shop = try await Workshop()
    try await shop.addMachine()
    let job = try await shop.addJob()
    try await shop.supervise { supervisor in
      try await supervisor.attached()
      _ = try await supervisor.ready("ender", job: nil, by: "ann")
      try await supervisor.job(job.id, is: "printing")
      let driver = try #require(shop.host.driver("ender"))
      driver.finish(.done)
      try await supervisor.job(job.id, is: "done")
      try await driver.was { $0.acknowledged == 1 }
      let order = driver.requests.compactMap(\.word).filter { $0 != "status" && $0 != "subscribe" }
      #expect(order == ["stage", "start", "acknowledge"])
      let stored = try await supervisor.store.job(job.id)
      #expect(stored.state == .done)
      #expect(try await supervisor.store.machine("ender").bed.state == .occupied)
      #expect(try await supervisor.store.machine("ender").bed.job == job.id)
    }
  }

  @Test("The order to start is committed before the driver hears of it, and the bed is occupied by it")
  func ordered() async throws {
    let shop = try await Workshop()
    try await shop.addMachine()
    let job = try await shop.addJob()
    let driver = FakeDriver(machine: "ender")
    driver.refuse { request in
      guard case .start = request else { return nil }
      return Fault(code: "port.busy", sentence: "the port is gone", scope: .connection)
    }
    shop.host.put(driver)
    try await shop.supervise { supervisor in
      try await supervisor.attached()
      _ = try await supervisor.ready("ender", job: nil, by: "ann")
      try await supervisor.event { $0.kind == .log && $0.message?.contains("did not take the job") == true }
      let rows = try await supervisor.store.history(HistoryQuery(job: job.id)).map(\.what)
      #expect(rows == ["submitted", "staged", "ordered to start", "withdrawn"])
      // It certainly did not start: the bed is what it was.
      #expect(try await supervisor.store.machine("ender").bed.state == .clear)
    }
  }

  @Test("A print from the machine's own card leaves its bed occupied")
  func notOurs() async throws {
    let shop = try await Workshop()
    try await shop.addMachine()
    try await shop.supervise { supervisor in
      try await supervisor.attached()
      _ = try await supervisor.ready("ender", job: nil, by: "ann")
      let driver = try #require(shop.host.driver("ender"))
      driver.emit(.phase(.printingNotOurs, reason: ""))
      try await supervisor.event { $0.kind == .machine && $0.state == "printingNotOurs" }
      #expect(try await supervisor.store.machine("ender").bed.state == .occupied)
      driver.emit(.phase(.idle, reason: ""))
      let job = try await shop.addJob()
      await supervisor.dispatchOnce()
      #expect(try await supervisor.why(job.id).machines.first?.code == "bed")
    }
  }

  @Test("The next copy waits until a person took the part off, and a stale click clears nothing")
  func bed() async throws {
    let shop = try await Workshop()
    try await shop.addMachine()
    let job = try await shop.addJob(copies: 2)
    try await shop.supervise { supervisor in
      try await supervisor.attached()
      _ = try await supervisor.ready("ender", job: nil, by: "ann")
      try await supervisor.job(job.id, is: "printing")
      let driver = try #require(shop.host.driver("ender"))
      driver.finish(.done)
      try await driver.was { $0.acknowledged == 1 }
      await supervisor.dispatchOnce()
      #expect(driver.requests.compactMap(\.word).filter { $0 == "stage" }.count == 1)
      await #expect(throws: StoreError.self) {
        try await supervisor.ready("ender", job: job.id + 1, by: "ann")
      }
      await #expect(throws: StoreError.self) { try await supervisor.ready("ender", job: nil, by: "ann") }
      let before = supervisor.hub.last
      _ = try await supervisor.ready("ender", job: job.id, by: "ann")
      try await supervisor.job(job.id, is: "printing", after: before)
      driver.finish(.done)
      try await supervisor.job(job.id, is: "done", after: before)
    }
  }

  @Test("A machine that was not said to be ready gets no job; a reset takes the word back")
  func ready() async throws {
    let shop = try await Workshop()
    try await shop.addMachine(startsAlone: false)
    try await shop.supervise { supervisor in
      try await supervisor.attached()
      _ = try await supervisor.ready("ender", job: nil, by: "ann")
      #expect(try await supervisor.store.machine("ender").ready)
      let driver = try #require(shop.host.driver("ender"))
      driver.emit(.firmwareReset)
      _ = try await supervisor.event { $0.kind == .log && $0.message?.hasPrefix("not ready") == true }
      #expect(try await !supervisor.store.machine("ender").ready)
      let job = try await shop.addJob()
      await supervisor.dispatchOnce()
      #expect(!driver.requests.contains { $0.word == "stage" })
      let why = try await supervisor.why(job.id)
      #expect(why.machines.first?.code == "notReady")
    }
  }

  @Test("A machine that is not connected cannot be said to be ready")
  func readyUnconnected() async throws {
    let shop = try await Workshop()
    try await shop.addMachine()
    shop.host.put(FakeDriver(machine: "ender", phase: .opening))
    try await shop.supervise { supervisor in
      try await supervisor.attached()
      let error = await #expect(throws: HostError.self) {
        try await supervisor.ready("ender", job: nil, by: "ann")
      }
      #expect(error?.code == "machine.notIdle")
    }
  }

  @Test("Pause, resume and cancel go to the driver and come back as states")
  func orders() async throws {
    let shop = try await Workshop()
    try await shop.addMachine()
    let job = try await shop.addJob()
    try await shop.supervise { supervisor in
      try await supervisor.attached()
      _ = try await supervisor.ready("ender", job: nil, by: "ann")
      try await supervisor.job(job.id, is: "printing")
      _ = try await supervisor.pause(job.id, by: "bob")
      let paused = try await supervisor.job(job.id, is: "paused").id
      _ = try await supervisor.resume(job.id, by: "bob")
      let resumed = try await supervisor.job(job.id, is: "printing", after: paused).id
      _ = try await supervisor.cancel(job.id, reason: "wrong file", by: "bob")
      try await supervisor.job(job.id, is: "cancelled", after: resumed)
      try await shop.host.driver("ender")?.was { $0.acknowledged == 1 }
      let history = try await supervisor.store.history(HistoryQuery(job: job.id))
      #expect(history.contains { $0.who == "bob" && $0.what == "cancelled" })
      #expect(history.contains { $0.who == "bob" && $0.what == "paused" })
    }
  }

  @Test("A file that changed holds the job with the driver's sentence and gives the machine free")
  func fileChanged() async throws {
    let shop = try await Workshop()
    try await shop.addMachine()
    let job = try await shop.addJob()
    let driver = FakeDriver(machine: "ender")
    driver.refuse { request in
      guard case .stage = request else { return nil }
      return Fault(code: "file.changed", sentence: "part.gcode is not what it was", scope: .job)
    }
    shop.host.put(driver)
    try await shop.supervise { supervisor in
      try await supervisor.attached()
      _ = try await supervisor.ready("ender", job: nil, by: "ann")
      try await supervisor.job(job.id, is: "held")
      let stored = try await supervisor.store.job(job.id)
      #expect(stored.reason == "part.gcode is not what it was")
      #expect(stored.openAttempts.isEmpty)
      #expect(try await supervisor.store.machine("ender").bed.state == .clear)
    }
  }

  @Test("A machine that refuses to start is asked again later, not at once")
  func refusedStart() async throws {
    let shop = try await Workshop()
    try await shop.addMachine()
    let job = try await shop.addJob()
    let driver = FakeDriver(machine: "ender")
    driver.refuse { request in
      guard case .start = request else { return nil }
      return Fault(code: "machine.cold", sentence: "not now", scope: .job)
    }
    shop.host.put(driver)
    try await shop.supervise { supervisor in
      try await supervisor.attached()
      _ = try await supervisor.ready("ender", job: nil, by: "ann")
      try await supervisor.job(job.id, is: "queued", after: supervisor.hub.last)
      await supervisor.dispatchOnce()
      #expect(driver.requests.filter { $0.word == "stage" }.count == 1)
      #expect(try await supervisor.store.machine("ender").bed.state == .clear)
      driver.refuse { _ in nil }
      shop.clock.advance(by: 5_000_000_000)
      supervisor.changed()
      try await supervisor.job(job.id, is: "printing")
    }
  }

  @Test("A heat-up that does not rise holds the job, it does not fail (safety.md rule 12)")
  func noPower() async throws {
    let shop = try await Workshop()
    try await shop.addMachine()
    let job = try await shop.addJob()
    try await shop.supervise { supervisor in
      try await supervisor.attached()
      _ = try await supervisor.ready("ender", job: nil, by: "ann")
      try await supervisor.job(job.id, is: "printing")
      let driver = try #require(shop.host.driver("ender"))
      driver.finish(
        .failed, fault: Fault(code: "heat.noRise", sentence: "is the printer's power supply on?", scope: .job)
      )
      try await driver.was { $0.acknowledged == 1 }
      let stored = try await supervisor.store.job(job.id)
      #expect(stored.state == .held)
      #expect(stored.reason?.contains("power supply") == true)
    }
  }

  @Test("A line by hand, a macro, and an unknown macro")
  func acts() async throws {
    let shop = try await Workshop()
    try await shop.addMachine()
    try await shop.supervise { supervisor in
      try await supervisor.attached()
      #expect(try await supervisor.act(.send("M115"), on: "ender", by: "ann") == ["echo:M115"])
      let error = await #expect(throws: HostError.self) {
        try await supervisor.act(.macro("clean"), on: "ender", by: "ann")
      }
      #expect(error?.code == "macro.unknown")
      await #expect(throws: StoreError.self) { try await supervisor.act(.reset, on: "nobody", by: "ann") }
    }
  }

  @Test("An emergency stop reaches every machine, and says where it did not")
  func emergency() async throws {
    let shop = try await Workshop()
    try await shop.addMachine("a")
    try await shop.addMachine("b")
    try await shop.supervise { supervisor in
      try await supervisor.attached("a")
      try await supervisor.attached("b")
      shop.host.driver("b")?.die()
      let results = try await supervisor.emergencyStop(nil, by: "ann")
      #expect(results["a"]?.confirmed == true)
      #expect(results["b"]?.confirmed == false)
      #expect(results["b"]?.sentence.contains("Cut the power") == true)
    }
  }

  @Test("A stop of a machine that nobody looks after yet is told as any other; a wrong name is refused")
  func emergencyWithoutAKeeper() async throws {
    let shop = try await Workshop()
    try await shop.addMachine()
    // Its store knows the machine; nothing was started.
    let supervisor = shop.supervisor()
    let log = supervisor.hub.subscribe(EventFilter(kinds: [.log], level: .error))
    let result = try await supervisor.emergencyStop("ender", by: "ann")["ender"]
    #expect(result?.confirmed == false && result?.sentence.contains("Cut the power") == true)
    for await case .event(let event) in log.deliveries {
      #expect(event.machine == "ender" && event.message?.contains("emergency stop") == true)
      break
    }
    await #expect(throws: StoreError.self) { try await supervisor.emergencyStop("nobody", by: "ann") }
  }

  @Test("What the firmware says is escaped on its way to log and stream")
  func escaped() async throws {
    let shop = try await Workshop()
    try await shop.addMachine()
    try await shop.supervise { supervisor in
      try await supervisor.attached()
      shop.host.driver("ender")?.emit(.message("\u{1B}[2Jok\nfake line"))
      let event = try await supervisor.event { $0.message?.contains("fake line") == true }
      #expect(event.message == "firmware: \\u{1b}[2Jok\\nfake line")
      #expect(event.machine == "ender")
    }
  }
}
