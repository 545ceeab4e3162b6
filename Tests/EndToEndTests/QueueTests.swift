import APIModel
import Glibc
import Testing

extension EndToEnd {
  /// The supervisor, its drivers, and what people order.
  @Suite struct Queue {
    private func submit(_ sandbox: Sandbox, _ path: String, _ options: String...) async throws -> Int64 {
      let ended = try await sandbox.start("fabline", ["submit", path, "--json"] + options).end()
      try #require(ended.status == 0, "\(ended)")
      let jobs = try await sandbox.json(ItemPage<JobModel>.self, "jobs", "--all")
      return try #require(jobs.items.map(\.id).max())
    }

    @Test func threeCopiesWithAWordInBetween() async throws {
      try await Sandbox.with { sandbox in
        let printer = try await Printer.start(sandbox)
        let daemon = try await Daemon.start(sandbox)
        try await daemon.add("ender", printer)
        let part = Parts.gcode(moves: 200)
        let job = try await submit(
          sandbox, sandbox.file("part.gcode", part), "--machine", "ender", "--copies", "3")
        for copy in 1...3 {
          let now = try await daemon.wait(job, "to have \(copy) copies") { $0.copiesDone >= copy }
          #expect(now.copiesDone == copy, "the next copy began on an occupied bed")
          if copy < 3 {
            #expect(JobsState.isWaiting(now), "\(now)")
            let why = try await sandbox.fabline("why", "\(job)")
            #expect(why.out.contains("ready") || why.out.contains("bed"), "\(why)")
            try await daemon.ready("ender")
          }
        }
        try await daemon.wait(job, "done") { $0.state == .done }
        let report = try await printer.end()
        #expect(report.hash == Parts.canonical(part, copies: 3).hash)
      }
    }

    @Test func aCancelledJobEndsSafely() async throws {
      try await Sandbox.with { sandbox in
        let printer = try await Printer.start(sandbox, speed: "30")
        let daemon = try await Daemon.start(sandbox)
        try await daemon.add("ender", printer)
        let part = sandbox.file("part.gcode", Parts.gcode(moves: 4000))
        let job = try await submit(sandbox, part, "--machine", "ender")
        try await daemon.wait(job, "under way") { $0.attempts.contains { ($0.progress?.line ?? 0) > 50 } }
        let cancelled = try await sandbox.fabline("cancel", "ender", "--reason", "wrong colour")
        #expect(cancelled.status == 0, "\(cancelled)")
        try await daemon.wait(job, "cancelled") { $0.state == .cancelled }
        let history = try await sandbox.fabline("show", "\(job)")
        #expect(history.out.contains("wrong colour"), "\(history)")
        let report = try await printer.end()
        #expect(!report.killed && Executed.endsCold(printer.executed))
      }
    }

    @Test func aPausedJobGoesOnWhereItStopped() async throws {
      try await Sandbox.with { sandbox in
        let printer = try await Printer.start(sandbox, speed: "30")
        let daemon = try await Daemon.start(sandbox)
        try await daemon.add("ender", printer)
        let part = Parts.gcode(moves: 400)
        let job = try await submit(sandbox, sandbox.file("part.gcode", part), "--machine", "ender")
        try await daemon.wait(job, "under way") { $0.attempts.contains { ($0.progress?.line ?? 0) > 50 } }
        #expect(try await sandbox.fabline("pause", "\(job)").status == 0)
        try await daemon.wait(job, "paused") { $0.state == .paused }
        #expect(try await sandbox.fabline("resume", "ender").status == 0)
        try await daemon.wait(job, "done") { $0.state == .done }
        _ = try await printer.end()
        #expect(Executed.holds(Parts.commands(part), in: printer.executed) == nil)
      }
    }

    @Test func aKilledSupervisorLosesNothing() async throws {
      try await Sandbox.with { sandbox in
        let printer = try await Printer.start(sandbox, speed: "30")
        var daemon = try await Daemon.start(sandbox)
        try await daemon.add("ender", printer)
        let part = Parts.gcode(moves: 500)
        let job = try await submit(sandbox, sandbox.file("part.gcode", part), "--machine", "ender")
        try await daemon.wait(job, "under way") { $0.attempts.contains { ($0.progress?.line ?? 0) > 50 } }
        #expect(try await daemon.end(SIGKILL).status == -SIGKILL)
        let driver = sandbox.processes("fabline-driver")
        #expect(driver.count == 1)
        let silent = try await sandbox.fabline("jobs")
        #expect(silent.status == 69 && silent.error.contains("fablined"), "\(silent)")
        let before = await DriverView.status(sandbox.driver("ender"))?.running?.acknowledged ?? 0
        try await DriverView.acknowledged(before + 20, on: sandbox.driver("ender"))
        daemon = try await Daemon.start(sandbox)
        #expect(sandbox.processes("fabline-driver") == driver, "another driver was started")
        try await daemon.wait(job, "done") { $0.state == .done }
        let report = try await printer.end()
        let (lines, hash) = Parts.canonical(part)
        #expect(report.hash == hash && report.executed == lines)
      }
    }

    @Test func anOutcomeThatNobodySawIsFoundLater() async throws {
      try await Sandbox.with { sandbox in
        let printer = try await Printer.start(sandbox)
        var daemon = try await Daemon.start(sandbox)
        try await daemon.add("ender", printer)
        let part = Parts.gcode(moves: 300)
        let job = try await submit(sandbox, sandbox.file("part.gcode", part), "--machine", "ender")
        try await daemon.wait(job, "printing") { $0.state == .printing }
        _ = try await daemon.end(SIGKILL)
        _ = try await DriverView.outcome(on: sandbox.driver("ender"))
        daemon = try await Daemon.start(sandbox)
        try await daemon.wait(job, "done") { $0.state == .done }
        #expect(try await printer.end().hash == Parts.canonical(part).hash)
      }
    }

    @Test func aSecondSupervisorOnOneStateFolderIsRefused() async throws {
      try await Sandbox.with { sandbox in
        let daemon = try await Daemon.start(sandbox)
        let second = try await sandbox.start(
          "fablined", ["--state", sandbox.state, "--run", sandbox.folder + "/other"]
        ).end()
        #expect(second.status != 0 && second.error.contains(sandbox.state), "\(second)")
        #expect(daemon.process.status() == nil)
        #expect(try await sandbox.fabline("status").status == 0)
      }
    }

    @Test func aStaleSocketIsTakenOver() async throws {
      try await Sandbox.with { sandbox in
        var daemon = try await Daemon.start(sandbox)
        _ = try await daemon.end(SIGKILL)
        #expect(access(sandbox.run + "/api.sock", F_OK) == 0)
        let stale = try await sandbox.fabline("jobs")
        #expect(stale.status == 69 && stale.error.contains("not running"), "\(stale)")
        daemon = try await Daemon.start(sandbox)
        #expect(try await sandbox.fabline("jobs").status == 0)
        #expect(try await daemon.end().status == 0)
      }
    }

    @Test func theEmergencyStopPassesBothWays() async throws {
      try await Sandbox.with { sandbox in
        let printers = [
          try await Printer.start(sandbox, "one", speed: "30"),
          try await Printer.start(sandbox, "two", speed: "30"),
        ]
        let daemon = try await Daemon.start(sandbox)
        let part = sandbox.file("part.gcode", Parts.gcode(moves: 4000))
        for (name, printer) in zip(["m1", "m2"], printers) {
          try await daemon.add(name, printer)
          let job = try await submit(sandbox, part, "--machine", name)
          try await daemon.wait(job, "under way") { $0.attempts.contains { ($0.progress?.line ?? 0) > 30 } }
        }
        let through = try await sandbox.fabline("estop", "m1")
        #expect(through.status == 0 && through.out.contains("m1: confirmed"), "\(through)")
        // A supervisor that hangs is passed by: the drivers' own sockets are the way.
        daemon.process.signal(SIGSTOP)
        let past = try await sandbox.fabline("estop", "m2")
        #expect(past.status == 0 && past.out.contains("m2: confirmed"), "\(past)")
        daemon.process.signal(SIGCONT)
        for printer in printers { #expect(try await printer.end().killed) }
      }
    }

    @Test func aFileThatIsGoneFailsTheJobAndSaysSo() async throws {
      try await Sandbox.with { sandbox in
        let printer = try await Printer.start(sandbox)
        let daemon = try await Daemon.start(sandbox)
        try await daemon.add("ender", printer, ready: false)
        let path = sandbox.file("part.gcode", Parts.gcode(moves: 100))
        let job = try await submit(sandbox, path, "--machine", "ender")
        let hash = try await daemon.job(job).file
        // The original may go: the supervisor has its own. Its own may not.
        unlink(path)
        let stored = try #require(sandbox.stored(hash), "no stored file of \(hash)")
        unlink(stored)
        try await daemon.ready("ender")
        let ended = try await daemon.wait(job, "no longer queued") {
          ![.queued, .printing].contains($0.state) || $0.reason != nil
        }
        #expect(ended.state != .done)
        let shown = try await sandbox.fabline("show", "\(job)")
        #expect(shown.out.contains("file"), "\(shown)")
      }
    }

    @Test func theSameKeySubmitsOnce() async throws {
      try await Sandbox.with { sandbox in
        let printer = try await Printer.start(sandbox)
        let daemon = try await Daemon.start(sandbox)
        try await daemon.add("ender", printer, ready: false)
        let part = sandbox.file("part.gcode", Parts.gcode(moves: 100))
        for _ in 0..<3 {
          _ = try await submit(sandbox, part, "--machine", "ender", "--idempotency-key", "k1")
        }
        #expect(try await sandbox.json(ItemPage<JobModel>.self, "jobs", "--all").items.count == 1)
      }
    }

    @Test func submitWaitsAndExitsWithTheOutcome() async throws {
      try await Sandbox.with { sandbox in
        let printer = try await Printer.start(sandbox, "port", "--faults", "kill@150")
        let daemon = try await Daemon.start(sandbox)
        try await daemon.add("ender", printer)
        let part = sandbox.file("part.gcode", Parts.gcode(moves: 400))
        let ended = try await sandbox.fabline("submit", part, "--machine", "ender", "--wait")
        #expect(ended.status == 76, "\(ended)")
      }
    }
  }
}

/// States of jobs, for the tests.
enum JobsState {
  /// Waits for a person or a machine, and for nothing that runs.
  static func isWaiting(_ job: JobModel) -> Bool {
    !job.attempts.contains { ["printing", "paused", "needsAttention"].contains($0.state) }
  }
}

/// What a printer executed, looked at line by line.
enum Executed {
  /// Whether the last word on hot end and bed switched them off.
  static func endsCold(_ executed: [String]) -> Bool {
    let tool = executed.last { $0.hasPrefix("M104") || $0.hasPrefix("M109") }
    let bed = executed.last { $0.hasPrefix("M140") || $0.hasPrefix("M190") }
    return [tool, bed].allSatisfy { $0?.split(separator: " ").contains("S0") ?? false }
  }

  /// Nil where every line of the file was executed once and in order, whatever the host sent between; else what is wrong.
  static func holds(_ wanted: [String], in executed: [String]) -> String? {
    var rest = executed[...]
    for (number, line) in wanted.enumerated() {
      guard let index = rest.firstIndex(of: line) else { return "command \(number + 1) is missing: \(line)" }
      rest = rest[(index + 1)...]
    }
    return nil
  }
}

extension Sandbox {
  /// Where the supervisor keeps a file.
  func stored(_ hash: String) -> String? {
    for folder in ["\(state)/files", "\(state)/files/\(hash.prefix(2))"] {
      for name in ["\(hash).gcode", hash] where access("\(folder)/\(name)", F_OK) == 0 {
        return "\(folder)/\(name)"
      }
    }
    return nil
  }
}
