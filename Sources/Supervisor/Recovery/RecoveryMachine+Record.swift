import GCode
import JobStore
import Recovery

extension RecoveryMachine {
  /// The machine as its owner configured it, and as its firmware named itself last.
  init(_ machine: MachineRecord) {
    self.init()
    let settings = machine.settings
    kind =
      switch settings.kind {
      case .printer: .printer
      case .laser: .laser
      case .cnc: .mill
      }
    kinematics = settings.kinematics
    dialect = Self.dialect(settings.dialect, firmware: machine.firmware)
    travel = Position(x: settings.volume[0], y: settings.volume[1], z: settings.volume[2])
    holdsZ = settings.holdsZ
    homesXY = settings.homesXY
    raise =
      switch settings.homeRaise {
      case "none": .none
      case "r0": .unlessR0
      case "always": .always
      default: dialect == "marlin" ? .unlessR0 : .always
      }
    tools = Int32(clamping: max(1, settings.tools.count))
    maximumTool = settings.maxTool
    maximumBed = settings.maxBed
    extruderRule =
      switch dialect {
      case "marlin1", "prusa", "rrf": .relativeIfEither
      default: .setByG90
      }
  }

  /// The dialect that was configured, else the one that the firmware's own words name; empty where neither tells.
  static func dialect(_ configured: String?, firmware: String?) -> String {
    if let configured, configured != "auto" { return configured }
    let words = firmware ?? ""
    let names: [(word: String, dialect: String)] = [
      ("Klipper", "klipper"), ("Repetier", "repetier"), ("Smoothie", "smoothie"), ("RepRapFirmware", "rrf"),
      ("Prusa-Firmware-Buddy", "marlin"), ("Prusa-Firmware", "prusa"), ("Marlin V1", "marlin1"),
      ("Marlin1.0", "marlin1"), ("Marlin 1.0", "marlin1"), ("Marlin Ver 1.0", "marlin1"),
      ("grblHAL", "grblhal"), ("Grbl", "grbl"), ("Marlin", "marlin"),
    ]
    return names.first { words.contains($0.word) }?.dialect ?? ""
  }
}
