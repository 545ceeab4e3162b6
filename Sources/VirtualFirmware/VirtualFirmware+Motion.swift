/// A move that is to be planned: where it ends, how fast it may be, and the marks for the record.
struct Move: Sendable {
  var target: Axes
  /// mm along the path.
  var length: Double
  var feedrate: Double
  var acceleration: Double
  /// Unit vector of the move's beginning.
  var direction: Axes
  /// Steps of the busiest motor.
  var steps: Double
}

/// Moves, arcs, homing, positions.
extension VirtualFirmware {
  mutating func move() {
    work(Int64(words.parameters - (has("F") ? 1 : 0)) * profile.axisCost)
    let target = readTarget()
    let way = target - modes.position + modes.unplanned
    var length = (way.x * way.x + way.y * way.y + way.z * way.z).squareRoot()
    if length < 1e-6 { length = way.e < 0 ? -way.e : way.e }
    submit(to: target, length: length)
  }

  /// The end of the move in machine coordinates; cold extrusion is taken out.
  private mutating func readTarget() -> Axes {
    var target = modes.position
    target.x = destination(value("X"), modes.position.x, modes.shift.x, modes.relative)
    target.y = destination(value("Y"), modes.position.y, modes.shift.y, modes.relative)
    target.z = destination(value("Z"), modes.position.z, modes.shift.z, modes.relative)
    target.e = destination(value("E"), modes.position.e, modes.shift.e, modes.relativeExtruder)
    if let feedrate = value("F"), feedrate > 0 { modes.feedrate = feedrate / 60 }
    if target.e != modes.position.e { guardAgainstCold(target.e) }
    return target
  }

  private func destination(_ value: Double?, _ now: Double, _ shift: Double, _ relative: Bool) -> Double {
    guard let value else { return now }
    return relative ? now + value : value - shift
  }

  /// Below the limit the filament stays where it is and only the number moves on.
  private mutating func guardAgainstCold(_ extruder: Double) {
    hotEnd.advance(to: clock)
    if let limit = modes.coldLimit {
      if hotEnd.temperature >= limit { return }
      record.coldExtrusionsPrevented += 1
      modes.position.e = extruder
      switch profile.lineRules {
      case .marlin2, .marlin1, .prusa: say("echo: cold extrusion prevented")
      case .repetier, .repRapFirmware, .smoothie, .klipper: break
      }
    } else if hotEnd.temperature < 170 {
      record.extrudedCold = true
    }
  }

  private mutating func submit(to target: Axes, length: Double) {
    let way = target - modes.position + modes.unplanned
    let steps = mostSteps(way)
    guard length > 1e-6, steps >= profile.fewestSteps else {
      modes.unplanned = length > 1e-6 ? way : modes.unplanned
      modes.position = target
      finish()
      return
    }
    work(profile.motionCost)
    let direction = Axes(way.x / length, way.y / length, way.z / length, 0)
    let isTravel = way.e == 0
    let onlyExtrudes = way.x == 0 && way.y == 0 && way.z == 0
    var acceleration = isTravel ? modes.travelAcceleration : modes.printAcceleration
    if onlyExtrudes { acceleration = modes.retractAcceleration }
    let move = Move(
      target: target, length: length,
      feedrate: limit(
        modes.feedrate * modes.speedFactor / 100 * profile.feedrateFactor, modes.maxFeedrate, way, length),
      acceleration: limit(acceleration * profile.accelerationFactor, modes.maxAcceleration, way, length),
      direction: direction, steps: steps)
    if profile.acknowledgement == .movesFirst, words.number == 1, !lineIsAcknowledged {
      say("ok")
      lineIsAcknowledged = true
    }
    noteUnderrun()
    planner.advance(to: clock)
    modes.motorsOn = true
    if planner.free > 0 {
      plan(move)
    } else {
      activity = .plan(move)
    }
  }

  /// No axis may exceed its own limit, so the path obeys the slowest.
  private func limit(_ wanted: Double, _ limits: Axes, _ way: Axes, _ length: Double) -> Double {
    var rate = wanted
    for (part, limit) in [(way.x, limits.x), (way.y, limits.y), (way.z, limits.z), (way.e, limits.e)] {
      let share = (part < 0 ? -part : part) / length
      if share * rate > limit { rate = limit / share }
    }
    return max(rate, 0.01)
  }

  /// Steps of the axis that makes the most of them.
  private func mostSteps(_ way: Axes) -> Double {
    let steps = modes.stepsPerUnit
    return max(
      abs(way.x) * steps.x, abs(way.y) * steps.y, max(abs(way.z) * steps.z, abs(way.e) * steps.e))
  }

  private mutating func noteUnderrun() {
    planner.advance(to: clock)
    let gap = clock - planner.lastEnd
    if planner.isEmpty, modes.expectsMotion, gap < 1_000_000_000 {
      record.underruns += 1
      record.starved += gap
    }
    modes.expectsMotion = true
  }

  mutating func plan(_ move: Move) {
    let block = Planner.Block(
      length: move.length, nominal: move.feedrate, acceleration: move.acceleration, corner: 0,
      steps: move.steps, end: move.target, begin: modes.position)
    let touched = planner.append(block, direction: move.direction, now: clock)
    work(Int64(touched) * profile.lookaheadCost)
    modes.position = move.target
    modes.unplanned = .zero
    finish()
  }

  // MARK: Arcs

  mutating func arc(clockwise: Bool) {
    work(Int64(words.parameters - (has("F") ? 1 : 0)) * profile.axisCost)
    let begin = modes.position
    let target = readTarget()
    let chordX = target.x - begin.x
    let chordY = target.y - begin.y
    let chord = (chordX * chordX + chordY * chordY).squareRoot()
    var radius = 0.0
    var isLong = false
    if let given = value("R"), given != 0 {
      radius = given < 0 ? -given : given
      isLong = given < 0
    } else if has("I") || has("J") {
      let i = value("I") ?? 0
      let j = value("J") ?? 0
      radius = (i * i + j * j).squareRoot()
      let side = i * chordY - j * chordX
      isLong = clockwise ? side > 0 : side < 0
    }
    guard radius > 0 else {
      if profile.lineRules == .marlin2 { say("Error:G2/G3 bad parameters") }
      finish()
      return
    }
    let rise = target.z - begin.z
    let flat = arcLength(chord: chord, radius: radius, isLong: isLong)
    submit(to: target, length: (flat * flat + rise * rise).squareRoot())
  }

  /// Length of an arc from its chord, by halving the angle until chord and arc are the same.
  private func arcLength(chord: Double, radius: Double, isLong: Bool) -> Double {
    let whole = 2 * Double.pi * radius
    if chord < 1e-6 { return whole }
    var piece = min(chord, 2 * radius)
    var pieces = 1.0
    for _ in 0..<12 {
      let rest = max(0, 4 * radius * radius - piece * piece)
      piece = max(0, 2 * radius * radius - radius * rest.squareRoot()).squareRoot()
      pieces *= 2
    }
    return isLong ? whole - piece * pieces : piece * pieces
  }

  // MARK: Positions

  mutating func setPosition() {
    let all = !has("X") && !has("Y") && !has("Z") && !has("E")
    if profile.lineRules == .marlin1 || !all {
      if let x = value("X") { modes.shift.x = x - modes.position.x }
      if let y = value("Y") { modes.shift.y = y - modes.position.y }
      if let z = value("Z") { modes.shift.z = z - modes.position.z }
      if let e = value("E") { modes.position.e = e }
    }
    if profile.lineRules == .marlin2 { sayPosition() }
    finish()
  }

  /// What follows once the motors stand still.
  mutating func goOn(_ next: AfterMotion) {
    modes.expectsMotion = false
    switch next {
    case .acknowledge: finish()
    case .dwell(let time): activity = .pass(until: clock + time, then: .acknowledge)
    case .home: activity = .pass(until: clock + homingTime, then: .homed)
    case .releaseMotors:
      modes.motorsOn = false
      modes.homed = false
      finish()
    case .askUser(let wait): ask(wait)
    }
  }

  /// Two approaches an axis, from where the head is; a never homed head has to look for the switch.
  private var homingTime: Int64 {
    let all = !has("X") && !has("Y") && !has("Z")
    let bumps = profile.lineRules == .marlin2
    var seconds = 0.0
    if all || has("X") { seconds += (bumps ? 2.2 : 1.0) + abs(modes.position.x) / 50 }
    if all || has("Y") { seconds += (bumps ? 2.2 : 1.0) + abs(modes.position.y) / 50 }
    if all || has("Z") { seconds += (bumps ? 6.4 : 2.6) + abs(modes.position.z) / 4 }
    return Int64(min(seconds, 600) * 1e9)
  }

  /// What follows once the time has passed.
  mutating func passed(_ next: AfterPassing) {
    switch next {
    case .acknowledge: finish()
    case .settingsStored:
      say("echo:Settings Stored (597 bytes; crc 27963)")
      finish()
    case .homed:
      let all = !has("X") && !has("Y") && !has("Z")
      if all || has("X") {
        modes.position.x = 0
        modes.shift.x = 0
      }
      if all || has("Y") {
        modes.position.y = 0
        modes.shift.y = 0
      }
      if all || has("Z") {
        modes.position.z = profile.lineRules == .marlin2 ? 5 : 0
        modes.shift.z = 0
      }
      planner.setResting(modes.position)
      modes.unplanned = .zero
      modes.homed = all
      modes.motorsOn = true
      if profile.lineRules == .marlin2 { sayPosition() }
      finish()
    }
  }
}
