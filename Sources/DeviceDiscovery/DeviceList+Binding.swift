// Which device is a machine's. By serial number where there is one that nobody else has, else by socket:
//
//   the serial number is here once, same socket        bound
//   the serial number is here once, other socket       told: moved
//   the serial number is here twice, one in its socket told: known by its socket from now on
//   the serial number is here twice, none in its socket doubtful
//   the serial number was seen twice before            as if there were none
//   no serial number, the same kind in its socket      bound (what the firmware says may still speak against it)
//   no serial number, socket empty, its kind elsewhere  doubtful: moved?
//   another device in its socket                       doubtful: board replaced?
//   another machine's device in its socket             absent
//   nothing in its socket                              absent
extension DeviceList {
  /// What has become of a claim. `others` are the claims of the other machines: what is theirs is no candidate.
  public func binding(of claim: DeviceClaim, among others: [DeviceClaim]) -> DeviceBinding {
    let twins = devices.filter { claim.fits($0) }
    let isKnownTwice = others.contains { $0.isTwin(of: claim) }
    let isUnique =
      claim.serialNumber != nil && !claim.isSerialShared && twins.count <= 1 && !isKnownTwice
    if isUnique, let device = twins.first { return bySerial(claim, device) }
    let isShared = claim.serialNumber != nil && (twins.count > 1 || isKnownTwice)
    var binding = byPlace(claim, twins, others)
    binding.isSerialShared = isShared
    return binding
  }

  private func bySerial(_ claim: DeviceClaim, _ device: SerialDevice) -> DeviceBinding {
    let path = stablePath(of: device)
    guard device.topologyPath != claim.place else { return DeviceBinding(.bound, device, path: path) }
    return DeviceBinding(
      .told, device, path: path,
      sentence:
        "\(claim.machine)'s device is plugged in elsewhere now, at \(device.topologyPath); it is known "
        + "by its serial number \(claim.serialNumber ?? "")")
  }

  private func byPlace(
    _ claim: DeviceClaim, _ twins: [SerialDevice], _ others: [DeviceClaim]
  ) -> DeviceBinding {
    guard let there = devices.first(where: { $0.topologyPath == claim.place }) else {
      return elsewhere(claim, twins, others)
    }
    if claim.fits(there) {
      let path = there.byPath ?? there.node
      guard let serial = claim.serialNumber, !claim.isSerialShared else {
        return DeviceBinding(.bound, there, path: path)
      }
      return DeviceBinding(
        .told, there, path: path,
        sentence:
          "more than one device has the serial number \(serial): \(claim.machine) is known by its socket "
          + "from now on, \(claim.place)")
    }
    if let owner = others.first(where: { $0.serialNumber != nil && !$0.isSerialShared && $0.fits(there) }) {
      return DeviceBinding(
        .absent, sentence: "\(claim.missing); in its socket is now the device of \(owner.machine)")
    }
    return DeviceBinding(
      .doubtful,
      sentence: "where \(claim.machine) was plugged in, at \(claim.place), is now another device: "
        + "\(there.words), instead of \(claim.words); nothing is opened. If its board was replaced: `fabline machine set \(claim.machine) "
        + "--port \(there.node)`")
  }

  private func elsewhere(
    _ claim: DeviceClaim, _ twins: [SerialDevice], _ others: [DeviceClaim]
  ) -> DeviceBinding {
    let free = twins.filter { device in
      device.usbID != nil && !others.contains { $0.fits(device) && $0.place == device.topologyPath }
    }
    guard let first = free.first else { return DeviceBinding(.absent, sentence: claim.missing) }
    let nodes = free.map { "\($0.node) (\($0.topologyPath))" }.joined(separator: ", ")
    let which = free.count == 1 ? "one like it is at \(nodes)" : "such devices are at \(nodes)"
    return DeviceBinding(
      .doubtful,
      sentence:
        "the socket of \(claim.machine), \(claim.place), is empty, and \(which): nothing tells whether "
        + "that is its device, and nothing is opened. If it is: `fabline machine set \(claim.machine) --port \(first.node)`, and "
        + "`fabline machine identify \(claim.machine)` makes the machine there beep")
  }
}

extension DeviceClaim {
  fileprivate func fits(_ device: SerialDevice) -> Bool {
    usbID == device.usbID && serialNumber == device.serialNumber && interface == device.interface
  }

  fileprivate func isTwin(of other: DeviceClaim) -> Bool {
    usbID == other.usbID && serialNumber == other.serialNumber && interface == other.interface
  }

  fileprivate var missing: String { "\(machine)'s device is not plugged in: \(words)" }
}
