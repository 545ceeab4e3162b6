import JobStore

/// What a driver is started with.
public struct DriverOrder: Equatable, Sendable {
  /// The machine.
  public var machine: String
  /// Command-line arguments, without the program's name.
  public var arguments: [String]
  /// Files to write before: absolute path and text.
  public var files: [String: String]

  /// Reads the order from a machine's settings.
  public init(_ settings: MachineRecord.Settings, folders: Folders) {
    let state = folders.driverState(settings.name)
    machine = settings.name
    files = [:]
    arguments = [
      "--machine", settings.name, "--port", settings.port, "--baud", "\(settings.baud)",
      "--socket", folders.driverSocket(settings.name), "--state", state,
      "--run", folders.driverRun(settings.name), "--max-tool", DriverOrder.limit(settings.maxTool),
      "--max-bed", DriverOrder.limit(settings.maxBed), "--tools", "\(max(1, settings.tools.count))",
      "--volume", settings.volume.map(DriverOrder.number).joined(separator: ","),
      "--z-holds", settings.holdsZ ? "yes" : "no",
      "--resets-on-open", settings.resetsOnOpen.map { $0 ? "yes" : "no" } ?? "unknown",
    ]
    if let dialect = settings.dialect { arguments += ["--dialect", dialect] }
    for occasion in ["pause", "resume", "cancel"] {
      guard let lines = settings.scripts[occasion], !lines.isEmpty else { continue }
      let path = "\(state)/script-\(occasion).gcode"
      files[path] = lines.joined(separator: "\n") + "\n"
      arguments += ["--script-\(occasion)", path]
    }
  }

  /// What the order depends on, as one text: a driver that was started with another one has to be started anew.
  var fingerprint: String {
    arguments.joined(separator: "\n") + "\n" + files.sorted { $0.key < $1.key }.map(\.value).joined()
  }

  /// A limit in whole degrees, never above what was asked for.
  private static func limit(_ value: Double) -> String {
    "\(Int(max(0, min(1000, value.isFinite ? value.rounded(.down) : 0))))"
  }

  private static func number(_ value: Double) -> String {
    Int64(exactly: value).map(String.init) ?? "\(value)"
  }
}
