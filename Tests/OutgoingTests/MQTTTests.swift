#if MQTT
  import DriverInterface
  import Foundation
  import HostConfiguration
  import JobStore
  import Logging
  import Testing

  @testable import Outgoing
  @testable import Supervisor

  /// The real broker of Debian's package `mosquitto`, and its own client on the other side.
  @Suite(.timeLimit(.minutes(2))) struct MQTTTests {
    /// A program of mosquitto's, its output line by line.
    private final class Program {
      let lines: AsyncStream<String>
      private let process = Process()

      init(_ path: String, _ arguments: [String]) throws {
        let pipe = Pipe()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        process.standardOutput = pipe
        process.standardError = pipe
        let (lines, line) = AsyncStream.makeStream(of: String.self)
        self.lines = lines
        try process.run()
        Thread {
          var rest = ""
          while let data = try? pipe.fileHandleForReading.read(upToCount: 1), !data.isEmpty {
            let text = String(decoding: data, as: UTF8.self)
            guard text == "\n" else {
              rest += text
              continue
            }
            line.yield(rest)
            rest = ""
          }
          line.finish()
        }.start()
      }

      /// Ends it and waits until it has let go of its output. `waitUntilExit` may spin for ever off the main thread, and a child
      /// may be born with the signals blocked that are blocked in a thread of Dispatch's: only this one counts.
      func end() async {
        kill(process.processIdentifier, SIGKILL)
        for await _ in lines {}
      }
    }

    private struct NoHost: DriverHost {
      func adopt(machine: String) async throws(HostError) -> (any DriverLink)? { nil }
      func start(_ order: DriverOrder) async throws(HostError) -> any DriverLink {
        throw HostError(code: "none", sentence: "none")
      }
      func exit(of driver: DriverIdentity) async -> DriverExit? { nil }
      func emergencyStop(machine: String) async throws(HostError) -> StopResult {
        StopResult(confirmed: true, sentence: "stopped by a test")
      }
    }

    private func broker(_ port: Int, _ folder: String) async throws -> Program {
      let configuration = folder + "/mosquitto.conf"
      try "listener \(port) 127.0.0.1\nallow_anonymous true\nuser root\n".write(
        toFile: configuration, atomically: true, encoding: .utf8)
      let broker = try Program("/usr/sbin/mosquitto", ["-v", "-c", configuration])
      for await line in broker.lines where line.contains("running") { break }
      return broker
    }

    /// Waits for all of `wanted`, in any order.
    private func see(_ wanted: Set<String>, _ client: Program) async {
      var missing = wanted
      for await line in client.lines {
        missing.remove(line)
        if missing.isEmpty { return }
      }
      Issue.record("never came: \(missing)")
    }

    @Test(
      "The broker hears of machines, again after it was restarted, obeys commands, and is told of the end")
    func conversation() async throws {
      let folder = "/tmp/fl-\(UInt64.random(in: 1...UInt64.max))"
      defer { try? FileManager.default.removeItem(atPath: folder) }
      let folders = Folders(state: folder, run: folder + "/run")
      try folders.create()
      let port = Int.random(in: 20_000..<30_000)
      var broker = try await broker(port, folder)
      let hub = EventHub()
      let log = Logger(label: "test") { _ in EventLogHandler(hub: hub, level: .debug) }
      let store = try await JobStore.open(folder: folder).store
      _ = try await store.addMachine(.init(name: "ender", port: "/dev/none"), by: "owner")
      let supervisor = Supervisor(store: store, host: NoHost(), hub: hub, folders: folders, log: log)
      var section = MQTTSection()
      section.host = "127.0.0.1"
      section.port = port
      section.prefix = "lab"
      section.commands = true
      let service = try MQTTService(section, supervisor: supervisor, log: log)
      let stops = hub.subscribe(EventFilter(kinds: [.log], level: .error))
      let told: Set<String> = ["lab/status online", "lab/machines/ender/phase noDriver"]
      var client = try Program("/usr/bin/mosquitto_sub", ["-p", "\(port)", "-v", "-t", "lab/#"])
      let task = Task { try await service.run() }
      await see(told, client)
      await client.end()
      await broker.end()
      broker = try await self.broker(port, folder)
      client = try Program("/usr/bin/mosquitto_sub", ["-p", "\(port)", "-v", "-t", "lab/#"])
      await see(told, client)
      let order = try Program(
        "/usr/bin/mosquitto_pub",
        ["-p", "\(port)", "-q", "1", "-t", "lab/machines/ender/command", "-m", "estop"])
      for await case .event(let event) in stops.deliveries where event.machine == "ender" {
        #expect(
          event.message?.contains("stopped by a test") == true && event.message?.contains("mqtt") == true)
        break
      }
      await order.end()
      task.cancel()
      await see(["lab/status offline"], client)
      hub.close()
      _ = try? await task.value
      await client.end()
      await broker.end()
    }
  }
#endif
