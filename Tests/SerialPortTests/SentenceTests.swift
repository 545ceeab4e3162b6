import CLinux
import Glibc
import SerialPort
import Testing

// The sentences that depend on what the system looks like, against folders that stand for /dev and /proc.
@Suite struct SentenceTests {
  @Test("A missing port lists those that exist, with their names by id, in the order of their numbers")
  func missing() throws {
    let folder = try TemporaryFolder()
    for name in ["ttyUSB10", "ttyUSB2", "ttyACM0", "ttyS0", "tty1", "ttyUSBx", "null", "ttyAMA0"] {
      try folder.file("dev/\(name)")
    }
    folder.link("dev/serial/by-id/usb-1a86_USB_Serial-if00-port0", to: "../../ttyUSB2")
    let adapter = FakeAdapter()
    adapter.failing = ["stat": ENOENT]
    let search = PortSearch(SystemPaths(devices: folder.make("dev"), processes: "/nowhere"))
    let error = try #require(#expect(throws: SerialPortError.self) { _ = try adapter.opened(search: search) })
    let dev = folder.make("dev")
    #expect(
      error.sentence == "there is no /dev/ttyUSB0; serial ports that exist: \(dev)/ttyACM0, "
        + "\(dev)/ttyAMA0, \(dev)/ttyUSB2 (usb-1a86_USB_Serial-if00-port0), \(dev)/ttyUSB10.")
  }

  @Test("A missing port where there is no other asks the right question")
  func missingAll() {
    let error = SerialPortError(
      .missing(linkTarget: nil, existing: []), path: "/dev/ttyUSB0", call: "stat", errno: ENOENT)
    #expect(
      error.sentence == "there is no /dev/ttyUSB0, nor any other serial port; is the printer switched on "
        + "and its cable plugged in?")
  }

  @Test("A link to nothing says where it points")
  func danglingLink() throws {
    let folder = try TemporaryFolder()
    folder.link("printer", to: "/dev/pts/999999")
    let error = try refusal(of: folder.make("printer"))
    #expect(error.code == .missing)
    #expect(
      error.sentence.hasPrefix("\(folder.make("printer")) points to /dev/pts/999999, which does not exist"))
  }

  @Test("Folder, file, FIFO and a device without terminal settings are named as such")
  func notATerminal() throws {
    let folder = try TemporaryFolder()
    try folder.file("part.gcode", "G28\n")
    mkfifo(folder.make("pipe"), 0o600)
    #expect(try refusal(of: folder.path).reason == .notATerminal(.folder))
    #expect(try refusal(of: folder.make("part.gcode")).reason == .notATerminal(.regularFile))
    #expect(try refusal(of: folder.make("pipe")).reason == .notATerminal(.fifo))
    let null = try refusal(of: "/dev/null")
    #expect(null.reason == .notATerminal(.otherDevice))
    #expect(
      null.sentence == "/dev/null is a device, but not a serial port; a printer's port looks like "
        + "/dev/ttyUSB0.")
  }

  @Test("Who holds a terminal is found by its number, under whatever name")
  func holders() throws {
    let pty = try PseudoTerminal.open()
    var node = stat()
    try #require(stat(pty.slavePath, &node) == 0)
    let folder = try TemporaryFolder()
    for (pid, name, target) in [
      (812, "octoprint", pty.slavePath), (9, "cat", pty.slavePath), (77, "sh", "/dev/null"),
      (78, "gone", "/dev/pts/999999"), (79, "file", "/etc/passwd"),
    ] {
      try folder.file("proc/\(pid)/comm", "\(name)\n")
      folder.link("proc/\(pid)/fd/0", to: "/dev/null")
      folder.link("proc/\(pid)/fd/7", to: target)
    }
    try folder.file("proc/cpuinfo")
    let search = PortSearch(SystemPaths(devices: "/nowhere", processes: folder.make("proc")))
    #expect(
      search.holders(of: node) == [PortHolder(pid: 9, name: "cat"), PortHolder(pid: 812, name: "octoprint")])
  }

  @Test("A busy port names its holders, or says that they belong to another user")
  func busy() {
    func sentence(_ holders: [PortHolder]) -> String {
      SerialPortError(.busy(holders), path: "/dev/ttyUSB0", call: "flock", errno: EWOULDBLOCK).sentence
    }
    let octoprint = PortHolder(pid: 812, name: "octoprint")
    #expect(
      sentence([octoprint])
        == "another program holds /dev/ttyUSB0: octoprint (pid 812); stop it, or choose another port.")
    #expect(
      sentence([PortHolder(pid: 9, name: "cat"), octoprint])
        == "other programs hold /dev/ttyUSB0: cat (pid 9), octoprint (pid 812); stop them, or choose "
        + "another port.")
    #expect(
      sentence([])
        == "another program holds /dev/ttyUSB0, a process of another user; `sudo fuser -v /dev/ttyUSB0` "
        + "names it. Stop it, or choose another port.")
  }

  @Test("A forbidden port names the group, and what would help this user")
  func permission() throws {
    let dialout = try #require(getgrnam("dialout")).pointee.gr_gid
    func facts(_ mode: mode_t, _ session: [gid_t], _ database: [gid_t], root: Bool = false) -> PortPermission
    {
      var node = stat()
      node.st_mode = S_IFCHR | mode
      node.st_gid = dialout
      let user = UserIdentity(name: "ada", isRoot: root, sessionGroups: session, databaseGroups: database)
      return .facts(of: node, askedBy: user)
    }
    func sentence(_ facts: PortPermission) -> String {
      SerialPortError(.permission(facts), path: "/dev/ttyUSB0", call: "open", errno: EACCES).sentence
    }
    #expect(
      sentence(facts(0o660, [1000], [1000]))
        == "ada may not open /dev/ttyUSB0, which belongs to the group dialout; join it with "
        + "`sudo usermod -aG dialout ada` and log in again.")
    #expect(
      sentence(facts(0o660, [1000], [1000, dialout]))
        == "ada may not open /dev/ttyUSB0 yet: the membership in the group dialout counts from the next "
        + "login; log out and in again, or restart the service.")
    #expect(
      sentence(facts(0o600, [1000, dialout], [1000, dialout]))
        == "ada may not open /dev/ttyUSB0: its mode is 0600, group dialout; install the udev rules of "
        + "udev-rules/, which give it to the group dialout.")
    #expect(facts(0o660, [dialout], [dialout]).remedy == .outsideRules)
    #expect(facts(0o666, [], []).remedy == .outsideRules)
    #expect(facts(0o600, [], [], root: true).remedy == .outsideRules)
    #expect(sentence(facts(0o666, [], [])).contains("DeviceAllow"))
  }

  @Test("A node of root's own group is not helped by joining that group")
  func rootsGroup() {
    var node = stat()
    node.st_mode = S_IFCHR | 0o660
    let user = UserIdentity(name: "ada", isRoot: false, sessionGroups: [1000], databaseGroups: [1000])
    #expect(PortPermission.facts(of: node, askedBy: user).remedy == .changeMode)
  }

  @Test("Codes are stable words")
  func codes() {
    let words = [
      SerialPortError.Code.missing, .permission, .busy, .notATerminal, .unplugged, .speed, .io,
    ].map(\.rawValue)
    #expect(
      words == [
        "port.missing", "port.permission", "port.busy", "port.notATerminal", "port.unplugged", "port.speed",
        "port.io",
      ])
  }
}
