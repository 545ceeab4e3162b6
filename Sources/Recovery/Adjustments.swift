import GCode

/// What the plan sets the machine to: the file's own values at the place, but what a person changed by hand while it printed.
///
/// A value counts as changed by hand where the record differs from what the file alone led to at the same line. A heater that was
/// off or at standby by the host's own policy is no wish of a person: a lower target counts only while nothing was parked.
struct Adjustments: Equatable, Sendable {
  var toolTargets: [Int32: Double] = [:]
  var bedTarget: Double = 0
  var chamberTarget: Double = 0
  var fans: [Int32: Double] = [:]
  var speedFactor: Double = 100
  var flowFactor: Double = 100
  /// In words, for the person: `M220 120 % (by hand)`.
  var byHand: [String] = []

  init(place: ModalState, checked: ModalState, record: StopRecord, tools: Int32) {
    for tool in 0..<max(1, min(tools, Int32(ModalState.maximumTools))) {
      let target = heater(
        "hot end \(tool)", now: place.target(tool: tool) ?? 0, then: checked.target(tool: tool) ?? 0,
        known: record.target(tool), record)
      if target > 0 { toolTargets[tool] = target }
    }
    bedTarget = heater(
      "bed", now: place.bedTarget ?? 0, then: checked.bedTarget ?? 0, known: record.bedTarget, record)
    chamberTarget = heater(
      "chamber", now: place.chamberTarget ?? 0, then: checked.chamberTarget ?? 0, known: record.chamberTarget,
      record)
    for fan in 0..<Int32(ModalState.maximumFans) {
      let index = Int(fan)
      let then = checked.fan(fan) ?? 0
      let known = index < record.fans.count ? record.fans[index] : then
      let isChanged = !record.isParked && abs(known - then) > 0.5
      if isChanged { byHand.append("fan \(fan) at \(GCodeText.number(known, places: 0)) of 255") }
      if let speed = isChanged ? known : place.fan(fan) { fans[fan] = speed }
    }
    speedFactor = factor(
      "speed", now: place.speedFactor, then: checked.speedFactor, known: record.speedFactor)
    flowFactor = factor("flow", now: place.flowFactor, then: checked.flowFactor, known: record.flowFactor)
  }

  private mutating func heater(
    _ name: String, now: Double, then: Double, known: Double, _ record: StopRecord
  ) -> Double {
    guard known > 0, abs(known - then) > 0.5, !record.isParked || known > then else { return now }
    byHand.append(
      "\(name) at \(GCodeText.number(known, places: 1)) °C instead of \(GCodeText.number(now, places: 1))")
    return known
  }

  private mutating func factor(_ name: String, now: Double, then: Double, known: Double) -> Double {
    guard known > 0, abs(known - then) > 0.05 else { return now }
    byHand.append("\(name) at \(GCodeText.number(known, places: 1)) %")
    return known
  }
}
