import APIModel
import CLinux
import DeviceDiscovery
import Glibc
import HostConfiguration

/// Looking at this computer. Everything here only reads.
extension DoctorFacts {
  /// Looks at the installation whose sockets are in the context's folder.
  static func look(_ context: Context) async -> DoctorFacts {
    var facts = DoctorFacts(version: Version.text)
    facts.lookAtPrograms()
    facts.lookAtSocket(context.runFolder)
    await facts.askSupervisor(context)
    facts.lookAtFolders(context.runFolder)
    facts.lookAtPorts()
    facts.lookAtService()
    facts.lookAtConfiguration()
    facts.lookAtComputer()
    return facts
  }

  private mutating func lookAtPrograms() {
    for name in ["fablined", "fabline-driver"] {
      let path = try? Siblings.path(of: name)
      let said = path.flatMap { ProgramWords.of([$0, "--version"]) }
      // `fabline-driver 0.1.0` or `0.1.0` alone.
      let version = said.flatMap { $0.status == 0 ? $0.text.split(whereSeparator: \.isWhitespace).last : nil }
      programs.append(Program(name: name, version: version.map(String.init)))
    }
  }

  private mutating func lookAtSocket(_ run: RunFolder) {
    socketPath = run.supervisorSocket
    socketError = SocketProbe.connect(socketPath)
    user = Names.user(getuid()) ?? "\(getuid())"
    var facts = stat()
    guard stat(socketPath, &facts) == 0 else { return }
    socketGroup = Names.group(facts.st_gid)
    var groups = [gid_t](repeating: 0, count: 256)
    let count = max(0, getgroups(Int32(groups.count), &groups))
    isInSocketGroup =
      getuid() == 0 || getegid() == facts.st_gid || groups.prefix(Int(count)).contains(facts.st_gid)
    joinedAfterLogin = !isInSocketGroup && Names.members(of: facts.st_gid).contains(user)
  }

  private mutating func askSupervisor(_ context: Context) async {
    guard socketError == 0 else { return }
    let known = try? await context.withSupervisor { api in
      (try await api.status(), try await api.machines().items)
    }
    guard let known else {
      socketError = ETIMEDOUT
      return
    }
    host = Host(
      version: known.0.version, stateFolder: known.0.stateFolder, storeSetAside: known.0.storeSetAside,
      drainingBy: known.0.draining?.by)
    machines = known.1.map { machine in
      let isMissing = ["gone", "doubtful"].contains(machine.identity?.state ?? "")
      return Seat(
        name: machine.settings.name, phase: machine.phase, reason: machine.reason,
        isDisabled: machine.disabled != nil,
        missing: isMissing ? machine.identity?.note ?? "its device is not there" : nil)
    }
  }

  private mutating func lookAtFolders(_ run: RunFolder) {
    let runPath = String(socketPath.dropLast("/api.sock".count))
    var places = [("run", runPath)]
    if let state = host?.stateFolder { places.insert(("state", state), at: 0) }
    folders = places.map { Folder.look($0.0, $0.1) }
  }

  private mutating func lookAtPorts() {
    let list = DeviceList.current()
    for port in Ports.list(list, all: false) {
      hasPorts = true
      for obstacle in port.obstacles
      where obstacle.kind != "held" || port.users.allSatisfy({ $0.machine == nil }) {
        obstacles.append(Obstacle(port: port.path, sentence: obstacle.sentence, command: obstacle.command))
      }
    }
    modemManagerRuns = ProgramWords.runs("ModemManager")
    avahiRuns = access("/run/avahi-daemon/socket", F_OK) == 0
    guard access("/run/udev", F_OK) == 0 else { return }
    let rules = InstallPlan.bytes(InstallLayout(scope: .system).udevRules)
    udevRules = rules == Array(UdevRules.text.utf8)
  }

  private mutating func lookAtService() {
    hasSystemd = access("/run/systemd/system", F_OK) == 0
    guard hasSystemd else { return }
    let wanted =
      "LoadState,UnitFileState,ActiveState,NRestarts,WatchdogUSec,NeedDaemonReload,RestrictAddressFamilies"
    guard let said = ProgramWords.of(["systemctl", "show", "fablined.service", "--property=" + wanted]),
      said.status == 0
    else { return }
    unit = Unit(show: said.text)
  }

  private mutating func lookAtConfiguration() {
    guard let path = try? Siblings.path(of: "fablined"), let said = ProgramWords.of([path, "--check"]) else {
      return
    }
    let words = said.text.split(whereSeparator: \.isNewline).first.map(String.init) ?? "it says nothing"
    configuration = Configuration(status: said.status, words: words)
    let file = ConfigurationFile.resolve(
      option: nil, environment: ["FABLINE_CONFIG": RunFolder.environment("FABLINE_CONFIG") ?? ""],
      isRoot: geteuid() == 0 || access(ConfigurationFile.system, R_OK) == 0,
      home: RunFolder.environment("HOME") ?? "/root")
    guard let read = try? file.read() else { return }
    configuration?.reachesOut =
      !read.notices.webhooks.isEmpty || read.notices.server != nil || read.mqtt.host != nil
    guard let first = read.network.listen.first else { return }
    configuration?.listensOnNetwork = true
    configuration?.answersOnNetwork = SocketProbe.answers(port: UInt16(clamping: first.port))
    switch read.network.tls {
    case .files(let certificate, _): configuration?.certificate = certificate
    case .selfSigned:
      configuration?.certificate = host.map { $0.stateFolder + "/tls/certificate.pem" }
      configuration?.isOwnCertificate = true
    case .off: break
    }
    let shown = configuration?.certificate
    configuration?.certificateDays = shown.flatMap { CertificateDays.left($0) }
  }

  private mutating func lookAtComputer() {
    var now = time(nil)
    var parts = tm()
    gmtime_r(&now, &parts)
    year = Int(parts.tm_year) + 1900
    let inStep = clinux_clock_in_step()
    isClockSynchronised = inStep < 0 ? nil : inStep == 1
    throttled = SmallFile.line("/sys/devices/platform/soc/soc:firmware/get_throttled").flatMap {
      UInt32($0.hasPrefix("0x") ? String($0.dropFirst(2)) : $0, radix: 16)
    }
    temperature = SmallFile.line("/sys/class/thermal/thermal_zone0/temp").flatMap(Double.init).map {
      $0 / 1000
    }
    disks = Disk.look()
  }
}

extension DoctorFacts.Folder {
  /// Looks at a folder. The calls are `stat` and `statvfs`.
  static func look(_ use: String, _ path: String) -> DoctorFacts.Folder {
    var folder = DoctorFacts.Folder(use: use, path: path)
    var facts = stat()
    guard stat(path, &facts) == 0 else { return folder }
    folder.exists = true
    folder.isReadable = access(path, R_OK | X_OK) == 0
    folder.isOpenToAll = facts.st_mode & 0o007 != 0
    var room = statvfs()
    guard statvfs(path, &room) == 0 else { return folder }
    folder.freeBytes = Int64(clamping: UInt64(room.f_bavail) * UInt64(room.f_frsize))
    // Some file systems make room for files as they go, and say 0 of 0.
    folder.freeFiles = room.f_files == 0 ? nil : Int64(clamping: room.f_favail)
    folder.isReadOnly = room.f_flag & UInt(ST_RDONLY) != 0
    return folder
  }
}

extension DoctorFacts.Unit {
  /// Reads `KEY=VALUE` lines of `systemctl show`.
  init(show text: String) {
    var values: [String: String] = [:]
    for line in text.split(whereSeparator: \.isNewline) {
      let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      if parts.count == 2 { values[String(parts[0])] = String(parts[1]) }
    }
    isLoaded = values["LoadState"] == "loaded"
    isEnabled = values["UnitFileState"]?.hasPrefix("enabled") == true
    isActive = values["ActiveState"] == "active"
    restarts = values["NRestarts"].flatMap { Int($0) } ?? 0
    watchdog = !["", "0", "infinity"].contains(values["WatchdogUSec"] ?? "")
    needsReload = values["NeedDaemonReload"] == "yes"
    let families = values["RestrictAddressFamilies"] ?? ""
    allowsNetwork = families.isEmpty || families.hasPrefix("~") || families.contains("AF_INET")
  }
}

extension DoctorFacts.Disk {
  /// Disks that tell of their wear: eMMC's `life_time` counts tenths, by the worse of two kinds of cells. SD cards do not tell.
  static func look() -> [DoctorFacts.Disk] {
    ["mmcblk0", "mmcblk1", "mmcblk2"].compactMap { name in
      SmallFile.line("/sys/block/\(name)/device/life_time").flatMap { tenths($0) }.map {
        DoctorFacts.Disk(name: name, usedPercent: $0 * 10)
      }
    }
  }

  /// `0x01 0x02`: the higher one; nil where it is not told (0).
  static func tenths(_ text: String) -> Int? {
    let numbers = text.split(separator: " ").compactMap { Int($0.dropFirst(2), radix: 16) }
    return numbers.max().flatMap { $0 > 0 ? $0 : nil }
  }
}
