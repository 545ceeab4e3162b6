import Glibc
import Testing

extension EndToEndDirect {
  @Suite struct DirectPrint {
    @Test(arguments: ["\n", "\r\n", "\r"])
    func whatTheFirmwareExecutedIsTheFile(_ ending: String) async throws {
      try await Sandbox.with { sandbox in
        let printer = try await Printer.start(sandbox)
        let part = Parts.gcode(ending: ending)
        let ended = try await sandbox.fabline(
          "print", sandbox.file("part.gcode", part), "--port", printer.port, "--baud", printer.baud)
        #expect(ended.status == 0, "\(ended)")
        #expect(ended.out.contains("printed part.gcode"))
        let report = try await printer.end()
        let (lines, hash) = Parts.canonical(part)
        #expect(report.hash == hash && report.executed == lines)
        #expect(sandbox.processes("fabline-driver").isEmpty, "the driver was left behind")
      }
    }

    @Test func theSummaryHasStableKeys() async throws {
      try await Sandbox.with { sandbox in
        let printer = try await Printer.start(sandbox)
        let part = sandbox.file("part.gcode", Parts.gcode(moves: 100))
        let ended = try await sandbox.fabline(
          "print", part, "--port", printer.port, "--baud", printer.baud, "--json")
        #expect(ended.status == 0, "\(ended)")
        for key in ["file", "fileLine", "lines", "linesPerSecond", "outcome", "port", "resends", "seconds"] {
          #expect(ended.out.contains("\"\(key)\" : "), "\(key) in \(ended.out)")
        }
      }
    }

    @Test func ctrlCAsksOnceAndThenCancelsSafely() async throws {
      try await Sandbox.with { sandbox in
        let printer = try await Printer.start(sandbox, speed: "30")
        let part = sandbox.file("part.gcode", Parts.gcode(moves: 4000))
        let print = try sandbox.start(
          "fabline", ["print", part, "--port", printer.port, "--baud", printer.baud])
        try await DriverView.acknowledged(40, on: sandbox.direct(), explain: { print.error })
        print.signal(SIGINT)
        try await Deadline.wait(for: "question", explain: { print.error }) {
          print.error.contains("cancel the print?") ? true : nil
        }
        #expect(print.status() == nil)
        print.signal(SIGINT)
        let ended = try await print.end()
        #expect(ended.status == 130, "\(ended)")
        #expect(ended.error.contains("cancelled"))
        let report = try await printer.end()
        #expect(report.heatersOnAfterHostGoneSeconds == 0)
        #expect(Executed.endsCold(printer.executed))
        #expect(!report.killed)
      }
    }

    @Test func aClosedTerminalDetachesAndAttachTakesUpAgain() async throws {
      try await Sandbox.with { sandbox in
        let printer = try await Printer.start(sandbox, speed: "30")
        let part = Parts.gcode(moves: 500)
        let path = sandbox.file("part.gcode", part)
        let print = try sandbox.start(
          "fabline", ["print", path, "--port", printer.port, "--baud", printer.baud])
        try await DriverView.acknowledged(40, on: sandbox.direct(), explain: { print.error })
        print.signal(SIGHUP)
        #expect(try await print.end().status == 75)
        #expect(sandbox.processes("fabline-driver").count == 1)
        let attached = try await sandbox.fabline("attach", "port")
        #expect(attached.status == 0, "\(attached)")
        let report = try await printer.end()
        #expect(report.hash == Parts.canonical(part).hash)
        #expect(sandbox.processes("fabline-driver").isEmpty)
      }
    }

    @Test func attachLaterStillTellsTheOutcome() async throws {
      try await Sandbox.with { sandbox in
        let printer = try await Printer.start(sandbox)
        let part = Parts.gcode(moves: 300)
        let print = try sandbox.start(
          "fabline",
          ["print", sandbox.file("part.gcode", part), "--port", printer.port, "--baud", printer.baud])
        try await DriverView.acknowledged(40, on: sandbox.direct(), explain: { print.error })
        print.signal(SIGHUP)
        _ = try await print.end()
        _ = try await DriverView.outcome(on: sandbox.direct())
        let attached = try await sandbox.fabline("attach", sandbox.run + "/direct/port/driver.sock")
        #expect(attached.status == 0 && attached.out.contains("printed part.gcode"), "\(attached)")
      }
    }

    @Test func aBusyPortIsRefused() async throws {
      try await Sandbox.with { sandbox in
        let printer = try await Printer.start(sandbox, speed: "20")
        let part = sandbox.file("part.gcode", Parts.gcode(moves: 4000))
        let first = try sandbox.start(
          "fabline", ["print", part, "--port", printer.port, "--baud", printer.baud])
        try await DriverView.acknowledged(40, on: sandbox.direct(), explain: { first.error })
        let same = try await sandbox.fabline("print", part, "--port", printer.port, "--baud", printer.baud)
        #expect(same.status == 69 && same.error.contains("fabline attach port"), "\(same)")
        let other = try await sandbox.fabline(
          "print", part, "--port", printer.port, "--baud", printer.baud, "--name", "other")
        #expect(other.status == 69 && other.error.contains("fabline-driver"), "\(other)")
        #expect(first.status() == nil)
      }
    }

    @Test func theEmergencyStopNeedsNoSupervisor() async throws {
      try await Sandbox.with { sandbox in
        let printer = try await Printer.start(sandbox, speed: "20")
        let part = sandbox.file("part.gcode", Parts.gcode(moves: 4000))
        let print = try sandbox.start(
          "fabline", ["print", part, "--port", printer.port, "--baud", printer.baud])
        try await DriverView.acknowledged(40, on: sandbox.direct(), explain: { print.error })
        let stopped = try await sandbox.fabline("estop", "port")
        #expect(stopped.status == 0 && stopped.out.contains("confirmed"), "\(stopped)")
        let ended = try await print.end()
        #expect(ended.status == 130 && ended.error.contains("emergency stop"), "\(ended)")
        #expect(try await printer.end().killed)
      }
    }

    /// A direct print under way.
    private func begin(_ sandbox: Sandbox, _ printer: Printer, _ part: [UInt8]) async throws -> Process {
      let print = try sandbox.start(
        "fabline",
        [
          "print", sandbox.file("part.gcode", part), "--port", printer.port, "--baud", printer.baud, "--json",
        ])
      try await DriverView.acknowledged(60, on: sandbox.direct(), explain: { print.error })
      return print
    }

    /// Kills the driver; returns when another one is there, or the print has ended.
    private func killDriver(_ sandbox: Sandbox, _ print: Process) async throws {
      let driver = try #require(sandbox.processes("fabline-driver").first)
      kill(driver, SIGKILL)
      try await Deadline.wait(for: "successor of driver \(driver)", explain: { print.error }) {
        let now = sandbox.processes("fabline-driver").filter { $0 != driver }
        return !now.isEmpty || print.status() != nil ? true : nil
      }
    }

    @Test("A killed driver's print goes on with another one, each line once, or ends uncertain and cold")
    func aKilledDriversPrintIsGoneOnWith() async throws {
      try await Sandbox.with { sandbox in
        let printer = try await Printer.start(sandbox, speed: "30")
        let part = Parts.gcode(moves: 700)
        let print = try await begin(sandbox, printer, part)
        try await killDriver(sandbox, print)
        let ended = try await print.end()
        #expect(ended.error.contains("another one is started, and asks the machine"), "\(ended)")
        #expect(sandbox.processes("fabline-driver").isEmpty, "a driver was left behind")
        _ = try await printer.end()
        #expect(Executed.endsCold(printer.executed), "\(printer.executed.suffix(5))")
        // On a machine too busy to answer in time it may end uncertain.
        guard ended.out.contains("\"outcome\" : \"done\"") else {
          #expect(ended.status == 70 && ended.out.contains("\"outcome\" : \"uncertain\""), "\(ended)")
          return
        }
        #expect(ended.status == 0, "\(ended)")
        #expect(Executed.holds(Parts.commands(part), in: printer.executed) == nil)
      }
    }

    @Test("Where its successor cannot know what ran it switches off, and the print ends uncertain")
    func aKilledDriverIsFollowedByOneThatSwitchesOff() async throws {
      try await Sandbox.with { sandbox in
        let printer = try await Printer.start(sandbox, speed: "30")
        let print = try await begin(sandbox, printer, Parts.gcode(moves: 4000))
        // Without the page only the journal tells where it was.
        let page = sandbox.direct().dropLast("driver.sock".count) + "run/port.progress"
        #expect(unlink(String(page)) == 0, "\(page)")
        try await killDriver(sandbox, print)
        let ended = try await print.end()
        try judgeRescue(sandbox, ended)
        #expect(ended.out.contains("nothing but the journal says where it was"), "\(ended)")
        _ = try await printer.end()
        #expect(Executed.endsCold(printer.executed), "\(printer.executed.suffix(5))")
      }
    }

    @Test("Three drivers that die in a minute are enough: off, and uncertain")
    func threeDeaths() async throws {
      try await Sandbox.with { sandbox in
        let printer = try await Printer.start(sandbox, speed: "30")
        let print = try await begin(sandbox, printer, Parts.gcode(moves: 8000))
        for count: Int64 in [60, 120, 180] where print.status() == nil {
          // Not before it has taken the print over and printed some more.
          try await Deadline.wait(for: "\(count) commands, or the end", explain: { print.error }) {
            () async -> Bool? in
            let done = await DriverView.status(sandbox.direct())?.running?.acknowledged ?? 0
            return done >= count || print.status() != nil ? true : nil
          }
          if print.status() == nil { try await killDriver(sandbox, print) }
        }
        let ended = try await print.end()
        try judgeRescue(sandbox, ended)
        _ = try await printer.end()
        #expect(Executed.endsCold(printer.executed), "\(printer.executed.suffix(5))")
      }
    }

    private func judgeRescue(_ sandbox: Sandbox, _ ended: Ended) throws {
      #expect(ended.status == 70, "\(ended)")
      #expect(ended.out.contains("\"outcome\" : \"uncertain\""), "\(ended)")
      #expect(
        ended.out.contains("part.gcode: uncertain at line ")
          && ended.out.contains("switched the heaters off"),
        "\(ended)")
      #expect(sandbox.processes("fabline-driver").isEmpty, "a driver was left behind")
    }
  }
}
