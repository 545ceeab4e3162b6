import DeviceDiscovery
import Synchronization

@testable import Supervisor

/// A machine's sockets, and what a test plugs into them.
final class FakeDevices: DeviceSource {
  private struct State {
    var list = DeviceList([])
    var readers: [AsyncStream<DeviceNews>.Continuation] = []
  }

  private let state = Mutex(State())

  func current() -> DeviceList { state.withLock { $0.list } }

  func news() -> AsyncStream<DeviceNews> {
    let (stream, continuation) = AsyncStream.makeStream(of: DeviceNews.self)
    state.withLock { state in
      continuation.yield(DeviceNews(list: state.list))
      state.readers.append(continuation)
    }
    return stream
  }

  /// These are plugged in now; what differs is told.
  func plug(_ devices: SerialDevice...) { show(DeviceList(devices)) }

  /// Shows another list, with events of its own where the difference does not tell all.
  func show(_ list: DeviceList, _ changes: [DeviceChange]? = nil) {
    state.withLock { state in
      let told = changes ?? DeviceTracker.changes(from: state.list, to: list)
      state.list = list
      for reader in state.readers { reader.yield(DeviceNews(list: list, changes: told)) }
    }
  }
}

/// What udev shows for the boards of these tests.
enum Plugged {
  private static let usb = "/sys/devices/pci0000:00/0000:00:14.0/usb1"

  /// A CH340 without a serial number. The node has to exist where a path is followed; here it does not.
  static func ch340(_ node: String, socket: String) -> SerialDevice {
    let raw = RawDevice(
      node: "/dev/\(node)", sysfsPath: "\(usb)/1-\(socket)/1-\(socket):1.0/\(node)/tty/\(node)",
      properties: [
        "ID_BUS": "usb", "ID_VENDOR_ID": "1a86", "ID_MODEL_ID": "7523", "ID_VENDOR": "1a86",
        "ID_MODEL": "USB_Serial", "ID_USB_INTERFACE_NUM": "00",
        "ID_VENDOR_FROM_DATABASE": "QinHeng Electronics",
        "ID_MODEL_FROM_DATABASE": "CH340 serial converter", "ID_PATH": "pci-0000:00:14.0-usb-0:\(socket):1.0",
      ],
      links: [
        "/dev/serial/by-path/pci-0000:00:14.0-usb-0:\(socket):1.0-port0",
        "/dev/serial/by-id/usb-1a86_USB_Serial-if00-port0",
      ],
      attributes: ["idVendor": "1a86", "idProduct": "7523", "product": "USB Serial"], driver: "ch341-uart")
    return made(raw)
  }

  /// A Prusa MK3 with a serial number of its own.
  static func prusa(_ node: String, socket: String, serial: String = "CZPX1") -> SerialDevice {
    made(
      RawDevice(
        node: "/dev/\(node)", sysfsPath: "\(usb)/1-\(socket)/1-\(socket):1.0/tty/\(node)",
        properties: [
          "ID_BUS": "usb", "ID_VENDOR_ID": "2c99", "ID_MODEL_ID": "0002", "ID_SERIAL_SHORT": serial,
          "ID_USB_INTERFACE_NUM": "00", "ID_PATH": "pci-0000:00:14.0-usb-0:\(socket):1.0",
        ],
        links: [
          "/dev/serial/by-id/usb-Prusa_\(serial)-if00",
          "/dev/serial/by-path/pci-0000:00:14.0-usb-0:\(socket):1.0",
        ],
        attributes: [
          "idVendor": "2c99", "idProduct": "0002", "serial": serial, "manufacturer": "Prusa Research",
          "product": "Original Prusa i3 MK3",
        ], driver: "cdc_acm"))
  }

  private static func made(_ raw: RawDevice) -> SerialDevice {
    guard let device = SerialDevice(raw) else {
      preconditionFailure("the description of \(raw.node) is wrong")
    }
    return device
  }
}
