extension SlicerComments {
  /// Takes a value unless an earlier line gave one.
  mutating func take(_ key: SlicerKey, _ value: CommentText) {
    switch key {
    case .generator, .cura, .bambu, .version: takeSlicer(key, value)
    case .model: printerModel = printerModel ?? value.text
    case .profile: printerProfile = printerProfile ?? value.text
    case .nozzles, .nozzleDimension, .nozzleOfTool: takeNozzles(key, value)
    case .types, .typeOfTool, .colours, .names: takeFilament(key, value)
    case .millimetres, .metres, .millimetresOfTool, .grams, .gramsOfTool, .totalGrams: takeUsage(key, value)
    case .time, .silentTime, .timePair, .seconds, .elapsed: takeTime(key, value)
    case .layers: layers = layers ?? value.count
    case .layerHeight: layerHeight = layerHeight ?? value.positive
    case .firstLayerHeight: firstLayerHeight = firstLayerHeight ?? value.thickness
    case .maximumZ: maximumZ = maximumZ ?? value.positive
    case .nozzleTemperatures: fill(&nozzleTemperatures, value.numbers)
    case .bedTemperatures: fill(&bedTemperatures, value.numbers)
    case .printHost: printHostLines = printHostLines &+ 1
    }
  }

  private func fill<Element>(_ list: inout [Element], _ values: [Element]) {
    if list.isEmpty { list = values }
  }

  /// `PrusaSlicer 2.5.0 on 2024-...`, `Simplify3D(R) Version 4.1.2`, `Cura_SteamEngine 5.4.0`, `ideaMaker 4.1.1, ...`.
  private mutating func takeSlicer(_ key: SlicerKey, _ value: CommentText) {
    switch key {
    case .bambu:
      if slicer == nil { (slicer, version) = ("BambuStudio", value.words.first) }
      return
    case .version:
      version = version ?? value.text
      return
    default: break
    }
    guard slicer == nil else { return }
    var name = ""
    for word in value.words {
      if word.utf8.first.map(ASCII.isDigit) == true {
        version = version ?? word
        break
      }
      if word == "Version" { continue }
      if word == "on" { break }
      name += name.isEmpty ? word : " " + word
    }
    if name == "Cura_SteamEngine" { name = "Cura" }
    if name.utf8.suffix(3).elementsEqual("(R)".utf8) { name = String(name.prefix(name.utf8.count - 3)) }
    if !name.isEmpty { slicer = name }
  }

  private mutating func takeNozzles(_ key: SlicerKey, _ value: CommentText) {
    switch key {
    case .nozzleDimension:
      // The build volume's three sizes, then a nozzle for each extruder.
      fill(&nozzles, Array(value.numbers.dropFirst(3)))
    case .nozzleOfTool:
      // `0.NOZZLE.DIAMETER:0.4`, one line a tool.
      if let number = value.number(behind: ".NOZZLE.DIAMETER:"), number > 0, nozzles.count < 16 {
        nozzles.append(number)
      }
    default: fill(&nozzles, value.numbers.filter { $0 > 0 })
    }
  }

  private mutating func takeFilament(_ key: SlicerKey, _ value: CommentText) {
    switch key {
    case .colours: fill(&filamentColours, value.texts)
    case .names: fill(&filamentNames, value.texts)
    case .typeOfTool:
      // `1: PLA`, one line a tool.
      if let text = value.text(behind: ":"), filamentTypes.count < 16 { filamentTypes.append(text) }
    default: fill(&filamentTypes, value.texts)
    }
  }

  private mutating func takeUsage(_ key: SlicerKey, _ value: CommentText) {
    switch key {
    case .metres:
      guard value.numbers.contains(where: { $0 > 0 }) else { return }
      fill(&filamentMillimetres, value.numbers.map { min($0 * 1000, DecimalNumber.limit) })
    case .millimetresOfTool:
      // `1 Used: 868.0`, one line a tool.
      if let number = value.number(behind: " Used:"), filamentMillimetres.count < 16 {
        filamentMillimetres.append(number)
      }
    case .grams, .gramsOfTool:
      if value.numbers.contains(where: { $0 > 0 }) { fill(&filamentGrams, value.numbers) }
    case .totalGrams: totalGrams = totalGrams ?? value.positive
    default: fill(&filamentMillimetres, value.numbers)
    }
  }

  private mutating func takeTime(_ key: SlicerKey, _ value: CommentText) {
    switch key {
    case .silentTime: silentSeconds = silentSeconds ?? value.duration
    case .timePair:
      seconds = toldSeconds ?? value.part(behind: "total estimated time: ")?.duration ?? value.duration
    case .elapsed: elapsed = value.positive ?? elapsed
    case .seconds:
      // CuraEngine run by itself writes 6666 where it does not know the time yet, and the truth in the last elapsed time.
      guard let told = value.duration, told != 6666 else { return }
      seconds = toldSeconds ?? told
    default: seconds = toldSeconds ?? value.duration
    }
  }
}

/// How far a print is and how long it goes on, as M73 tells the printer's display.
public struct ProgressMark: Equatable, Sendable {
  /// The share that is done in percent: P.
  public var percent: Double?
  /// What remains in minutes: R.
  public var minutes: Double?

  /// Reads an M73; nil for other commands and for one that tells only of the silent mode (Q, S).
  public init?(_ command: Command) {
    guard command.matches("M", 73) else { return nil }
    percent = command["P"].map { max(0, min(100, $0)) }
    minutes = command["R"].map { max(0, $0) }
    if percent == nil, minutes == nil { return nil }
  }
}
