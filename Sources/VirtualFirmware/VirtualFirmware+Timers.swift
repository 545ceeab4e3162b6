/// What happens without anybody's doing: heaters watched, reports that are due, motors let go.
extension VirtualFirmware {
  /// When something is due without the host's doing.
  var nextTimer: Int64? {
    var next = reports.nextTemperature
    next = earlier(next, reports.nextPosition)
    next = earlier(next, reports.nextCardStatus)
    if hotEnd.target > 0 || bed.target > 0 { next = earlier(next, reports.nextHeaterCheck) }
    if case .idle = activity {} else { next = earlier(next, reports.nextBusy) }
    if modes.motorsOn, modes.stepperTimeout > 0, case .idle = activity {
      next = earlier(
        next, planner.nextChange ?? max(modes.lastCommand, planner.lastEnd) + modes.stepperTimeout)
    }
    if modes.inactivityLimit > 0, case .idle = activity {
      next = earlier(next, modes.lastCommand + modes.inactivityLimit)
    }
    if profile.halfLineLimit > 0 || profile.waitSeconds > 0 { next = earlier(next, nextSilence) }
    if let next { return max(next, clock) }
    return nil
  }

  /// What `idle()` does: motors, heaters, reports that are due.
  mutating func tick() {
    planner.advance(to: clock)
    checkHeaters()
    if life != .running { return }
    sayDueReports()
    if profile.halfLineLimit > 0 || profile.waitSeconds > 0 { noteSilence() }
    letGoOfMotors()
    guard modes.inactivityLimit > 0, case .idle = activity else { return }
    if clock >= modes.lastCommand + modes.inactivityLimit {
      say("Error:KILL caused by too much inactive time - current command: ")
      kill(nil)
    }
  }

  private mutating func checkHeaters() {
    guard hotEnd.target > 0 || bed.target > 0, clock >= reports.nextHeaterCheck else { return }
    reports.nextHeaterCheck = clock + 500_000_000
    let verdicts = (hotEnd.check(now: clock), bed.check(now: clock))
    guard profile.thermalProtection else { return }
    if profile.wording.namesHeaters {
      switch verdicts {
      case (.fine, .fine): break
      case (.heatingFailed, _): stopForHeater(profile.wording.hotEndFailed)
      case (.runaway, _): stopForHeater(profile.wording.hotEndRunaway)
      case (.fine, .heatingFailed): stopForHeater(profile.wording.bedFailed)
      case (.fine, .runaway): stopForHeater(profile.wording.bedRunaway)
      }
      return
    }
    switch verdicts {
    case (.fine, .fine): break
    case (.heatingFailed, _): stopForHeater("Heating failed", "Heating Failed", "E0")
    case (.runaway, _): stopForHeater("Thermal Runaway", "Thermal Runaway", "E0")
    case (.fine, .heatingFailed): stopForHeater("Heating failed", "Bed Heating Failed", "bed")
    case (.fine, .runaway): stopForHeater("Thermal Runaway", "Bed Thermal Runaway", "bed")
    }
  }

  private mutating func stopForHeater(_ what: StaticString, _ display: StaticString, _ heater: StaticString) {
    record.heaterFault = true
    put("Error:")
    put(what)
    put(", system stopped! Heater_ID: ")
    put(heater)
    endLine()
    kill(display)
  }

  /// A heater fault in the firmware's own words and with its own consequences.
  private mutating func stopForHeater(_ text: StaticString) {
    record.heaterFault = true
    put(text)
    if profile.afterHeaterFault == .fatal { putFatalEnding() }
    endLine()
    for follows in profile.wording.faultFollows { say(follows) }
    switch profile.afterHeaterFault {
    case .kill: halt()
    case .fatal:
      halt()
      fatalWords = text
    case .stop:
      halt()
      isHalted = false
      activity = .user(UserWait(question: .supervision, until: nil, resumesLine: false))
      reports.nextBusy = clock + reports.busyInterval
    case .heatersOff:
      hotEnd.resetController()
      bed.resetController()
      noteHeaters(now: clock)
    }
  }

  private mutating func putFatalEnding() {
    put(" - Printer stopped and heaters disabled due to this error. Fix error and restart with M999.")
  }

  /// `fatal:…` instead of the line's work; true when that is what it gets.
  mutating func repeatsFatalWords() -> Bool {
    guard let words = fatalWords else { return false }
    if self.words.spells(letter: UInt8(ascii: "M"), 999) {
      fatalWords = nil
      isHalted = false
      return false
    }
    put(words)
    putFatalEnding()
    endLine()
    return true
  }

  private mutating func letGoOfMotors() {
    guard modes.motorsOn, planner.isEmpty, modes.stepperTimeout > 0 else { return }
    guard case .idle = activity else { return }
    if clock >= max(modes.lastCommand, planner.lastEnd) + modes.stepperTimeout {
      modes.motorsOn = false
      modes.homed = false
      record.steppersTimedOut = true
    }
  }

  mutating func noteHeaters(now: Int64) {
    let unattended = !hostPresent && (hotEnd.target > 0 || bed.target > 0)
    if let since = heatersUnattendedSince {
      record.heatersOnAfterHostGone += max(0, now - since)
      heatersUnattendedSince = nil
    }
    if unattended { heatersUnattendedSince = now }
  }

  mutating func noteHighest(now: Int64) {
    hotEnd.advance(to: now)
    bed.advance(to: now)
    record.highestHotEnd = hotEnd.highest
    record.highestBed = bed.highest
  }
}
