import DeviceDiscovery
import Testing

// What is made of one device as udev shows it.
@Suite struct SerialDeviceTests {
  @Test("A board with a serial number is known by all its names")
  func prusa() throws {
    let board = try device(Boards.prusa(node: "ttyACM0", socket: "2", serial: "CZPX1234X004XK56789"))
    #expect(board.node == "/dev/ttyACM0")
    #expect(board.usbID == "2c99:0002")
    #expect(board.vendorName == "Prusa Research (prusa3d.com)")
    #expect(board.productName == "Original Prusa i3 MK3")
    #expect(board.serialNumber == "CZPX1234X004XK56789")
    #expect(board.interface == 0)
    #expect(board.driver == "cdc_acm")
    #expect(
      board.byID
        == "/dev/serial/by-id/usb-Prusa_Research__prusa3d.com__Original_Prusa_i3_MK3_CZPX1234X004XK56789-if00"
    )
    #expect(board.byPath == "/dev/serial/by-path/pci-0000:00:14.0-usb-0:2:1.0")
    #expect(board.topologyPath == "pci-0000:00:14.0-usb-0:2:1.0")
    #expect(!board.isConsole)
  }

  @Test("An adapter without a serial number has none, and the link by path without the USB revision")
  func ch340() throws {
    let adapter = try device(Boards.ch340(node: "ttyUSB3", socket: "4.1"))
    #expect(adapter.usbID == "1a86:7523")
    #expect(adapter.serialNumber == nil)
    #expect(adapter.byPath == "/dev/serial/by-path/pci-0000:00:14.0-usb-0:4.1:1.0-port0")
    #expect(adapter.topologyPath == "pci-0000:00:14.0-usb-0:4.1:1.0-port0")
    #expect(adapter.vendorName == "QinHeng Electronics")
    #expect(adapter.productName == "USB Serial")
    #expect(adapter.driver == "ch341")
  }

  @Test("Without udev sysfs tells enough: numbers, serial, place")
  func container() throws {
    let board = try device(
      Boards.withoutUdev(Boards.prusa(node: "ttyACM0", socket: "2", serial: "CZPX 1234")))
    #expect(board.usbID == "2c99:0002")
    #expect(board.serialNumber == "CZPX_1234")
    #expect(board.byID == nil)
    #expect(board.byPath == nil)
    #expect(board.topologyPath == "pci0000:00/0000:00:14.0/usb1/1-2/1-2:1.0")
    let moved = try device(
      Boards.withoutUdev(Boards.prusa(node: "ttyACM7", socket: "2", serial: "CZPX 1234")))
    #expect(moved.topologyPath == board.topologyPath)
  }

  @Test("A UART of the board is a port only if there is one behind its node")
  func uarts() throws {
    #expect(SerialDevice(Boards.uart(1, type: "0")) == nil)
    let real = try device(Boards.uart(0, type: "4", console: "Y"))
    #expect(real.isConsole)
    #expect(real.usbID == nil)
    #expect(try device(Boards.raspberry).topologyPath == "ttyAMA0")
  }

  @Test("Virtual terminals and nodes that are not there are no ports")
  func noPorts() {
    #expect(SerialDevice(Boards.virtual) == nil)
    var absent = Boards.ch340(node: "ttyUSB0", socket: "1")
    absent.nodeExists = false
    #expect(SerialDevice(absent) == nil)
    absent.nodeExists = true
    absent.node = ""
    #expect(SerialDevice(absent) == nil)
  }

  @Test(
    "Serial numbers that makers give to all count as none",
    arguments: [
      "", "0", "0000", "0001", "1", "00000000000000000001", "0123456789", "1234567890ABCDEF", "FFFF",
    ])
  func meaningless(_ serial: String) throws {
    #expect(
      try device(Boards.prusa(node: "ttyACM0", socket: "2", serial: serial)).serialNumber == nil)
  }

  @Test(
    "Others count",
    arguments: [
      "A50285BI", "123", "0002", "12345679", "CZPX1234", "5573731323135160A0E1", "55739323137351F0C1A1",
    ])
  func meaningful(_ serial: String) throws {
    #expect(
      try device(Boards.prusa(node: "ttyACM0", socket: "2", serial: serial)).serialNumber == serial)
  }

  @Test("udev's words become events; virtual terminals and unknown words none")
  func events() throws {
    let raw = Boards.ch340(node: "ttyUSB0", socket: "1")
    let adapter = try device(raw)
    #expect(DeviceEvent(action: "add", raw) == .added(adapter))
    #expect(DeviceEvent(action: "change", raw) == .changed(adapter))
    #expect(DeviceEvent(action: "remove", raw) == .removed(adapter))
    #expect(DeviceEvent(action: "offline", raw) == nil)
    #expect(DeviceEvent(action: "add", Boards.virtual) == nil)
    // With the device its node and its part of sysfs are gone.
    var gone = raw
    gone.nodeExists = false
    gone.attributes = [:]
    guard case .removed(let removed) = DeviceEvent(action: "remove", gone) else {
      Issue.record("a removal was passed over")
      return
    }
    #expect(removed.node == adapter.node)
    #expect(removed.usbID == adapter.usbID)
    #expect(removed.topologyPath == adapter.topologyPath)
    #expect(DeviceEvent(action: "add", gone) == nil)
  }
}
