import Glibc
import Testing

/// Ports and firmwares that do not do what is hoped for: each its exit code and a sentence that names the port.
///
/// Beside the others and each other: they wait for answers that never come, and hardly anything else.
@Suite struct EndToEndBadPort {
  private func print(_ sandbox: Sandbox, _ port: String, _ options: String..., moves: Int = 600)
    async throws -> Ended
  {
    let part = sandbox.file("part.gcode", Parts.gcode(moves: moves))
    return try await sandbox.start("fabline", ["print", part, "--port", port] + options).end()
  }

  @Test func noSuchPort() async throws {
    try await Sandbox.with { sandbox in
      let ended = try await print(sandbox, sandbox.folder + "/none")
      #expect(ended.status == 69 && ended.error.contains(sandbox.folder + "/none"), "\(ended)")
    }
  }

  @Test func aFileIsNoPort() async throws {
    try await Sandbox.with { sandbox in
      let ended = try await print(sandbox, sandbox.file("port", []))
      #expect(ended.status == 69 && ended.error.contains(sandbox.folder + "/port"), "\(ended)")
    }
  }

  @Test func theFileIsLookedAtBeforeThePort() async throws {
    try await Sandbox.with { sandbox in
      let ended = try await sandbox.fabline("print", sandbox.folder + "/none.gcode", "--port", "/nowhere")
      #expect(ended.status == 66 && ended.error.contains("none.gcode"), "\(ended)")
    }
  }

  @Test func garbageIsTakenForAWrongSpeed() async throws {
    try await Sandbox.with { sandbox in
      let printer = try await Printer.start(sandbox, "port", "--reset-on-open", baud: "250000")
      let ended = try await print(sandbox, printer.port, "--baud", "115200")
      #expect(ended.status == 74, "\(ended)")
      #expect(ended.error.contains(printer.port) && ended.error.contains("baud"), "\(ended)")
    }
  }

  @Test func aPortThatNeverAnswers() async throws {
    let port = try SilentPort()
    try await Sandbox.with { sandbox in
      let ended = try await print(sandbox, port.path)
      #expect(ended.status == 74 && ended.error.contains(port.path), "\(ended)")
    }
  }

  @Test func aFirmwareThatFallsSilent() async throws {
    try await Sandbox.with { sandbox in
      let printer = try await Printer.start(sandbox, "port", "--faults", "silent@300")
      let ended = try await print(sandbox, printer.port, "--baud", printer.baud)
      #expect(ended.status == 74 && ended.error.contains("line"), "\(ended)")
    }
  }

  @Test func aFirmwareThatIsKilled() async throws {
    try await Sandbox.with { sandbox in
      let printer = try await Printer.start(sandbox, "port", "--faults", "kill@300")
      let ended = try await print(sandbox, printer.port, "--baud", printer.baud)
      #expect(ended.status == 76 && ended.error.contains("line"), "\(ended)")
      #expect(sandbox.processes("fabline-driver").isEmpty)
    }
  }

  @Test func aFirmwareThatOverheats() async throws {
    try await Sandbox.with { sandbox in
      let printer = try await Printer.start(sandbox, "port", "--faults", "heater-fault@300")
      let ended = try await print(sandbox, printer.port, "--baud", printer.baud)
      #expect(ended.status == 76, "\(ended)")
      #expect(
        ended.error.lowercased().contains("heat") || ended.error.lowercased().contains("therm"), "\(ended)")
    }
  }

  @Test func aCableThatIsPulled() async throws {
    try await Sandbox.with { sandbox in
      // On a board that opening does not reset, so short an absence would be a glitch.
      let printer = try await Printer.start(
        sandbox, "port", "--faults", "unplug@300:600s", "--reset-on-open")
      let ended = try await print(sandbox, printer.port, "--baud", printer.baud)
      #expect(ended.status == 74 && ended.error.contains("port"), "\(ended)")
      // It is put back after three seconds of ours.
      #expect(ended.error.contains("came back: the heaters were switched off"), "\(ended)")
      _ = try await printer.end()
      #expect(Executed.endsCold(printer.executed))
    }
  }

  @Test func aPrintFromSDIsNotOursToBreak() async throws {
    try await Sandbox.with { sandbox in
      let printer = try await Printer.start(sandbox, "port", "--sd-card", "--sd-print", speed: "1")
      let ended = try await print(sandbox, printer.port, "--baud", printer.baud)
      #expect(ended.status == 76 && ended.error.contains("SD"), "\(ended)")
    }
  }
}
