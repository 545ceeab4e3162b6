/// Which piece of hardware a machine is: by this its port is found again, whatever number the node has then.
public struct MachineIdentity: Equatable, Sendable {
  /// `2c99:0002`; nil for a port that is not on USB.
  public var usbID: String?
  /// The USB serial number; nil where there is none that tells pieces apart.
  public var serialNumber: String?
  /// Another device with the same serial number was seen: the socket decides.
  public var isSerialShared: Bool
  /// The number of the USB interface.
  public var interface: Int?
  /// The socket that it was plugged into when it was seen last.
  public var place: String
  /// udev's `ID_PATH` of that socket, for rules; nil without udev.
  public var idPath: String?
  /// Which port of an adapter with several it is.
  public var portNumber: Int?
  /// The link to open it by: by-id or by-path; a node only where udev makes no links.
  public var path: String
  /// What a person knows it by: maker, product, serial number.
  public var words: String
  /// What its firmware said, once it was connected.
  public var firmware: FirmwareIdentity?
  /// Why a person has to decide before the port is opened again.
  public var doubt: String?

  /// Makes the identity of a device that was just bound.
  public init(
    usbID: String?, serialNumber: String?, isSerialShared: Bool, interface: Int?, place: String, path: String,
    words: String
  ) {
    self.usbID = usbID
    self.serialNumber = serialNumber
    self.isSerialShared = isSerialShared
    self.interface = interface
    self.place = place
    self.path = path
    self.words = words
  }
}
