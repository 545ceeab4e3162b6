import Glibc
import Testing

extension EndToEndAttended {
  /// A person in front of a real terminal.
  @Suite struct InATerminal {
    @Test func aWindowThatIsClosedDetachesAndNeverCancels() async throws {
      try await Sandbox.with { sandbox in
        let printer = try await Printer.start(sandbox, speed: "30")
        let part = Parts.gcode(moves: 500)
        let path = sandbox.file("part.gcode", part)
        let terminal = try TerminalSession.fabline(
          sandbox, "print", path, "--port", printer.port, "--baud", printer.baud)
        try await DriverView.acknowledged(40, on: sandbox.direct(), explain: { terminal.screen })
        try await terminal.shows("part.gcode")
        terminal.hangUp()
        #expect(try await terminal.end().status == 75)
        #expect(sandbox.processes("fabline-driver").count == 1)
        let attached = try await sandbox.fabline("attach", "port")
        #expect(attached.status == 0, "\(attached)")
        #expect(try await printer.end().hash == Parts.canonical(part).hash)
      }
    }

    @Test func ctrlCAndAnotherKeyGoOn() async throws {
      try await Sandbox.with { sandbox in
        let printer = try await Printer.start(sandbox, speed: "30")
        let part = Parts.gcode(moves: 400)
        let terminal = try TerminalSession.fabline(
          sandbox, "print", sandbox.file("part.gcode", part), "--port", printer.port, "--baud", printer.baud)
        try await DriverView.acknowledged(40, on: sandbox.direct(), explain: { terminal.screen })
        terminal.type("\u{3}")
        try await terminal.shows("cancel the print?")
        terminal.type("x")
        try await terminal.shows("the print goes on")
        let ended = try await terminal.end()
        #expect(ended.status == 0, "\(ended.screen)")
        #expect(try await printer.end().hash == Parts.canonical(part).hash)
      }
    }
  }
}
