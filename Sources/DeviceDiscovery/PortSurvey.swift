import Glibc
import SerialPort

/// A process that has a port open.
public struct PortUser: Equatable, Sendable {
  /// Its process number.
  public var pid: Int32
  /// Its program's name, as the kernel has it (at most 15 bytes).
  public var program: String
  /// The machine that it drives, where it is a driver of ours.
  public var machine: String?

  /// `octoprint (pid 812)`, or `fabline's driver of ender (pid 812)`.
  public var words: String {
    machine.map { "fabline's driver of \($0) (pid \(pid))" } ?? "\(program) (pid \(pid))"
  }
}

/// Something that keeps a port from being used, with what helps.
public struct PortObstacle: Equatable, Sendable {
  /// The kinds.
  public enum Kind: String, Equatable, Sendable, CaseIterable {
    /// Another program has the port open.
    case held
    /// The user may not open it.
    case permission
    /// ModemManager runs and may open it, write AT commands to the board, and hold it.
    case modemManager
    /// brltty runs and takes such adapters for Braille displays.
    case brltty
  }

  /// Which.
  public var kind: Kind
  /// What stands in the way.
  public var sentence: String
  /// The command that mends it.
  public var command: String
}

/// Looks at what the system's processes and permissions mean for ports; opens none of them.
///
/// Reads `/proc` and `stat`s nodes: some ten milliseconds, not for a thread that must not wait. Open files of other users'
/// processes are seen by root only.
public struct PortSurvey: Sendable {
  private let paths: SystemPaths
  private let user: UserIdentity
  private let programs: Set<String>

  /// Looks at which programs run, as the user of this process.
  public init() { self.init(paths: SystemPaths(), user: .current) }

  package init(paths: SystemPaths, user: UserIdentity) {
    self.paths = paths
    self.user = user
    programs = PortSurvey.programs(in: paths.processes)
  }

  /// Whether open files of all users are seen.
  public var seesAllUsers: Bool { user.isRoot }

  /// Who has the port open.
  public func users(of device: SerialDevice) -> [PortUser] {
    var node = stat()
    guard stat(device.node, &node) == 0 else { return [] }
    return PortSearch(paths).holders(of: node).map { holder in
      let machine = holder.name == "fabline-driver" ? machineDriven(by: holder.pid) : nil
      return PortUser(pid: holder.pid, program: holder.name, machine: machine)
    }
  }

  /// What stands in the way of using the port for `machine`, the one it is bound to.
  public func obstacles(
    to device: SerialDevice, usedBy users: [PortUser], machine: String?
  ) -> [PortObstacle] {
    var found: [PortObstacle] = []
    let strangers = users.filter { $0.machine == nil || $0.machine != machine }
    if let first = strangers.first {
      let names = strangers.map(\.words).joined(separator: ", ")
      found.append(
        PortObstacle(
          kind: .held, sentence: "held by \(names)",
          command: first.machine.map { "fabline disconnect \($0)" } ?? "kill \(first.pid)"))
    }
    if let obstacle = permission(for: device) { found.append(obstacle) }
    if device.usbID != nil {
      if programs.contains("ModemManager"), !device.isHiddenFromModemManager {
        found.append(PortSurvey.modemManager(machine))
      }
      if programs.contains("brltty"), let usb = device.usbID, PortSurvey.brailleChips.contains(usb) {
        found.append(
          PortObstacle(
            kind: .brltty, sentence: "brltty runs and takes such adapters for Braille displays",
            command: "sudo systemctl mask --now brltty-udev.service brltty.service"))
      }
    }
    return found
  }

  // Chips of which Braille displays are made as well; from brltty's udev rules.
  private static let brailleChips: Set = ["1a86:7523", "0403:6001", "10c4:ea60", "10c4:ea80", "067b:2303"]

  private static func modemManager(_ machine: String?) -> PortObstacle {
    let rules = "/etc/udev/rules.d/71-fabline-machines.rules"
    let reload =
      "sudo udevadm control --reload && sudo udevadm trigger --action=change --subsystem-match=usb "
    let first = machine == nil ? "; once it is a machine's, a rule can tell it not to" : ""
    return PortObstacle(
      kind: .modemManager,
      sentence: "ModemManager runs and is not told to leave it alone\(first)",
      command: "fabline machine udev | sudo tee \(rules) && \(reload)--subsystem-match=tty")
  }

  private func permission(for device: SerialDevice) -> PortObstacle? {
    var node = stat()
    guard stat(device.node, &node) == 0 else { return nil }
    let facts = PortPermission.facts(of: node, askedBy: user)
    func obstacle(_ sentence: String, _ command: String) -> PortObstacle {
      PortObstacle(kind: .permission, sentence: sentence, command: command)
    }
    switch facts.remedy {
    case .outsideRules:
      // The mode allows it: only trying tells whether something else forbids it, and nothing is tried here.
      return nil
    case .joinGroup:
      return obstacle(
        "\(facts.user) is not in the group \(facts.group)", "sudo usermod -aG \(facts.group) \(facts.user)")
    case .logInAgain:
      return obstacle(
        "\(facts.user) is in the group \(facts.group) from the next login on", "newgrp \(facts.group)")
    case .changeMode:
      return obstacle(
        "its mode gives the group \(facts.group) nothing",
        "sudo install -m 0644 udev-rules/70-fabline.rules /etc/udev/rules.d/ && sudo udevadm control --reload "
          + "&& sudo udevadm trigger --action=change --subsystem-match=tty")
    }
  }

  // MARK: - /proc

  private static func programs(in processes: String) -> Set<String> {
    guard let folder = opendir(processes) else { return [] }
    defer { closedir(folder) }
    var found: Set<String> = []
    while let entry = readdir(folder) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      guard Int32(name) != nil, let bytes = contents(of: "\(processes)/\(name)/comm", limit: 32) else {
        continue
      }
      found.insert(String(decoding: bytes.prefix { $0 != 0x0A }, as: UTF8.self))
    }
    return found
  }

  // A driver of ours names its machine in its arguments.
  private func machineDriven(by pid: Int32) -> String? {
    guard let bytes = PortSurvey.contents(of: "\(paths.processes)/\(pid)/cmdline", limit: 8192) else {
      return nil
    }
    let words = bytes.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
    guard let option = words.firstIndex(of: "--machine"), option + 1 < words.count else { return nil }
    return words[option + 1]
  }

  private static func contents(of path: String, limit: Int) -> [UInt8]? {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return nil }
    defer { close(file) }
    var bytes = [UInt8](repeating: 0, count: limit)
    let count = bytes.withUnsafeMutableBytes { read(file, $0.baseAddress, $0.count) }
    return count < 0 ? nil : Array(bytes.prefix(count))
  }
}
