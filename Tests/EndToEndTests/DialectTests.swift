import Glibc
import Testing

extension EndToEndDirect {
  /// Firmwares other than Marlin, found out by what they say of themselves.
  @Suite struct Firmwares {
    @Test(arguments: ["prusa", "rrf", "repetier", "smoothie", "marlin10"])
    func whatTheFirmwareExecutedIsTheFile(_ profile: String) async throws {
      try await Sandbox.with { sandbox in
        let printer = try await Printer.start(sandbox, "port", options: ["--profile", profile])
        let part = Parts.gcode(moves: 300)
        let ended = try await sandbox.fabline(
          "print", sandbox.file("part.gcode", part), "--port", printer.port, "--baud", printer.baud,
          "--dialect", "auto")
        #expect(ended.status == 0, "\(profile): \(ended)")
        let report = try await printer.end()
        let (lines, hash) = Parts.canonical(part)
        #expect(report.hash == hash && report.executed == lines, "\(profile): \(report)")
      }
    }

    @Test func klipperIsDeclinedWithItsReason() async throws {
      try await Sandbox.with { sandbox in
        let printer = try await Printer.start(sandbox, "port", options: ["--profile", "klipper"])
        let part = sandbox.file("part.gcode", Parts.gcode(moves: 20))
        let ended = try await sandbox.fabline("print", part, "--port", printer.port, "--baud", printer.baud)
        #expect(ended.status == 76, "\(ended)")
        #expect(ended.error.contains("Klipper") && ended.error.contains("Moonraker"), "\(ended)")
        #expect(sandbox.processes("fabline-driver").isEmpty)
      }
    }
  }
}
