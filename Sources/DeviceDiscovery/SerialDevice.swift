/// A serial port with hardware behind it: what it is, and the names under which it can be found again.
public struct SerialDevice: Equatable, Hashable, Sendable {
  /// The node; its number may be another after the next plugging: `/dev/ttyUSB0`.
  public let node: String
  /// A link named after maker, product and serial number: `/dev/serial/by-id/usb-...`. Two adapters without
  /// a serial number share one, which then leads to one of them.
  public let byID: String?
  /// A link named after the socket that it is plugged into: `/dev/serial/by-path/pci-...`.
  public let byPath: String?
  /// The USB vendor number; nil for a port that is not on USB.
  public let vendorID: UInt16?
  /// The USB product number; nil for a port that is not on USB.
  public let productID: UInt16?
  /// The maker's name, as the device gives it, else udev's database.
  public let vendorName: String?
  /// The product's name, as the device gives it, else udev's database.
  public let productName: String?
  /// The device's own serial number; nil if it has none, or one that its maker gave to all.
  public let serialNumber: String?
  /// The number of the USB interface, for adapters with several ports.
  public let interface: UInt8?
  /// The place in the machine: the name of `byPath`, else udev's `ID_PATH`, else that in sysfs;
  /// for a UART of the mainboard the node's name, which the board fixes.
  public let topologyPath: String
  /// The kernel's driver: `ch341`, `ftdi_sio`, `cdc_acm` ...
  public let driver: String?
  /// True where the kernel writes its log to it: never a printer's port.
  public let isConsole: Bool
  /// The maker's name in udev's hardware database; nil where that has none.
  public let knownVendor: String?
  /// The product's name in udev's hardware database: of a bare adapter it says which chip it is.
  public let knownProduct: String?
  /// udev's `ID_PATH`, which rules can match; nil without udev.
  public let idPath: String?
  /// Which port of an adapter with several it is, from 0; nil where the kernel does not count them.
  public let portNumber: UInt8?
  // Where sysfs has it: the same piece in the same socket under the same node.
  let sysfsPath: String
  /// A rule tells ModemManager to leave it alone.
  public let isHiddenFromModemManager: Bool

  /// `2c99:0002`, or nil for a port that is not on USB.
  public var usbID: String? {
    guard let vendorID, let productID else { return nil }
    return "\(hex(vendorID)):\(hex(productID))"
  }

  /// What a person knows it by: the names that the device gives itself, else those of its chip, else its number.
  ///
  /// A bare adapter names no maker and calls itself "USB Serial": there the database knows better.
  public var words: String {
    let own = [vendorName, productName].compactMap { $0 }
    let known = [knownVendor, knownProduct].compactMap { $0 }
    let namesItself = own.count == 2 && vendorName != knownVendor
    let names = namesItself || known.isEmpty ? own : known
    let text = names.isEmpty ? usbID ?? node : names.joined(separator: " ")
    return serialNumber.map { "\(text), serial number \($0)" } ?? text
  }
}

extension SerialDevice {
  // nil where there is no port to open: virtual terminals, UARTs that the board does not have, nodes that a
  // container does not show.
  package init?(_ raw: RawDevice) {
    guard raw.nodeExists, raw.node.hasPrefix("/dev/"), !raw.sysfsPath.contains("/devices/virtual/") else {
      return nil
    }
    // The 8250 driver makes ttyS0 to ttyS31 whatever the board has; type 0 is "nothing there".
    if raw.attributes["type"] == "0" { return nil }
    let usb = raw.attributes["idVendor"] != nil || raw.properties["ID_BUS"] == "usb"
    node = raw.node
    byID = raw.links.filter { $0.hasPrefix("/dev/serial/by-id/") }.min()
    byPath = raw.linkByPath
    vendorID = usb ? raw.number("ID_VENDOR_ID", "idVendor") : nil
    productID = usb ? raw.number("ID_MODEL_ID", "idProduct") : nil
    vendorName = raw.text("ID_VENDOR_FROM_DATABASE", "ID_VENDOR", "manufacturer")
    productName = raw.text("ID_MODEL_FROM_DATABASE", "ID_MODEL", "product")
    serialNumber = raw.usbSerial.flatMap { isMeaningful($0) ? $0 : nil }
    interface = (raw.attributes["bInterfaceNumber"] ?? raw.properties["ID_USB_INTERFACE_NUM"])
      .flatMap { UInt8($0, radix: 16) }
    topologyPath = raw.topologyPath(onUSB: usb)
    driver = raw.properties["ID_USB_DRIVER"] ?? raw.driver
    isConsole = raw.attributes["console"] == "Y"
    knownVendor = raw.properties["ID_VENDOR_FROM_DATABASE"].map(trimmed).flatMap { $0.isEmpty ? nil : $0 }
    knownProduct = raw.properties["ID_MODEL_FROM_DATABASE"].map(trimmed).flatMap { $0.isEmpty ? nil : $0 }
    idPath = raw.properties["ID_PATH"]
    sysfsPath = raw.sysfsPath
    portNumber = raw.attributes["port_number"].flatMap { UInt8($0) }
    isHiddenFromModemManager =
      raw.properties["ID_MM_PORT_IGNORE"] == "1" || raw.properties["ID_MM_DEVICE_IGNORE"] == "1"
      || raw.attributes["ID_MM_DEVICE_IGNORE"] == "1"
  }
}

extension RawDevice {
  // Newer udevs also make a link with the USB revision in it (`usbv2`); the plain one is the stable one.
  fileprivate var linkByPath: String? {
    let all = links.filter { $0.hasPrefix("/dev/serial/by-path/") }.sorted()
    guard let path = properties["ID_PATH"] else { return all.first }
    return all.first { $0.contains(path) } ?? all.first
  }

  fileprivate func number(_ property: String, _ attribute: String) -> UInt16? {
    (attributes[attribute] ?? properties[property]).flatMap { UInt16($0, radix: 16) }
  }

  // The device's own words come first: a database calls every CH340 the same, and many firmwares name the
  // board. udev writes blanks as underscores.
  fileprivate func text(_ database: String, _ property: String, _ attribute: String) -> String? {
    if let own = attributes[attribute].map(trimmed), !own.isEmpty { return own }
    if let known = properties[database].map(trimmed), !known.isEmpty { return known }
    let plain = properties[property].map { String($0.map { $0 == "_" ? " " : $0 }) }.map(trimmed)
    return plain.flatMap { $0.isEmpty ? nil : $0 }
  }

  // udev's form first: blanks are underscores in it, and it is what is left when the device goes.
  fileprivate var usbSerial: String? {
    properties["ID_SERIAL_SHORT"]
      ?? attributes["serial"].map { String(trimmed($0).map { $0 == " " ? "_" : $0 }) }
  }

  // The name of the link by path tells several ports of one adapter apart, which ID_PATH alone does not. A
  // UART of the mainboard has no link; its node's number is fixed by the board.
  fileprivate func topologyPath(onUSB: Bool) -> String {
    if let link = linkByPath?.split(separator: "/").last { return String(link) }
    if let path = properties["ID_PATH"] { return path }
    return onUSB ? topologyBySysfs : String(node.split(separator: "/").last ?? "")
  }

  // Without udev: the place in sysfs without the tty's own, changing name.
  private var topologyBySysfs: String {
    let parts = sysfsPath.split(separator: "/")
    guard let devices = parts.firstIndex(of: "devices") else { return sysfsPath }
    let name = node.split(separator: "/").last
    return parts[(devices + 1)...].filter { $0 != "tty" && $0 != name }.joined(separator: "/")
  }
}

// Serial numbers that makers burn into every piece: nothing, all the same digit, 0001, or an ascending run.
private func isMeaningful(_ serial: String) -> Bool {
  let text = serial.uppercased()
  let bytes = Array(text.utf8)
  guard let first = bytes.first else { return false }
  if bytes.allSatisfy({ $0 == first }) { return false }
  if let number = UInt64(text), number <= 1 { return false }
  return !["0123456789ABCDEF", "1234567890ABCDEF"].contains { bytes.count >= 4 && $0.hasPrefix(text) }
}

private func trimmed(_ text: String) -> String {
  let inner = text.drop { $0 == " " }
  return String(inner.reversed().drop { $0 == " " }.reversed())
}

private func hex(_ number: UInt16) -> String {
  let digits = String(number, radix: 16)
  return String(repeating: "0", count: 4 - digits.utf8.count) + digits
}
