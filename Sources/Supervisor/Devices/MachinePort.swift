import DeviceDiscovery
import Glibc
import JobStore

/// What has become of a machine's port among the devices of this moment.
public struct MachinePort: Equatable, Sendable {
  /// The cases.
  public enum State: String, Sendable {
    /// A path that no device is known behind: a pseudo-terminal, a network port's link. It is used as it was given.
    case typed
    /// Its device is plugged in.
    case here
    /// Its device is not plugged in.
    case gone
    /// A person decides whether it is its device: nothing is opened until then.
    case doubtful
  }

  /// Which.
  public var state: State
  /// What the driver opens: a link that stays right, never a node with a changing number where udev makes links.
  public var path: String
  /// The node now, where its device is plugged in.
  public var node: String?
  /// `1a86:7523:SERIAL`: what has to be behind the path when it is opened; nil where nothing is known.
  public var device: String?
  /// Why it is not opened, or what is told.
  public var sentence: String

  /// A path as it was given.
  static func typed(_ path: String) -> MachinePort { MachinePort(state: .typed, path: path, sentence: "") }

  /// The path is a node's own name and may be another device's after the next plugging; no link leads there.
  var isNode: Bool { MachinePort.isNode(path) }

  /// Names that the kernel counts up.
  static func isNode(_ path: String) -> Bool {
    for prefix in ["/dev/ttyUSB", "/dev/ttyACM"] where path.hasPrefix(prefix) {
      let rest = path.dropFirst(prefix.count)
      return !rest.isEmpty && rest.allSatisfy(\.isNumber)
    }
    return false
  }
}

/// A judgement on one machine's port, with what is to be kept of it.
struct PortJudgement: Equatable {
  var port: MachinePort
  /// The identity as it is now, where it is another than before.
  var identity: MachineIdentity?
  /// What is to be told of the change, where something is.
  var told = ""

  /// Judges a machine by its record, the devices there, and the other machines' claims.
  init(_ machine: MachineRecord, _ list: DeviceList, others: [DeviceClaim]) {
    if let known = machine.identity {
      self.init(known, list.binding(of: DeviceClaim(machine.name, known), among: others))
    } else {
      self.init(unbound: machine, list)
    }
  }

  private init(_ known: MachineIdentity, _ binding: DeviceBinding) {
    var now = known
    if binding.isSerialShared { now.isSerialShared = true }
    port = MachinePort(state: .gone, path: known.path, device: known.deviceKey, sentence: binding.sentence)
    switch binding.outcome {
    case .bound, .told:
      if let device = binding.device {
        now.follow(device, path: binding.path ?? device.node)
        port.state = .here
        port.node = device.node
        port.path = now.path
      }
      if binding.outcome == .told { told = binding.sentence }
    case .doubtful:
      port.state = .doubtful
      told = binding.sentence
    case .absent: break
    }
    // What the firmware said outlives the plugging: only a person's word ends that doubt.
    if let doubt = known.doubt {
      port.state = .doubtful
      port.sentence = doubt
    }
    if now != known { identity = now }
  }

  /// A machine that was added while its device was not there, or that has a path of its own.
  private init(unbound machine: MachineRecord, _ list: DeviceList) {
    let path = machine.settings.port
    let isNode = MachinePort.isNode(path)
    let bind = "`fabline machine set \(machine.name) --port \(path)`"
    if let device = list.device(at: path) {
      guard !isNode else {
        port = MachinePort(
          state: .doubtful, path: path,
          sentence:
            "\(machine.name) is not bound to a device yet, and the number of \(path) may be any device's: "
            + "nothing is opened. If \(device.words) is the one: \(bind)")
        return
      }
      // A link that a person chose names this device.
      let bound = MachineIdentity(device, among: list)
      identity = bound
      told = "\(machine.name) is bound to \(device.words)"
      port = MachinePort(
        state: .here, path: bound.path, node: device.node, device: bound.deviceKey, sentence: "")
    } else if isNode, access(path, F_OK) != 0 {
      port = MachinePort(
        state: .gone, path: path,
        sentence:
          "nothing is plugged in at \(path), and another time its number may be any device's: when it is "
          + "there, \(bind) binds \(machine.name) to it")
    } else {
      port = .typed(path)
    }
  }
}

extension DeviceClaim {
  /// What the store keeps, as DeviceDiscovery takes it.
  init(_ machine: String, _ identity: MachineIdentity) {
    self.init(
      machine: machine, usbID: identity.usbID, serialNumber: identity.serialNumber,
      interface: identity.interface.flatMap { UInt8(exactly: $0) }, place: identity.place,
      isSerialShared: identity.isSerialShared, words: identity.words)
  }
}

extension MachineIdentity {
  /// The identity of a device that is plugged in.
  init(_ device: SerialDevice, among list: DeviceList) {
    let claim = DeviceClaim(machine: "", device, among: list)
    self.init(
      usbID: device.usbID, serialNumber: device.serialNumber, isSerialShared: claim.isSerialShared,
      interface: device.interface.map { Int($0) }, place: device.topologyPath,
      path: list.stablePath(of: device), words: device.words)
    idPath = device.idPath
    portNumber = device.portNumber.map { Int($0) }
  }

  /// The same device, where it is now.
  fileprivate mutating func follow(_ device: SerialDevice, path: String) {
    place = device.topologyPath
    idPath = device.idPath ?? idPath
    portNumber = device.portNumber.map { Int($0) } ?? portNumber
    self.path = path
    words = device.words
  }

  /// What the driver compares with before it opens the path; nil for a port that is not on USB.
  var deviceKey: String? { usbID.map { "\($0):\(serialNumber ?? "")" } }
}
