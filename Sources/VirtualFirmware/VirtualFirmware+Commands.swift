/// From a line in the queue to what it does: faults that wait for this line, the record, and the table of commands.
extension VirtualFirmware {
  mutating func execute() {
    queue.copyFirst(into: &line)
    words = CommandWords(line, rules: profile.lineRules)
    let isQuestion = isHostQuestion(letter: words.letter, number: words.number)
    if !isQuestion, befalls(record.lines + 1) { return }
    work(profile.commandCost)
    modes.lastCommand = clock
    let text = trimmed(line[words.start..<max(words.start, words.end)])
    if isHalted, refuses() { return }
    record.execute(
      text, number: words.lineNumber, isHostQuestion: isQuestion, isDamaged: queue.firstIsDamaged)
    reports.nextBusy = reports.busyInterval > 0 ? clock + reports.busyInterval : nil
    switch words.letter {
    case UInt8(ascii: "G"): executeG()
    case UInt8(ascii: "M"): executeM()
    case UInt8(ascii: "T"): executeT()
    default: sayUnknown()
    }
  }

  private func trimmed(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    var text = text
    while let last = text.last, last == UInt8(ascii: " ") || last == 9 || last == 13 {
      text = text.dropLast()
    }
    return text
  }

  /// Lets the faults of this line happen, each once; true when the line is not executed now.
  private mutating func befalls(_ number: Int64) -> Bool {
    if number == faults.heaterFaultAt {
      hotEnd.isBroken = true
      faults.heaterFaultAt = nil
    }
    if number == faults.bedFaultAt {
      bed.isBroken = true
      faults.bedFaultAt = nil
    }
    if number == faults.unplugAt {
      faults.unplugAt = nil
      events.append(.unplugged(duration: faults.unplugFor))
    }
    if number == faults.resetAt {
      faults.resetAt = nil
      events.append(.reset)
      reset(now: clock)
      return true
    }
    if number == faults.silentAt {
      faults.silentAt = nil
      life = .hung
      return true
    }
    if number == faults.killAt {
      faults.killAt = nil
      kill("KILLED")
      return true
    }
    return asksByItself(number)
  }

  /// Runout, filament change and prompt: a person is asked before the line's turn comes.
  private mutating func asksByItself(_ number: Int64) -> Bool {
    if number == faults.runoutAt {
      faults.runoutAt = nil
      sayRunout()
      startFilamentChange(resumesLine: true)
      return true
    }
    if number == faults.filamentChangeAt {
      faults.filamentChangeAt = nil
      startFilamentChange(resumesLine: true)
      return true
    }
    if number == faults.pauseAt {
      faults.pauseAt = nil
      if profile.hostActions { say("//action:pause") }
    }
    if number == faults.promptAt {
      faults.promptAt = nil
      askQuestion()
      return true
    }
    return false
  }

  private mutating func executeT() {
    if profile.lineRules == .marlin1 {
      put("echo:")
      if words.number == 0 {
        say("Active Extruder: 0")
      } else {
        put("T")
        reply.append(UInt8(truncatingIfNeeded: words.number))
        say("Invalid extruder")
      }
    }
    finish()
  }

  private mutating func executeG() {
    switch words.number {
    case 0, 1: move()
    case 2, 3: arc(clockwise: words.number == 2)
    case 4:
      var pause = (value("P") ?? 0) * 1e6
      if let seconds = value("S") { pause = seconds * 1e9 }
      activity = .synchronize(.dwell(Int64(max(0, min(pause, 86_400e9)))))
    case 21: finish()
    case 28: activity = .synchronize(.home)
    case 90, 91:
      modes.relative = words.number == 91
      modes.relativeExtruder = modes.relative
      finish()
    case 92: setPosition()
    default: executeUnlisted()
    }
  }

  private mutating func executeM() {
    if executeMotionM() || executeHeatM() || executeReportM() { return }
    if executePersonM() || executeCardM() { return }
    executeUnlisted()
  }

  /// Motion, motors, modes and settings; false for another code.
  private mutating func executeMotionM() -> Bool {
    switch words.number {
    case 17, 75, 76, 77, 111, 120, 121, 149, 200: finish()
    case 18, 84:
      if let seconds = value("S") {
        modes.stepperTimeout = Int64(max(0, min(seconds, 1e6))) * 1_000_000_000
        finish()
      } else {
        activity = .synchronize(.releaseMotors)
      }
    case 82, 83:
      modes.relativeExtruder = words.number == 83
      finish()
    case 85:
      modes.inactivityLimit = Int64(max(0, min(value("S") ?? 0, 1e6))) * 1_000_000_000
      finish()
    case 206, 211, 428: finish()
    case 92, 201, 203: setAxisLimits()
    case 204:
      if let rate = value("S") ?? value("P"), rate > 0 { modes.printAcceleration = rate }
      if let rate = value("S") ?? value("T"), rate > 0 { modes.travelAcceleration = rate }
      if let rate = value("R"), rate > 0 { modes.retractAcceleration = rate }
      finish()
    case 205, 301, 302, 400, 410: executeMotionSettings()
    case 220, 221: setFactor(isSpeed: words.number == 220)
    default: return false
    }
    return true
  }

  private mutating func executeMotionSettings() {
    switch words.number {
    case 302: allowColdExtrusion()
    case 400: activity = .synchronize(.acknowledge)
    case 410:
      if emergency == nil, profile.lineRules == .marlin2 { quickStop() }
      finish()
    default: finish()
    }
  }

  private mutating func allowColdExtrusion() {
    if let limit = value("S") { modes.coldLimit = limit > 0 ? limit : nil }
    if let allowed = value("P") { modes.coldLimit = allowed > 0 ? nil : 170 }
    if profile.lineRules == .marlin1, value("S") == nil { modes.coldLimit = nil }
    finish()
  }

  private mutating func setAxisLimits() {
    var axes = words.number == 92 ? modes.stepsPerUnit : modes.maxFeedrate
    if words.number == 201 { axes = modes.maxAcceleration }
    if let x = value("X"), x > 0 { axes.x = x }
    if let y = value("Y"), y > 0 { axes.y = y }
    if let z = value("Z"), z > 0 { axes.z = z }
    if let e = value("E"), e > 0 { axes.e = e }
    switch words.number {
    case 92: modes.stepsPerUnit = axes
    case 201: modes.maxAcceleration = axes
    default: modes.maxFeedrate = axes
    }
    finish()
  }

  /// `M220` and `M221`: set with `S`, told without.
  private mutating func setFactor(isSpeed: Bool) {
    if let percent = value("S") {
      let factor = max(1, min(999, percent))
      if isSpeed { modes.speedFactor = factor } else { modes.flowFactor = factor }
    } else if profile.lineRules == .marlin2 {
      put(isSpeed ? "FR:" : "echo:E0 Flow: ")
      put(isSpeed ? modes.speedFactor : modes.flowFactor, decimals: 0)
      say("%")
    }
    finish()
  }

  /// The parameter's number; nil when absent or without a value.
  func value(_ name: Unicode.Scalar) -> Double? {
    words.value(UInt8(truncatingIfNeeded: name.value), in: line)
  }

  func has(_ name: Unicode.Scalar) -> Bool {
    words.has(UInt8(truncatingIfNeeded: name.value))
  }
}
