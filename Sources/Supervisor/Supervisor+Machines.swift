import DriverInterface
import JobStore

/// What people do with machines.
extension Supervisor {
  /// All machines by name.
  public func machines() async throws -> [MachineView] {
    var views: [MachineView] = []
    for record in try await store.machines() { views.append(await view(record)) }
    return views
  }

  /// One machine.
  public func machine(_ name: String) async throws -> MachineView {
    await view(try await store.machine(name))
  }

  private func view(_ record: MachineRecord) async -> MachineView {
    guard let keeper = keepers[record.name] else {
      return MachineView(record: record, status: nil, absence: "its driver is being started")
    }
    return await keeper.view(record)
  }

  /// Adds a machine and starts its driver.
  public func addMachine(_ settings: MachineRecord.Settings, by: String) async throws -> MachineView {
    guard folders.takes(machine: settings.name) else {
      throw HostError(
        code: "machine.invalid",
        sentence:
          "the name \(settings.name) is too long for a socket in \(folders.run): choose a shorter one.")
    }
    await started()
    try await refuseTaken(settings.port, for: settings.name)
    let record = try await store.addMachine(settings, by: by)
    note("added, \(settings.port) at \(settings.baud) baud", by: by, machine: record.name)
    try await bind(record.name, by: by)
    await keep(record.settings, mayOpen: true)
    await judgePorts()
    changed()
    return await view(try await store.machine(record.name))
  }

  /// Replaces a machine's settings; the driver gets them as soon as it has nothing to do.
  ///
  /// Where the port is another one, or `binds` says that a person named it, the machine is bound to the device that is there.
  public func setMachine(
    _ settings: MachineRecord.Settings, binds: Bool = false, by: String
  ) async throws -> MachineView {
    await started()
    let isOther = try await store.machine(settings.name).settings.port != settings.port
    if binds || isOther { try await refuseTaken(settings.port, for: settings.name) }
    let record = try await store.setMachine(settings, by: by)
    note("settings changed", by: by, machine: record.name)
    if binds || isOther { try await bind(record.name, by: by) }
    await keepers[record.name]?.change(
      record.settings, port: ports[record.name] ?? .typed(settings.port), isNamed: binds || isOther)
    await judgePorts()
    changed()
    return await view(try await store.machine(record.name))
  }

  /// Removes a machine and ends its driver.
  public func removeMachine(_ name: String, by: String) async throws {
    try await store.removeMachine(name, by: by)
    note("removed", by: by, machine: name)
    ports[name] = nil
    if let keeper = keepers.removeValue(forKey: name) { await keeper.end(endingDriver: true) }
    changed()
  }

  /// Takes no more jobs there; what runs goes on.
  public func disableMachine(_ name: String, reason: String, by: String) async throws -> MachineView {
    let record = try await store.disableMachine(name, reason: reason, by: by)
    note("disabled: \(reason)", by: by, machine: name)
    changed()
    return await view(record)
  }

  /// Takes jobs there again.
  public func enableMachine(_ name: String, by: String) async throws -> MachineView {
    let record = try await store.enableMachine(name, by: by)
    note("enabled", by: by, machine: name)
    await keepers[name]?.tryAgain()
    changed()
    return await view(record)
  }

  /// A person says that the bed is clear and the machine may start (safety.md rules 5 and 6).
  ///
  /// Only a machine that is connected and has nothing to do can be said to be ready: the word is about what stands there now.
  public func ready(_ name: String, job: Int64?, by: String) async throws -> MachineView {
    let before = await view(try await store.machine(name))
    guard let status = before.status, status.phase == .idle else {
      let reason = before.reason.map { " (\($0))" } ?? ""
      throw HostError(
        code: "machine.notIdle",
        sentence: "\(name) is \(before.phase)\(reason): say that it is ready when it is connected and idle.")
    }
    let record = try await store.ready(name, job: job, by: by)
    note("ready\(job.map { ", the part of job \($0) was taken off" } ?? "")", by: by, machine: name)
    resting[name] = nil
    hub.publish(
      HostEvent(
        kind: .machine, at: surroundings.clock.wall(), machine: name, state: before.phase,
        message: "ready, said \(by)"))
    changed()
    return await view(record)
  }

  /// The lines that went over the wire last.
  public func recorder(_ name: String) async throws -> [String] {
    _ = try await store.machine(name)
    guard case .lines(let lines) = try await keeper(name).request(.recorder) else { return [] }
    return lines
  }

  /// What its heaters measured in the last quarter of an hour, oldest first; ages in seconds.
  public func temperatures(_ name: String) async throws -> [(age: Int64, heaters: [HeaterReading])] {
    _ = try await store.machine(name)
    return await keepers[name]?.pastTemperatures() ?? []
  }

  /// Turns a machine's wire log on or off.
  public func wireLog(_ name: String, on: Bool, by: String) async throws {
    _ = try await store.machine(name)
    _ = try await keeper(name).request(.wireLog(on))
    note("wire log \(on ? "on" : "off")", by: by, machine: name)
  }

  /// Stops one machine, or all, at once; what came of it, by machine.
  ///
  /// Goes past keepers, queue and store by connections of its own, to all machines at the same time.
  public func emergencyStop(_ name: String?, by: String) async throws -> [String: StopResult] {
    let host = surroundings.host
    // Whoever has no keeper (yet, or no more) may have a driver all the same; a name that is none is told so.
    if let name, keepers[name] == nil { _ = try await store.machine(name) }
    let names = name.map { [$0] } ?? Array(keepers.keys)
    let results = await withTaskGroup { group in
      for name in names {
        group.addTask {
          do throws(HostError) {
            return (name, try await host.emergencyStop(machine: name))
          } catch {
            return (
              name,
              StopResult(
                confirmed: false,
                sentence: "the stop did not reach \(name)'s driver: \(error.sentence). Cut the power.")
            )
          }
        }
      }
      var results: [String: StopResult] = [:]
      for await (name, result) in group { results[name] = result }
      return results
    }
    for (name, result) in results {
      log.error("emergency stop: \(result.sentence)", metadata: ["machine": "\(name)", "by": "\(by)"])
    }
    // Written beside the answer: a slow disk does not hold up the word on a stop.
    let at = surroundings.clock.wall()
    Task { [results] in
      for (name, result) in results {
        await noteAct("estop", why: result.sentence, machine: name, by: by, at: at)
      }
    }
    return results
  }
}

extension Supervisor {
  /// What the drivers said last of what they print, by attempt.
  public func liveProgress() async -> [String: AttemptProgress] {
    var live: [String: AttemptProgress] = [:]
    for keeper in keepers.values {
      guard let running = await keeper.status?.running else { continue }
      live[running.attempt.description] = running
    }
    return live
  }
}
