import Glibc
import Testing

/// The service manager's side of `sd_notify`: a datagram socket of the test's own.
private final class ServiceManager: Sendable {
  let path: String
  private let descriptor: Int32

  init(_ path: String) throws {
    self.path = path
    descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let bound = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    try #require(bound == 0, "\(String(cString: strerror(errno)))")
  }

  deinit { close(descriptor) }

  /// The datagrams that wait, in their order.
  func take() -> [String] {
    var all: [String] = []
    var space = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = space.withUnsafeMutableBytes {
        recv(descriptor, $0.baseAddress, $0.count, Int32(MSG_DONTWAIT))
      }
      guard count >= 0 else { return all }
      all.append(String(decoding: space[..<count], as: UTF8.self))
    }
  }

  /// Waits for a datagram that holds `text`; all that came until then.
  func wait(for text: String) async throws -> [String] {
    var all: [String] = []
    return try await Deadline.wait(for: "datagram with \(text)", explain: { "\(all)" }) {
      all += take()
      return all.contains { $0.contains(text) } ? all : nil
    }
  }
}

extension EndToEndSurvival {
  /// What the built `fablined` tells a service manager, from its start to its end.
  @Suite struct Notifications {
    @Test("Ready, what prints, signs of life, the end")
    func fromStartToEnd() async throws {
      try await Sandbox.with { sandbox in
        let manager = try ServiceManager(sandbox.folder + "/notify")
        let printer = try await Printer.start(sandbox, speed: "30")
        // 600 ms: the service has to send a sign of life every 200.
        let process = try sandbox.start(
          "fablined", ["--state", sandbox.state, "--run", sandbox.run],
          environment: ["NOTIFY_SOCKET": manager.path, "WATCHDOG_USEC": "600000"])
        let daemon = Daemon(process: process, sandbox: sandbox)
        let first = try await manager.wait(for: "READY=1")
        #expect(first.first == "READY=1\nSTATUS=nothing prints", "\(first)")
        // Who says ready answers.
        let status = try await sandbox.fabline("status", "--json")
        #expect(status.status == 0, "\(status)")
        _ = try await manager.wait(for: "WATCHDOG=1")

        let own = String(decoding: Text.bytes("/proc/\(process.pid)/environ") ?? [], as: UTF8.self)
        #expect(own.contains("GLIBC_TUNABLES=glibc.malloc.arena_max=1"), "it did not start itself once more")
        let name = String(decoding: Text.bytes("/proc/\(process.pid)/comm") ?? [], as: UTF8.self)
        #expect(name == "fablined\n")

        try await daemon.add("ender", printer)
        let path = sandbox.file("part.gcode", Parts.gcode())
        let submitted = try await sandbox.fabline("submit", path, "--machine", "ender")
        try #require(submitted.status == 0, "\(submitted)")
        _ = try await manager.wait(for: "STATUS=ender prints part.gcode")
        for driver in sandbox.processes("fabline-driver") {
          let environment = String(decoding: Text.bytes("/proc/\(driver)/environ") ?? [], as: UTF8.self)
          #expect(!environment.contains("NOTIFY_SOCKET"), "a driver is no part of the conversation")
          #expect(!environment.contains("GLIBC_TUNABLES"), "one heap without caches is for the supervisor")
        }

        let ended = try await daemon.end()
        #expect(ended.status == 0, "\(ended)")
        let last = manager.take()
        #expect(last.last?.hasPrefix("STOPPING=1\nSTATUS=") == true, "\(last)")
        #expect(!sandbox.processes("fabline-driver").isEmpty, "the driver prints on")
      }
    }
  }
}
