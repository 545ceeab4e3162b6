import Glibc

/// The serial ports of one moment; identities are judged among them.
public struct DeviceList: Equatable, Sendable {
  /// In the order of their nodes: by name, numbers as numbers.
  public let devices: [SerialDevice]

  /// A list of these ports.
  public init(_ devices: [SerialDevice]) {
    self.devices = devices.sorted { left, right in
      let (first, second) = (splitNumber(left.node), splitNumber(right.node))
      return first.name == second.name ? first.number < second.number : first.name < second.name
    }
  }

  /// What to know a port by: its serial number if no other port here has the same, else its place.
  public func identity(of device: SerialDevice) -> DeviceIdentity {
    guard let bySerial = serialIdentity(device),
      !devices.contains(where: { $0.node != device.node && serialIdentity($0) == bySerial })
    else { return .place(device.topologyPath) }
    return bySerial
  }

  /// The port that is known by this; nil if it is not here, or if two ports answer to it.
  public func device(_ identity: DeviceIdentity) -> SerialDevice? {
    let found = devices.filter {
      switch identity {
      case .serial: serialIdentity($0) == identity
      case .place(let path): $0.topologyPath == path
      }
    }
    return found.count == 1 ? found[0] : nil
  }

  /// The port behind a path: its node, or any link to it. The links are followed now.
  public func device(at path: String) -> SerialDevice? {
    if let named = devices.first(where: { $0.node == path }) { return named }
    guard let resolved = realpath(path, nil) else { return nil }
    defer { free(resolved) }
    let node = String(cString: resolved)
    return devices.first { $0.node == node }
  }

  /// The path to write into a configuration: the link by id if it is this port's alone, else the one by path,
  /// else the node, which may have another number after the next plugging.
  public func stablePath(of device: SerialDevice) -> String {
    if case .serial = identity(of: device), let byID = device.byID, isAlone(byID) { return byID }
    return device.byPath ?? device.node
  }

  /// A better path for one that a user gave: nil if it is no known port, or stable already.
  public func betterPath(for path: String) -> String? {
    guard let device = device(at: path) else { return nil }
    let stable = stablePath(of: device)
    // Only a plain node changes with the next plugging: somebody who gave a link has chosen a name.
    return path == device.node && stable != path ? stable : nil
  }

  private func isAlone(_ byID: String) -> Bool {
    devices.filter { $0.byID == byID }.count == 1
  }

  private func serialIdentity(_ device: SerialDevice) -> DeviceIdentity? {
    guard let usbID = device.usbID, let serial = device.serialNumber else { return nil }
    return .serial(usbID: usbID, serial: serial, interface: device.interface)
  }
}

private func splitNumber(_ node: String) -> (name: Substring, number: Int) {
  let digits = node.reversed().prefix { $0.isASCII && $0.isNumber }.count
  return (node.dropLast(digits), Int(node.suffix(digits)) ?? 0)
}
