import DriverClient
import DriverInterface
import Foundation
import Glibc
import Logging
import Synchronization

/// Drivers as processes of this system, found and reached by their sockets in the run folder.
public final class ProcessDriverHost: DriverHost {
  private let executable: String
  private let folders: Folders
  private let client: String
  private let oomScore: Int?
  private let units: DriverUnits?
  private let log: Logger?
  private let processes = Mutex<[String: DriverProcess]>([:])

  /// Starts `executable` for each machine; `client` is how this program greets drivers, `oomScore` what they get where memory
  /// runs out (see `MemoryPressure`). With `units` systemd starts them, each in a unit of its own.
  public init(
    executable: String, folders: Folders, client: String, oomScore: Int? = nil, units: DriverUnits? = nil,
    log: Logger? = nil
  ) {
    self.executable = executable
    self.folders = folders
    self.client = client
    self.oomScore = oomScore
    self.units = units
    self.log = log
  }

  /// The conversation with a living driver of `machine`; nil where none listens.
  public func adopt(machine: String) async throws(HostError) -> (any DriverLink)? {
    do {
      let connection = try await DriverConnection.connect(
        socketPath: folders.driverSocket(machine), client: client)
      watch(connection.driver, of: machine)
      return ConnectedDriver(connection)
    } catch {
      if case .unreachable = error { return nil }
      throw HostError(error)
    }
  }

  /// Starts a driver in a session of its own, its words going to a file beside its journal, and greets it.
  public func start(_ order: DriverOrder) async throws(HostError) -> any DriverLink {
    try prepare(order)
    if let started = try await startInUnit(order) { return started }
    let log = open(
      folders.driverLog(order.machine), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o640)
    defer { if log >= 0 { close(log) } }
    let process: DriverProcess
    do {
      process = try DriverProcess.spawn(
        executable: executable, arguments: order.arguments, log: log > 2 ? log : nil)
    } catch {
      throw HostError(code: error.code, sentence: error.sentence)
    }
    if let oomScore { MemoryPressure.set(oomScore, of: "\(process.pid)") }
    processes.withLock { $0[order.machine] = process }
    do throws(HostError) {
      return try await greet(
        machine: order.machine, isIt: { $0.pid == process.pid },
        end: { process.hasEnded ? self.end(of: process, machine: order.machine) : nil })
    } catch {
      if !process.hasEnded { process.signal(SIGTERM) }
      throw error
    }
  }

  /// Has systemd start the driver; nil where its socket is not there, and then the driver becomes a child.
  private func startInUnit(_ order: DriverOrder) async throws(HostError) -> (any DriverLink)? {
    guard let units else { return nil }
    let starting: DriverUnits.Starting
    do throws(HostError) {
      starting = try units.start(log: folders.driverLog(order.machine), arguments: order.arguments)
    } catch {
      log?.warning(
        "\(error.sentence); the driver becomes a child of this process, and shares its unit's fate",
        metadata: ["machine": "\(order.machine)"])
      return nil
    }
    let link = try await greet(
      machine: order.machine, isIt: { _ in true },
      end: { starting.hasEnded ? DriverExit(lastLines: self.lastLines(order.machine)) : nil })
    watch(link.driver, of: order.machine)
    return link
  }

  /// How this driver's process ended; nil where it is still there after three seconds.
  public func exit(of driver: DriverIdentity) async -> DriverExit? {
    let process = processes.withLock { $0[driver.machine] }
    guard let process, process.pid == driver.pid else {
      return DriverExit(lastLines: lastLines(driver.machine))
    }
    for _ in 0..<150 where !process.hasEnded {
      try? await Task.sleep(for: .milliseconds(20))
    }
    guard process.hasEnded else { return nil }
    return end(of: process, machine: driver.machine)
  }

  /// Stops a machine by a connection made for it alone.
  public func emergencyStop(machine: String) async throws(HostError) -> StopResult {
    let path = folders.driverSocket(machine)
    let result: Result<StopResult, HostError> = await withCheckedContinuation { continuation in
      // A thread of its own: the call blocks, and a busy pool must not hold up a stop.
      let thread = Thread {
        do throws(ConnectionError) {
          let stop = try EmergencyStop.send(socketPath: path)
          continuation.resume(
            returning: .success(StopResult(confirmed: stop.confirmed, sentence: stop.sentence)))
        } catch {
          continuation.resume(returning: .failure(HostError(error)))
        }
      }
      thread.stackSize = 256 << 10
      thread.start()
    }
    return try result.get()
  }

  /// Talks to a driver that was just started, as soon as it listens. `end` tells how it ended, where it did.
  private func greet(
    machine: String, isIt: (DriverIdentity) -> Bool, end: () -> DriverExit?
  ) async throws(HostError) -> any DriverLink {
    var last = HostError(code: "driver.noAnswer", sentence: "the driver does not answer")
    for _ in 0..<500 {
      if let exit = end() { throw HostError(code: "driver.ended", sentence: exit.sentence + " at its start") }
      do {
        let connection = try await DriverConnection.connect(
          socketPath: folders.driverSocket(machine), client: client)
        if isIt(connection.driver) { return ConnectedDriver(connection) }
        connection.close()
      } catch {
        last = HostError(error)
        if case .unreachable = error {} else { break }
      }
      do { try await Task.sleep(for: .milliseconds(20)) } catch { break }
    }
    throw HostError(code: last.code, sentence: "the new driver cannot be reached: \(last.sentence)")
  }

  private func end(of process: DriverProcess, machine: String) -> DriverExit {
    let lines = lastLines(machine)
    return switch process.takeEnd() {
    case .exited(let status): DriverExit(status: status, lastLines: lines)
    case .signalled(let signal): DriverExit(signal: signal, lastLines: lines)
    case .unknown: DriverExit(lastLines: lines)
    }
  }

  private func watch(_ driver: DriverIdentity, of machine: String) {
    processes.withLock { processes in
      guard processes[machine]?.pid != driver.pid else { return }
      processes[machine] = try? DriverProcess.adopt(pid: driver.pid)
    }
  }

  private func prepare(_ order: DriverOrder) throws(HostError) {
    do {
      for folder in [folders.driverState(order.machine), folders.driverRun(order.machine)] {
        try FileManager.default.createDirectory(
          atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o750])
      }
      for (path, text) in order.files {
        try Data(text.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
      }
    } catch {
      throw HostError(
        code: "folder.create",
        sentence: "cannot prepare the folders for \(order.machine)'s driver: \(error.localizedDescription)")
    }
    BoundedLog.cut(folders.driverLog(order.machine))
  }

  private func lastLines(_ machine: String) -> [String] {
    BoundedLog.lastLines(of: folders.driverLog(machine), count: 5)
  }
}

extension HostError {
  /// What a driver's socket said.
  init(_ error: ConnectionError) {
    self.init(code: error.code, sentence: error.sentence)
  }
}

/// A driver behind a socket.
private struct ConnectedDriver: DriverLink {
  let connection: DriverConnection
  init(_ connection: DriverConnection) { self.connection = connection }
  var driver: DriverIdentity { connection.driver }
  var events: AsyncStream<DriverEvent> { connection.events }

  func request(_ request: DriverRequest, timeout: Duration) async throws(HostError) -> DriverReply {
    do {
      return try await connection.request(request, timeout: timeout)
    } catch {
      throw HostError(error)
    }
  }

  func close() { connection.close() }
}
