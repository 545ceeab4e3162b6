import DeviceDiscovery
import Testing

/// The table of who is whose: each row of `DeviceList.binding`, with its sentence.
@Suite struct DeviceBindingTests {
  private func prusa(_ node: String, _ socket: String, _ serial: String = "CZPX1") throws -> SerialDevice {
    try device(Boards.prusa(node: node, socket: socket, serial: serial))
  }
  private func bare(_ node: String, _ socket: String) throws -> SerialDevice {
    try device(Boards.ch340(node: node, socket: socket))
  }
  private func claim(
    _ device: SerialDevice, by machine: String = "ender", among others: [SerialDevice] = []
  ) -> DeviceClaim {
    DeviceClaim(machine: machine, device, among: DeviceList([device] + others))
  }

  @Test("Its serial number in its socket: bound, by its own link, whatever the node's number is")
  func bound() throws {
    let known = claim(try prusa("ttyACM0", "2"))
    let now = try prusa("ttyACM3", "2")
    let binding = DeviceList([now, try bare("ttyUSB0", "1")]).binding(of: known, among: [])
    #expect(binding.outcome == .bound)
    #expect(binding.device == now)
    #expect(binding.path == now.byID)
    #expect(binding.sentence.isEmpty)
  }

  @Test("Its serial number in another socket: bound and told")
  func moved() throws {
    let known = claim(try prusa("ttyACM0", "2"))
    let now = try prusa("ttyACM0", "4.1")
    let binding = DeviceList([now]).binding(of: known, among: [])
    #expect(binding.outcome == .told)
    #expect(binding.path == now.byID)
    #expect(binding.sentence.contains("plugged in elsewhere now, at pci-0000:00:14.0-usb-0:4.1:1.0"))
  }

  @Test("Two boards with serial numbers swap their sockets: each follows its number, both are told")
  func swappedBySerial() throws {
    let first = claim(try prusa("ttyACM0", "2", "CZPX1"), by: "left")
    let second = claim(try prusa("ttyACM1", "3", "CZPX2"), by: "right")
    let list = DeviceList([try prusa("ttyACM0", "2", "CZPX2"), try prusa("ttyACM1", "3", "CZPX1")])
    let left = list.binding(of: first, among: [second])
    let right = list.binding(of: second, among: [first])
    #expect(left.outcome == .told && left.device?.node == "/dev/ttyACM1")
    #expect(right.outcome == .told && right.device?.node == "/dev/ttyACM0")
  }

  @Test("Two bare adapters are each known by their socket")
  func twoBare() throws {
    let one = try bare("ttyUSB0", "1")
    let two = try bare("ttyUSB1", "2")
    let first = claim(one, by: "left", among: [two])
    let second = claim(two, by: "right", among: [one])
    // After a power cycle the numbers are the other way round.
    let list = DeviceList([try bare("ttyUSB1", "1"), try bare("ttyUSB0", "2")])
    let left = list.binding(of: first, among: [second])
    #expect(left.outcome == .bound)
    #expect(left.device?.node == "/dev/ttyUSB1")
    #expect(left.path == "/dev/serial/by-path/pci-0000:00:14.0-usb-0:1:1.0-port0")
    #expect(list.binding(of: second, among: [first]).device?.node == "/dev/ttyUSB0")
    #expect(!left.isSerialShared)
  }

  @Test("A bare adapter moved to another socket: doubtful, nothing is opened")
  func bareMoved() throws {
    let two = try bare("ttyUSB1", "2")
    let first = claim(try bare("ttyUSB0", "1"), by: "left", among: [two])
    let second = claim(two, by: "right")
    let list = DeviceList([two, try bare("ttyUSB2", "3")])
    let binding = list.binding(of: first, among: [second])
    #expect(binding.outcome == .doubtful)
    #expect(binding.path == nil && binding.device == nil)
    #expect(binding.sentence.contains("/dev/ttyUSB2 (pci-0000:00:14.0-usb-0:3:1.0-port0)"))
    // The other machine's adapter is no candidate.
    #expect(!binding.sentence.contains("/dev/ttyUSB1"))
    #expect(binding.sentence.contains("fabline machine set left --port /dev/ttyUSB2"))
    #expect(binding.sentence.contains("fabline machine identify left"))
    #expect(list.binding(of: second, among: [first]).outcome == .bound)
  }

  @Test("A bare adapter that is not plugged in, with none like it: absent")
  func bareAbsent() throws {
    let two = try bare("ttyUSB1", "2")
    let first = claim(try bare("ttyUSB0", "1"), by: "left", among: [two])
    let binding = DeviceList([two]).binding(of: first, among: [claim(two, by: "right")])
    #expect(binding.outcome == .absent)
    #expect(binding.sentence == "left's device is not plugged in: QinHeng Electronics CH340 serial converter")
  }

  @Test("Another board in the socket: doubtful, whether it has a serial number or not")
  func boardReplaced() throws {
    let known = claim(try prusa("ttyACM0", "2", "CZPX1"))
    let other = DeviceList([try prusa("ttyACM0", "2", "CZPX9")]).binding(of: known, among: [])
    #expect(other.outcome == .doubtful && other.path == nil)
    #expect(other.sentence.contains("CZPX9, instead of Prusa Research"))
    #expect(other.sentence.contains("fabline machine set ender --port /dev/ttyACM0"))
    let bareKnown = claim(try bare("ttyUSB0", "2"))
    var ftdi = Boards.ch340(node: "ttyUSB0", socket: "2")
    ftdi.attributes["idVendor"] = "0403"
    ftdi.attributes["idProduct"] = "6001"
    ftdi.attributes["serial"] = "A50285BI"
    ftdi.properties["ID_SERIAL_SHORT"] = "A50285BI"
    let chip = DeviceList([try device(ftdi)]).binding(of: bareKnown, among: [])
    #expect(chip.outcome == .doubtful && chip.path == nil)
  }

  @Test("Another machine's board in the socket is no doubt: the own one is absent")
  func othersBoard() throws {
    let first = claim(try prusa("ttyACM0", "2", "CZPX1"), by: "left")
    let second = claim(try prusa("ttyACM1", "3", "CZPX2"), by: "right")
    let list = DeviceList([try prusa("ttyACM0", "2", "CZPX2")])
    let binding = list.binding(of: first, among: [second])
    #expect(binding.outcome == .absent)
    #expect(binding.sentence.hasSuffix("in its socket is now the device of right"))
    #expect(list.binding(of: second, among: [first]).outcome == .told)
  }

  @Test("A second device with the same serial number: its socket decides from then on, and it is told once")
  func duplicateSerial() throws {
    let mine = try prusa("ttyACM0", "2", "A50285BI")
    let stranger = try prusa("ttyACM1", "3", "A50285BI")
    var known = claim(mine)
    #expect(!known.isSerialShared)
    let told = DeviceList([mine, stranger]).binding(of: known, among: [])
    #expect(told.outcome == .told)
    #expect(told.isSerialShared)
    #expect(told.device == mine)
    // The shared link leads to either: only the path by socket is right.
    #expect(told.path == mine.byPath)
    known.isSerialShared = true
    #expect(DeviceList([mine, stranger]).binding(of: known, among: []).outcome == .bound)
    // The stranger alone is not taken for the machine's, although its number is the only one there.
    let alone = DeviceList([stranger]).binding(of: known, among: [])
    #expect(alone.outcome == .doubtful)
    #expect(alone.path == nil)
  }

  @Test("Two devices with one serial number, none in the known socket: doubtful")
  func duplicateElsewhere() throws {
    let known = claim(try prusa("ttyACM0", "2", "A50285BI"))
    let list = DeviceList([try prusa("ttyACM0", "4", "A50285BI"), try prusa("ttyACM1", "3", "A50285BI")])
    let binding = list.binding(of: known, among: [])
    #expect(binding.outcome == .doubtful)
    #expect(binding.path == nil)
    #expect(binding.isSerialShared)
    #expect(binding.sentence.contains("/dev/ttyACM0") && binding.sentence.contains("/dev/ttyACM1"))
  }

  @Test("Two machines with one serial number: each is known by its socket, also alone")
  func duplicateKnown() throws {
    let one = try prusa("ttyACM0", "2", "A50285BI")
    let two = try prusa("ttyACM1", "3", "A50285BI")
    let first = claim(one, by: "left", among: [two])
    let second = claim(two, by: "right", among: [one])
    #expect(first.isSerialShared)
    let list = DeviceList([two])
    #expect(list.binding(of: first, among: [second]).outcome == .absent)
    #expect(list.binding(of: second, among: [first]).device == two)
  }

  @Test("A UART of the mainboard is bound by its node, which the board fixes")
  func uart() throws {
    let port = try device(Boards.raspberry)
    let binding = DeviceList([port, try bare("ttyUSB0", "1")]).binding(of: claim(port), among: [])
    #expect(binding.outcome == .bound)
    #expect(binding.path == "/dev/ttyAMA0")
  }

  @Test("Nothing there at all: absent")
  func nothing() throws {
    let binding = DeviceList([]).binding(of: claim(try prusa("ttyACM0", "2")), among: [])
    #expect(binding.outcome == .absent)
    #expect(binding.sentence.hasPrefix("ender's device is not plugged in: Prusa Research"))
  }
}

/// What is told when lists change.
@Suite struct DeviceTrackerTests {
  private func bare(_ node: String, _ socket: String) throws -> SerialDevice {
    try device(Boards.ch340(node: node, socket: socket))
  }

  @Test("What went is told before what came; what stayed is not told")
  func differences() throws {
    let stays = try bare("ttyUSB0", "1")
    let goes = try bare("ttyUSB1", "2")
    let comes = try bare("ttyUSB2", "3")
    var tracker = DeviceTracker(DeviceList([stays, goes]))
    let seen1 = tracker.look(DeviceList([stays, goes]))
    #expect(seen1 == [])
    let seen2 = tracker.look(DeviceList([stays, comes]))
    #expect(seen2 == [.gone(goes), .came(comes)])
    #expect(tracker.list.devices == [stays, comes])
  }

  @Test("A device that went and came back between two looks is told as both")
  func flicker() throws {
    let port = try bare("ttyUSB0", "1")
    var tracker = DeviceTracker(DeviceList([port]))
    let seen3 = tracker.note(.event(.removed(port)))
    #expect(seen3)
    let seen4 = tracker.note(.event(.added(port)))
    #expect(seen4)
    let seen5 = tracker.look(DeviceList([port]))
    #expect(seen5 == [.gone(port), .came(port)])
    let seen6 = tracker.look(DeviceList([port]))
    #expect(seen6 == [])
  }

  @Test("Another device at the same node is another device")
  func sameNode() throws {
    let old = try bare("ttyUSB0", "1")
    let new = try bare("ttyUSB0", "2")
    var tracker = DeviceTracker(DeviceList([old]))
    let seen7 = tracker.look(DeviceList([new]))
    #expect(seen7 == [.gone(old), .came(new)])
  }

  @Test("An overflow asks for a new look, which finds what the lost events would have told")
  func overflow() throws {
    let port = try bare("ttyUSB0", "1")
    var tracker = DeviceTracker(DeviceList([]))
    let seen8 = tracker.note(.nothing)
    #expect(!seen8)
    let seen9 = tracker.note(.overflow)
    #expect(seen9)
    let seen10 = tracker.look(DeviceList([port]))
    #expect(seen10 == [.came(port)])
  }

  @Test("Links that are made later are a change, no coming")
  func links() throws {
    var raw = Boards.ch340(node: "ttyUSB0", socket: "1")
    let full = try device(raw)
    raw.links = []
    raw.properties["ID_MM_PORT_IGNORE"] = "1"
    let bare = try device(raw)
    var tracker = DeviceTracker(DeviceList([bare]))
    let seen11 = tracker.look(DeviceList([full]))
    #expect(seen11.map(\.device) == [full])
    let seen12 = tracker.look(DeviceList([full]))
    #expect(seen12 == [])
  }
}
