import DeviceDiscovery
import Glibc
import Testing

// libudev itself, over recorded devices. Needs umockdev, which puts its own sysfs under the test:
//
//     umockdev-run -d Tests/Fixtures/devices/boards.umockdev -- swift test --skip-build --filter Testbed
//
// Skipped (and listed as skipped) without it.
@Suite(.serialized, .enabled(if: getenv("UMOCKDEV_DIR") != nil, "umockdev-run starts these"))
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
    #expect(list.identity(of: prusa).description == "usb:2c99:0002:CZPX1234X004XK56789:if00")
    #expect(list.stablePath(of: prusa) == prusa.byID)
    let adapter = list.devices[1]
    #expect(adapter.usbID == "1a86:7523")
    #expect(adapter.serialNumber == nil)
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
