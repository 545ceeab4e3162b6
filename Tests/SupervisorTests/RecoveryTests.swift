import DriverInterface
import JobStore
import Testing

@testable import Supervisor

/// What a supervisor finds after another one was killed, and what it does when drivers die.
@Suite(.timeLimit(.minutes(1))) struct RecoveryTests {
  /// Brings a shop to the point where its job prints.
  private func printing(_ shop: Workshop, _ job: JobRecord) async throws {
    try await shop.supervise { supervisor in
      try await supervisor.attached()
      _ = try await supervisor.ready("ender", job: nil, by: "ann")
      try await supervisor.job(job.id, is: "printing")
      try await shop.until { try await shop.store.job(job.id).state == .printing }
    }
  }

  @Test("A print goes on without its supervisor, and the next one finds it")
  func adopts() async throws {
    let shop = try await Workshop()
    try await shop.addMachine()
    let job = try await shop.addJob()
    try await printing(shop, job)
    let driver = try #require(shop.host.driver("ender"))
    try await shop.supervise { supervisor in
      try await supervisor.attached()
      #expect(shop.host.starts == 1, "adopted, not started again")
      #expect(try await shop.store.job(job.id).state == .printing)
      driver.finish(.done)
      try await supervisor.job(job.id, is: "done")
    }
    #expect(driver.requests.filter { $0.word == "start" }.count == 1)
  }

  @Test("An end that came while no supervisor was there is recorded and acknowledged")
  func outcomeKept() async throws {
    let shop = try await Workshop()
    try await shop.addMachine()
    let job = try await shop.addJob()
    try await printing(shop, job)
    let driver = try #require(shop.host.driver("ender"))
    driver.finish(.done)
    #expect(driver.status.outcomes.count == 1)
    try await shop.supervise { supervisor in
      try await driver.was { $0.acknowledged == 1 }
      #expect(try await shop.store.job(job.id).state == .done)
    }
    #expect(driver.status.outcomes.isEmpty)
  }

  @Test("A driver that died with its supervisor leaves an uncertain job, with a reason")
  func bothDied() async throws {
    let shop = try await Workshop()
    try await shop.addMachine()
    let job = try await shop.addJob()
    try await printing(shop, job)
    shop.host.driver("ender")?.die()
    try await shop.supervise { supervisor in
      try await supervisor.job(job.id, is: "uncertain")
      let stored = try await shop.store.job(job.id)
      #expect(stored.state == .uncertain)
      #expect(stored.reason?.contains("ender") == true)
      #expect(try await shop.store.machine("ender").bed.state == .occupied)
    }
  }

  @Test("An attempt that was staged and not ordered goes back to the queue where the driver does not know it")
  func stagedOnly() async throws {
    let shop = try await Workshop()
    try await shop.addMachine()
    let job = try await shop.addJob()
    _ = try await shop.store.attemptStaged("00000000000000aa", job: job.id, machine: "ender", by: "fablined")
    try await shop.supervise { supervisor in
      try await supervisor.job(job.id, is: "queued")
      #expect(try await shop.store.attempt("00000000000000aa").state == .withdrawn)
    }
  }

  @Test("An attempt that the driver holds unstarted is taken back there first")
  func stagedAtDriver() async throws {
    let shop = try await Workshop()
    try await shop.addMachine()
    let job = try await shop.addJob()
    let id = "00000000000000ab"
    _ = try await shop.store.attemptStaged(id, job: job.id, machine: "ender", by: "fablined")
    let driver = FakeDriver(machine: "ender")
    driver.set { $0.staged = [AttemptID(id)].compactMap { $0 } }
    shop.host.put(driver)
    try await shop.supervise { supervisor in
      try await supervisor.job(job.id, is: "queued")
      #expect(try await shop.store.attempt(id).state == .withdrawn)
      #expect(driver.status.staged.isEmpty)
    }
  }

  @Test("Ordered, and the driver does not know it: it may have started, and a person decides")
  func orderedUnknown() async throws {
    let shop = try await Workshop()
    try await shop.addMachine()
    let job = try await shop.addJob()
    let id = "00000000000000ac"
    _ = try await shop.store.attemptStaged(id, job: job.id, machine: "ender", by: "fablined")
    _ = try await shop.store.ready("ender", job: nil, by: "ann")
    _ = try await shop.store.attemptOrdered(id, by: "fablined")
    try await shop.supervise { supervisor in
      try await supervisor.job(job.id, is: "uncertain")
      #expect(try await shop.store.machine("ender").bed.state == .occupied)
    }
  }

  @Test("A print that is not in the queue leaves the bed occupied and is acknowledged")
  func stranger() async throws {
    let shop = try await Workshop()
    try await shop.addMachine()
    let driver = FakeDriver(machine: "ender")
    let progress = AttemptProgress(attempt: AttemptID(rawValue: 0xBEEF), job: 77, name: "x")
    driver.set {
      $0.outcomes = [AttemptOutcome(kind: .done, progress: progress, fault: nil, endedAt: 0)]
    }
    shop.host.put(driver)
    try await shop.supervise { supervisor in
      try await driver.was { $0.acknowledged == 1 }
      #expect(try await shop.store.machine("ender").bed.state == .occupied)
    }
  }

  @Test("A cancellation that the driver could not be told is told when it comes back")
  func cancelledMeanwhile() async throws {
    let shop = try await Workshop()
    try await shop.addMachine()
    let job = try await shop.addJob()
    try await printing(shop, job)
    _ = try await shop.store.cancel(job.id, reason: nil, by: "ann")
    try await shop.supervise { supervisor in
      try await supervisor.job(job.id, is: "cancelled")
    }
    #expect(shop.host.driver("ender")?.requests.contains { $0.word == "cancel" } == true)
  }

  @Test("A driver that dies is started again after a pause, and its end is explained")
  func restarts() async throws {
    let shop = try await Workshop()
    try await shop.addMachine()
    try await shop.supervise { supervisor in
      let first = try await supervisor.attached().id
      shop.host.driver("ender")?.die()
      let gone = try await supervisor.event(after: first) { $0.kind == .machine && $0.state == "noDriver" }
      #expect(gone.message?.contains("SIGKILL") == true)
      #expect(gone.message?.contains("the last word") == true)
      await shop.clock.somebodySleeps(atMost: 500_000_000)
      shop.clock.advance(by: 500_000_000)
      try await supervisor.attached(after: gone.id)
      #expect(shop.host.starts == 2)
    }
  }

  @Test("Three deaths in a minute: switched off, given up, said so; a person's word tries again")
  func givesUp() async throws {
    let shop = try await Workshop()
    try await shop.addMachine()
    try await shop.supervise { supervisor in
      var last = try await supervisor.attached().id
      for pause: Int64 in [500_000_000, 1_000_000_000] {
        shop.host.driver("ender")?.die()
        await shop.clock.somebodySleeps(atMost: pause)
        shop.clock.advance(by: pause)
        last = try await supervisor.attached(after: last).id
      }
      shop.host.driver("ender")?.die()
      let fault = try await supervisor.event { $0.kind == .fault && $0.state == "driver.gaveUp" }
      #expect(fault.message?.contains("heaters were switched off") == true)
      let off = try #require(shop.host.driver("ender"))
      #expect(off.requests.contains(.act(.cool)))
      #expect(off.requests.contains(.end(force: true)))
      let view = try await supervisor.machine("ender")
      #expect(view.phase == "noDriver")
      #expect(view.reason?.contains("three times") == true)
      _ = try await supervisor.act(.connect, on: "ender", by: "ann")
      try await supervisor.attached(after: fault.id)
    }
  }

  @Test("A driver program that cannot be started is given up as well, and what was under way is decided")
  func cannotStart() async throws {
    let shop = try await Workshop()
    try await shop.addMachine()
    let job = try await shop.addJob()
    try await printing(shop, job)
    shop.host.driver("ender")?.die()
    shop.host.failStarts(HostError(code: "driver.spawn", sentence: "cannot start it"))
    try await shop.supervise { supervisor in
      for pause: Int64 in [500_000_000, 1_000_000_000] {
        await shop.clock.somebodySleeps(atMost: pause)
        shop.clock.advance(by: pause)
      }
      let fault = try await supervisor.event { $0.kind == .fault && $0.state == "driver.gaveUp" }
      #expect(fault.message?.contains("cut its power") == true)
      try await supervisor.job(job.id, is: "uncertain")
    }
  }

  @Test("A driver that lives and does not talk is neither replaced nor given up: it may print")
  func mute() async throws {
    let shop = try await Workshop()
    try await shop.addMachine()
    let job = try await shop.addJob()
    try await printing(shop, job)
    shop.host.failAdoptions(
      HostError(code: "driver.noAnswer", sentence: "the driver does not answer in time"))
    try await shop.supervise { supervisor in
      for pause: Int64 in [1, 2, 4, 8, 16] {
        await shop.clock.somebodySleeps(within: pause * 1_000_000_000, longerThan: pause * 900_000_000)
        shop.clock.advance(by: pause * 1_000_000_000)
      }
      #expect(shop.host.starts == 1)
      #expect(try await shop.store.job(job.id).state == .printing)
      let reason = try await supervisor.machine("ender").reason
      #expect(reason?.contains("lives and does not talk") == true)
      shop.host.failAdoptions(nil)
      _ = try await supervisor.act(.connect, on: "ender", by: "ann")
      shop.host.driver("ender")?.finish(.done)
      try await supervisor.job(job.id, is: "done")
    }
  }

  @Test("Only events that were not seen are taken in again")
  func seen() async throws {
    let shop = try await Workshop()
    try await shop.addMachine(startsAlone: false)
    try await shop.supervise { supervisor in
      try await supervisor.attached()
      let driver = try #require(shop.host.driver("ender"))
      driver.emit(.opened(baudAsked: 115_200, baudGranted: 115_200), .connected(firmware: "Marlin"))
      _ = try await supervisor.event { $0.message == "connected: Marlin" }
      _ = try await supervisor.ready("ender", job: nil, by: "ann")
    }
    #expect(try await shop.store.machine("ender").ready)
    try await shop.supervise { supervisor in
      try await supervisor.attached()
      // The opening before the word is not taken for a new one.
      try await shop.until { try await supervisor.machine("ender").status != nil }
      #expect(try await shop.store.machine("ender").ready)
    }
    shop.host.driver("ender")?.emit(.firmwareReset)
    try await shop.supervise { supervisor in
      _ = try await supervisor.event { $0.message?.hasPrefix("not ready") == true }
      #expect(try await !shop.store.machine("ender").ready)
    }
  }

  @Test("New settings reach the driver as soon as it has nothing to do")
  func newSettings() async throws {
    let shop = try await Workshop()
    try await shop.addMachine()
    try await shop.supervise { supervisor in
      let first = try await supervisor.attached().id
      var settings = try await supervisor.machine("ender").record.settings
      settings.maxTool = 250
      _ = try await supervisor.setMachine(settings, by: "ann")
      _ = try await supervisor.event(after: first) { $0.kind == .machine && $0.state == "idle" }
      #expect(shop.host.starts == 2)
      let arguments = shop.host.state.withLock { $0.started.last?.arguments ?? [] }
      #expect(arguments.contains("250"))
    }
  }
}
