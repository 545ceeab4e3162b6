import Glibc
import Testing

@testable import SerialPort

// What sysfs tells, in a folder that stands for it. A character device that every machine has stands for the port.
@Suite struct PortSurroundingsTests {
  private let port = "/dev/null"  // 1:3

  @Test("The adapter's driver and its latency timer")
  func adapter() throws {
    let folder = try TemporaryFolder()
    try folder.file("bus/usb-serial/ttyUSB0/latency_timer", "16\n")
    folder.link("bus/usb-serial/ttyUSB0/driver", to: "../drivers/ftdi_sio")
    folder.link("dev/char/1:3/device", to: "../../../bus/usb-serial/ttyUSB0")
    let found = PortSurroundings(path: port, paths: SystemPaths(system: folder.path))
    #expect(found.driver == "ftdi_sio")
    #expect(found.latencyTimer == 16)
    #expect(found.undervoltage == nil)
  }

  @Test("What nobody tells is not known")
  func nothing() throws {
    let folder = try TemporaryFolder()
    #expect(PortSurroundings(path: port, paths: SystemPaths(system: folder.path)) == empty(port, folder))
    #expect(PortSurroundings(path: "/no/such/port", paths: SystemPaths(system: folder.path)).driver.isEmpty)
    let pty = try PseudoTerminal.open()
    #expect(PortSurroundings(path: pty.slavePath, paths: SystemPaths(system: folder.path)).driver == "pty")
  }

  @Test(
    "The supply of a Raspberry Pi: now, since the boot, never, and what is no number",
    arguments: [
      ("1\n", true), ("50000\n", true), ("0x50005\n", true), ("0\n", false), ("e0008\n", false), ("?\n", nil),
    ] as [(String, Bool?)])
  func undervoltage(text: String, expected: Bool?) throws {
    let folder = try TemporaryFolder()
    try folder.file("devices/platform/soc/soc:firmware/get_throttled", text)
    let found = PortSurroundings(path: port, paths: SystemPaths(system: folder.path))
    #expect(found.undervoltage == expected)
  }

  private func empty(_ path: String, _ folder: TemporaryFolder) -> PortSurroundings {
    var surroundings = PortSurroundings(path: path, paths: SystemPaths(system: folder.path))
    surroundings.driver = ""
    surroundings.latencyTimer = nil
    surroundings.undervoltage = nil
    return surroundings
  }
}
