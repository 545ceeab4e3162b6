import Glibc
import Testing

@testable import SerialPort

/// What is behind a port, told by a sysfs of the test's own. `/dev/null` stands for the terminal: character device 1:3.
@Suite struct UsbIdentityTests {
  /// A sysfs with one device; `serial` nil leaves the file away.
  private func withSystem(
    vendor: String?, serial: String?, below depth: String = "1-2:1.0/ttyUSB0",
    _ body: (SystemPaths) throws -> Void
  ) throws {
    let root = "/tmp/fabline-usb-\(UInt64.random(in: 1...UInt64.max))"
    let device = "\(root)/devices/usb1/1-2"
    var folders = [
      root, "\(root)/dev", "\(root)/dev/char", "\(root)/devices", "\(root)/devices/usb1", device,
    ]
    for part in depth.split(separator: "/") { folders.append((folders.last ?? device) + "/" + part) }
    let port = folders.last ?? device
    folders += ["\(root)/dev/char/1:3"]
    for folder in folders { mkdir(folder, 0o755) }
    symlink(port, "\(root)/dev/char/1:3/device")
    if let vendor { write("\(vendor)\n", device + "/idVendor") }
    if vendor != nil { write("7523\n", device + "/idProduct") }
    if let serial { write("\(serial)\n", device + "/serial") }
    defer {
      for name in ["idVendor", "idProduct", "serial"] { unlink("\(device)/\(name)") }
      unlink("\(root)/dev/char/1:3/device")
      for folder in folders.reversed() { rmdir(folder) }
      rmdir(root)
    }
    try body(SystemPaths(system: root))
  }

  private func write(_ text: String, _ path: String) {
    let file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
    _ = text.withCString { Glibc.write(file, $0, strlen($0)) }
    close(file)
  }

  @Test("The same device is no contradiction, however udev writes its serial number")
  func same() throws {
    try withSystem(vendor: "1a86", serial: "AB 12:3") { paths in
      let known = try #require(UsbIdentity("1A86:7523:AB_12_3"))
      #expect(known.contradiction(at: "/dev/null", paths) == nil)
    }
  }

  @Test("Another serial number, maker or product is another device, and both are named")
  func other() throws {
    try withSystem(vendor: "1a86", serial: "B2") { paths in
      let known = try #require(UsbIdentity("1a86:7523:A1"))
      let words = try #require(known.contradiction(at: "/dev/null", paths))
      #expect(
        words.hasPrefix("/dev/null is another device, 1a86:7523 with serial number B2, and the machine's is"))
      #expect(words.hasSuffix("1a86:7523 with serial number A1: it is not opened"))
      #expect(UsbIdentity("0403:7523:B2").map { $0.contradiction(at: "/dev/null", paths) } != .some(nil))
      #expect(UsbIdentity("1a86:5523:B2").map { $0.contradiction(at: "/dev/null", paths) } != .some(nil))
    }
  }

  @Test("Without a serial number maker and product decide")
  func bare() throws {
    try withSystem(vendor: "1a86", serial: nil, below: "1-2:1.0") { paths in
      #expect(UsbIdentity("1a86:7523:").map { $0.contradiction(at: "/dev/null", paths) } == .some(nil))
      #expect(UsbIdentity("1a86:7523:A1").map { $0.contradiction(at: "/dev/null", paths) } != .some(nil))
    }
  }

  @Test("What is not on USB is another device; what is not there is none")
  func elsewhere() throws {
    let known = try #require(UsbIdentity("1a86:7523:"))
    try withSystem(vendor: nil, serial: nil) { paths in
      #expect(known.contradiction(at: "/dev/null", paths)?.contains("no USB device") == true)
      #expect(known.contradiction(at: "/dev/fabline-not-there", paths) == nil)
    }
  }

  @Test(
    "Only vendor:product:serial is an identity",
    arguments: ["", "1a86", "1a86:7523", "a:b:c", "11a86:7523:x"])
  func malformed(_ text: String) { #expect(UsbIdentity(text) == nil) }
}
