import JobStore
import Supervisor

/// Which machines a slicer's address means: `http://HOST/m/ender`, `http://HOST/pool/mk3`, or `http://HOST` alone.
///
/// Slicers put their paths behind whatever stands in their host field (PrusaSlicer's and OrcaSlicer's `make_url`), so that one
/// host serves as many of them as it has machines.
enum SlicerTarget: Equatable, Sendable {
  /// The address names none: the only machine, or the only pool.
  case open
  case machine(String)
  case pool(String)

  /// What stands before a dialect's own paths.
  static let prefixes = ["", "/m/{machine}", "/pool/{pool}"]

  /// Reads the request's path.
  init(_ context: APIContext) throws {
    if context.parameters.get("machine") != nil {
      self = .machine(try context.parameter("machine"))
    } else if context.parameters.get("pool") != nil {
      self = .pool(try context.parameter("pool"))
    } else {
      self = .open
    }
  }

  /// The machines meant, by name. Throws `machine.unknown`.
  func machines(_ supervisor: Supervisor) async throws -> [MachineView] {
    let all = try await supervisor.machines()
    switch self {
    case .open: return all
    case .machine(let name):
      guard let machine = all.first(where: { $0.record.name == name }) else {
        throw StoreError(
          .machineUnknown,
          "no machine is called \(LogRecord.escaped(name)): the address in the slicer is http://HOST/m/NAME")
      }
      return [machine]
    case .pool(let name):
      let members = all.filter { $0.record.settings.pool == name }
      guard !members.isEmpty else {
        throw StoreError(
          .machineUnknown,
          "no machine is in pool \(LogRecord.escaped(name)): the address in the slicer is http://HOST/pool/NAME"
        )
      }
      return members
    }
  }

  /// The machine whose state is shown where a dialect knows of one alone: one that prints, else the first.
  func shown(_ supervisor: Supervisor) async throws -> MachineView? {
    let machines = try await machines(supervisor)
    return machines.first { $0.status?.running != nil } ?? machines.first
  }
}
