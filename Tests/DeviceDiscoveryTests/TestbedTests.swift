import DeviceDiscovery
import Glibc
import Testing

/// libudev itself, over recorded devices. `RecordedDevicesTests` starts this suite below umockdev; alone it does not run.
@Suite(.serialized, .enabled(if: getenv("FABLINE_TESTBED") != nil, "RecordedDevicesTests runs these"))
struct TestbedTests {
  @Test("libudev's devices become the ports that they are")
  func devices() throws {
    let list = DeviceList.current()
    #expect(list.devices.map(\.node) == ["/dev/ttyACM0", "/dev/ttyUSB0", "/dev/ttyUSB1"])
    let prusa = try #require(list.devices.first)
    #expect(prusa.usbID == "2c99:0002")
    #expect(prusa.serialNumber == "CZPX1234X004XK56789")
    #expect(prusa.productName == "Original Prusa i3 MK3")
    #expect(prusa.byPath == "/dev/serial/by-path/pci-0000:00:14.0-usb-0:2:1.0")
    #expect(prusa.isHiddenFromModemManager)
    #expect(list.identity(of: prusa).description == "usb:2c99:0002:CZPX1234X004XK56789:if00")
    #expect(list.stablePath(of: prusa) == prusa.byID)
    let adapter = list.devices[1]
    #expect(adapter.usbID == "1a86:7523")
    #expect(adapter.serialNumber == nil)
    #expect(adapter.portNumber == 0)
    #expect(!adapter.isHiddenFromModemManager)
    // The recording has no names from the database: they are looked up.
    #expect(adapter.knownProduct == "CH340 serial converter")
    #expect(list.identity(of: adapter).description == "path:pci-0000:00:14.0-usb-0:3:1.0-port0")
    #expect(list.betterPath(for: "/dev/ttyUSB1") == list.devices[2].byPath)
  }

  @Test("Enumerating again and again holds on to nothing")
  func leaks() {
    let before = openDescriptors()
    for _ in 0..<50 { _ = DeviceList.current() }
    #expect(openDescriptors() == before)
  }

  private func openDescriptors() -> Int {
    (0..<Int32(256)).filter { fcntl($0, F_GETFD) >= 0 }.count
  }
}

/// Plugging and unplugging, told by libudev's monitor.
@Suite(.serialized, .enabled(if: Umockdev.isLive, "RecordedDevicesTests runs these"))
struct HotPlugTests {
  private static let usb = "/devices/pci0000:00/0000:00:14.0/usb1"
  private static let socket = "\(usb)/1-5"
  private static let port = "\(socket)/1-5:1.0/ttyUSB0/tty/ttyUSB0"

  /// An FTDI adapter as a recording would have it.
  private static let ftdi = """
    P: \(socket)
    E: SUBSYSTEM=usb
    E: DEVTYPE=usb_device
    A: idVendor=0403
    A: idProduct=6001
    A: serial=A50285BI
    A: manufacturer=FTDI
    A: product=FT232R USB UART

    P: \(socket)/1-5:1.0
    E: SUBSYSTEM=usb
    E: DEVTYPE=usb_interface
    E: DRIVER=ftdi_sio
    A: bInterfaceNumber=00

    P: \(socket)/1-5:1.0/ttyUSB0
    E: SUBSYSTEM=usb-serial
    E: DRIVER=ftdi_sio
    A: port_number=0

    P: \(port)
    N: ttyUSB0
    E: DEVNAME=/dev/ttyUSB0
    E: SUBSYSTEM=tty
    E: MAJOR=188
    E: MINOR=0
    E: ID_BUS=usb
    E: ID_VENDOR_ID=0403
    E: ID_MODEL_ID=6001
    E: ID_SERIAL_SHORT=A50285BI
    E: ID_USB_DRIVER=ftdi_sio
    E: ID_PATH=pci-0000:00:14.0-usb-0:5:1.0
    E: DEVLINKS=/dev/serial/by-id/usb-FTDI_FT232R_USB_UART_A50285BI-if00-port0

    """

  @Test("An adapter that is plugged in comes, one that is unplugged goes, and a replug is both")
  func plugging() throws {
    let bed = try #require(Umockdev())
    let root =
      "P: \(Self.usb)\nE: SUBSYSTEM=usb\nE: DEVTYPE=usb_device\nA: idVendor=1d6b\nA: idProduct=0002\n\n"
    try #require(bed.add("P: /devices/pci0000:00/0000:00:14.0\nE: SUBSYSTEM=pci\n\n" + root))
    let monitor = DeviceMonitor(library: ())
    try #require(monitor != nil)
    let watch = DeviceWatch(monitor)
    #expect(watch.list.devices.isEmpty)
    // Should no event come, the wait ends, and the test fails instead of standing.
    alarm(20)
    defer { alarm(0) }
    try #require(bed.add(Self.ftdi))
    bed.tell("add", "/sys" + Self.port)
    let came = try #require(watch.changes(orUntil: -1))
    guard case .came(let device) = try #require(came.first), came.count == 1 else {
      Issue.record("plugging in was told as \(came)")
      return
    }
    #expect(device.node == "/dev/ttyUSB0")
    #expect(device.serialNumber == "A50285BI")
    #expect(device.driver == "ftdi_sio")
    #expect(device.knownProduct == "FT232 Serial (UART) IC")
    // Both events wait when it is looked again.
    bed.tell("remove", "/sys" + Self.port)
    bed.tell("add", "/sys" + Self.port)
    #expect(watch.changes(orUntil: -1) == [.gone(device), .came(device)])
    bed.tell("remove", "/sys" + Self.port)
    bed.remove("/sys" + Self.socket)
    #expect(watch.changes(orUntil: -1) == [.gone(device)])
    #expect(watch.list.devices.isEmpty)
  }
}
