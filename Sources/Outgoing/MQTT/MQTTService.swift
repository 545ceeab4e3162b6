#if MQTT
  import Dispatch
  import HostConfiguration
  import JobStore
  import Logging
  import Notices
  import ServiceLifecycle
  import Supervisor

  /// Keeps the broker up to date with the machines, and takes commands where the configuration says so.
  public struct MQTTService: Service {
    private enum Input: Sendable {
      case arrival(BrokerConnection.Arrival)
      case look
    }

    private let settings: MQTTSection
    private let connectionSettings: BrokerConnection.Settings
    private let supervisor: Supervisor
    private let log: Logger

    /// Tells the broker of `supervisor`. Throws `notices.secret` where the password cannot be read.
    public init(_ settings: MQTTSection, supervisor: Supervisor, log: Logger) throws(HostError) {
      self.settings = settings
      self.supervisor = supervisor
      self.log = log
      var password: String?
      if let path = settings.passwordFile { password = try Subscriptions.secret(path) }
      connectionSettings = BrokerConnection.Settings(
        host: settings.host ?? "", port: Int32(clamping: settings.port), caFile: settings.caFile,
        user: settings.user, password: password,
        will: BrokerMessage(topic: settings.prefix + "/status", payload: "offline"))
    }

    /// Tells until the process is asked to end; then that it is offline.
    public func run() async throws {
      let connection = try BrokerConnection(connectionSettings)
      let (inputs, input) = AsyncStream.makeStream(of: Input.self, bufferingPolicy: .bufferingNewest(1000))
      await withGracefulShutdownHandler {
        await withDiscardingTaskGroup { group in
          group.addTask { for await arrival in connection.arrivals { input.yield(.arrival(arrival)) } }
          group.addTask { await follow(input) }
          group.addTask {
            while !Task.isCancelled {
              try? await Task.sleep(for: .seconds(2))
              input.yield(.look)
            }
          }
          await work(inputs, connection)
          group.cancelAll()
          // The library waits for its thread: not on a thread that others need.
          await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
              connection.publish(connectionSettings.will)
              connection.close()
              continuation.resume()
            }
          }
        }
      } onGracefulShutdown: {
        input.finish()
      }
    }

    /// States are told at once, temperatures and progress with the next look.
    private func follow(_ input: AsyncStream<Input>.Continuation) async {
      while !Task.isCancelled {
        let subscription = supervisor.hub.subscribe(EventFilter(kinds: [.machine, .prompt, .fault]))
        for await case .event in subscription.deliveries { input.yield(.look) }
        guard subscription.missed else { return }
      }
    }

    private func work(_ inputs: AsyncStream<Input>, _ connection: BrokerConnection) async {
      var topics = MachineTopics(
        prefix: settings.prefix, discovery: settings.discovery, takesCommands: settings.commands)
      var isConnected = false
      var complaint: String?
      for await input in inputs {
        switch input {
        case .arrival(.connected):
          isConnected = true
          complaint = nil
          log.notice("connected to the MQTT broker \(settings.host ?? "")")
          topics.forget()
          if settings.commands { connection.subscribe(topics.commandFilter) }
          connection.publish(BrokerMessage(topic: topics.statusTopic, payload: "online"))
          await tell(&topics, connection)
        case .arrival(.lost(let reason)):
          isConnected = false
          // Told once, not with every attempt.
          if complaint != reason { log.warning("no MQTT broker at \(settings.host ?? ""): \(reason)") }
          complaint = reason
        case .arrival(.message(let topic, let payload)):
          if let order = topics.command(topic: topic, payload: payload) {
            await obey(order.command, order.machine)
          }
        case .look:
          if isConnected { await tell(&topics, connection) }
        }
      }
    }

    private func tell(_ topics: inout MachineTopics, _ connection: BrokerConnection) async {
      guard let machines = try? await supervisor.machines() else { return }
      for message in topics.update(machines.map(MachineReading.init)) where !connection.publish(message) {
        // Everything is told again after the next look.
        return topics.forget()
      }
    }

    private func obey(_ command: MachineCommand, _ machine: String) async {
      let who = "mqtt"
      do {
        switch command {
        case .estop: _ = try await supervisor.emergencyStop(machine, by: who)
        case .pause, .resume:
          guard let job = try await supervisor.machine(machine).status?.running?.job, job > 0 else { return }
          if command == .pause {
            _ = try await supervisor.pause(job, by: who)
          } else {
            _ = try await supervisor.resume(job, by: who)
          }
        }
      } catch {
        log.warning(
          "\(command.rawValue) over MQTT was not done: \(error)", metadata: ["machine": "\(machine)"])
      }
    }
  }

  extension MachineReading {
    /// A machine as the supervisor has it.
    init(_ view: MachineView) {
      let phase = view.phase
      self.init(
        name: view.record.name, phase: phase,
        needsPerson: ["needsAttention", "killed", "linkLost", "noDriver"].contains(phase)
          && view.record.disabled == nil)
      reason = view.reason
      guard let status = view.status else { return }
      heaters = status.heaters.prefix(16).map {
        Heater(name: $0.name, current: $0.current, target: $0.target)
      }
      guard let running = status.running else { return }
      job = running.name
      remaining = running.remaining
      percent = running.size > 0 ? Int(min(100, running.byteOffset * 100 / running.size)) : nil
    }
  }
#endif
