import Glibc
import Testing

/// What needs devices that this machine does not have: the real libudev and the real udev over descriptions of our own, below
/// umockdev. Nothing is skipped in silence: without umockdev these fail and say what to install, unless
/// `FABLINE_WITHOUT_UMOCKDEV=1` says that it is meant so.
@Suite(
  .serialized,
  .enabled(if: getenv("FABLINE_WITHOUT_UMOCKDEV") == nil, "FABLINE_WITHOUT_UMOCKDEV is set"),
  .timeLimit(.minutes(2)))
struct RecordedDevicesTests {
  private static let fixtures = folder(#filePath, up: 2) + "/Fixtures/devices"
  private static let usb = "/sys/devices/pci0000:00/0000:00:14.0/usb1"

  @Test("libudev reads recorded devices as they are")
  func library() throws {
    try runSuite(
      "TestbedTests", mode: "recorded", ["umockdev-run", "-d", "\(Self.fixtures)/boards.umockdev", "--"])
  }

  @Test("libudev's monitor tells of plugging and unplugging")
  func monitor() throws {
    try runSuite("HotPlugTests", mode: "live", ["umockdev-wrapper"])
  }

  @Test("The rules name what they should and leave all else alone, by the real udev")
  func rules() throws {
    let printed = try udev([
      "\(Self.usb)/1-1", "\(Self.usb)/1-1/1-1:1.0/tty/ttyACM0",
      "\(Self.usb)/1-2", "\(Self.usb)/1-2/1-2:1.0/ttyUSB0/tty/ttyUSB0",
      "\(Self.usb)/1-3", "\(Self.usb)/1-3/1-3:1.0/ttyUSB1/tty/ttyUSB1",
      "\(Self.usb)/1-4", "\(Self.usb)/1-4/1-4:1.0/ttyUSB2/tty/ttyUSB2",
    ])
    try #require(printed.count == 8)
    // A Prusa board is known by its maker; the machine's own rule adds the name.
    #expect(printed[0].contains("ID_MM_DEVICE_IGNORE=1"))
    let prusa = printed[1]
    #expect(prusa.contains("ID_MM_PORT_IGNORE=1"))
    #expect(prusa.contains { $0.hasPrefix("TAGS=") && $0.contains(":systemd:") })
    #expect(prusa.contains { $0.contains("70-fabline.rules") && $0.contains("MODE 0660") })
    // An FTDI adapter that no machine is bound to stays nobody's.
    #expect(!printed[2].contains { $0.hasPrefix("ID_MM_") })
    #expect(!printed[3].contains { $0.hasPrefix("ID_MM_") || $0.contains("fabline.rules:") })
    // Of two bare CH340 only the one in the machine's socket is named.
    #expect(printed[4].contains("ID_MM_DEVICE_IGNORE=1"))
    let ender = printed[5]
    #expect(ender.contains("SYSTEMD_ALIAS=/dev/fabline/ender"))
    #expect(ender.contains { $0.hasPrefix("DEVLINKS=") && $0.contains("/dev/fabline/ender") })
    #expect(ender.contains("ID_MM_PORT_IGNORE=1"))
    for other in printed[6...] {
      #expect(!other.contains { $0.hasPrefix("ID_MM_") || $0.contains("fabline/ender") })
    }
    // udev complains of nothing in our files.
    let all = printed.joined()
    #expect(!all.contains { $0.contains("fabline") && ($0.contains("nvalid") || $0.contains("nknown")) })
  }

  /// As `fabline machine udev` prints them for a machine at a bare CH340; `CommandLineTests` holds the text against the program's.
  private static let machineRules = """
    SUBSYSTEM=="usb", ENV{DEVTYPE}=="usb_device", ATTR{idVendor}=="1a86", ATTR{idProduct}=="7523", \
    IMPORT{builtin}="path_id", ENV{ID_PATH}=="pci-0000:00:14.0-usb-0:3", ENV{ID_MM_DEVICE_IGNORE}="1"
    SUBSYSTEM=="tty", ENV{ID_VENDOR_ID}=="1a86", ENV{ID_MODEL_ID}=="7523", \
    ENV{ID_PATH}=="pci-0000:00:14.0-usb-0:3:1.0", ATTRS{port_number}=="0", SYMLINK+="fabline/ender", \
    TAG+="systemd", ENV{SYSTEMD_ALIAS}+="/dev/fabline/ender", ENV{ID_MM_PORT_IGNORE}="1", GROUP="dialout", \
    MODE="0660"

    """

  /// What `udevadm test` says of each device, line by line: in a mount namespace of its own the rules stand in
  /// `/etc/udev/rules.d`, and links and records are made in a `/dev` and a `/run` that go away with it.
  private func udev(_ devices: [String]) throws -> [[String]] {
    var template = Array("/tmp/fabline-udev-XXXXXX".utf8CString)
    try #require(mkdtemp(&template) != nil)
    let place = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let own = Self.folder(#filePath, up: 3) + "/udev-rules/70-fabline.rules"
    let script = """
      set -e
      mount -t tmpfs none /run
      mkdir /run/udev /run/dev
      mount --rbind /dev /run/dev
      mount -t tmpfs none /dev
      for name in null zero full random urandom; do touch /dev/$name; mount --bind /run/dev/$name /dev/$name; done
      mkdir /dev/pts
      mount --rbind /run/dev/pts /dev/pts
      ln -s pts/ptmx /dev/ptmx
      ln -s /proc/self/fd /dev/fd
      mount --bind '\(place)' /etc/udev/rules.d
      cp '\(own)' '\(place)/70-fabline.rules'
      umockdev-run -d '\(Self.fixtures)/plain.umockdev' -- sh -c \
      'for device in "$@"; do echo "== $device"; udevadm test --action=add "$device" 2>&1; done' _ "$@"
      """
    try Child.write(Self.machineRules, to: "\(place)/71-fabline-machines.rules")
    defer {
      for name in ["70-fabline.rules", "71-fabline-machines.rules"] { unlink("\(place)/\(name)") }
      rmdir(place)
    }
    let namespace = geteuid() == 0 ? ["unshare", "-m"] : ["unshare", "-rm"]
    let output = try Child.run(namespace + ["bash", "-c", script, "_"] + devices)
    try #require(output.status == 0, "\(output.text)\n\(Self.remedy)")
    var parts: [[String]] = []
    for line in output.text.split(separator: "\n") {
      if line.hasPrefix("== ") {
        parts.append([])
      } else if !parts.isEmpty {
        parts[parts.count - 1].append(String(line))
      }
    }
    return parts
  }

  private static let remedy = """
    These tests need umockdev and udev: sudo apt-get install -y udev umockdev (and the right to a mount namespace). \
    FABLINE_WITHOUT_UMOCKDEV=1 leaves them out.
    """

  /// Runs a suite of this very program below umockdev, and sees to it that it ran.
  private func runSuite(_ name: String, mode: String, _ below: [String]) throws {
    var link = [CChar](repeating: 0, count: 4096)
    let count = readlink("/proc/self/exe", &link, link.count)
    try #require(count > 0)
    let program = String(decoding: link[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    setenv("FABLINE_TESTBED", mode, 1)
    defer { unsetenv("FABLINE_TESTBED") }
    let output = try Child.run(below + [program, "--testing-library", "swift-testing", "--filter", name])
    #expect(output.status == 0, "\(output.text)\n\(Self.remedy)")
    #expect(
      output.text.contains("Suite \(name) passed"), "\(name) did not run: \(output.text)\n\(Self.remedy)")
  }

  private static func folder(_ path: String, up: Int) -> String {
    path.split(separator: "/").dropLast(up).reduce(into: "") { $0 += "/" + $1 }
  }
}
