import APIModel
import JobStore
import Supervisor

extension DeviceModel {
  /// A port as clients see it.
  init(_ view: DeviceView) {
    self.init(node: view.device.node, path: view.path)
    byID = view.device.byID
    byPath = view.device.byPath
    vendor = view.device.vendorName
    product = view.device.productName
    chip = view.device.knownProduct
    usb = view.device.usbID
    serialNumber = view.device.serialNumber
    driver = view.device.driver
    machine = view.machine
    users = view.users.map { PortUserModel(pid: $0.pid, program: $0.program, machine: $0.machine) }
    obstacles = view.obstacles.map {
      ObstacleModel(kind: $0.kind.rawValue, sentence: $0.sentence, command: $0.command)
    }
  }
}

extension IdentityModel {
  /// What is stored of a machine's device, and what has become of its port.
  init(_ stored: MachineIdentity?, _ port: MachinePort) {
    self.init(state: port.state.rawValue, path: port.path)
    node = port.node
    note = port.sentence.isEmpty ? nil : port.sentence
    guard let stored else { return }
    device = stored.words
    usb = stored.usbID
    serialNumber = stored.serialNumber
    isSerialShared = stored.isSerialShared
    interface = stored.interface
    idPath = stored.idPath
    portNumber = stored.portNumber
  }
}
