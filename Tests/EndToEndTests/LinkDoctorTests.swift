import APIModel
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
