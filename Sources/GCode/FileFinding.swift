/// The problems that `FileCheck` can find: their codes and how grave they are, in one table.
enum FileFinding: UInt8, CaseIterable, Sendable {
  case lineTooLong, numbered, nul, controlByte, byteOrderMark, foreignByte, foreignText, notACommand,
    noCommands
  case tooHot, forbidden, tool, outsideVolume
  case storesSettings, resetsSettings, startsCard, temperatureUnit
  case writesCard, emergencyStop, setsLineNumber
  case noHoming, noHeat, extruderMode
  case twoCommands, arc

  /// The code that programs compare and that stays the same across versions.
  var code: String {
    switch self {
    case .lineTooLong: "file.lineTooLong"
    case .numbered: "file.numbered"
    case .nul: "file.nul"
    case .controlByte: "file.controlByte"
    case .byteOrderMark: "file.byteOrderMark"
    case .foreignByte: "file.foreignByte"
    case .foreignText: "file.foreignText"
    case .notACommand: "file.notACommand"
    case .noCommands: "file.noCommands"
    case .tooHot: "file.tooHot"
    case .forbidden: "file.forbidden"
    case .tool: "file.tool"
    case .outsideVolume: "file.outsideVolume"
    case .storesSettings: "file.storesSettings"
    case .resetsSettings: "file.resetsSettings"
    case .startsCard: "file.startsCard"
    case .writesCard: "file.writesCard"
    case .emergencyStop: "file.emergencyStop"
    case .temperatureUnit: "file.temperatureUnit"
    case .setsLineNumber: "file.setsLineNumber"
    case .noHoming: "file.noHoming"
    case .noHeat: "file.noHeat"
    case .extruderMode: "file.extruderMode"
    case .twoCommands: "file.twoCommands"
    case .arc: "file.arc"
    }
  }

  /// What it does to a submission.
  var severity: FileProblem.Severity {
    switch self {
    case .lineTooLong, .numbered, .nul, .controlByte, .byteOrderMark, .foreignByte, .noCommands, .tooHot,
      .forbidden, .writesCard, .emergencyStop, .setsLineNumber:
      .refused
    case .notACommand, .tool, .outsideVolume, .storesSettings, .resetsSettings, .startsCard, .temperatureUnit,
      .twoCommands, .arc:
      .forceable
    case .foreignText, .noHoming, .noHeat, .extruderMode: .warning
    }
  }
}

/// How often each problem was found. The counts live in the value: a file of nothing but bad lines costs no memory.
struct FindingCounts: Sendable {
  private var counts = InlineArray<32, Int64>(repeating: 0)

  /// Counts one more; returns how many there were before.
  mutating func add(_ finding: FileFinding) -> Int64 {
    let before = counts[Int(finding.rawValue)]
    counts[Int(finding.rawValue)] = before &+ 1
    return before
  }
}
