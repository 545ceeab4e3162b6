import APIModel
import Glibc
import Testing

/// Where the built programs stand.
private enum BuiltPrograms {
  /// Whether everybody may pass each folder above the built programs.
  static var areOpenToAll: Bool {
    var path = Programs.path("fablined")
    while let slash = path.lastIndex(of: "/"), slash > path.startIndex {
      path = String(path[..<slash])
      var status = stat()
      guard stat(path, &status) == 0, status.st_mode & S_IXOTH != 0 else { return false }
    }
    return true
  }
}

extension EndToEndAttended {
  /// A fablined of a user who may do nothing special: no root, no group but its own.
  @Suite(
    .enabled(
      if: getuid() == 0 && BuiltPrograms.areOpenToAll,
      "root starts it as somebody else, who has to be let through to the built programs"))
  struct Unprivileged {
    /// Debian's nobody.
    private static let nobody: uid_t = 65534

    @Test func aJobIsPrintedByAUserWithoutRights() async throws {
      try await Sandbox.with(user: Self.nobody) { sandbox in
        let printer = try await Printer.start(sandbox)
        let daemon = try await Daemon.start(sandbox)
        try await daemon.add("ender", printer)
        let part = Parts.gcode(moves: 200)
        let submitted = try await sandbox.fabline(
          "submit", sandbox.file("part.gcode", part), "--machine", "ender")
        #expect(submitted.status == 0, "\(submitted)")
        let job = try await daemon.wait(1, "done") { $0.state == .done }
        #expect(job.submitter == "nobody", "\(job)")
        for name in ["fablined", "fabline-driver"] {
          let running = sandbox.processes(name).filter { owner("/proc/\($0)") != nil }
          #expect(!running.isEmpty && running.allSatisfy { owner("/proc/\($0)") == Self.nobody }, "\(name)")
        }
        #expect(owner(sandbox.state) == Self.nobody)
        let report = try await printer.end()
        #expect(report.hash == Parts.canonical(part).hash)
      }
    }

    @Test func aPortThatItMayNotOpenNamesTheGroupToJoin() async throws {
      try await Sandbox.with(user: Self.nobody) { sandbox in
        let printer = try await Printer.start(sandbox, "port", options: [], asTests: true)
        // As Debian makes a serial device: root's, open to the group dialout.
        let node = try #require(realpath(printer.port, nil))
        defer { free(node) }
        try #require(chown(node, 0, 20) == 0 && chmod(node, 0o660) == 0)
        let daemon = try await Daemon.start(sandbox)
        try await daemon.add("ender", printer, ready: false)
        try await Deadline.wait(for: "the refusal") { () async throws -> Bool? in
          let status = try await sandbox.fabline("status", "ender").out
          return status.contains("usermod") && status.contains("dialout") ? true : nil
        }
        let direct = try await sandbox.fabline(
          "print", sandbox.file("part.gcode", Parts.gcode(moves: 10)), "--port", printer.port)
        #expect(direct.status == 69 && direct.error.contains("dialout"), "\(direct)")
      }
    }

    private func owner(_ path: String) -> uid_t? {
      var status = stat()
      return stat(path, &status) == 0 ? status.st_uid : nil
    }
  }
}
