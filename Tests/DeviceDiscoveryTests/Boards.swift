import DeviceDiscovery

// What udev and sysfs show for the ports that people have.
enum Boards {
  static let usb = "/sys/devices/pci0000:00/0000:00:14.0/usb1"

  // A CH340: no serial number, the same names in every piece.
  static func ch340(node: String, socket: String) -> RawDevice {
    RawDevice(
      node: "/dev/\(node)", sysfsPath: "\(usb)/1-\(socket)/1-\(socket):1.0/\(node)/tty/\(node)",
      properties: [
        "ID_BUS": "usb", "ID_VENDOR_ID": "1a86", "ID_MODEL_ID": "7523", "ID_VENDOR": "1a86",
        "ID_MODEL": "USB_Serial", "ID_SERIAL": "1a86_USB_Serial", "ID_USB_INTERFACE_NUM": "00",
        "ID_USB_DRIVER": "ch341", "ID_VENDOR_FROM_DATABASE": "QinHeng Electronics",
        "ID_MODEL_FROM_DATABASE": "CH340 serial converter", "ID_PATH": "pci-0000:00:14.0-usb-0:\(socket):1.0",
      ],
      links: [
        "/dev/serial/by-path/pci-0000:00:14.0-usbv2-0:\(socket):1.0-port0",
        "/dev/serial/by-path/pci-0000:00:14.0-usb-0:\(socket):1.0-port0",
        "/dev/serial/by-id/usb-1a86_USB_Serial-if00-port0",
      ],
      attributes: [
        "idVendor": "1a86", "idProduct": "7523", "product": "USB Serial", "bInterfaceNumber": "00",
      ],
      driver: "ch341-uart")
  }

  // A Prusa MK3: a CDC-ACM device with a serial number of its own.
  static func prusa(node: String, socket: String, serial: String) -> RawDevice {
    RawDevice(
      node: "/dev/\(node)", sysfsPath: "\(usb)/1-\(socket)/1-\(socket):1.0/tty/\(node)",
      properties: [
        "ID_BUS": "usb", "ID_VENDOR_ID": "2c99", "ID_MODEL_ID": "0002", "ID_VENDOR": "Prusa_Research",
        "ID_MODEL": "Original_Prusa_i3_MK3", "ID_SERIAL_SHORT": serial, "ID_USB_INTERFACE_NUM": "00",
        "ID_USB_DRIVER": "cdc_acm", "ID_PATH": "pci-0000:00:14.0-usb-0:\(socket):1.0",
      ],
      links: [
        "/dev/serial/by-id/usb-Prusa_Research__prusa3d.com__Original_Prusa_i3_MK3_\(serial)-if00",
        "/dev/serial/by-path/pci-0000:00:14.0-usb-0:\(socket):1.0",
      ],
      attributes: [
        "idVendor": "2c99", "idProduct": "0002", "serial": serial, "bInterfaceNumber": "00",
        "manufacturer": "Prusa Research (prusa3d.com)", "product": "Original Prusa i3 MK3",
      ],
      driver: "cdc_acm")
  }

  // The same board in a container: sysfs, but no udev.
  static func withoutUdev(_ raw: RawDevice) -> RawDevice {
    var bare = raw
    bare.properties = [:]
    bare.links = []
    return bare
  }

  // A UART of the mainboard; type 0 says that there is none behind the node.
  static func uart(_ number: Int, type: String, console: String = "N") -> RawDevice {
    RawDevice(
      node: "/dev/ttyS\(number)", sysfsPath: "/sys/devices/platform/serial8250/tty/ttyS\(number)",
      attributes: ["type": type, "console": console], driver: "serial8250")
  }

  static let raspberry = RawDevice(
    node: "/dev/ttyAMA0", sysfsPath: "/sys/devices/platform/soc/fe201000.serial/tty/ttyAMA0",
    attributes: ["type": "32", "console": "N"],
    driver: "uart-pl011")

  static let virtual = RawDevice(node: "/dev/tty1", sysfsPath: "/sys/devices/virtual/tty/tty1")
}

func device(_ raw: RawDevice) throws -> SerialDevice {
  guard let device = SerialDevice(raw) else { throw NoDevice(raw: raw) }
  return device
}

struct NoDevice: Error {
  let raw: RawDevice
}
