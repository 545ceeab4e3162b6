import GCode

/// What makes a plan impossible.
extension Recovery {
  /// The machine and the record alone.
  static func refusal(_ machine: RecoveryMachine, _ record: StopRecord) -> RecoveryRefusal? {
    switch machine.kind {
    case .laser:
      return RecoveryRefusal("recovery.laser", "a laser's job is never gone on with: start it anew")
    case .mill:
      return RecoveryRefusal(
        "recovery.cnc", "a mill's job is never gone on with by itself: the cutter stands in the work")
    case .printer: break
    }
    guard machine.kinematics == "cartesian" || machine.kinematics == "corexy" else {
      return RecoveryRefusal(
        "recovery.kinematics",
        "a machine of kinematics \(machine.kinematics) cannot home X and Y alone: its nozzle would meet the part"
      )
    }
    switch machine.dialect {
    case "klipper", "grbl", "grblhal", "smoothie":
      return RecoveryRefusal(
        "recovery.firmware",
        "the firmware (\(machine.dialect)) does not lift before it is homed: the nozzle would meet the part")
    default: break
    }
    guard machine.holdsZ else {
      return RecoveryRefusal(
        "recovery.zNotHeld",
        "nobody said that Z stays where it is without power: if it does, `fabline machine set NAME --holds-z yes`"
      )
    }
    guard machine.homesXY != false else {
      return RecoveryRefusal(
        "recovery.homing",
        "this machine does not home X and Y without Z: homing Z would press the nozzle into the part")
    }
    guard record.acknowledged.line > 0 else {
      return RecoveryRefusal(
        "recovery.noRecord", "no line of this print is on record: where it stopped is not known")
    }
    return nil
  }

  /// The record against the file that is here: any contradiction means that one of them is not what it seems.
  func checkRecord() throws(RecoveryRefusal) {
    guard let checked = follower.checked, let end = follower.acknowledgedEnd else {
      throw RecoveryRefusal(
        "recovery.contradiction", "the file is shorter than what was printed of it: it is not the same file")
    }
    if record.acknowledged.end > 0, record.acknowledged.end != end {
      throw RecoveryRefusal(
        "recovery.contradiction",
        "line \(record.acknowledged.line) ends at byte \(end) of the file and at byte \(record.acknowledged.end) of the"
          + " record: it is not the same file")
    }
    if let what = Recovery.contradiction(checked, record) {
      throw RecoveryRefusal(
        "recovery.contradiction",
        "at line \(max(record.acknowledged.line, record.sent.line)) the record says \(what): where the print stood is"
          + " not certain")
    }
  }

  /// What of the modal state differs; nil where nothing does.
  private static func contradiction(_ file: ModalState, _ record: StopRecord) -> String? {
    let known = file.known.intersection(record.known)
    let axes: [(Axes, String, Double, Double)] = [
      (.x, "X", file.position.x, record.position.x), (.y, "Y", file.position.y, record.position.y),
      (.z, "Z", file.position.z, record.position.z),
    ]
    for (axis, name, there, here) in axes where known.contains(axis) && abs(there - here) > 0.02 {
      return "\(name)\(GCodeText.number(here)) and the file \(name)\(GCodeText.number(there))"
    }
    if file.isRelative != record.isRelative {
      return "\(record.isRelative ? "G91" : "G90") and the file the opposite"
    }
    if file.isExtruderRelative != record.isExtruderRelative {
      return "\(record.isExtruderRelative ? "M83" : "M82") and the file the opposite"
    }
    if file.isInch != record.isInch { return "\(record.isInch ? "G20" : "G21") and the file the opposite" }
    if file.tool != record.tool { return "tool \(record.tool) and the file tool \(file.tool)" }
    // Relative amounts add up from wherever the count began.
    if !file.isExtruderRelative, known.contains(.e), abs(file.position.e - record.position.e) > 0.05 {
      return "E\(GCodeText.number(record.position.e)) and the file E\(GCodeText.number(file.position.e))"
    }
    return nil
  }

  /// The place itself.
  func check(_ place: FileFollower.Place, believed: Double) throws(RecoveryRefusal) {
    let state = place.track.state
    if let line = follower.frameLine, line >= follower.first?.line ?? 0 {
      throw RecoveryRefusal(
        "recovery.homingInDoubt",
        "line \(line), which may have run, homes, probes or renames the position: the height"
          + " is not known")
    }
    guard place.track.highest != nil else {
      throw RecoveryRefusal(
        "recovery.nothingPrinted",
        "nothing had been printed before line \(place.line): take off what is there and print it again from the start"
      )
    }
    guard state.known.isSuperset(of: .xyz) else {
      throw RecoveryRefusal(
        "recovery.unknownPlace", "the file does not tell where the nozzle is at line \(place.line)")
    }
    guard state.isExtruderRelative || state.known.contains(.e) else {
      throw RecoveryRefusal(
        "recovery.unknownPlace", "the file does not tell how far the filament is at line \(place.line)")
    }
    guard state.plane == 17 else {
      throw RecoveryRefusal("recovery.plane", "the file draws in another plane than XY at line \(place.line)")
    }
    guard abs(state.offset.x) < 0.0005, abs(state.offset.y) < 0.0005 else {
      throw RecoveryRefusal(
        "recovery.offset",
        "the file gave X or Y other names (G92) before line \(place.line): homing would take them back")
    }
    if choice.place == .proposed { return }
    let printing = record.parkedAt == nil ? believed : follower.first?.track.state.position.z ?? believed
    let lowest = min(state.position.z, follower.lowestSinceChosen ?? state.position.z)
    guard lowest >= printing - 0.06 else {
      throw RecoveryRefusal(
        "recovery.belowPart",
        "from line \(place.line) the file prints at \(GCodeText.mm(lowest)), below the \(GCodeText.mm(printing)) that the"
          + " part has reached: the nozzle would plough through it")
    }
  }
}
