import APIModel
import Glibc
import Testing

extension EndToEndAttended {
  /// Lasers and mills that speak GRBL: started by a person in front of a terminal, dark whenever they stand still.
  @Suite struct Grbl {
    private func laser(_ sandbox: Sandbox, _ options: String..., speed: String = "10") async throws -> Printer
    {
      try await Printer.start(
        sandbox, "port", options: ["--profile", "grbl11", "--laser"] + options, speed: speed)
    }

    private func mill(_ sandbox: Sandbox, _ options: String..., speed: String = "10") async throws -> Printer
    {
      try await Printer.start(sandbox, "port", options: ["--profile", "grbl11"] + options, speed: speed)
    }

    /// `fabline print`, agreed to.
    private func agreed(
      _ sandbox: Sandbox, _ printer: Printer, _ part: [UInt8], _ options: String...
    ) async throws -> TerminalSession {
      let terminal = try TerminalSession.start(
        sandbox,
        ["print", sandbox.file("part.nc", part), "--port", printer.port, "--baud", printer.baud] + options)
      try await terminal.shows("[y/N]")
      terminal.type("y\n")
      return terminal
    }

    @Test func aDirectJobShowsWhereItWorksAndAsks() async throws {
      try await Sandbox.with { sandbox in
        let printer = try await laser(sandbox)
        let part = Parts.burnt(moves: 200)
        let terminal = try await agreed(sandbox, printer, part)
        let ended = try await terminal.end()
        #expect(ended.status == 0, "\(ended.screen)")
        for words in [
          "X  10 to 11 of ", "Y  10 to 49 of ", "zero of the work at X0 Y0 Z0", "$32 (laser mode) is on",
        ] {
          #expect(ended.screen.contains(words), "\(words) in \(ended.screen)")
        }
        let report = try await printer.end()
        let (lines, hash) = Parts.canonical(part)
        #expect(report.hash == hash && report.executed == lines)
        #expect(report.beamOnSeconds > 0 && report.beamOnAfterHostGoneSeconds == 0)
      }
    }

    @Test func withoutAWordNothingIsBurnt() async throws {
      try await Sandbox.with { sandbox in
        let printer = try await laser(sandbox)
        let path = sandbox.file("part.nc", Parts.burnt(moves: 20))
        let line = ["print", path, "--port", printer.port, "--baud", printer.baud]
        let nobody = try await sandbox.start("fabline", line).end()
        #expect(nobody.status == 64 && nobody.error.contains("terminal"), "\(nobody)")
        let beforehand = try await sandbox.start("fabline", line + ["--yes"]).end()
        #expect(beforehand.status == 64 && beforehand.error.contains("--yes does not start"), "\(beforehand)")
        let terminal = try TerminalSession.start(sandbox, line)
        try await terminal.shows("[y/N]")
        terminal.type("n\n")
        #expect(try await terminal.end().status == 130)
        #expect(sandbox.processes("fabline-driver").isEmpty)
        let report = try await printer.end()
        #expect(report.beamOnSeconds == 0)
        #expect(!printer.executed.contains { $0.hasPrefix("G1") })
      }
    }

    @Test func anErrorInMidJobStopsItDark() async throws {
      try await Sandbox.with { sandbox in
        let printer = try await laser(sandbox)
        let terminal = try await agreed(sandbox, printer, Parts.burnt(moves: 400, bad: 200))
        let ended = try await terminal.end()
        #expect(ended.status == 76, "\(ended.screen)")
        #expect(ended.screen.contains("error:20") && ended.screen.contains("line 207"), "\(ended.screen)")
        let report = try await printer.end()
        #expect(report.beamOnAfterHostGoneSeconds == 0)
        // What stood behind the bad line in the firmware's buffer may have run; most of the file has not.
        #expect(report.executed < 300)
      }
    }

    /// Safety rule 19. The cable comes back: the driver's first byte is a reset, and the beam is dark.
    @Test(arguments: ["M4", "M3"])
    func aCableThatIsPulledInMidBurn(_ mode: String) async throws {
      try await Sandbox.with { sandbox in
        // Away for a fifth of a second of life: the driver's first try to open finds it, and the rest of its patience is spare.
        let printer = try await laser(sandbox, "--faults", "unplug@150:2s")
        let part = Parts.burnt(moves: 1000, mode: mode)
        let terminal =
          mode == "M3"
          ? try await agreed(sandbox, printer, part, "--allow-m3") : try await agreed(sandbox, printer, part)
        let ended = try await terminal.end()
        #expect(ended.status == 74, "\(ended.screen)")
        #expect(ended.screen.contains("came back: beam and spindle were switched off"), "\(ended.screen)")
        let report = try await printer.end()
        // M4 goes dark by itself when motion stops. M3 burns on where it stands until somebody is there again to end it: how
        // long depends on how soon the host's processes get their turn, and is no matter of this test.
        if mode == "M4" {
          #expect(report.beamOnStillSeconds == 0, "\(report)")
        } else {
          #expect(report.beamOnStillSeconds > 0, "\(report)")
        }
      }
    }

    @Test func theEmergencyStopIsConfirmedAndDark() async throws {
      try await Sandbox.with { sandbox in
        let printer = try await laser(sandbox, speed: "5")
        let terminal = try await agreed(sandbox, printer, Parts.burnt(moves: 3000))
        try await DriverView.acknowledged(40, on: sandbox.direct(), explain: { terminal.screen })
        let stopped = try await sandbox.fabline("estop", "port")
        #expect(stopped.status == 0 && stopped.out.contains("confirmed"), "\(stopped)")
        let ended = try await terminal.end()
        #expect(ended.status == 130, "\(ended.screen)")
        let report = try await printer.end()
        #expect(report.executed < 3000 && report.beamOnAfterHostGoneSeconds == 0)
      }
    }

    @Test func aKilledDriversLaserIsSwitchedOffByTheNext() async throws {
      try await Sandbox.with { sandbox in
        let printer = try await laser(sandbox, speed: "5")
        let terminal = try await agreed(sandbox, printer, Parts.burnt(moves: 3000))
        try await DriverView.acknowledged(40, on: sandbox.direct(), explain: { terminal.screen })
        kill(try #require(sandbox.processes("fabline-driver").first), SIGKILL)
        let ended = try await terminal.end()
        #expect(ended.status == 70, "\(ended.screen)")
        #expect(ended.screen.contains("switched beam and spindle off"), "\(ended.screen)")
        #expect(try await printer.end().executed < 3000)
      }
    }

    @Test func aQueuedJobIsFramedStartedPausedAndResumed() async throws {
      try await Sandbox.with { sandbox in
        let printer = try await laser(sandbox, "--setting", "130=300", "--setting", "131=200", speed: "10")
        let daemon = try await Daemon.start(sandbox)
        try await daemon.add(
          "k40", printer, "--class", "laser", "--dialect", "grbl", "--volume", "300x200x50")
        // Long enough that it is not done before the words to pause it have gone through a busy machine.
        let part = Parts.burnt(moves: 3000)
        let submitted = try await sandbox.fabline("submit", sandbox.file("part.nc", part), "--machine", "k40")
        #expect(submitted.status == 0, "\(submitted)")
        #expect(try await sandbox.fabline("zero", "k40", "XY").status == 0)
        let framed = try await sandbox.fabline("frame", "1")
        #expect(framed.status == 0 && framed.out.contains("traced job 1"), "\(framed)")
        #expect(try await daemon.job(1).state == .queued)
        let nobody = try await sandbox.fabline("start", "1", "--machine", "k40")
        #expect(nobody.status == 64, "\(nobody)")
        try await start(sandbox, daemon, "k40")
        try await daemon.wait(1, "under way") { $0.attempts.contains { ($0.progress?.line ?? 0) > 50 } }
        #expect(try await sandbox.fabline("pause", "1").status == 0)
        try await daemon.wait(1, "paused") { $0.state == .paused }
        #expect(try await sandbox.fabline("resume", "k40").status == 0)
        try await daemon.wait(1, "done") { $0.state == .done }
        let report = try await printer.end()
        #expect(Executed.holds(Parts.commands(part), in: printer.executed) == nil)
        #expect(report.beamOnStillSeconds < 1)
      }
    }

    @Test func aMillCutsWithItsSpindleOn() async throws {
      try await Sandbox.with { sandbox in
        let printer = try await mill(sandbox)
        let part = Parts.milled(moves: 200)
        let ended = try await agreed(sandbox, printer, part).end()
        #expect(ended.status == 0, "\(ended.screen)")
        #expect(ended.screen.contains("Z  -1 to "), "\(ended.screen)")
        let report = try await printer.end()
        #expect(report.hash == Parts.canonical(part).hash && report.beamOnAfterHostGoneSeconds == 0)
      }
    }

    @Test func aMillAsksForItsTool() async throws {
      try await Sandbox.with { sandbox in
        let printer = try await mill(sandbox, "--setting", "130=300", "--setting", "131=200")
        let daemon = try await Daemon.start(sandbox)
        try await daemon.add("mill", printer, "--class", "cnc", "--dialect", "grbl", "--volume", "300x200x50")
        let part = Parts.milled(moves: 200, toolChange: true)
        let submitted = try await sandbox.fabline(
          "submit", sandbox.file("part.nc", part), "--machine", "mill")
        #expect(submitted.status == 0, "\(submitted)")
        try await start(sandbox, daemon, "mill")
        try await daemon.wait(1, "in need of a tool") { $0.state == .needsAttention }
        let status = try await sandbox.fabline("status", "mill")
        #expect(status.out.contains("it asks: change the tool"), "\(status)")
        let answered = try await sandbox.fabline("answer", "mill")
        #expect(answered.status == 0, "\(answered)")
        let ended = try await daemon.wait(1, "ended") { $0.state == .done || $0.state == .failed }
        #expect(ended.state == .done, "\(ended)")
        _ = try await printer.end()
        let cuts = Parts.commands(part).filter { $0.hasPrefix("G1") }
        #expect(Executed.holds(cuts, in: printer.executed) == nil)
      }
    }

    /// A person starts job 1 in a terminal.
    private func start(_ sandbox: Sandbox, _ daemon: Daemon, _ machine: String) async throws {
      let terminal = try TerminalSession.start(sandbox, ["start", "1", "--machine", machine])
      try await terminal.shows("[y/N]")
      terminal.type("y\n")
      let ended = try await terminal.end()
      #expect(ended.status == 0, "\(ended.screen)")
    }
  }
}
