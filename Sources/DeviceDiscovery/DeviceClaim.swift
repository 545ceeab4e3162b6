/// What a machine's device was when a person bound the machine to it: by this it is found again.
public struct DeviceClaim: Equatable, Sendable {
  /// The machine.
  public var machine: String
  /// `2c99:0002`; nil for a port that is not on USB.
  public var usbID: String?
  /// The device's serial number; nil where it has none of its own.
  public var serialNumber: String?
  /// The number of the USB interface, for adapters with several ports.
  public var interface: UInt8?
  /// The socket: `SerialDevice.topologyPath`.
  public var place: String
  /// Another device with the same serial number was seen: the number tells nothing any more.
  public var isSerialShared: Bool
  /// What a person knows the device by.
  public var words: String

  /// Makes a claim of its parts.
  public init(
    machine: String, usbID: String?, serialNumber: String?, interface: UInt8?, place: String,
    isSerialShared: Bool, words: String
  ) {
    self.machine = machine
    self.usbID = usbID
    self.serialNumber = serialNumber
    self.interface = interface
    self.place = place
    self.isSerialShared = isSerialShared
    self.words = words
  }

  /// Claims this device for a machine.
  public init(machine: String, _ device: SerialDevice, among list: DeviceList) {
    self.init(
      machine: machine, usbID: device.usbID, serialNumber: device.serialNumber, interface: device.interface,
      place: device.topologyPath, isSerialShared: list.devices.filter { $0.isTwin(of: device) }.count > 1,
      words: device.words)
  }
}

/// What has become of a claim among the ports of this moment.
public struct DeviceBinding: Equatable, Sendable {
  /// The outcomes; each row of the table in `DeviceList.binding` has one.
  public enum Outcome: String, Equatable, Sendable {
    /// It is there, where and as it was.
    case bound
    /// It is there, and a person is told what is different.
    case told
    /// A person decides: until then nothing is opened.
    case doubtful
    /// It is not plugged in.
    case absent
  }

  /// What it is.
  public var outcome: Outcome
  /// The device, where it is there.
  public var device: SerialDevice?
  /// The link to open it by; a node only where udev makes no links.
  public var path: String?
  /// Why, and what to do; empty where nothing is to be said.
  public var sentence: String
  /// Another device with the same serial number is there: to be remembered in the claim.
  public var isSerialShared: Bool

  init(
    _ outcome: Outcome, _ device: SerialDevice? = nil, path: String? = nil, sentence: String = "",
    isSerialShared: Bool = false
  ) {
    self.outcome = outcome
    self.device = device
    self.path = path
    self.sentence = sentence
    self.isSerialShared = isSerialShared
  }
}

extension SerialDevice {
  // Nothing that the devices themselves say tells them apart.
  func isTwin(of other: SerialDevice) -> Bool {
    usbID == other.usbID && serialNumber == other.serialNumber && interface == other.interface
  }
}
