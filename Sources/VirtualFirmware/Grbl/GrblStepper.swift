/// How the motors are to behave.
struct GrblStepControl: OptionSet, Sendable {
  let rawValue: UInt8
  /// No more segments: what is planned stays where it is.
  static var endMotion: GrblStepControl { GrblStepControl(rawValue: 1) }
  /// Brake to a standstill, whatever the plan says.
  static var hold: GrblStepControl { GrblStepControl(rawValue: 2) }
  /// The next segment works its power out anew.
  static var updatePower: GrblStepControl { GrblStepControl(rawValue: 4) }
}

/// The motors: planned moves are cut into segments of about 10 ms, up to five ahead, and those run by themselves.
///
/// What has been cut can no longer be changed: a hold begins up to 50 ms late, as on the board, and a block's room is
/// free as long before its end.
struct GrblStepper: Sendable {
  private struct Segment: Sendable {
    var duration: Int64
    /// In steps.
    var begin: GrblVector
    var end: GrblVector
    var power: Double
    /// The power follows the speed, and is off when nothing follows.
    var endsDark: Bool
  }

  private enum Ramp: Sendable { case accelerate, cruise, decelerate, slowDown }

  /// The course of the first block's speed from here on; places count from the block's end, mm.
  private struct Profile: Sendable {
    var ramp = Ramp.accelerate
    var complete = 0.0
    var accelerateUntil = 0.0
    var decelerateAfter = 0.0
    var maximum = 0.0
    var exit = 0.0
  }

  private static let segmentSeconds = 0.01
  private static let segmentsAhead = 5

  /// The motors turn.
  private(set) var isRunning = false
  /// Where they stood at the end of the last segment, in steps.
  private var resting = GrblVector.zero
  /// Speed at the end of what has been cut, mm/s: what a status report shows.
  private(set) var speed = 0.0
  /// When they last came to rest; long ago at first.
  private(set) var lastEnd: Int64 = -1_000_000_000_000_000_000

  private var segments: [Segment] = []
  private var startedAt: Int64 = 0
  private var profile: Profile?
  /// The first block has been begun.
  private var isLoaded = false
  private var brakesIntoNext = false
  private var power = 0.0

  /// When the segment that runs ends.
  var nextChange: Int64? {
    guard isRunning, let first = segments.first else { return nil }
    return startedAt + first.duration
  }

  /// When the motors come to rest if nothing is added.
  var rest: Int64? {
    guard isRunning else { return nil }
    return segments.reduce(startedAt) { $0 + $1.duration }
  }

  var isFull: Bool { segments.count >= Self.segmentsAhead }

  /// Where the motors stand at `time`, in steps.
  func position(at time: Int64) -> GrblVector {
    guard isRunning, let first = segments.first, first.duration > 0 else { return resting.rounded }
    let part = Double(max(0, min(time - startedAt, first.duration))) / Double(first.duration)
    return (first.begin + (first.end - first.begin).scaled(part)).rounded
  }

  /// Starts the motors on what has been cut.
  mutating func wake(at time: Int64, beam: inout GrblBeam) {
    if isRunning { return }
    guard let first = segments.first else { return }
    isRunning = true
    startedAt = time
    beam.setMoving(true, at: time)
    beam.setPower(first.power, at: time)
  }

  /// Lets the motors turn until `time`; returns when they came to rest, if they did.
  mutating func advance(to time: Int64, beam: inout GrblBeam) -> Int64? {
    while isRunning, let first = segments.first {
      let end = startedAt + first.duration
      if end > time { return nil }
      resting = first.end
      startedAt = end
      segments.removeFirst()
      if let next = segments.first {
        beam.setPower(next.power, at: end)
        continue
      }
      isRunning = false
      lastEnd = end
      beam.setMoving(false, at: end)
      if first.endsDark { beam.setPower(0, at: end) }
      return end
    }
    return nil
  }

  /// Stops at once, wherever they are.
  mutating func kill(at time: Int64, beam: inout GrblBeam) {
    if isRunning {
      resting = position(at: time)
      lastEnd = time
      beam.setMoving(false, at: time)
    }
    isRunning = false
    segments.removeAll(keepingCapacity: true)
  }

  /// Forgets what has been cut; the motors stand.
  mutating func reset() {
    segments.removeAll(keepingCapacity: true)
    profile = nil
    isLoaded = false
    brakesIntoNext = false
    speed = 0
    power = 0
    isRunning = false
  }

  /// Declares the place, in steps, where the motors stand.
  mutating func setPosition(_ place: GrblVector) { resting = place }

  /// The plan has changed: the rest of the first block gets a new course.
  mutating func replanned(_ planner: inout GrblPlanner) {
    if profile != nil, !planner.isEmpty { planner.setFirst(entry: speed * speed) }
    profile = nil
  }

  // MARK: Cutting

  /// Cuts segments while there is room for them.
  mutating func prepare(
    _ planner: inout GrblPlanner, control: inout GrblStepControl, output: inout GrblOutput
  ) {
    while !control.contains(.endMotion), segments.count < Self.segmentsAhead, !planner.isEmpty {
      if profile == nil {
        loadBlock(planner, control: control)
        let course =
          control.contains(.hold) ? brakingCourse(planner.blocks[0]) : plannedCourse(planner)
        if course.ramp == .decelerate, !control.contains(.hold) { brakesIntoNext = mustBrake(planner) }
        profile = course
        control.insert(.updatePower)
      }
      cut(&planner, control: &control, output: &output)
    }
  }

  private mutating func loadBlock(_ planner: GrblPlanner, control: GrblStepControl) {
    if isLoaded { return }
    isLoaded = true
    if control.contains(.hold) || brakesIntoNext {
      // The speed of the block before was cut down from what the plan had: go on from there.
      brakesIntoNext = false
      return
    }
    speed = planner.blocks[0].entry.squareRoot()
  }

  private func brakingCourse(_ block: GrblPlanner.Block) -> Profile {
    var course = Profile(ramp: .decelerate)
    let square = speed * speed
    let rest = block.remaining - square / (2 * block.acceleration)
    if rest < 0 {
      course.exit = max(0, square - 2 * block.acceleration * block.remaining).squareRoot()
    } else {
      course.complete = rest
    }
    return course
  }

  /// An override has been turned down so far that the block ends faster than it should.
  private func mustBrake(_ planner: GrblPlanner) -> Bool {
    let nominal = planner.nominalSpeed(of: planner.blocks[0])
    return speed > nominal * 1.000_001
  }

  private func plannedCourse(_ planner: GrblPlanner) -> Profile {
    let block = planner.blocks[0]
    let entry = speed * speed
    let exit = planner.firstExit
    let nominal = planner.nominalSpeed(of: block)
    let top = nominal * nominal
    let perMillimetre = 1 / (2 * block.acceleration)
    var course = Profile(accelerateUntil: block.remaining, exit: exit.squareRoot())
    if entry > top * 1.000_001 {
      course.accelerateUntil = block.remaining - perMillimetre * (entry - top)
      if course.accelerateUntil <= 0 {
        course.ramp = .decelerate
        course.exit = max(0, entry - 2 * block.acceleration * block.remaining).squareRoot()
      } else {
        course.ramp = .slowDown
        course.decelerateAfter = max(0, perMillimetre * (top - exit))
        course.maximum = nominal
      }
      return course
    }
    let meeting = 0.5 * (block.remaining + perMillimetre * (entry - exit))
    if meeting <= 0 {
      course.accelerateUntil = 0
      course.maximum = course.exit
    } else if meeting >= block.remaining {
      course.ramp = .decelerate
    } else {
      course.decelerateAfter = perMillimetre * (top - exit)
      if course.decelerateAfter < meeting {
        course.maximum = nominal
        course.accelerateUntil -= perMillimetre * (top - entry)
      } else {
        course.accelerateUntil = meeting
        course.decelerateAfter = meeting
        course.maximum = (2 * block.acceleration * meeting + exit).squareRoot()
      }
    }
    return course
  }

  /// One segment: 10 ms along the course, or to its end, or as long as one step takes.
  private mutating func cut(
    _ planner: inout GrblPlanner, control: inout GrblStepControl, output: inout GrblOutput
  ) {
    guard var course = profile else { return }
    let block = planner.blocks[0]
    let stepLength = block.length / max(1, largestStep(block))
    let atLeast = max(0, block.remaining - 1.25 * stepLength)
    var rest = block.remaining
    var passed = 0.0
    var limit = Self.segmentSeconds
    repeat {
      let time = ride(&course, block: block, rest: &rest, time: limit - passed)
      passed += max(0, time)
      if passed >= limit - 1e-12 {
        if rest <= atLeast { break }
        limit += Self.segmentSeconds
      }
    } while rest > course.complete
    profile = course
    setPower(block, control: &control, output: &output)
    if control.contains(.hold), block.remaining - rest < stepLength * 0.01 {
      // Less than a step is left to brake.
      control.insert(.endMotion)
      return
    }
    append(
      block, rest: rest, seconds: passed, followsSpeed: output.isLaser && block.spindle == .counterclockwise)
    planner.setFirst(remaining: rest)
    if rest > course.complete { return }
    if rest > 0 {
      control.insert(.endMotion)
    } else {
      planner.dropFirst()
      profile = nil
      isLoaded = false
    }
  }

  private func largestStep(_ block: GrblPlanner.Block) -> Double {
    let way = block.end - block.begin
    return max(abs(way.x), abs(way.y), abs(way.z))
  }

  private mutating func append(_ block: GrblPlanner.Block, rest: Double, seconds: Double, followsSpeed: Bool)
  {
    let way = block.end - block.begin
    let from = (block.length - block.remaining) / block.length
    let to = rest <= 0 ? 1 : (block.length - rest) / block.length
    segments.append(
      Segment(
        duration: max(1, Int64(min(seconds, 86_400) * 1e9)), begin: block.begin + way.scaled(from),
        end: block.begin + way.scaled(to), power: power, endsDark: followsSpeed))
  }

  private mutating func setPower(
    _ block: GrblPlanner.Block, control: inout GrblStepControl, output: inout GrblOutput
  ) {
    let followsSpeed = output.isLaser && block.spindle == .counterclockwise
    guard followsSpeed || control.contains(.updatePower) else { return }
    control.remove(.updatePower)
    if block.spindle == .off {
      output.shown = 0
      power = 0
    } else {
      power = output.power(block.spindleSpeed * (followsSpeed ? speed / block.programmedRate : 1))
    }
  }

  /// Goes on for at most `time` within one part of the course; returns how long it took.
  private mutating func ride(
    _ course: inout Profile, block: GrblPlanner.Block, rest: inout Double, time: Double
  ) -> Double {
    let change = block.acceleration * time
    switch course.ramp {
    case .slowDown:
      if speed - course.maximum <= change {
        let taken = 2 * (rest - course.accelerateUntil) / (speed + course.maximum)
        rest = course.accelerateUntil
        course.ramp = .cruise
        speed = course.maximum
        return taken
      }
      rest -= time * (speed - 0.5 * change)
      speed -= change
    case .accelerate:
      let after = rest - time * (speed + 0.5 * change)
      if after < course.accelerateUntil {
        let taken = 2 * (rest - course.accelerateUntil) / max(speed + course.maximum, 1e-9)
        rest = course.accelerateUntil
        course.ramp = rest == course.decelerateAfter ? .decelerate : .cruise
        speed = course.maximum
        return taken
      }
      rest = after
      speed += change
    case .cruise:
      let after = rest - course.maximum * time
      if after < course.decelerateAfter {
        let taken = (rest - course.decelerateAfter) / max(course.maximum, 1e-9)
        rest = course.decelerateAfter
        course.ramp = .decelerate
        return taken
      }
      rest = after
    case .decelerate:
      if speed > change {
        let after = rest - time * (speed - 0.5 * change)
        if after > course.complete {
          rest = after
          speed -= change
          return time
        }
      }
      let taken = 2 * (rest - course.complete) / max(speed + course.exit, 1e-9)
      rest = course.complete
      speed = course.exit
      return taken
    }
    return time
  }
}
