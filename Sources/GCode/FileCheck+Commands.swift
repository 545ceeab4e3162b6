/// The heaters whose targets are checked; the raw values are what sentences call them.
enum Heater: String, Sendable {
  case nozzle, bed, chamber
}

extension FileCheck {
  /// Looks at a command that is no move; the modal state has followed it already.
  mutating func checkOther(_ line: LineSplitter.Line) {
    switch command.letter {
    case ASCII.upperM: checkM(line)
    case ASCII.upperT: useTool(command.number, line)
    default: checkG()
    }
  }

  private mutating func checkG() {
    switch command.number {
    case 28: seen.insert(.homing)
    case 4:
      guard case .dwell(let seconds) = Expectation.of(command, in: state) else { return }
      facts.leastSeconds = min(facts.leastSeconds + seconds, DecimalNumber.limit)
    default: break
    }
  }

  private mutating func checkM(_ line: LineSplitter.Line) {
    switch command.number {
    case 82, 83: seen.insert(.extruderMode)
    case 104, 109: checkTool(line)
    case 140, 190: checkHeater(line, .bed)
    case 141, 191: checkHeater(line, .chamber)
    case 303: checkTuning(line)
    case 0, 1, 226, 600, 601: facts.stops &+= 1
    case 302: checkAllowed(line, .coldExtrusion, "lifts the protection against cold extrusion")
    case 997: checkAllowed(line, .firmwareUpdate, "replaces the firmware")
    case 500: ask(line, .storesSettings, "writes the printer's settings to its memory")
    case 502: ask(line, .resetsSettings, "sets the printer's settings back to the factory's")
    case 28, 29, 928:
      ask(line, .writesCard, "makes the printer write the lines to its card instead of doing them")
    case 23, 24, 32: ask(line, .startsCard, "starts a print from the printer's own card")
    case 112: ask(line, .emergencyStop, "stops the printer at once and for good")
    case 149: checkUnit(line)
    case 110: ask(line, .setsLineNumber, "sets the line number, which is the host's")
    default: break
    }
  }

  private mutating func checkTool(_ line: LineSplitter.Line) {
    let tool = command["T"].map { Int32(max(-1, min($0, 1000))) } ?? state.tool
    if let target = command["S"] ?? command["R"], target > 0 {
      seen.insert(.heat)
      useTool(tool, line)
    }
    checkHeater(line, .nozzle)
  }

  private mutating func checkHeater(_ line: LineSplitter.Line, _ heater: Heater) {
    guard let target = Self.larger(command["S"], command["R"]) else { return }
    let peak = FileFacts.Peak(value: target, line: line.number)
    switch heater {
    case .nozzle: if target > facts.hottestTool?.value ?? -.infinity { facts.hottestTool = peak }
    case .bed: if target > facts.hottestBed?.value ?? -.infinity { facts.hottestBed = peak }
    case .chamber: if target > facts.hottestChamber?.value ?? -.infinity { facts.hottestChamber = peak }
    }
    if let limit = limit(heater), target > limit { reportTooHot(line, heater, target, limit) }
  }

  private func limit(_ heater: Heater) -> Double? {
    switch heater {
    case .nozzle: limits.maximumTool
    case .bed: limits.maximumBed
    case .chamber: limits.maximumChamber
    }
  }

  /// M303 heats the tool, or with a negative E the bed or the chamber, to S.
  private mutating func checkTuning(_ line: LineSplitter.Line) {
    if (command["E"] ?? 0) < 0 {
      checkHeater(line, .bed)
    } else {
      checkHeater(line, .nozzle)
    }
  }

  private static func larger(_ a: Double?, _ b: Double?) -> Double? {
    guard let a else { return b }
    return max(a, b ?? a)
  }

  private mutating func useTool(_ tool: Int32, _ line: LineSplitter.Line) {
    guard tool >= 0 else { return }
    if tool < 32 { facts.tools |= 1 << UInt32(tool) }
    guard let tools = limits.tools, tool >= tools else { return }
    guard admits(.tool) else { return }
    keep(
      .tool, line.number,
      "Line \(line.number) uses tool \(tool); the machine has \(tools == 1 ? "only tool 0" : "tools 0 to \(tools - 1)")."
    )
  }

  private mutating func checkAllowed(
    _ line: LineSplitter.Line, _ allowance: FileCheckLimits.Allowance, _ what: String
  ) {
    guard !limits.allowed.contains(allowance) else { return }
    guard admits(.forbidden) else { return }
    keep(
      .forbidden, line.number,
      "Line \(line.number) \(what) (\(command.name)); the machine's settings do not allow that in files.")
  }

  private mutating func ask(_ line: LineSplitter.Line, _ finding: FileFinding, _ what: String) {
    guard admits(finding) else { return }
    keep(finding, line.number, "Line \(line.number) \(what) (\(command.name)).")
  }

  /// M149 F or K: what follows would be Fahrenheit or Kelvin, and every reading of ours wrong.
  private mutating func checkUnit(_ line: LineSplitter.Line) {
    guard command.has("F") || command.has("K") else { return }
    ask(line, .temperatureUnit, "makes the printer count temperatures in another unit than °C")
  }
}
