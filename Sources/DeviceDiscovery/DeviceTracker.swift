/// A port that came, went or got other names, as seen from one list to the next.
public enum DeviceChange: Equatable, Sendable {
  /// It is not there any more.
  case gone(SerialDevice)
  /// It is there, with its links made and its group set.
  case came(SerialDevice)
  /// It is the same device, with other links or properties.
  case changed(SerialDevice)

  /// The device, as it is or was.
  public var device: SerialDevice {
    switch self {
    case .gone(let device), .came(let device), .changed(let device): device
    }
  }
}

/// Keeps the list of ports and tells what changed in it; a value without a descriptor.
///
/// Events only say *that* something happened: what is there is always enumerated anew, so that a lost event changes nothing.
/// One thing only events show: a device that went and came back between two looks.
public struct DeviceTracker: Sendable {
  /// What was there when it was looked last.
  public private(set) var list: DeviceList
  private var passed: Set<String> = []

  /// Begins with what is there.
  public init(_ list: DeviceList) { self.list = list }

  /// What differs between two looks, as far as looks alone can tell.
  public static func changes(from old: DeviceList, to new: DeviceList) -> [DeviceChange] {
    var tracker = DeviceTracker(old)
    return tracker.look(new)
  }

  /// Takes an event in; true where a new look is needed.
  public mutating func note(_ reading: DeviceReading) -> Bool {
    switch reading {
    case .nothing: return false
    case .overflow: return true
    case .event(.removed(let device)):
      passed.insert(device.node)
      return true
    case .event(.added), .event(.changed): return true
    }
  }

  /// Takes a new look in; what went is told before what came.
  public mutating func look(_ now: DeviceList) -> [DeviceChange] {
    defer {
      list = now
      passed = []
    }
    var gone: [DeviceChange] = []
    var come: [DeviceChange] = []
    for old in list.devices {
      let same = now.devices.first { $0.isSame(as: old) }
      if same == nil || passed.contains(old.node) { gone.append(.gone(old)) }
    }
    for new in now.devices {
      guard let old = list.devices.first(where: { $0.isSame(as: new) }), !passed.contains(old.node) else {
        come.append(.came(new))
        continue
      }
      if old != new { come.append(.changed(new)) }
    }
    return gone + come
  }
}

extension SerialDevice {
  // The same piece of hardware at the same node and socket, whatever its links are called.
  fileprivate func isSame(as other: SerialDevice) -> Bool {
    node == other.node && sysfsPath == other.sysfsPath && usbID == other.usbID
      && serialNumber == other.serialNumber
  }
}
