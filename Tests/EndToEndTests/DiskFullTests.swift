import APIModel
import Glibc
import Testing

/// A disk of a few megabytes: a tmpfs, which root may mount.
final class SmallDisk: Sendable {
  let path: String

  static let isPossible: Bool = {
    guard geteuid() == 0, let sandbox = try? SmallDisk("/tmp/fl-disk-\(getpid())", megabytes: 1) else {
      return false
    }
    _ = sandbox
    return true
  }()

  init(_ path: String, megabytes: Int) throws {
    self.path = path
    mkdir(path, 0o755)
    guard mount("tmpfs", path, "tmpfs", 0, "size=\(megabytes)m") == 0 else {
      rmdir(path)
      throw TooLate(description: "no tmpfs: \(String(cString: strerror(errno)))")
    }
  }

  deinit {
    umount2(path, Int32(MNT_DETACH))
    rmdir(path)
  }
}

extension EndToEnd {
  @Suite struct DiskFull {
    @Test(.enabled(if: SmallDisk.isPossible, "mounting a small disk needs root"))
    func aFileThatDoesNotFitIsRefusedAndNothingIsLeftOfIt() async throws {
      try await Sandbox.with { sandbox in
        let disk = try SmallDisk(sandbox.state, megabytes: 40)
        let daemon = try await Daemon.start(sandbox)
        let small = sandbox.file("small.gcode", Parts.gcode(moves: 100))
        #expect(try await sandbox.fabline("machine", "add", "m", "--port", "/nowhere").status == 0)
        #expect(try await sandbox.fabline("submit", small, "--machine", "m").status == 0)
        let part = Parts.gcode(moves: 100)
        var large: [UInt8] = part
        while large.count < 30 << 20 { large += part }
        let ended = try await sandbox.fabline("submit", sandbox.file("large.gcode", large), "--machine", "m")
        #expect(ended.status == 73, "\(ended)")
        #expect(ended.error.contains("no room") && ended.error.contains(sandbox.state), "\(ended)")
        try await intact(sandbox)
        #expect(try await sandbox.fabline("submit", small, "--machine", "m").status == 0)
        #expect(try await daemon.end().status == 0)
        _ = disk
      }
    }

    /// The check of the room passes, then the disk says no in the middle.
    @Test func aWriteThatFailsInTheMiddleLeavesNothing() async throws {
      try await Sandbox.with { sandbox in
        let daemon = try await Daemon.start(sandbox)
        let small = sandbox.file("small.gcode", Parts.gcode(moves: 100))
        #expect(try await sandbox.fabline("machine", "add", "m", "--port", "/nowhere").status == 0)
        #expect(try await sandbox.fabline("submit", small, "--machine", "m").status == 0)
        // A file of the supervisor's may not grow over 6 MB from now on: the database is far below that.
        let limit = try await sandbox.start(
          "/usr/bin/prlimit", ["--fsize=6291456", "--pid", "\(daemon.process.pid)"]
        ).end()
        try #require(limit.status == 0, "\(limit)")
        let part = Parts.gcode(moves: 100)
        var large: [UInt8] = part
        while large.count < 12 << 20 { large += part }
        let ended = try await sandbox.fabline("submit", sandbox.file("large.gcode", large), "--machine", "m")
        #expect(ended.status == 73, "\(ended)")
        #expect(ended.error.contains("File too large") || ended.error.contains("full"), "\(ended)")
        #expect(daemon.process.status() == nil, "the supervisor ended: \(daemon.process.error)")
        try await intact(sandbox)
      }
    }

    /// One job, one file, nothing half taken in.
    private func intact(_ sandbox: Sandbox) async throws {
      #expect(try await sandbox.json(ItemPage<JobModel>.self, "jobs", "--all").items.count == 1)
      #expect(try await sandbox.json(ItemPage<FileModel>.self, "files").items.count == 1)
      let found = try await sandbox.start("/usr/bin/find", [sandbox.state, "-type", "f", "-size", "+1000k"])
        .end()
      #expect(found.out == "", "left behind: \(found.out)")
    }
  }
}
