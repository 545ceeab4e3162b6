/// Questions and their answers, reports that come by themselves, banner.
extension VirtualFirmware {
  /// M20 apart, every code that asks something; false for another code.
  mutating func executeReportM() -> Bool {
    switch words.number {
    case 31: sayPrintTime()
    case 105:
      clock += profile.reportCost
      if profile.acknowledgement != .whenTaken { put("ok ") }
      putTemperatures()
      endLine()
      finishSilently()
    case 110: setLineNumber()
    case 113:
      if profile.keepaliveSeconds == 0, profile.lineRules != .marlin1 { return false }
      setKeepalive()
    case 114:
      if profile.lineRules == .smoothie { put("ok ") }
      sayPosition()
      if profile.lineRules == .smoothie { finishSilently() } else { finish() }
    case 115:
      sayFirmware()
      if profile.lineRules == .klipper { finishSilently() } else { finish() }
    case 119: sayEndstops()
    case 154:
      if !profile.positionReports { return false }
      setPositionReport()
    case 155:
      if profile.lineRules == .klipper || profile.lineRules == .repRapFirmware { return false }
      setTemperatureReport()
    case 500, 501, 502, 503: executeSettings()
    case 851 where profile.lineRules == .marlin1:
      say("echo:Z Offsetz_min: -15z_max: -5")
      finish()
    case 999:
      switch profile.lineRules {
      case .marlin2, .marlin1, .prusa: askForResend()
      case .repetier: say("info:Continue from fatal state")
      case .repRapFirmware:
        restart(now: clock)
        return true
      case .smoothie, .klipper: break
      }
      finish()
    default: return false
    }
    return true
  }

  private mutating func setLineNumber() {
    if profile.lineRules == .marlin2 || profile.lineRules == .prusa {
      if let number = value("N") {
        reader.lastNumber = Int32(max(-2_147_483_648, min(2_147_483_647, number)))
      } else if profile.lineRules == .marlin2 {
        put("Line: ")
        put(Int64(reader.lastNumber))
        endLine()
      }
    }
    finish()
  }

  private mutating func setKeepalive() {
    if profile.keepaliveSeconds > 0 {
      if let seconds = value("S") {
        reports.busyInterval = Int64(max(0, min(60, seconds))) * 1_000_000_000
      } else {
        put("echo:M113 S")
        put(reports.busyInterval / 1_000_000_000)
        endLine()
      }
    }
    finish()
  }

  private mutating func setTemperatureReport() {
    let reports1Second = profile.lineRules == .repetier
    if profile.lineRules == .marlin2 || profile.lineRules == .prusa || reports1Second,
      let seconds = value("S").map({ reports1Second ? min($0, 1) : $0 }) ?? (reports1Second ? 1 : nil)
    {
      reports.temperatureInterval = Int64(max(0, min(60, seconds))) * 1_000_000_000
      reports.nextTemperature = reports.temperatureInterval > 0 ? clock + reports.temperatureInterval : nil
    }
    finish()
  }

  private mutating func setPositionReport() {
    if let seconds = value("S") {
      reports.positionInterval = Int64(max(0, min(60, seconds))) * 1_000_000_000
      reports.nextPosition = reports.positionInterval > 0 ? clock + reports.positionInterval : nil
    }
    finish()
  }

  /// Reports that are due now.
  mutating func sayDueReports() {
    if let due = reports.nextTemperature, clock >= due {
      reports.nextTemperature = clock + reports.temperatureInterval
      if profile.lineRules == .marlin2 { put(" ") }
      putTemperatures()
      endLine()
    }
    if let due = reports.nextPosition, clock >= due {
      reports.nextPosition = clock + reports.positionInterval
      sayPosition()
    }
    if let due = reports.nextCardStatus, clock >= due {
      reports.nextCardStatus = clock + reports.cardInterval
      sayCardStatus()
    }
    sayBusy()
  }

  private mutating func sayBusy() {
    guard let due = reports.nextBusy, clock >= due, reports.busyInterval > 0 else { return }
    switch activity {
    case .idle: return
    case .user: say(profile.wording.busyUser)
    case .heat: say(profile.wording.busyHeating)
    case .plan, .synchronize, .pass: say(profile.wording.busy)
    }
    reports.nextBusy = due + reports.busyInterval
    if let next = reports.nextBusy, next <= clock { reports.nextBusy = clock + reports.busyInterval }
  }

  mutating func sayPosition() {
    planner.advance(to: clock)
    let shown = modes.position + modes.shift
    if putPositionOfOthers(shown) {
      endLine()
      return
    }
    putAxis("X:", shown.x)
    putAxis(" Y:", shown.y)
    putAxis(" Z:", shown.z)
    putAxis(" E:", shown.e)
    if profile.lineRules == .marlin1 || profile.lineRules == .prusa {
      let motors = planner.position(at: clock)
      putAxis(" Count X: ", motors.x + modes.shift.x)
      putAxis(" Y:", motors.y + modes.shift.y)
      putAxis(" Z:", motors.z + modes.shift.z)
      if profile.lineRules == .prusa { putAxis(" E:", motors.e + modes.shift.e) }
    } else {
      put(" Count X:")
      putSteps(modes.position.x * modes.stepsPerUnit.x)
      put(" Y:")
      putSteps(modes.position.y * modes.stepsPerUnit.y)
      put(" Z:")
      putSteps(modes.position.z * modes.stepsPerUnit.z)
    }
    endLine()
  }

  /// The position as those say it who are no Marlins; false for a Marlin.
  private mutating func putPositionOfOthers(_ shown: Axes) -> Bool {
    switch profile.lineRules {
    case .marlin2, .marlin1, .prusa: return false
    case .repetier: putPlace("X:", shown, decimals: (2, 3, 4))
    case .klipper: putPlace("X:", shown, decimals: (3, 3, 3))
    case .smoothie: putPlace("C: X:", shown, decimals: (4, 4, 4))
    case .repRapFirmware:
      putPlace("X:", shown, decimals: (3, 3, 3))
      put(" E0:")
      put(shown.e, decimals: 1)
      put(" Count ")
      putSteps(modes.position.x * modes.stepsPerUnit.x)
      put(" ")
      putSteps(modes.position.y * modes.stepsPerUnit.y)
      put(" ")
      putSteps(modes.position.z * modes.stepsPerUnit.z)
      putPlace(" Machine ", modes.position)
      put(" Bed comp 0.000")
    }
    return true
  }

  private mutating func putPlace(_ label: StaticString, _ place: Axes, decimals: (Int, Int, Int)) {
    put(label)
    put(place.x, decimals: decimals.0)
    put(" Y:")
    put(place.y, decimals: decimals.0)
    put(" Z:")
    put(place.z, decimals: decimals.1)
    put(" E:")
    put(place.e, decimals: decimals.2)
  }

  private mutating func putPlace(_ label: StaticString, _ place: Axes) {
    put(label)
    put(place.x, decimals: 3)
    put(" ")
    put(place.y, decimals: 3)
    put(" ")
    put(place.z, decimals: 3)
  }

  private mutating func putAxis(_ label: StaticString, _ value: Double) {
    put(label)
    put(value, decimals: 2)
  }

  private mutating func putSteps(_ steps: Double) {
    put(Int64(max(-1e15, min(1e15, steps < 0 ? steps - 0.5 : steps + 0.5))))
  }

  private mutating func sayEndstops() {
    say("Reporting endstop status")
    say("x_min: open")
    if profile.lineRules == .marlin1 { say("x_max: open") }
    say("y_min: open")
    if profile.lineRules == .marlin1 { say("y_max: open") }
    say("z_min: open")
    if profile.lineRules == .marlin1 { say("z_max: open") }
    finish()
  }

  private mutating func sayPrintTime() {
    if profile.lineRules != .marlin2 {
      let seconds = (clock - modes.startedAt) / 1_000_000_000
      put("echo:")
      put(seconds / 60)
      put(" min, ")
      put(seconds % 60)
      say(" sec")
    } else {
      let seconds = modes.jobStartedAt.map { (clock - $0) / 1_000_000_000 } ?? 0
      put("echo:Print time: ")
      if seconds >= 3600 {
        put(seconds / 3600)
        put("h ")
      }
      if seconds >= 60 {
        put(seconds / 60 % 60)
        put("m ")
      }
      put(seconds % 60)
      say("s")
    }
    finish()
  }

  private mutating func executeSettings() {
    switch words.number {
    case 500:
      if profile.lineRules == .marlin2 {
        activity = .pass(until: clock + (paced ? 1_200_000_000 : 0), then: .settingsStored)
        return
      }
      say("echo:Settings Stored")
    case 503: saySettings()
    case 501, 502:
      if profile.lineRules == .marlin2 || profile.lineRules == .marlin1 {
        say("echo:Hardcoded Default Settings Loaded")
      }
    default: break
    }
    finish()
  }
}
