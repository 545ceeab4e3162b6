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

    @Test func aKilledDriverIsFollowedByOneThatSwitchesOff() async throws {
      try await Sandbox.with { sandbox in
        let printer = try await Printer.start(sandbox, speed: "30")
        let part = sandbox.file("part.gcode", Parts.gcode(moves: 4000))
        let print = try sandbox.start(
          "fabline", ["print", part, "--port", printer.port, "--baud", printer.baud, "--json"])
        try await DriverView.acknowledged(60, on: sandbox.direct(), explain: { print.error })
        let driver = try #require(sandbox.processes("fabline-driver").first)
        kill(driver, SIGKILL)
        let ended = try await print.end(seconds: 120)
        #expect(ended.status == 70, "\(ended)")
        #expect(ended.out.contains("\"outcome\" : \"uncertain\""), "\(ended)")
        #expect(
          ended.out.contains("part.gcode: uncertain at line ") && ended.out.contains("signal 9")
            && ended.out.contains("switched the heaters off"), "\(ended)")
        #expect(sandbox.processes("fabline-driver").isEmpty, "the second driver was left behind")
        _ = try await printer.end()
        #expect(Executed.endsCold(printer.executed), "\(printer.executed.suffix(5))")
      }
    }
  }
}
