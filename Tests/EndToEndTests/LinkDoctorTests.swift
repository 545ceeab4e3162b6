import APIModel
import FoundationEssentials
import Glibc
import Testing

extension EndToEnd {
  @Suite struct LinkDoctor {
    @Test func theVerdictComesFirstAndTheFiguresAreThere() async throws {
      try await Sandbox.with { sandbox in
        let printer = try await Printer.start(sandbox)
        let daemon = try await Daemon.start(sandbox)
        try await daemon.add("ender", printer)
        let part = sandbox.file("part.gcode", Parts.gcode(moves: 300))
        let done = try await sandbox.fabline("submit", part, "--machine", "ender", "--wait")
        #expect(done.status == 0, "\(done)")
        let link = try await sandbox.json(LinkModel.self, "diagnose", "ender")
        #expect(link.machine == "ender" && link.lines > 300 && link.resends == 0 && link.damagedOut == 0)
        #expect(!link.verdict.sentence.isEmpty)
        let text = try await sandbox.fabline("diagnose", "ender")
        #expect(text.status == 0 && text.out.hasPrefix("ender: \(link.verdict.sentence)\n"), "\(text)")
      }
    }

    @Test func aWrongMachineIsSaid() async throws {
      try await Sandbox.with { sandbox in
        let daemon = try await Daemon.start(sandbox)
        for verb in [
          ["diagnose", "none"], ["unlock", "none"], ["zero", "none"],
          ["machine", "measure", "none", "--yes"],
        ] {
          let ended = try await sandbox.start("fabline", verb).end()
          #expect(ended.status == 64 && ended.error.contains("none"), "\(verb): \(ended)")
        }
        _ = daemon
      }
    }

    /// A board whose buffers are found, kept under its firmware's fingerprint, and used by the next driver and its print.
    @Test func whatWasMeasuredIsKeptAndUsed() async throws {
      try await Sandbox.with { sandbox in
        let printer = try await Printer.start(
          sandbox, "port", options: ["--rx-buffer", "128", "--queue", "4"], speed: "2", baud: "250000")
        let daemon = try await Daemon.start(sandbox)
        try await daemon.add("ender", printer)
        let measured = try await sandbox.fabline("machine", "measure", "ender", "--yes")
        #expect(measured.status == 0, "\(measured)")
        #expect(measured.out.contains("receive buffer 128 bytes, queue 4 lines"), "\(measured)")
        let profile = try #require(
          try await sandbox.json(ItemPage<ProfileModel>.self, "machine", "profile", "list").items.first)
        #expect(profile.receiveBuffer == 128 && profile.queueLines == 4)
        let machine = try await sandbox.json(ItemPage<MachineModel>.self, "machine", "list").items.first
        #expect(machine?.fingerprint == profile.fingerprint)

        // Other settings start another driver, which begins with what is known.
        #expect(try await sandbox.fabline("machine", "set", "ender", "--max-tool", "260").status == 0)
        // Nothing is heated, and the printer is hardly faster than life: a measurement takes its time from the wire.
        let moves = (1...100).map { "G1 X\($0 % 40) F6000\n" }.joined()
        let part = sandbox.file("part.gcode", Array("G28\nG90\n\(moves)".utf8))
        let known = try await Deadline.wait(for: "a driver with the profile") {
          () async throws -> LinkModel? in
          let ended = try await sandbox.fabline("diagnose", "ender", "--json")
          let link = try? JSONDecoder().decode(LinkModel.self, from: Data(ended.out.utf8))
          return link?.receiveBuffer == nil ? nil : link
        }
        #expect(known.receiveBuffer == 128 && known.queueLines == 4)
        let done = try await Deadline.wait(for: "a print", explain: { daemon.process.error }) {
          () async throws -> Ended? in
          _ = try await sandbox.fabline("ready", "ender")
          let ended = try await sandbox.fabline("submit", part, "--machine", "ender", "--wait")
          return ended.status == 0 ? ended : nil
        }
        #expect(done.status == 0, "\(done)")
        let report = try await printer.end()
        #expect(report.executed > 100)
      }
    }

    @Test func aProfileGoesFromOneSpaceToAnother() async throws {
      try await Sandbox.with { sandbox in
        let printer = try await Printer.start(sandbox)
        let daemon = try await Daemon.start(sandbox)
        try await daemon.add("ender", printer)
        let machine = try await sandbox.json(ItemPage<MachineModel>.self, "machine", "list").items.first
        let fingerprint = try #require(machine?.fingerprint)
        let firmware = try #require(machine?.firmware)
        let written = """
          {"fingerprint": "\(fingerprint)", "firmware": "\(firmware)", "receiveBuffer": 128, \
          "queueLines": 4, "note": "measured elsewhere"}
          """
        let file = sandbox.file("profile.json", Array(written.utf8))
        let imported = try await sandbox.fabline("machine", "profile", "import", file)
        #expect(imported.status == 0 && imported.out.contains("receive buffer 128 bytes"), "\(imported)")
        let back = sandbox.folder + "/back.json"
        let exported = try await sandbox.fabline(
          "machine", "profile", "export", "ender", "-o", back)
        #expect(exported.status == 0, "\(exported)")
        #expect(Text.file(back)?.contains("measured elsewhere") == true)
        #expect(try await sandbox.fabline("machine", "profile").out.contains(fingerprint))
        _ = daemon
      }
    }
  }
}
