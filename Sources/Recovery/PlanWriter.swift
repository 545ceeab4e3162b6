import GCode

/// Writes the plan as G-code that a person can read, in the order of safety.md rule 15.
///
/// Before the first lift nothing moves sideways; until the nozzle is over its place again it stays lifted over everything that
/// was printed; the extruder moves only when the hot end has its full temperature. The last lines leave the firmware as the file
/// left it before its next line.
struct PlanWriter: Sendable {
  let machine: RecoveryMachine
  let record: StopRecord
  let place: FileFollower.Place
  let believed: Double
  let fileName: String
  let adjustments: Adjustments
  /// Where the nozzle travels, in mm.
  let lifted: Double
  /// What a person should know besides the questions.
  private(set) var notes: [String] = []
  private var text: [String] = []

  private var track: Track { place.track }
  private var state: ModalState { place.track.state }

  /// Throws where the machine's limits leave no plan.
  init(
    machine: RecoveryMachine, record: StopRecord, place: FileFollower.Place, checked: ModalState,
    believed: Double, fileName: String
  ) throws(RecoveryRefusal) {
    self.machine = machine
    self.record = record
    self.place = place
    self.believed = believed
    self.fileName = fileName
    adjustments = Adjustments(
      place: place.track.state, checked: checked, record: record, tools: machine.tools)
    let top = max(believed, place.track.highest ?? believed, place.track.state.position.z)
    lifted = Self.rounded(top + machine.lift)
    try checkRoom()
    try checkHeat()
    notes = remarks()
  }

  /// The plan, line by line.
  func lines() -> [String] {
    var copy = self
    copy.write()
    return copy.text
  }

  private mutating func write() {
    head()
    warmBed()
    softenNozzle()
    liftAndHome()
    levelAndChoose()
    heatAndPrime()
    restoreSettings()
    goThere()
    // So that whoever counts layers goes on counting; slicers begin with 0.
    if let layer = state.layer { text.append(";LAYER:\(layer)") }
    text.append(PlanMark.text(line: place.line, offset: place.offset))
  }

  // MARK: - The parts

  private mutating func head() {
    say("Recovered by fabline: \(GCodeText.comment(fileName)) from line \(place.line)")
    let layer = state.layer.map { "layer \($0 + 1), " } ?? ""
    say(
      "\(layer)height \(GCodeText.mm(state.position.z)); the nozzle is believed to stand at \(GCodeText.mm(believed))."
    )
    say("Stay beside it: it has to rise before it moves sideways. If it does not, stop it.")
    put("G21", "millimetres")
    put("G90", "absolute")
    put("M83", "the extruder relative, as long as this plan runs")
  }

  private mutating func warmBed() {
    let bed = adjustments.bedTarget
    let chamber = adjustments.chamberTarget
    if chamber > 0 { put("M141 S\(number(chamber, 1))", "the chamber warms up meanwhile") }
    guard bed > 0 else { return say("The bed was not heated.") }
    say("The bed first: where it is cold the part lets go.")
    put("M140 S\(number(bed, 1))")
    put("M190 S\(number(bed, 1))", "waits")
  }

  private mutating func softenNozzle() {
    say("The nozzle only soft: it comes off the part and hardly oozes.")
    let soft = max(0, fullTarget - machine.softBelow)
    put("M104\(toolWord(state.tool)) S\(number(soft, 1))")
    put("M109\(toolWord(state.tool)) S\(number(soft, 1))", "waits")
  }

  private mutating func liftAndHome() {
    say("Where the nozzle stands; up before anything moves sideways; then X and Y only.")
    put("G92 Z\(number(believed))")
    put("G1 Z\(number(lifted)) F\(number(machine.liftFeedrate))", "lift")
    put(
      "M400", "nothing is sent behind it: a firmware that refuses to move before it is homed is heard in time"
    )
    put(machine.raise == .unlessR0 ? "G28 R0 X Y" : "G28 X Y", "Z is not homed: the part is in the way")
  }

  private mutating func levelAndChoose() {
    if hadLevelling { put("M420 S1", "bed levelling on again") }
    if machine.tools > 1 { put("T\(state.tool)") }
  }

  private mutating func heatAndPrime() {
    say("Full heat; the extruder moves only from here on.")
    for (tool, target) in adjustments.toolTargets.sorted(by: { $0.key < $1.key }) where tool != state.tool {
      put("M104\(toolWord(tool)) S\(number(target, 1))")
    }
    put("M104\(toolWord(state.tool)) S\(number(fullTarget, 1))")
    put("M109\(toolWord(state.tool)) S\(number(fullTarget, 1))", "waits")
    for line in track.settings.lines { put(String(decoding: line, as: UTF8.self), "as the file set it") }
    if let (x, y) = primePlace, machine.prime > 0 {
      put("G1 X\(number(x)) Y\(number(y)) F\(number(machine.travelFeedrate))", "beside the part, lifted")
      put(
        "G1 E\(number(machine.prime)) F\(number(machine.primeFeedrate))",
        "prime: take the thread away by hand")
    } else {
      say("There is no room beside the part to prime the nozzle.")
    }
    if travelRetract > 0 {
      put("G1 E-\(number(travelRetract, 5)) F\(number(machine.retractFeedrate))", "drawn back for the way")
    }
  }

  private mutating func restoreSettings() {
    say("What the firmware forgot.")
    if let line = acceleration() { put(line) }
    put("M220 S\(number(adjustments.speedFactor, 1))", "speed")
    put("M221 S\(number(adjustments.flowFactor, 1))", "flow")
    for (fan, speed) in adjustments.fans.sorted(by: { $0.key < $1.key }) {
      let index = fan == 0 ? "" : " P\(fan)"
      put(speed > 0 ? "M106\(index) S\(number(speed, 0))" : "M107\(index)", "fan")
    }
    if record.babySteps != 0 {
      say(
        "Baby-steps of \(GCodeText.mm(record.babySteps)) are in the height already, since Z is not homed: M290 again would"
          + " double them.")
    }
  }

  private mutating func goThere() {
    let position = state.position
    say("Over the place, down, and as the file left things before line \(place.line).")
    put("G1 X\(number(position.x)) Y\(number(position.y)) F\(number(machine.travelFeedrate))", "lifted")
    put("G1 Z\(number(position.z)) F\(number(machine.liftFeedrate))", "down")
    let out = travelRetract - track.drawnBack
    if out > 0.0005 { put("G1 E\(number(out, 5)) F\(number(machine.retractFeedrate))") }
    if state.isRetracted { put("G10", "the file had the filament drawn back here") }
    put("G92 E\(number(position.e, 5))")
    if let feedrate = state.feedrate { put("G1 F\(number(feedrate, 3))", "the file's feedrate") }
    if state.isRelative { put("G91", "relative, as the file was here") }
    put(state.isExtruderRelative ? "M83" : "M82", "the extruder as the file had it")
    if state.isInch { put("G20", "inches, as the file was here") }
  }

  // MARK: - What they need

  private var fullTarget: Double { adjustments.toolTargets[state.tool] ?? 0 }

  /// Levelling was on, and M420 brings it back on this firmware.
  var hadLevelling: Bool { wasLevelled && machine.dialect != "rrf" && machine.dialect != "repetier" }

  /// A machine's own start lines may have turned it on: then only the record knows.
  var wasLevelled: Bool { state.levelling == true || record.levelling == true }

  /// As far back as the file had it, but at least a little where it had it not back at all.
  private var travelRetract: Double { state.isRetracted ? 0 : max(track.drawnBack, min(machine.retract, 2)) }

  private func toolWord(_ tool: Int32) -> String { machine.tools > 1 ? " T\(tool)" : "" }

  private func acceleration() -> String? {
    let asked = state.acceleration
    var line = "M204"
    if let value = asked.printing { line += " P\(number(value, 1))" }
    if let value = asked.retracting { line += " R\(number(value, 1))" }
    if let value = asked.travel { line += " T\(number(value, 1))" }
    return line == "M204" ? nil : line
  }

  /// The corner of the bed that is farthest from the part, where it is beside the part.
  private var primePlace: (x: Double, y: Double)? {
    guard let box = track.box else { return nil }
    let margin = 5.0
    let corners = [margin, machine.travel.x - margin].flatMap { x in
      [margin, machine.travel.y - margin].map { y in (x: x, y: y) }
    }
    let middleX = (box.minX + box.maxX) / 2
    let middleY = (box.minY + box.maxY) / 2
    func distance(_ corner: (x: Double, y: Double)) -> Double {
      let x = corner.x - middleX
      let y = corner.y - middleY
      return x * x + y * y
    }
    return corners.filter { $0.x > 0 && $0.y > 0 && box.isBeside($0.x, $0.y, margin: margin) }
      .max { distance($0) < distance($1) }
  }

  private func number(_ value: Double, _ places: Int = 4) -> String {
    GCodeText.number(value, places: places)
  }

  private mutating func put(_ line: String, _ why: String? = nil) {
    text.append(why.map { line + " ; " + $0 } ?? line)
  }

  private mutating func say(_ words: String) { text.append("; " + words) }

  private static func rounded(_ value: Double) -> Double { (value * 10_000).rounded() / 10_000 }
}
