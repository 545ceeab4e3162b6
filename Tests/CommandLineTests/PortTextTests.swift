import APIModel
import ArgumentParser
import Testing

@testable import fabline

/// Serial ports as people read them, and the rules that name them.
@Suite struct PortTextTests {
  private func adapter() -> DeviceModel {
    var item = DeviceModel(
      node: "/dev/ttyUSB0", path: "/dev/serial/by-path/pci-0000:00:14.0-usb-0:3:1.0-port0")
    item.byID = "/dev/serial/by-id/usb-1a86_USB_Serial-if00-port0"
    item.byPath = item.path
    item.vendor = "QinHeng Electronics"
    item.product = "USB Serial"
    item.chip = "CH340 serial converter"
    item.usb = "1a86:7523"
    item.driver = "ch341"
    return item
  }

  @Test func aPortSaysWhatItIsWhoseItIsAndWhatStandsInTheWay() {
    var item = adapter()
    item.machine = "ender"
    item.users = [PortUserModel(pid: 812, program: "fabline-driver", machine: "ender")]
    item.obstacles = [
      ObstacleModel(
        kind: "permission", sentence: "kim is not in the group dialout",
        command: "sudo usermod -aG dialout kim")
    ]
    let missing = MissingMachine(machine: "mk3", state: "gone", note: "mk3's device is not plugged in: Prusa")
    let lines = PortText.lines(PortsAnswer(items: [item], machines: [missing], isBound: true))
    #expect(
      lines == [
        "/dev/ttyUSB0: QinHeng Electronics USB Serial (CH340 serial converter)",
        "  USB 1a86:7523, no serial number, driver ch341",
        "  by id    /dev/serial/by-id/usb-1a86_USB_Serial-if00-port0",
        "  by path  /dev/serial/by-path/pci-0000:00:14.0-usb-0:3:1.0-port0",
        "  machine  ender",
        "  open by  fabline's driver of ender (pid 812)",
        "  trouble  kim is not in the group dialout",
        "           sudo usermod -aG dialout kim",
        "mk3: mk3's device is not plugged in: Prusa",
      ])
  }

  @Test func aPortThatIsNobodysIsOfferedOnlyWhereThatIsKnown() {
    #expect(
      PortText.details(adapter(), isBound: true).contains(
        "  machine  none; fabline machine add NAME --port /dev/ttyUSB0"))
    #expect(!PortText.details(adapter(), isBound: false).contains { $0.contains("machine") })
    #expect(
      PortText.lines(PortsAnswer(items: [], machines: [], isBound: false)) == [
        "no serial ports; is the printer plugged in and on?"
      ])
  }

  @Test func theSupervisorsViewGoesFirstAndHoldersAreJoined() {
    var own = adapter()
    own.users = [PortUserModel(pid: 7, program: "screen", machine: nil)]
    own.obstacles = [
      ObstacleModel(kind: "held", sentence: "held by screen (pid 7)", command: "kill 7"),
      ObstacleModel(kind: "permission", sentence: "kim may not", command: "-"),
    ]
    var known = adapter()
    known.machine = "ender"
    known.users = [PortUserModel(pid: 812, program: "fabline-driver", machine: "ender")]
    let joined = own.joined(with: known)
    #expect(joined.machine == "ender")
    #expect(joined.users.map(\.pid) == [7, 812])
    // What the person at the terminal may not open is no obstacle where fablined may.
    #expect(joined.obstacles.map(\.kind) == ["held"])
  }

  private func machine(_ name: String, _ change: (inout IdentityModel) -> Void) -> MachineModel {
    var machine = MachineModel(settings: MachineSettings(name: name, port: "/dev/ttyUSB0"))
    var identity = IdentityModel(state: "here", path: "/dev/serial/by-id/x")
    identity.device = "a device"
    change(&identity)
    machine.identity = identity
    return machine
  }

  @Test func aMachineWithASerialNumberGetsRulesForExactlyThat() throws {
    let rules = try #require(
      MachineRules.rules(
        machine("mk3") {
          $0.usb = "2c99:0002"
          $0.serialNumber = "CZPX_1234"
          $0.interface = 0
        }))
    #expect(
      rules == """

        # mk3: a device
        SUBSYSTEM=="usb", ENV{DEVTYPE}=="usb_device", ATTR{idVendor}=="2c99", ATTR{idProduct}=="0002", \
        ATTR{serial}=="CZPX?1234", ENV{ID_MM_DEVICE_IGNORE}="1"
        SUBSYSTEM=="tty", ENV{ID_VENDOR_ID}=="2c99", ENV{ID_MODEL_ID}=="0002", ENV{ID_SERIAL_SHORT}=="CZPX_1234", \
        ENV{ID_USB_INTERFACE_NUM}=="00", SYMLINK+="fabline/mk3", TAG+="systemd", \
        ENV{SYSTEMD_ALIAS}+="/dev/fabline/mk3", ENV{ID_MM_PORT_IGNORE}="1", GROUP="dialout", MODE="0660"

        """)
  }

  /// The same text that `DeviceDiscoveryTests/RecordedDevicesTests` gives to the real udev.
  @Test func aBareAdapterIsNamedByItsSocket() throws {
    let rules = try #require(
      MachineRules.rules(
        machine("ender") {
          $0.usb = "1a86:7523"
          $0.idPath = "pci-0000:00:14.0-usb-0:3:1.0"
          $0.portNumber = 0
        }))
    #expect(
      rules.hasSuffix(
        """
        SUBSYSTEM=="usb", ENV{DEVTYPE}=="usb_device", ATTR{idVendor}=="1a86", ATTR{idProduct}=="7523", \
        IMPORT{builtin}="path_id", ENV{ID_PATH}=="pci-0000:00:14.0-usb-0:3", ENV{ID_MM_DEVICE_IGNORE}="1"
        SUBSYSTEM=="tty", ENV{ID_VENDOR_ID}=="1a86", ENV{ID_MODEL_ID}=="7523", \
        ENV{ID_PATH}=="pci-0000:00:14.0-usb-0:3:1.0", ATTRS{port_number}=="0", SYMLINK+="fabline/ender", \
        TAG+="systemd", ENV{SYSTEMD_ALIAS}+="/dev/fabline/ender", ENV{ID_MM_PORT_IGNORE}="1", GROUP="dialout", \
        MODE="0660"

        """))
  }

  @Test func nothingThatARuleCannotHoldBecomesOne() {
    #expect(MachineRules.rules(machine("a") { $0.usb = nil }) == nil)
    #expect(MachineRules.rules(machine("a") { $0.usb = "1a86:7523" }) == nil)
    for serial in ["A\"B", "A\nB", "A B", "A\\B"] {
      let rules = MachineRules.rules(
        machine("a") {
          $0.usb = "1a86:7523"
          $0.serialNumber = serial
        })
      #expect(rules == nil, "\(serial)")
    }
    // A shared serial number names two devices: the socket is what is left.
    let shared = MachineRules.rules(
      machine("a") {
        $0.usb = "0403:6001"
        $0.serialNumber = "A50285BI"
        $0.isSerialShared = true
        $0.idPath = "pci-0000:00:14.0-usb-0:2:1.0"
      })
    #expect(shared?.contains("A50285BI") == false && shared?.contains("usb-0:2\"") == true)
    #expect(MachineRules.file([]).contains("No machine is bound"))
  }

  @Test func aPrintFromTheCardIsShownWithItsProgress() {
    var machine = MachineModel(settings: MachineSettings(name: "mk3", port: "/dev/ttyACM0"))
    machine.phase = "printingNotOurs"
    machine.cardPercent = 42
    let lines = MachineText.lines(machine, unicode: true)
    #expect(lines.contains("  a print from its own card, 42%; fabline pause, resume or stop mk3 acts on it"))
    let table = MachineText.table([machine], unicode: true).lines(width: nil)
    #expect(table.last?.contains("42%") == true)
  }
}
