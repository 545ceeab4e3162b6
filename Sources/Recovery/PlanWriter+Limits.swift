import GCode

/// The machine's limits against the plan, and what a person should know of it.
extension PlanWriter {
  /// There has to be room above for the lift, and for what the firmware raises by itself.
  func checkRoom() throws(RecoveryRefusal) {
    let own = machine.raise == .always ? machine.ownRaise : 0
    guard lifted + own <= machine.travel.z else {
      let why = own > 0 ? " and \(GCodeText.mm(own)) that its homing may raise by itself" : ""
      throw RecoveryRefusal(
        "recovery.noRoom",
        "the nozzle has to be lifted to \(GCodeText.mm(lifted))\(why), and the machine reaches up to"
          + " \(GCodeText.mm(machine.travel.z))")
    }
    let position = place.track.state.position
    guard position.x >= -0.1, position.y >= -0.1, position.x <= machine.travel.x + 0.1,
      position.y <= machine.travel.y + 0.1, position.z >= 0, position.z <= machine.travel.z + 0.1
    else {
      throw RecoveryRefusal(
        "recovery.outside",
        "line \(place.line) begins at X\(GCodeText.number(position.x)) Y\(GCodeText.number(position.y))"
          + " Z\(GCodeText.number(position.z)), outside the machine's travel")
    }
  }

  /// Nothing is extruded cold (safety.md rule 13), and no limit is lifted (rule 7).
  func checkHeat() throws(RecoveryRefusal) {
    let tool = place.track.state.tool
    guard tool >= 0, tool < max(1, machine.tools) else {
      throw RecoveryRefusal(
        "recovery.tool", "line \(place.line) prints with tool \(tool), which the machine does not have")
    }
    guard let target = adjustments.toolTargets[tool], target >= machine.coldExtrusion else {
      throw RecoveryRefusal(
        "recovery.cold",
        "neither the file nor the record tells a hot end's temperature of at least"
          + " \(GCodeText.number(machine.coldExtrusion)) °C at line \(place.line)")
    }
    for (tool, target) in adjustments.toolTargets where target > machine.maximumTool {
      throw RecoveryRefusal(
        "recovery.tooHot",
        "tool \(tool) would be heated to \(GCodeText.number(target, places: 1)) °C, above the machine's limit"
      )
    }
    guard adjustments.bedTarget <= machine.maximumBed else {
      throw RecoveryRefusal(
        "recovery.tooHot",
        "the bed would be heated to \(GCodeText.number(adjustments.bedTarget, places: 1)) °C, above the machine's limit"
      )
    }
  }

  /// What a person should know besides the questions.
  func remarks() -> [String] {
    var notes: [String] = []
    let state = place.track.state
    if wasLevelled {
      notes.append(
        "Bed levelling was on: below the height where it fades out, the nozzle may come back off by as much as the mesh"
          + " has at the place where it stopped.")
    } else if state.levelling == nil, record.levelling == nil {
      notes.append("Whether bed levelling was on is not known: the plan leaves it as the firmware has it.")
    }
    if machine.raise == .always {
      notes.append(
        "Homing may raise Z by itself on this firmware; there is room for \(GCodeText.mm(machine.ownRaise)) of it."
      )
    }
    if record.babySteps != 0 {
      notes.append(
        "Baby-steps of \(GCodeText.mm(record.babySteps)) are kept by not homing Z; the firmware will show 0.")
    }
    for change in adjustments.byHand {
      notes.append("Changed by hand while it printed, and kept: \(change).")
    }
    if record.staleSeconds > 0 {
      notes.append(
        "The last record may be \(GCodeText.number(record.staleSeconds, places: 0)) s older than the stop: what ran since is"
          + " reckoned from the file and the machine's pace until then. Where somebody raised the speed at the printer"
          + " in that time, more may have run.")
    }
    if machine.tools > 1 {
      notes.append(
        "Tool \(state.tool) is chosen again after homing: look that this changes nothing over the part.")
    }
    if adjustments.bedTarget <= 0 {
      notes.append("The bed was not heated: nothing keeps the part down but its own grip.")
    }
    return notes
  }
}
