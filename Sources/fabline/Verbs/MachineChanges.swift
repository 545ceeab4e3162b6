import APIModel
import ArgumentParser

extension MachineClass: ExpressibleByArgument {}

/// Yes or no, as an option's value.
enum Choice: String, ExpressibleByArgument, CaseIterable {
  case yes, no
}

/// The settings that `machine add` and `machine set` take. What is not given stays as it is.
struct MachineChanges: ParsableArguments {
  @Option(help: "Its speed in baud.") var baud: Int?
  @Option(name: .customLong("class"), help: "What it is. A laser or a mill starts only by `fabline start`.")
  var machineClass: MachineClass?
  @Option(help: "The pool of machines that it is interchangeable with; empty for none.") var pool: String?
  @Option(help: "\(Dialects.list); auto finds out.") var dialect: String?
  @Option(help: ArgumentHelp("What the firmware's receive buffer holds; 0: not known.", valueName: "bytes"))
  var receiveBuffer: Int?
  @Option(help: ArgumentHelp("What the firmware's command queue holds; 0: not known.", valueName: "lines"))
  var queueLines: Int?
  @Option(
    help: ArgumentHelp("At most so many lines in flight; 0: as many as certainly fit.", valueName: "lines"))
  var window: Int?
  @Option(help: "cartesian, corexy or delta.") var kinematics: String?
  @Option(help: ArgumentHelp("Travel in mm, as 220x220x250.", valueName: "XxYxZ")) var volume: String?
  @Option(help: "The model's name as slicers write it in printer_model; empty for none.") var model: String?
  @Option(
    help: ArgumentHelp("Nozzle in mm; of several tools, separated by commas, T0 first.", valueName: "mm"))
  var nozzle: String?
  @Option(help: "What is loaded (PLA, PETG, …); of several tools, separated by commas, T0 first.")
  var material: String?
  @Option(help: "Its colour; of several tools, separated by commas, T0 first.") var colour: String?
  @Option(help: ArgumentHelp("Highest hot-end temperature.", valueName: "celsius")) var maxTool: Double?
  @Option(help: ArgumentHelp("Highest bed temperature.", valueName: "celsius")) var maxBed: Double?
  @Option(help: ArgumentHelp("Whether Z stays where it is without power.", valueName: "yes|no"))
  var holdsZ: Choice?
  @Option(
    name: .customLong("homes-xy"),
    help: ArgumentHelp(
      "Whether X and Y can be homed without touching Z, which `recover` needs.", valueName: "yes|no"))
  var homesXY: Choice?
  @Option(
    help: ArgumentHelp(
      "What homing X and Y does to Z: r0 raises it unless told R0.", valueName: "none|r0|always|auto"))
  var homeRaise: String?
  @Option(help: ArgumentHelp("Whether opening the port resets the board.", valueName: "yes|no"))
  var resetsOnOpen: Choice?
  @Option(
    help: ArgumentHelp(
      "Whether nothing else prints on it, so that its port may be opened at the start although that resets it.",
      valueName: "yes|no"))
  var hostOnly: Choice?
  @Option(
    name: .customLong("allow-m3"),
    help: ArgumentHelp(
      "Whether a laser's files may use M3, which burns on while the machine stands still.",
      valueName: "yes|no")
  )
  var allowM3: Choice?
  @Option(
    help: ArgumentHelp(
      "A hot end that an uncertain end or a lost link left on goes off then; 0: after 300.",
      valueName: "seconds"))
  var hotEndOffAfter: Int?
  @Option(help: ArgumentHelp("The same of the bed; 0: after 3600.", valueName: "seconds")) var bedOffAfter:
    Int?
  @Option(
    help: ArgumentHelp(
      "The hot end of a paused print goes to standby then; 0: after 900.", valueName: "seconds"))
  var standbyAfter: Int?
  @Option(help: ArgumentHelp("Start the next job after power-on without a word.", valueName: "yes|no"))
  var startsAlone: Choice?
  @Option(
    help: ArgumentHelp(
      "Where its camera gives a picture, http:// or https://; empty for none. Only admins are told the address.",
      valueName: "url"))
  var camera: String?
  @Option(
    help: ArgumentHelp(
      "Where its camera gives a stream (MJPEG); empty for none.", valueName: "url"))
  var cameraStream: String?
  @Option(
    help: ArgumentHelp(
      "A macro, its lines separated by semicolons; no lines: remove it.", valueName: "name=lines"))
  var macro: [String] = []
  @Option(
    help: ArgumentHelp(
      "G-code for start, end, cancel, pause or resume, its lines separated by semicolons.",
      valueName: "when=lines"))
  var script: [String] = []

  static let scriptNames = ["start", "end", "cancel", "pause", "resume"]

  func apply(to settings: inout MachineSettings) throws(Failure) {
    if let baud {
      guard baud > 0 else { throw .usage("--baud must be above 0") }
      settings.baud = baud
    }
    if let machineClass { settings.machineClass = machineClass }
    if let pool { settings.pool = pool.isEmpty ? nil : pool }
    if let dialect { settings.dialect = try Dialects.named(dialect) }
    if let receiveBuffer {
      settings.receiveBuffer = try Self.buffer(receiveBuffer, "--receive-buffer", 16...1_000_000)
    }
    if let queueLines { settings.queueLines = try Self.buffer(queueLines, "--queue-lines", 1...10_000) }
    if let window { settings.window = try Self.buffer(window, "--window", 1...10_000) }
    if let hotEndOffAfter {
      settings.hotEndOffAfter = try Self.buffer(hotEndOffAfter, "--hot-end-off-after", 10...3600)
    }
    if let bedOffAfter { settings.bedOffAfter = try Self.buffer(bedOffAfter, "--bed-off-after", 10...14_400) }
    if let standbyAfter {
      settings.standbyAfter = try Self.buffer(standbyAfter, "--standby-after", 10...7200)
    }
    if let kinematics { settings.kinematics = kinematics }
    if let volume { settings.volume = try Self.volume(volume) }
    if let model { settings.model = model.isEmpty ? nil : model }
    if let maxTool { settings.maxTool = maxTool }
    if let maxBed { settings.maxBed = maxBed }
    if let holdsZ { settings.holdsZ = holdsZ == .yes }
    if let homesXY { settings.homesXY = homesXY == .yes }
    if let homeRaise { settings.homeRaise = homeRaise == "auto" ? nil : homeRaise }
    if let resetsOnOpen { settings.resetsOnOpen = resetsOnOpen == .yes }
    if let hostOnly { settings.hostOnly = hostOnly == .yes }
    if let allowM3 { settings.allowM3 = allowM3 == .yes }
    if let startsAlone { settings.startsAlone = startsAlone == .yes }
    if let camera { settings.camera = camera.isEmpty ? nil : camera }
    if let cameraStream { settings.cameraStream = cameraStream.isEmpty ? nil : cameraStream }
    try applyTools(to: &settings)
    for entry in macro {
      let (name, lines) = try Self.named(entry, option: "--macro")
      settings.macros[name] = lines.isEmpty ? nil : lines
    }
    for entry in script {
      let (name, lines) = try Self.named(entry, option: "--script")
      guard Self.scriptNames.contains(name) else {
        throw .usage("--script \(name): there are \(Self.scriptNames.joined(separator: ", "))")
      }
      settings.scripts[name] = lines.isEmpty ? nil : lines
    }
  }

  private func applyTools(to settings: inout MachineSettings) throws(Failure) {
    func list(_ text: String) -> [String] {
      text.split(separator: ",", omittingEmptySubsequences: false).map { String($0).trimmingBlanks() }
    }
    func grow(_ count: Int) {
      while settings.tools.count < count { settings.tools.append(ToolModel()) }
    }
    if let nozzle {
      let words = list(nozzle)
      grow(words.count)
      for (index, word) in words.enumerated() {
        guard let size = Double(word), size > 0, size < 10 else {
          throw .usage("--nozzle \(word) is no size in mm")
        }
        settings.tools[index].nozzle = size
      }
    }
    if let material {
      let words = list(material)
      grow(words.count)
      for (index, word) in words.enumerated() { settings.tools[index].material = word.isEmpty ? nil : word }
    }
    if let colour {
      let words = list(colour)
      grow(words.count)
      for (index, word) in words.enumerated() { settings.tools[index].colour = word.isEmpty ? nil : word }
    }
  }

  /// A size of the firmware's, or seconds; 0 stands for not known, or the usual.
  static func buffer(_ value: Int, _ option: String, _ range: ClosedRange<Int>) throws(Failure) -> Int? {
    if value == 0 { return nil }
    guard range.contains(value) else {
      throw .usage("\(option) \(value): from \(range.lowerBound) to \(range.upperBound), or 0")
    }
    return value
  }

  /// `220x220x250` as three lengths.
  static func volume(_ text: String) throws(Failure) -> [Double] {
    let parts = text.lowercased().split(whereSeparator: { $0 == "x" || $0 == "," })
    let sizes = parts.compactMap { Double($0) }.filter { $0 > 0 && $0.isFinite }
    guard parts.count == 3, sizes.count == 3 else {
      throw .usage("--volume \(text) is no travel: write 220x220x250")
    }
    return sizes
  }

  /// `name=G28;G1 X0` as the name and its lines.
  static func named(_ text: String, option: String) throws(Failure) -> (String, [String]) {
    let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, !parts[0].isEmpty else { throw .usage("\(option) \(text): write NAME=LINE;LINE") }
    let lines = parts[1].split(whereSeparator: { $0 == ";" || $0 == "\n" }).map {
      String($0).trimmingBlanks()
    }
    return (String(parts[0]), lines.filter { !$0.isEmpty })
  }
}

extension String {
  /// Without blanks at either end.
  func trimmingBlanks() -> String {
    let kept = drop(while: { $0 == " " || $0 == "\t" }).reversed().drop(while: { $0 == " " || $0 == "\t" })
    return String(kept.reversed())
  }
}
