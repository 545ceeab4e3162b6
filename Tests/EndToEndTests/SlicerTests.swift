import APIModel
import Glibc
import Testing

/// curl with the options that are those of the slicers' libcurl.
private struct Curl {
  static let path = "/usr/bin/curl"
  static let isThere = access(path, X_OK) == 0

  let sandbox: Sandbox

  private var socket: [String] { ["--silent", "--show-error", "--unix-socket", sandbox.run + "/api.sock"] }

  /// A form to OctoPrint's path, as PrusaSlicer sends it.
  func form(_ file: String, more: [String] = []) throws -> Process {
    try sandbox.start(
      Self.path,
      socket + more + [
        "--write-out", "\n%{http_code}", "-H", "Expect: 100-continue", "-F", "print=true", "-F", "path=",
        "-F",
        "file=@\(file)", "http://localhost/m/m/api/files/local",
      ])
  }

  /// A PUT to PrusaLink's.
  func put(_ file: String) throws -> Process {
    try sandbox.start(
      Self.path,
      socket + [
        "--write-out", "\n%{http_code}", "-H", "Print-After-Upload: ?1", "-H", "Overwrite: ?1", "-H",
        "Content-Type: text/x.gcode", "-T", file, "http://localhost/m/m/api/v1/files/local/large.gcode",
      ])
  }
}

extension EndToEnd {
  @Suite(.enabled(if: Curl.isThere, "needs curl")) struct Slicers {
    /// 64 MB; `FABLINE_UPLOAD_MB=500 swift test --filter Slicers` for more.
    @Test func anUploadIsTakenInFlatMemory() async throws {
      try await Sandbox.with { sandbox in
        let daemon = try await started(sandbox)
        let curl = Curl(sandbox: sandbox)
        // Code and heap that any upload needs are there after the first.
        for process in [
          try curl.form(sandbox.file("a.gcode", Parts.gcode(moves: 1000))),
          try curl.put(sandbox.file("b.gcode", Parts.gcode(moves: 1001))),
        ] {
          let ended = try await process.end()
          #expect(ended.out.hasSuffix("201"), "\(ended)")
        }
        let first = try #require(Memory.privateKiB(daemon.process.pid))
        let megabytes = getenv("FABLINE_UPLOAD_MB").flatMap { Int(String(cString: $0)) } ?? 64
        let large = file(sandbox, "large.gcode", megabytes)
        for upload in [curl.form, { file, _ in try curl.put(file) }] {
          let process = try upload(large, [])
          var most = first
          let status = try await Deadline.wait(seconds: 600, for: "end of the upload") {
            most = max(most, Memory.privateKiB(daemon.process.pid) ?? 0)
            return process.status()
          }
          #expect(status == 0 && process.out.hasSuffix("201"), "\(process.out) \(process.error)")
          #expect(most - first < 20 << 10, "fablined grew by \(most - first) KiB")
          print("\(megabytes) MB: fablined grew by \(most - first) KiB")
        }
        #expect(try await sandbox.json(ItemPage<JobModel>.self, "jobs", "--all").items.count == 4)
      }
    }

    @Test func anUploadThatBreaksOffLeavesNothing() async throws {
      try await Sandbox.with { sandbox in
        _ = try await started(sandbox)
        let large = file(sandbox, "large.gcode", 16)
        let process = try Curl(sandbox: sandbox).form(large, more: ["--limit-rate", "1M"])
        let incoming = sandbox.state + "/incoming"
        try await Deadline.wait(for: "the beginning of the file") { parts(incoming) > 0 ? true : nil }
        process.signal(SIGKILL)
        _ = try await process.end()
        try await Deadline.wait(for: "nothing of it") { parts(incoming) == 0 ? true : nil }
        try await nothing(sandbox)
      }
    }

    @Test(.enabled(if: SmallDisk.isPossible, "mounting a small disk needs root"))
    func onADiskThatIsFullTheSlicerShowsWhy() async throws {
      try await Sandbox.with { sandbox in
        let disk = try SmallDisk(sandbox.state, megabytes: 40)
        let daemon = try await started(sandbox)
        let large = file(sandbox, "large.gcode", 30)
        let curl = Curl(sandbox: sandbox)
        for process in [try curl.form(large), try curl.put(large)] {
          let ended = try await process.end()
          #expect(ended.out.hasSuffix("507") && ended.out.contains("no room"), "\(ended)")
          #expect(!ended.out.contains("urn:fabline"))
          try await nothing(sandbox)
        }
        #expect(try await daemon.end().status == 0)
        _ = disk
      }
    }

    private func started(_ sandbox: Sandbox) async throws -> Daemon {
      let daemon = try await Daemon.start(sandbox)
      #expect(try await sandbox.fabline("machine", "add", "m", "--port", "/nowhere").status == 0)
      return daemon
    }

    private func file(_ sandbox: Sandbox, _ name: String, _ megabytes: Int) -> String {
      let path = sandbox.file(name, Parts.gcode(moves: 100))
      let block = Parts.gcode(moves: 20_000)
      let descriptor = open(path, O_WRONLY | O_APPEND | O_CLOEXEC)
      defer { close(descriptor) }
      var size = 0
      while size < megabytes << 20 {
        size += block.withUnsafeBytes { max(1, write(descriptor, $0.baseAddress, $0.count)) }
      }
      return path
    }

    /// No job, no file, no part of one.
    private func nothing(_ sandbox: Sandbox) async throws {
      #expect(try await sandbox.json(ItemPage<JobModel>.self, "jobs", "--all").items.isEmpty)
      #expect(try await sandbox.json(ItemPage<FileModel>.self, "files").items.isEmpty)
      #expect(parts(sandbox.state + "/incoming") == 0 && parts(sandbox.state + "/files") == 0)
    }
  }
}

/// How many entries a folder has.
private func parts(_ folder: String) -> Int {
  guard let stream = opendir(folder) else { return 0 }
  defer { closedir(stream) }
  var count = 0
  while readdir(stream) != nil { count += 1 }
  return max(0, count - 2)
}
