import APIModel
import CLinux
import DriverClient
import DriverInterface
import Glibc
import Synchronization
import Testing

extension EndToEndSurvival {
  /// Drivers outlive upgrades: old and new meet on a socket, and understand each other or say that they do not.
  @Suite struct Versions {
    @Test func anOlderClientAndADriverOfTodaySpeakTheOlderVersion() async throws {
      try await Sandbox.with { sandbox in
        let printer = try await Printer.start(sandbox)
        let daemon = try await Daemon.start(sandbox)
        try await daemon.add("ender", printer)
        let old = try await DriverConnection.connect(
          socketPath: sandbox.driver("ender"), client: "an older one",
          versions: VersionRange(lowest: 0, highest: 1))
        #expect(old.version == 1)
        guard case .status(let status) = try await old.request(.status) else {
          Issue.record("no status")
          return
        }
        #expect(status.phase == .idle)
        old.close()
        // A newer one that still knows today's version.
        let new = try await DriverConnection.connect(
          socketPath: sandbox.driver("ender"), client: "a newer one",
          versions: VersionRange(lowest: VersionRange.current.highest, highest: 90))
        #expect(new.version == VersionRange.current.highest)
        new.close()
      }
    }

    @Test func aSupervisorSaysThatItDoesNotUnderstandADriverAndLeavesItAlone() async throws {
      try await Sandbox.with { sandbox in
        let printer = try await Printer.start(sandbox, speed: "50")
        var daemon = try await Daemon.start(sandbox)
        try await daemon.add("ender", printer)
        let path = sandbox.file("part.gcode", Parts.gcode(moves: 300))
        #expect(try await sandbox.fabline("submit", path, "--machine", "ender").status == 0)
        try await daemon.wait(1, "printing") { $0.state == .printing }
        _ = try await daemon.end(SIGKILL)
        for pid in sandbox.processes("fabline-driver") { kill(pid, SIGKILL) }
        // In its place one of a version that this supervisor does not know; it prints, for all that anybody knows.
        let stranger = try Stranger(sandbox.driver("ender"), versions: VersionRange(lowest: 7, highest: 9))
        daemon = try await Daemon.start(sandbox)
        let shown = try await Deadline.wait(for: "word of the versions") {
          let shown = try await sandbox.fabline("status", "ender")
          return shown.out.contains("7 to 9") ? shown : nil
        }
        let ours = VersionRange.current
        #expect(shown.out.contains("\(ours.lowest) to \(ours.highest)"), "\(shown)")
        #expect(stranger.greetings > 0)
        #expect(sandbox.processes("fabline-driver").isEmpty, "a second driver was started on its port")
        #expect(try await daemon.job(1).state == .printing, "given up without knowing")
        _ = try await daemon.end()
        stranger.close()
      }
    }
  }
}

/// A driver of another version: it listens, and refuses whoever greets it, as every version has to.
private final class Stranger: Sendable {
  private let listener: Int32
  private let count = Atomic<Int>(0)
  private let isOver = Atomic<Bool>(false)

  var greetings: Int { count.load(ordering: .relaxed) }

  init(_ path: String, versions: VersionRange) throws {
    unlink(path)
    listener = clinux_unix_socket(1)
    try #require(listener >= 0 && clinux_unix_bind(listener, path) == 0 && listen(listener, 8) == 0)
    Task.detached { [self] in
      while !isOver.load(ordering: .relaxed) {
        var state = pollfd(fd: listener, events: Int16(POLLIN), revents: 0)
        guard poll(&state, 1, 0) > 0 else {
          try await Task.sleep(for: .milliseconds(5))
          continue
        }
        let client = clinux_accept(listener, 1)
        if client >= 0 { answer(client, versions) }
      }
    }
  }

  func close() {
    isOver.store(true, ordering: .relaxed)
    Glibc.close(listener)
  }

  private func answer(_ client: Int32, _ versions: VersionRange) {
    defer { Glibc.close(client) }
    var decoder = FrameDecoder()
    var space = [UInt8](repeating: 0, count: 4096)
    while true {
      let received = read(client, &space, space.count)
      guard received > 0 else { return }
      decoder.receive(space[..<received])
      guard let frame = try? decoder.next() else { continue }
      guard case .message(.request(let number, .hello(let theirs, _))) = frame else { return }
      count.wrappingAdd(1, ordering: .relaxed)
      let fault = Fault(
        code: "interface.version",
        sentence:
          "this driver speaks versions \(versions.lowest) to \(versions.highest) of its interface, the client "
          + "\(theirs.lowest) to \(theirs.highest): bring both to one version", scope: .connection)
      var bytes: [UInt8] = []
      guard (try? DriverMessage.reply(number: number, .refused(fault)).encode(into: &bytes)) != nil else {
        return
      }
      _ = clinux_send(client, bytes, bytes.count)
      return
    }
  }
}
