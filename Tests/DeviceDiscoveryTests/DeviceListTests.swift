import DeviceDiscovery
import Glibc
import Testing

// Who is who among several.
@Suite struct DeviceListTests {
  @Test("A serial number that only one port has identifies it, wherever it is plugged in")
  func bySerial() throws {
    let here = try device(Boards.prusa(node: "ttyACM0", socket: "2", serial: "CZPX1"))
    let there = try device(Boards.prusa(node: "ttyACM5", socket: "3", serial: "CZPX1"))
    let identity = DeviceList([here]).identity(of: here)
    #expect(identity.description == "usb:2c99:0002:CZPX1:if00")
    #expect(DeviceList([there]).identity(of: there) == identity)
    #expect(DeviceList([there]).device(identity) == there)
    #expect(DeviceList([here]).stablePath(of: here) == here.byID)
  }

  @Test("Two adapters without serial numbers are known by their places, not by the link they share")
  func byPlace() throws {
    let first = try device(Boards.ch340(node: "ttyUSB0", socket: "1"))
    let second = try device(Boards.ch340(node: "ttyUSB1", socket: "2"))
    let list = DeviceList([second, first])
    #expect(list.identity(of: first).description == "path:pci-0000:00:14.0-usb-0:1:1.0-port0")
    #expect(list.identity(of: second) != list.identity(of: first))
    #expect(list.device(list.identity(of: second)) == second)
    #expect(list.stablePath(of: first) == first.byPath)
    #expect(list.betterPath(for: "/dev/ttyUSB0") == first.byPath)
  }

  @Test("Two boards with one serial number are told apart by their places; neither answers to the number")
  func sameSerial() throws {
    let first = try device(Boards.prusa(node: "ttyACM0", socket: "2", serial: "A50285BI"))
    let second = try device(Boards.prusa(node: "ttyACM1", socket: "3", serial: "A50285BI"))
    let alone = DeviceList([first]).identity(of: first)
    let list = DeviceList([first, second])
    #expect(list.identity(of: first) == .place("pci-0000:00:14.0-usb-0:2:1.0"))
    #expect(list.device(alone) == nil)
    #expect(list.stablePath(of: first) == first.byPath)
  }

  @Test("Two ports of one adapter are two identities")
  func twoInterfaces() throws {
    var second = Boards.prusa(node: "ttyACM1", socket: "2", serial: "CZPX1")
    second.attributes["bInterfaceNumber"] = "02"
    let list = DeviceList([
      try device(Boards.prusa(node: "ttyACM0", socket: "2", serial: "CZPX1")), try device(second),
    ])
    #expect(
      list.devices.map { list.identity(of: $0).description }.sorted() == [
        "usb:2c99:0002:CZPX1:if00", "usb:2c99:0002:CZPX1:if02",
      ])
  }

  @Test("Without links the node is all there is to propose, and no better path for it")
  func withoutLinks() throws {
    let board = try device(
      Boards.withoutUdev(Boards.prusa(node: "ttyACM0", socket: "2", serial: "CZPX1")))
    let list = DeviceList([board])
    #expect(list.stablePath(of: board) == "/dev/ttyACM0")
    #expect(list.betterPath(for: "/dev/ttyACM0") == nil)
    #expect(list.betterPath(for: "/dev/ttyUSB9") == nil)
  }

  @Test("A port is found behind a link; a link is a name that somebody chose")
  func throughALink() throws {
    // A node that exists, so that the link can be followed.
    var raw = Boards.ch340(node: "ttyUSB0", socket: "1")
    raw.node = "/dev/null"
    let list = DeviceList([try device(raw)])
    let link = "/tmp/fabline-discovery-\(getpid())"
    symlink("/dev/null", link)
    defer { unlink(link) }
    #expect(list.device(at: link)?.node == "/dev/null")
    #expect(list.betterPath(for: link) == nil)
    #expect(list.betterPath(for: "/dev/null") == list.devices[0].byPath)
    #expect(list.device(at: "/no/such/link") == nil)
  }

  @Test("The list is in the order of names and numbers")
  func order() throws {
    let nodes = ["ttyUSB10", "ttyUSB2", "ttyACM1", "ttyUSB1"]
    let list = DeviceList(try nodes.map { try device(Boards.ch340(node: $0, socket: "1")) })
    #expect(list.devices.map(\.node) == ["/dev/ttyACM1", "/dev/ttyUSB1", "/dev/ttyUSB2", "/dev/ttyUSB10"])
  }

  @Test("Asking this machine gives ports whose nodes exist, and never a virtual terminal")
  func thisMachine() {
    for port in DeviceList.current().devices {
      #expect(access(port.node, F_OK) == 0, "\(port)")
      #expect(!port.node.hasPrefix("/dev/pts/"))
      #expect(port.node != "/dev/tty1")
    }
  }

  @Test("A monitor says at once that nothing happened; where no udev runs there is none")
  func monitor() {
    guard let monitor = DeviceMonitor() else {
      #expect(access("/run/udev/control", F_OK) != 0)
      return
    }
    #expect(fcntl(monitor.fd, F_GETFL) & O_NONBLOCK != 0)
    #expect(monitor.next() == .nothing)
  }
}
