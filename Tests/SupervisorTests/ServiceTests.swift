import DriverInterface
import Foundation
import Glibc
import Logging
import ServiceLifecycle
import Synchronization
import Testing

@testable import JobStore
@testable import Supervisor

/// What was logged, level and text.
private struct Heard: LogHandler {
  final class Lines: Sendable {
    let all = Mutex<[(level: Logger.Level, text: String)]>([])
  }

  let lines: Lines
  var metadata: Logger.Metadata = [:]
  var logLevel = Logger.Level.trace
  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }
  func log(event: LogEvent) { lines.all.withLock { $0.append((event.level, "\(event.message)")) } }
}

/// A service manager's end of the notification socket.
final class NotificationSocket: Sendable {
  let name: String
  private let descriptor: Int32

  /// Listens at a path, or under an abstract name that begins with `@`.
  init(_ name: String) throws {
    self.name = name
    descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    var bytes = Array(name.utf8)
    let isAbstract = name.hasPrefix("@")
    if isAbstract { bytes[0] = 0 }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
    let length = socklen_t(2 + bytes.count + (isAbstract ? 0 : 1))
    let bound = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, length) }
    }
    try #require(bound == 0, "\(String(cString: strerror(errno)))")
  }

  deinit { close(descriptor) }

  /// The datagrams that wait.
  func take() -> [String] {
    var all: [String] = []
    var bytes = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = bytes.withUnsafeMutableBytes {
        recv(descriptor, $0.baseAddress, $0.count, Int32(MSG_DONTWAIT))
      }
      guard count >= 0 else { return all }
      all.append(String(decoding: bytes[..<count], as: UTF8.self))
    }
  }

  /// Waits for a datagram that holds `text`; what came until then.
  func wait(for text: String) async throws -> [String] {
    var all: [String] = []
    while !all.contains(where: { $0.contains(text) }) {
      try Task.checkCancellation()
      all += take()
      await Task.yield()
    }
    return all
  }

  func notifier(_ more: [String: String] = [:]) -> ServiceNotifier {
    ServiceNotifier(environment: ["NOTIFY_SOCKET": name].merging(more) { $1 }, pid: 77)
  }
}

@Suite(.timeLimit(.minutes(1))) struct ServiceTests {
  private static let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

  @Test("A notification is one datagram, to a path and to an abstract name", arguments: [false, true])
  func datagrams(isAbstract: Bool) throws {
    let folder = try TemporaryFolder()
    let socket = try NotificationSocket(
      isAbstract ? "@fabline-test-\(UUID().uuidString)" : folder.path + "/n")
    #expect(socket.notifier().send("READY=1", "STATUS=nothing\nprints"))
    #expect(socket.take() == ["READY=1\nSTATUS=nothing prints"])
  }

  @Test("Nobody listens, or not there: nothing is sent and nothing breaks")
  func nobody() {
    #expect(!ServiceNotifier(environment: [:], pid: 1).send("READY=1"))
    #expect(!ServiceNotifier(environment: ["NOTIFY_SOCKET": "/nowhere/at/all"], pid: 1).send("READY=1"))
    #expect(!ServiceNotifier(environment: ["NOTIFY_SOCKET": "vsock:2:1"], pid: 1).send("READY=1"))
    let long = "/" + String(repeating: "x", count: 200)
    #expect(!ServiceNotifier(environment: ["NOTIFY_SOCKET": long], pid: 1).send("READY=1"))
  }

  @Test("The watchdog is ours where its process number is, and only a number counts")
  func watchdog() {
    func watchdog(_ microseconds: String, _ pid: String?) -> Int64? {
      var environment = ["NOTIFY_SOCKET": "/x", "WATCHDOG_USEC": microseconds]
      environment["WATCHDOG_PID"] = pid
      return ServiceNotifier(environment: environment, pid: 77).watchdog
    }
    #expect(watchdog("3000000", nil) == 3_000_000_000)
    #expect(watchdog("3000000", "77") == 3_000_000_000)
    #expect(watchdog("3000000", "78") == nil)
    #expect(watchdog("soon", nil) == nil && watchdog("0", nil) == nil && watchdog("-5", nil) == nil)
  }

  @Test(
    "Ready once the API serves and the machines are kept; then what prints, and signs of life; then the end")
  func lifeSigns() async throws {
    let shop = try await Workshop()
    try await shop.addMachine()
    let job = try await shop.addJob()
    let socket = try NotificationSocket("@fabline-test-\(UUID().uuidString)")
    let notifier = socket.notifier(["WATCHDOG_USEC": "30000"])
    let (serving, isServing) = AsyncStream.makeStream(of: Void.self)
    try await shop.supervise { supervisor in
      try await supervisor.attached()
      let signs = LifeSigns(supervisor: supervisor, notifier: notifier, serving: serving, log: Self.quiet)
      let group = ServiceGroup(
        configuration: .init(services: [signs], gracefulShutdownSignals: [], logger: Self.quiet))
      let run = Task { try await group.run() }
      #expect(try await supervisor.pulse() != nil && socket.take().isEmpty, "nobody can connect yet")
      isServing.yield()
      let first = try await socket.wait(for: "WATCHDOG=1")
      #expect(first.first == "READY=1\nSTATUS=nothing prints; 1 job waits")
      _ = try await supervisor.ready("ender", job: nil, by: "ann")
      try await supervisor.job(job.id, is: "printing")
      _ = try await socket.wait(for: "STATUS=ender prints")
      await group.triggerGracefulShutdown()
      try await run.value
      #expect(socket.take().last?.hasPrefix("STOPPING=1") == true)
    }
  }

  @Test("Told to end in the middle of a beat, it logs no error")
  func endsQuietly() async throws {
    let shop = try await Workshop()
    let socket = try NotificationSocket("@fabline-test-\(UUID().uuidString)")
    let (serving, isServing) = AsyncStream.makeStream(of: Void.self)
    isServing.yield()
    let heard = Heard.Lines()
    try await shop.supervise { supervisor in
      let signs = LifeSigns(
        supervisor: supervisor, notifier: socket.notifier(["WATCHDOG_USEC": "3000"]), serving: serving,
        log: Logger(label: "test") { _ in Heard(lines: heard) })
      let run = Task { try await signs.run() }
      _ = try await socket.wait(for: "WATCHDOG=1")
      let (held, isHeld) = AsyncStream.makeStream(of: Void.self)
      let release = DispatchSemaphore(value: 0)
      async let stuck: Void = shop.store.commit(by: "ann") { _ in
        isHeld.yield()
        release.wait()
      }
      for await _ in held { break }
      // Whatever beat is under way hangs at the writer, and the next one would.
      run.cancel()
      release.signal()
      try await stuck
      _ = try? await run.value
    }
    let errors = heard.all.withLock { $0.filter { $0.level >= .warning }.map(\.text) }
    #expect(errors.isEmpty, "\(errors)")
  }

  @Test("No sign of life while the store's writer hangs")
  func hangs() async throws {
    let shop = try await Workshop(onDisk: true)
    let socket = try NotificationSocket("@fabline-test-\(UUID().uuidString)")
    let (serving, isServing) = AsyncStream.makeStream(of: Void.self)
    isServing.yield()
    try await shop.supervise { supervisor in
      let signs = LifeSigns(
        supervisor: supervisor, notifier: socket.notifier(["WATCHDOG_USEC": "3000"]), serving: serving,
        log: Self.quiet)
      let run = Task { try await signs.run() }
      _ = try await socket.wait(for: "WATCHDOG=1")
      let (held, isHeld) = AsyncStream.makeStream(of: Void.self)
      let release = DispatchSemaphore(value: 0)
      async let stuck: Void = shop.store.commit(by: "ann") { _ in
        isHeld.yield()
        release.wait()
      }
      for await _ in held { break }
      // A pulse that did not ask the writer would be there long before two hundred other reads are.
      let isThere = Mutex(false)
      async let pulse: Void = {
        _ = try await supervisor.pulse()
        isThere.withLock { $0 = true }
      }()
      for _ in 0..<200 { _ = try await shop.store.jobCounts() }
      #expect(!isThere.withLock { $0 }, "the store's writer was not asked")
      _ = socket.take()
      release.signal()
      try await pulse
      try await stuck
      _ = try await socket.wait(for: "WATCHDOG=1")
      run.cancel()
      _ = try? await run.value
    }
  }

  /// A folder with a program of that name and text.
  private func program(_ name: String, _ text: String) throws -> (TemporaryFolder, path: String) {
    let folder = try TemporaryFolder()
    let path = folder.path + "/" + name
    try Data("#!/bin/sh\n\(text)\n".utf8).write(to: URL(fileURLWithPath: path))
    chmod(path, 0o755)
    return (folder, folder.path)
  }

  @Test("A shutdown is told from a restart by systemd's own word; silence means a restart")
  func departure() async throws {
    for (text, expected) in [
      ("echo stopping; exit 1", Departure.hostGoesDown), ("echo running", .handOver),
      ("echo offline; exit 1", .handOver), ("exit 4", .handOver), ("exec sleep 60", .handOver),
      ("[ \"$1\" = --user ] && echo stopping || echo running", .handOver),
    ] {
      let (folder, path) = try program("systemctl", text)
      #expect(await HostManager(environment: ["PATH": path]).departure() == expected, "\(text)")
      withExtendedLifetime(folder) {}
    }
    let (folder, path) = try program("systemctl", "[ \"$1\" = --user ] && echo stopping || echo running")
    let manager = HostManager(environment: ["PATH": path, "MANAGERPID": "1"])
    #expect(await manager.departure() == .hostGoesDown, "a session's end takes every process of it along")
    #expect(await HostManager(environment: ["PATH": "/nowhere"]).departure() == .handOver)
    withExtendedLifetime(folder) {}
  }

  @Test(
    "The host goes down: each driver that prints is told to park, with less than 20 s; a restart tells none")
  func parks() async throws {
    for fate in [Departure.hostGoesDown, .handOver] {
      let shop = try await Workshop()
      try await shop.addMachine()
      let job = try await shop.addJob()
      try await shop.supervise(departure: { fate }) { supervisor in
        try await supervisor.attached()
        _ = try await supervisor.ready("ender", job: nil, by: "ann")
        try await supervisor.job(job.id, is: "printing")
        try await shop.until { try await shop.store.job(job.id).state == .printing }
        try await shop.host.driver("ender")?.was { $0.status.running != nil }
      }
      let parked = shop.host.driver("ender")?.requests.compactMap { request in
        if case .suspend(let milliseconds) = request { milliseconds } else { nil }
      }
      #expect(parked == (fate == .hostGoesDown ? [Supervisor.parkingTime] : []))
      #expect(Supervisor.parkingTime < 20_000)
      #expect(try await shop.store.job(job.id).openAttempts.count == 1, "found again after the boot")
    }
  }

  /// Waits until the inhibitor says so.
  private func wait(_ inhibitor: ShutdownInhibitor, _ isSo: @Sendable (String?) -> Bool) async throws {
    while !isSo(await inhibitor.words) {
      try Task.checkCancellation()
      await Task.yield()
    }
  }

  @Test("The lock is held by a child that ends with our end of the pipe")
  func inhibits() async throws {
    let (folder, path) = try program(
      "systemd-inhibit",
      "echo \"$@\" > \"$(dirname \"$0\")/asked\"; while [ \"${1#--}\" != \"$1\" ]; do shift; done; \"$@\"; touch \"$(dirname \"$0\")/ended\""
    )
    let inhibitor = ShutdownInhibitor(path: path, log: Self.quiet)
    #expect(await inhibitor.words == nil)
    await inhibitor.hold("ender prints wall")
    try await wait(inhibitor) { $0?.hasPrefix("waits for what prints") == true }
    let asked = try String(contentsOfFile: folder.path + "/asked", encoding: .utf8)
    #expect(asked.contains("--what=shutdown:sleep") && asked.contains("--why=ender prints wall"))
    #expect(asked.contains("--mode=block"))
    await inhibitor.hold("ender prints wall")
    await inhibitor.hold(nil)
    #expect(await inhibitor.words == nil)
    while !FileManager.default.fileExists(atPath: folder.path + "/ended") {
      try Task.checkCancellation()
      await Task.yield()
    }
  }

  @Test("Without logind, or refused by it, the reason is told and nothing else changes")
  func cannotInhibit() async throws {
    let missing = ShutdownInhibitor(path: "/nowhere", log: Self.quiet)
    await missing.hold("ender prints wall")
    #expect(await missing.words == "does not wait for what prints: systemd-inhibit is not installed")
    let (folder, path) = try program(
      "systemd-inhibit", "echo 'Failed to inhibit: Access denied' >&2; exit 1")
    let refused = ShutdownInhibitor(path: path, log: Self.quiet)
    await refused.hold("ender prints wall")
    try await wait(refused) { $0 == "does not wait for what prints: Failed to inhibit: Access denied" }
    let never = ShutdownInhibitor(path: nil, log: Self.quiet)
    await never.hold("ender prints wall")
    #expect(await never.words == nil)
    withExtendedLifetime(folder) {}
  }

  @Test("Scores for when memory runs out are read back as they were set")
  func memoryPressure() throws {
    let before = try #require(MemoryPressure.score(of: "self"))
    #expect(MemoryPressure.set(min(1000, before + 1), of: "self"))
    #expect(MemoryPressure.score(of: "self") == min(1000, before + 1))
    #expect(!MemoryPressure.set(0, of: "none"))
  }

  @Test("Damage in use ends the watch with its sentence")
  func damage() async throws {
    let shop = try await Workshop()
    let watch = Task { try await DamageWatch(store: shop.store).run() }
    _ = shop.store.told(StoreError(.storeDamaged, "the database is damaged"))
    await #expect(throws: StoreError(.storeDamaged, "the database is damaged")) { try await watch.value }
  }
}
