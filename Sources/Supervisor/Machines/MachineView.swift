import DriverInterface
import JobStore

/// A machine as people see it: what is stored, and what its driver said last.
public struct MachineView: Equatable, Sendable {
  /// What is stored.
  public var record: MachineRecord
  /// What the driver says; nil without one.
  public var status: DriverStatus?
  /// Why there is no driver, where there is none.
  public var absence: String?

  /// What has become of its port, where a driver is kept for it.
  public var port: MachinePort?

  /// Puts them together.
  public init(record: MachineRecord, status: DriverStatus?, absence: String?, port: MachinePort? = nil) {
    self.record = record
    self.port = port
    self.status = status
    self.absence = absence
  }

  /// The driver's phase, or `noDriver`.
  public var phase: String { status.map { $0.phase.word } ?? "noDriver" }

  /// Why it is in this phase, where there is something to say.
  public var reason: String? {
    if let port, port.state == .doubtful { return port.sentence }
    guard let status else { return absence }
    if let port, port.state == .gone, status.running == nil || status.phase.isWithoutPort {
      return port.sentence
    }
    if status.phase == .disconnected, let hold = PortHold(record, isStart: true, port: port) {
      return hold.sentence(record.name)
    }
    return status.reason.isEmpty ? nil : status.reason
  }
}

extension MachinePhase {
  /// Nothing is open.
  var isWithoutPort: Bool { self == .disconnected || self == .opening || self == .linkLost }

  /// What dispatch has to know of a machine in this phase.
  func activity(reason: String) -> MachineFacts.Activity {
    let because = reason.isEmpty ? "" : ": \(reason)"
    return switch self {
    case .idle: .idle
    case .printing, .resuming: .occupied("prints")
    case .pausing, .paused: .occupied("is paused\(because)")
    case .cancelling: .occupied("ends what it printed")
    case .needsAttention: .occupied("waits for a person\(because)")
    case .printingNotOurs: .occupied("prints something that is not ours")
    case .disconnected: .away("is disconnected; `fabline connect` opens its port")
    case .opening: .away("is not connected yet\(because)")
    case .handshaking: .away("is being greeted")
    case .killed: .away("was stopped; `fabline reset` leads on")
    case .linkLost: .away("lost its link\(because)")
    }
  }
}
