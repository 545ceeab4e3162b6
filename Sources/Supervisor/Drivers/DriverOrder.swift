import JobStore

/// What a driver is started with.
public struct DriverOrder: Equatable, Sendable {
  /// The machine.
  public var machine: String
  /// Command-line arguments, without the program's name.
  public var arguments: [String]
  /// Files to write before: absolute path and text.
  public var files: [String: String]
  /// What of the order depends on the settings, as one text: a driver that was started with another one is started anew.
  ///
  /// What was learned or measured since is left out: it is used at the next start, and no start is made for it.
  let fingerprint: String

  /// Reads the order from a machine's settings, what is known of its board, and whether the port is to be left alone.
  public init(
    _ settings: MachineRecord.Settings, folders: Folders, port: MachinePort? = nil,
    board: KnownBoard = KnownBoard(), holdsPort: Bool = false
  ) {
    machine = settings.name
    let (plain, files) = DriverOrder.settled(settings, folders, port ?? .typed(settings.port))
    self.files = files
    arguments = plain
    fingerprint =
      plain.joined(separator: "\n") + "\n" + files.sorted { $0.key < $1.key }.map(\.value).joined()
    if settings.resetsOnOpen == nil, let learned = board.resetsOnOpen {
      arguments = DriverOrder.replacing("--resets-on-open", with: learned ? "yes" : "no", in: arguments)
    }
    if settings.receiveBuffer == nil, let bytes = board.receiveBuffer {
      arguments += ["--receive-buffer", "\(bytes)"]
    }
    if settings.queueLines == nil, let lines = board.queueLines {
      arguments += ["--queue-lines", "\(lines)"]
    }
    if holdsPort { arguments.append("--hold-port") }
  }

  /// What the settings alone ask for. What has its usual value is not named, so that drivers of other versions understand it.
  private static func settled(
    _ settings: MachineRecord.Settings, _ folders: Folders, _ port: MachinePort
  ) -> (arguments: [String], files: [String: String]) {
    let state = folders.driverState(settings.name)
    var arguments = [
      "--machine", settings.name, "--port", port.path, "--baud", "\(settings.baud)",
      "--socket", folders.driverSocket(settings.name), "--state", state,
      "--run", folders.driverRun(settings.name), "--max-tool", limit(settings.maxTool),
      "--max-bed", limit(settings.maxBed), "--tools", "\(max(1, settings.tools.count))",
      "--volume", settings.volume.map(number).joined(separator: ","),
      "--z-holds", settings.holdsZ ? "yes" : "no",
      "--resets-on-open", settings.resetsOnOpen.map { $0 ? "yes" : "no" } ?? "unknown",
      "--dialect", settings.dialect ?? "auto",
    ]
    if let device = port.device { arguments += ["--device", device] }
    if settings.kinematics != "cartesian" { arguments += ["--kinematics", settings.kinematics] }
    if settings.kind != .printer { arguments += ["--class", settings.kind.rawValue] }
    for (option, seconds) in [
      ("--hot-end-off-after", settings.hotEndOffAfter), ("--bed-off-after", settings.bedOffAfter),
      ("--standby-after", settings.standbyAfter),
    ] {
      if let seconds { arguments += [option, "\(seconds)"] }
    }
    if settings.allowM3 { arguments.append("--allow-m3") }
    if let bytes = settings.receiveBuffer { arguments += ["--receive-buffer", "\(bytes)"] }
    if let lines = settings.queueLines { arguments += ["--queue-lines", "\(lines)"] }
    if let lines = settings.window, lines > 0 { arguments += ["--window", "\(lines)"] }
    var files: [String: String] = [:]
    for occasion in ["start", "end", "pause", "resume", "cancel"] {
      guard let lines = settings.scripts[occasion], !lines.isEmpty else { continue }
      let path = "\(state)/script-\(occasion).gcode"
      files[path] = lines.joined(separator: "\n") + "\n"
      arguments += ["--script-\(occasion)", path]
    }
    return (arguments, files)
  }

  private static func replacing(_ option: String, with value: String, in arguments: [String]) -> [String] {
    guard let place = arguments.firstIndex(of: option), place + 1 < arguments.count else { return arguments }
    var changed = arguments
    changed[place + 1] = value
    return changed
  }

  /// A limit in whole degrees, never above what was asked for.
  private static func limit(_ value: Double) -> String {
    "\(Int(max(0, min(1000, value.isFinite ? value.rounded(.down) : 0))))"
  }

  private static func number(_ value: Double) -> String {
    Int64(exactly: value).map(String.init) ?? "\(value)"
  }
}

/// What was learned of a machine's board, or measured of its firmware; settings go before it.
public struct KnownBoard: Equatable, Sendable {
  /// Whether opening its port resets it.
  public var resetsOnOpen: Bool?
  /// Bytes of its receive buffer.
  public var receiveBuffer: Int?
  /// Lines of its command queue.
  public var queueLines: Int?

  /// A board that nobody knows.
  public init() {}

  /// What the machine's own past tells, and its firmware's profile.
  public init(_ machine: MachineRecord, _ profile: QuirkProfile?) {
    resetsOnOpen = machine.resetsLearned ?? profile?.resetsOnOpen
    receiveBuffer = profile?.receiveBuffer
    queueLines = profile?.queueLines
  }
}
