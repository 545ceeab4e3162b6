import APIModel
import Glibc
import Testing

extension EndToEndSurvival {
  /// One death each, in the middle of a print, at a place that the test chooses: the crash campaign draws its moments.
  @Suite struct Death {
    /// A print under way.
    private struct Scene {
      let sandbox: Sandbox
      let printer: Printer
      let part: [UInt8]
      let job: Int64
      /// The driver.
      let driver: Int32

      var socket: String { sandbox.driver("ender") }
    }

    /// A supervisor, a printer and a job that has some of its lines behind it.
    private func print(
      _ sandbox: Sandbox, moves: Int = 300, copies: Int = 1
    ) async throws -> (Scene, Daemon) {
      let printer = try await Printer.start(sandbox, speed: "50")
      let daemon = try await Daemon.start(sandbox)
      try await daemon.add("ender", printer, "--resets-on-open", "no")
      let part = Parts.gcode(moves: moves)
      let path = sandbox.file("part.gcode", part)
      let ended = try await sandbox.fabline("submit", path, "--machine", "ender", "--copies", "\(copies)")
      try #require(ended.status == 0, "\(ended)")
      try await daemon.wait(1, "under way") { $0.attempts.contains { ($0.progress?.line ?? 0) > 50 } }
      let driver = try #require(sandbox.processes("fabline-driver").first)
      return (Scene(sandbox: sandbox, printer: printer, part: part, job: 1, driver: driver), daemon)
    }

    /// After a driver's death a print has two ends: it went on by itself and is whole, or a person is asked.
    private func judgeEnd(_ scene: Scene, _ job: JobModel) async throws {
      #expect(job.attempts.count == 1, "nobody said that it should start again: \(job)")
      #expect(scene.sandbox.processes("fabline-driver").count == 1)
      let shown = try await scene.sandbox.fabline("show", "\(scene.job)")
      let commands = Parts.commands(scene.part)
      guard job.state == .uncertain else {
        #expect(job.state == .done, "\(job)")
        _ = try await scene.printer.end()
        #expect(Executed.holds(commands, in: scene.printer.executed) == nil)
        return
      }
      #expect(shown.out.contains("uncertain") && shown.out.contains("driver"), "\(shown)")
      let machine = try await scene.sandbox.json(MachineModel.self, "show", "ender")
      #expect(machine.bed == .occupied && machine.bedJob == scene.job)
      _ = try await scene.printer.end()
      let executed = scene.printer.executed
      #expect(Executed.endsCold(executed), "its heaters were left on")
      let known = Set(commands)
      let printed = executed.filter { known.contains($0) && $0.hasPrefix("G1 X") }
      let moves = commands.filter { $0.hasPrefix("G1 X") }
      #expect(printed == Array(moves.prefix(printed.count)), "executed is no beginning of the file")
      let line = try #require(job.attempts.first?.progress?.line)
      #expect(line > 50, "the line is not known: \(job)")
    }

    @Test func aKilledDriverIsReplacedAndNothingStartsTwice() async throws {
      try await Sandbox.with { sandbox in
        let (scene, daemon) = try await print(sandbox)
        kill(scene.driver, SIGKILL)
        let job = try await daemon.wait(scene.job, "decided") { [.uncertain, .done].contains($0.state) }
        let status = try await Deadline.wait(for: "another driver") {
          let status = await DriverView.status(scene.socket)
          return status?.phase == .idle ? status : nil
        }
        #expect(status.identity.pid != scene.driver)
        try await judgeEnd(scene, job)
      }
    }

    @Test(arguments: [SIGKILL, SIGTERM])
    func supervisorAndDriverDieTogether(_ signal: Int32) async throws {
      try await Sandbox.with { sandbox in
        let (scene, first) = try await print(sandbox)
        #expect(try await first.end(SIGKILL).status == -SIGKILL)
        kill(scene.driver, signal)
        try await Deadline.wait(for: "end of the driver") {
          sandbox.processes("fabline-driver").isEmpty ? true : nil
        }
        let daemon = try await Daemon.start(sandbox)
        let ends: [JobState] = signal == SIGKILL ? [.uncertain, .done] : [.cancelled]
        let job = try await daemon.wait(scene.job, "decided") { ends.contains($0.state) }
        try await Deadline.wait(for: "another driver") {
          await DriverView.status(scene.socket)?.phase == .idle ? true : nil
        }
        if signal == SIGKILL { return try await judgeEnd(scene, job) }
        // Told to end it ended safely, and its last word waited for the next supervisor.
        #expect(job.attempts.count == 1 && job.attempts.first?.code == "driver.ended", "\(job)")
        _ = try await scene.printer.end()
        #expect(Executed.endsCold(scene.printer.executed))
      }
    }

    @Test func aDriverThatIsToldToEndEndsThePrintSafely() async throws {
      try await Sandbox.with { sandbox in
        let (scene, daemon) = try await print(sandbox)
        kill(scene.driver, SIGTERM)
        let job = try await daemon.wait(scene.job, "cancelled") { $0.state == .cancelled }
        #expect(job.attempts.count == 1 && job.attempts.first?.code == "driver.ended", "\(job)")
        try await Deadline.wait(for: "another driver") {
          let status = await DriverView.status(scene.socket)
          return status?.phase == .idle && status?.identity.pid != scene.driver ? true : nil
        }
        let machine = try await sandbox.json(MachineModel.self, "show", "ender")
        #expect(machine.bed == .occupied)
        _ = try await scene.printer.end()
        #expect(Executed.endsCold(scene.printer.executed))
      }
    }

    @Test func aSupervisorThatIsToldToEndLeavesThePrintAlone() async throws {
      try await Sandbox.with { sandbox in
        let (scene, first) = try await print(sandbox)
        #expect(try await first.end(SIGTERM).status == 0)
        let before = try #require(await DriverView.status(scene.socket)?.running?.acknowledged)
        try await DriverView.acknowledged(before + 20, on: scene.socket)
        let daemon = try await Daemon.start(sandbox)
        #expect(sandbox.processes("fabline-driver") == [scene.driver])
        // Adopted with the line where it is, not where it was.
        let adopted = try await daemon.wait(scene.job, "adopted") { $0.attempts.first?.progress != nil }
        let acknowledged = try #require(await DriverView.status(scene.socket)?.running?.fileLine)
        #expect(try #require(adopted.attempts.first?.progress?.line) <= acknowledged)
        try await daemon.wait(scene.job, "done") { $0.state == .done }
        #expect(try await scene.printer.end().hash == Parts.canonical(scene.part).hash)
      }
    }

    @Test func aSupervisorKilledAgainAndAgainAtItsStartLosesNothing() async throws {
      try await Sandbox.with { sandbox in
        let (scene, first) = try await print(sandbox, copies: 2)
        _ = try await first.end(SIGKILL)
        // From before it reads its arguments to well after it adopted the driver.
        for milliseconds in [0, 2, 5, 10, 20, 30, 40, 60, 80, 120, 200] {
          let process = try sandbox.start("fablined", ["--state", sandbox.state, "--run", sandbox.run])
          _ = poll(nil, 0, Int32(milliseconds))
          process.signal(SIGKILL)
          #expect(try await process.end().status == -SIGKILL)
        }
        let daemon = try await Daemon.start(sandbox)
        #expect(sandbox.processes("fabline-driver") == [scene.driver])
        try await daemon.wait(scene.job, "to have one copy") { $0.copiesDone == 1 }
        try await daemon.ready("ender")
        let job = try await daemon.wait(scene.job, "done") { $0.state == .done }
        #expect(job.attempts.filter { $0.state != "withdrawn" }.count == 2)
        #expect(try await scene.printer.end().hash == Parts.canonical(scene.part, copies: 2).hash)
      }
    }

    /// The store may write nothing from the middle of the print on: the driver keeps its last word until it is stored.
    @Test(arguments: [false, true])
    func anEndThatCannotBeStoredIsNotLost(killed: Bool) async throws {
      try await Sandbox.with { sandbox in
        let (scene, first) = try await print(sandbox, moves: 200)
        try await limit(sandbox, first, "1")
        let outcome = try await DriverView.outcome(on: scene.socket)
        #expect(outcome.kind == .done)
        // Events are taken in one after the other: once the machine is seen to be idle, the end was to be stored.
        try await Deadline.wait(for: "an idle machine") {
          try await sandbox.json(MachineModel.self, "show", "ender").phase == "idle" ? true : nil
        }
        #expect(
          await DriverView.status(scene.socket)?.outcomes.count == 1, "acknowledged, and stored nowhere")
        #expect(try await first.job(scene.job).state != .done)
        var daemon = first
        if killed {
          _ = try await first.end(SIGKILL)
          daemon = try await Daemon.start(sandbox)
        } else {
          try await limit(sandbox, first, "unlimited")
        }
        try await daemon.wait(scene.job, "done") { $0.state == .done }
        try await Deadline.wait(for: "acknowledgement") {
          await DriverView.status(scene.socket)?.outcomes.isEmpty == true ? true : nil
        }
        #expect(try await scene.printer.end().hash == Parts.canonical(scene.part).hash)
      }
    }

    /// How far a file of the supervisor's may be written.
    private func limit(_ sandbox: Sandbox, _ daemon: Daemon, _ bytes: String) async throws {
      let limit = try await sandbox.start(
        "/usr/bin/prlimit", ["--fsize=\(bytes):unlimited", "--pid", "\(daemon.process.pid)"]
      ).end()
      try #require(limit.status == 0, "\(limit)")
    }
  }
}
