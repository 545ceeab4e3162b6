import APIModel
import ArgumentParser
import DriverClient
import Glibc

struct Estop: Verb {
  static let configuration = CommandConfiguration(
    abstract: "Stops a machine at once, or all: M112, no question, no queue.",
    discussion: """
      Goes through the supervisor, and straight to the drivers where it has not confirmed within 200 ms. Says \
      'confirmed', or 'sent, not confirmed: cut the power'. It does not replace the machine's own switch. \
      Afterwards: fabline reset MACHINE
      """)

  @Argument(help: "The machine, or the name of a direct print.") var machine: MachineName?
  @Flag(help: "All machines, direct prints included.") var all = false
  @OptionGroup var common: CommonOptions

  func validate() throws {
    guard all != (machine != nil) else { throw ValidationError("Name a machine, or say --all.") }
  }

  func perform(_ context: Context) async throws {
    let run = EmergencyStopRun(context: context, machine: machine?.value)
    let stops =
      if let host = try context.remoteAddress() { try await run.onlyThrough(host) } else { await run.run() }
    guard !stops.isEmpty else {
      throw Failure(
        code: "estop.nobody",
        sentence: "NOT STOPPED: no driver answers"
          + (machine.map { " for \($0.value)" } ?? "")
          + " and the supervisor is not reachable: cut the power",
        status: .unavailable)
    }
    try context.output.answer(stops) { output in
      for stop in stops { output.say(TextWidth.harmless("\(stop.machine): \(stop.words)")) }
    }
    if stops.contains(where: { !$0.confirmed }) {
      throw Failure(
        code: "estop.unconfirmed", sentence: "sent, not confirmed: cut the power", status: .linkLost)
    }
  }
}

extension StopModel {
  /// What a person reads.
  var words: String {
    let head = confirmed ? "confirmed" : "sent, not confirmed: cut the power"
    guard let message, !message.isEmpty, message != head else { return head }
    return head + " (\(message))"
  }

  /// The reports by machine: confirmed by either way is confirmed.
  static func merged(_ reports: [StopModel]) -> [StopModel] {
    var byMachine: [String: StopModel] = [:]
    for report in reports where !(byMachine[report.machine]?.confirmed ?? false) {
      byMachine[report.machine] = report
    }
    return byMachine.values.sorted { $0.machine < $1.machine }
  }
}

/// The emergency stop by every way there is: the supervisor first, the drivers' own sockets 200 ms later where it has not
/// confirmed by then. Both may reach a machine: a second M112 does no harm, a missing one does.
struct EmergencyStopRun: Sendable {
  let context: Context
  /// Nil for all.
  let machine: String?

  /// How long the supervisor has alone.
  static let supervisorAlone = Duration.milliseconds(200)

  func run() async -> [StopModel] {
    async let direct = straight(to: directSockets)
    let supervisor = Task { await throughSupervisor() }
    var reports: [StopModel] = []
    if await !Self.confirmed(by: supervisor) { reports = await straight(to: driverSockets) }
    reports += await direct
    reports += await supervisor.value ?? []
    return StopModel.merged(reports)
  }

  /// Whether the supervisor confirmed every stop in the time that it has alone.
  private static func confirmed(by supervisor: Task<[StopModel]?, Never>) async -> Bool {
    let (answers, sink) = AsyncStream<Bool>.makeStream()
    Task {
      let reports = await supervisor.value ?? []
      sink.yield(!reports.isEmpty && reports.allSatisfy(\.confirmed))
    }
    Task {
      try? await Task.sleep(for: supervisorAlone)
      sink.yield(false)
    }
    for await answer in answers { return answer }
    return false
  }

  /// Another machine's supervisor is the only way there: its drivers' sockets are out of reach.
  func onlyThrough(_ host: HostAddress) async throws -> [StopModel] {
    do {
      return StopModel.merged(try await supervisorReports())
    } catch let failure as Failure {
      throw Failure(
        code: failure.code,
        sentence: "NOT STOPPED through \(host.text): cut the power. \(failure.sentence)",
        status: failure.status,
        details: failure.details)
    }
  }

  /// What the supervisor says; nil where it cannot be reached.
  private func throughSupervisor() async -> [StopModel]? {
    // Unreachable, slow or refusing: the drivers' own sockets are the answer to all of these.
    try? await supervisorReports()
  }

  private func supervisorReports() async throws -> [StopModel] {
    try await context.withSupervisor { api in
      if let machine {
        let result = try await api.act(machine, ActRequest(act: "estop"), seconds: 3)
        return [StopModel(machine: machine, confirmed: result.confirmed ?? false, message: result.message)]
      }
      return try await api.stopAll()
    }
  }

  private var driverSockets: [(String, String)] {
    let names = Self.sockets(in: context.runFolder.driverFolder)
    return names.filter { machine == nil || machine == $0.0 }
  }

  private var directSockets: [(String, String)] {
    [context.runFolder, .ownFallback].flatMap(DirectPlace.all).map { ($0.name, $0.socket) }
      .filter { machine == nil || machine == $0.0 }
  }

  /// Names and paths of the sockets in a folder of drivers.
  static func sockets(in path: String) -> [(String, String)] {
    guard let folder = opendir(path) else { return [] }
    defer { closedir(folder) }
    var found: [(String, String)] = []
    while let entry = readdir(folder) {
      let file = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if file.hasSuffix(".sock") { found.append((String(file.dropLast(5)), path + "/" + file)) }
    }
    return found
  }

  /// All at once, a thread each: one machine's silence delays no other's stop.
  private func straight(to sockets: [(String, String)]) async -> [StopModel] {
    await withTaskGroup(of: StopModel?.self) { group in
      for (name, socket) in sockets {
        group.addTask { await Self.onThread { Self.stop(name, socket) } }
      }
      var reports: [StopModel] = []
      for await report in group { if let report { reports.append(report) } }
      return reports
    }
  }

  /// Nil where nobody listens: no driver, nothing that could be stopped.
  private static func stop(_ name: String, _ socket: String) -> StopModel? {
    do {
      let result = try EmergencyStop.send(socketPath: socket)
      return StopModel(machine: name, confirmed: result.confirmed, message: result.sentence)
    } catch {
      if case .unreachable(_, let number) = error, number == ENOENT || number == ECONNREFUSED { return nil }
      return StopModel(machine: name, confirmed: false, message: error.sentence)
    }
  }

  private static func onThread<Result: Sendable>(_ body: @escaping @Sendable () -> Result) async -> Result {
    await withCheckedContinuation { continuation in
      let box = Unmanaged.passRetained(Work { continuation.resume(returning: body()) })
      var thread = pthread_t()
      let made = pthread_create(
        &thread, nil,
        { argument in
          guard let argument else { return nil }
          Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().body()
          return nil
        }, box.toOpaque())
      if made == 0 {
        pthread_detach(thread)
      } else {
        box.takeRetainedValue().body()
      }
    }
  }

  private final class Work: Sendable {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }
}
