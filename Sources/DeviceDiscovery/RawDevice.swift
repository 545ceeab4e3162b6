// One tty device as udev and sysfs have it, before anything is made of it; plain text, so that tests can
// write down what real machines show.
package struct RawDevice: Equatable, Sendable {
  /// The node, `/dev/ttyUSB0`; empty if there is none.
  package var node: String
  /// The place in sysfs, `/sys/devices/pci0000:00/.../tty/ttyUSB0`.
  package var sysfsPath: String
  /// udev's properties (ID_VENDOR_ID ...); empty where no udev runs.
  package var properties: [String: String]
  /// The symbolic links that udev made to the node.
  package var links: [String]
  /// What sysfs says: `type` and `console` of the tty, `idVendor`, `idProduct`, `serial`, `manufacturer` and
  /// `product` of the USB device above it, `bInterfaceNumber` of the USB interface, `port_number` of the adapter's
  /// port; besides them the USB device's property `ID_MM_DEVICE_IGNORE`.
  package var attributes: [String: String]
  /// The kernel's driver nearest above the tty, for example `ch341-uart`.
  package var driver: String?
  /// Whether the kernel shows the node to us.
  package var nodeExists: Bool

  package init(
    node: String, sysfsPath: String, properties: [String: String] = [:], links: [String] = [],
    attributes: [String: String] = [:], driver: String? = nil, nodeExists: Bool = true
  ) {
    self.node = node
    self.sysfsPath = sysfsPath
    self.properties = properties
    self.links = links
    self.attributes = attributes
    self.driver = driver
    self.nodeExists = nodeExists
  }
}
