import Glibc
import Testing

extension EndToEndAttended {
  /// What may become of the file while it is printed. The files are longer than the 128 KB that a driver reads ahead.
  @Suite struct Source {
    private func print(_ sandbox: Sandbox, _ printer: Printer, _ path: String) async throws -> Process {
      let print = try sandbox.start(
        "fabline", ["print", path, "--port", printer.port, "--baud", printer.baud])
      try await DriverView.acknowledged(40, on: sandbox.direct(), explain: { print.error })
      return print
    }

    @Test func aFileThatIsChangedInMidPrintStopsIt() async throws {
      try await Sandbox.with { sandbox in
        let printer = try await Printer.start(sandbox, speed: "100")
        let path = sandbox.file("part.gcode", Parts.dense(moves: 12_000))
        let print = try await print(sandbox, printer, path)
        let descriptor = open(path, O_WRONLY | O_CLOEXEC)
        _ = [UInt8]("G1 X999".utf8).withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, 400_000) }
        close(descriptor)
        let ended = try await print.end(seconds: 120)
        #expect(ended.status == 65, "\(ended)")
        #expect(ended.error.contains("part.gcode") && ended.error.contains("changed"), "\(ended)")
        #expect(ended.error.contains("at line "), "\(ended)")
        _ = try await printer.end()
        #expect(Executed.endsCold(printer.executed))
        #expect(!printer.executed.contains { $0.contains("X999") }, "what was written over it was executed")
      }
    }

    @Test func aFileThatIsDeletedInMidPrintIsPrintedToItsEnd() async throws {
      try await Sandbox.with { sandbox in
        let printer = try await Printer.start(sandbox, speed: "1000")
        let part = Parts.dense(moves: 6000)
        let path = sandbox.file("part.gcode", part)
        let print = try await print(sandbox, printer, path)
        unlink(path)
        let ended = try await print.end(seconds: 120)
        #expect(ended.status == 0, "\(ended)")
        #expect(try await printer.end().hash == Parts.canonical(part).hash)
      }
    }

    @Test(.enabled(if: SlowSource.isPossible, "fanotify needs root and a kernel that asks"))
    func linesFlowWhileTheSourceStandsStill() async throws {
      try await Sandbox.with { sandbox in
        let printer = try await Printer.start(sandbox, speed: "20")
        let part = Parts.dense(moves: 12_000)
        let path = sandbox.file("part.gcode", part)
        let source = try #require(SlowSource.watching(path))
        defer { source.end() }
        let print = try await print(sandbox, printer, path)
        source.hold()
        try await Deadline.wait(for: "a read that is held up", explain: { print.error }) {
          source.holdsSomebody ? true : nil
        }
        let before = try #require(await DriverView.status(sandbox.direct())?.running?.acknowledged)
        let held = ContinuousClock.now
        // Two seconds and more, and lines all the while: what was read ahead bridges them.
        try await DriverView.acknowledged(before + 200, on: sandbox.direct(), explain: { print.error })
        try await Deadline.wait(for: "two seconds") { ContinuousClock.now - held > .seconds(2) ? true : nil }
        #expect(source.holdsSomebody)
        let after = try #require(await DriverView.status(sandbox.direct())?.running?.acknowledged)
        source.letGo()
        try await DriverView.acknowledged(after + 200, on: sandbox.direct(), explain: { print.error })
        #expect(try await sandbox.fabline("estop", "port").status == 0)
        _ = try await print.end()
        _ = try await printer.end()
        let wanted = Array(Parts.commands(part).prefix(Int(after)))
        #expect(Executed.holds(wanted, in: printer.executed) == nil)
      }
    }

    /// `FABLINE_GIGABYTE=1 swift test --filter aGigabyte`: some minutes, and 1 GB below /tmp.
    @Test(.enabled(if: getenv("FABLINE_GIGABYTE") != nil, "on demand: FABLINE_GIGABYTE=1"))
    func aGigabyteIsPrintedInLittleMemory() async throws {
      try await Sandbox.with { sandbox in
        let printer = try await Printer.start(sandbox, speed: "1000")
        let path = sandbox.file("part.gcode", Array("G28\nG90\nM83\nG1 F6000\n".utf8))
        // A megabyte of moves and of comments as long as a slicer's settings are, a thousand times.
        var block: [UInt8] = []
        let words = "; " + String(repeating: "a setting of the slicer = 1, ", count: 6) + "\n"
        while block.count < 1 << 20 {
          block += Array("G1 X5\(block.count % 7).1 Y60 E.01\n".utf8)
          for _ in 0..<40 { block += Array(words.utf8) }
        }
        let descriptor = open(path, O_WRONLY | O_APPEND | O_CLOEXEC)
        for _ in 0..<1000 { _ = block.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) } }
        close(descriptor)
        let print = try await print(sandbox, printer, path)
        let driver = try #require(sandbox.processes("fabline-driver").first)
        let first = try #require(Memory.privateKiB(driver))
        var most = first
        let ended = try await Deadline.wait(seconds: 3600, for: "end", explain: { print.error }) {
          most = max(most, Memory.privateKiB(driver) ?? 0)
          return print.status()
        }
        #expect(ended == 0, "\(print.error)")
        #expect(most - first < 1024, "the driver grew by \(most - first) KiB")
        let moves = block.split(separator: 0x0A).count { $0.first != UInt8(ascii: ";") }
        #expect(try await printer.end().executed == Int64(4 + 1000 * moves))
      }
    }
  }
}

/// Memory of a process.
enum Memory {
  /// Private memory in KiB: `Private_Clean` and `Private_Dirty` of `smaps_rollup`; nil for a process that is gone.
  static func privateKiB(_ pid: Int32) -> Int64? {
    guard let text = Text.file("/proc/\(pid)/smaps_rollup"), !text.isEmpty else { return nil }
    return text.split(separator: "\n").filter { $0.hasPrefix("Private_") }
      .compactMap { line in
        line.split(separator: " ", omittingEmptySubsequences: true).dropFirst().first.flatMap { Int64($0) }
      }.reduce(0, +)
  }
}
