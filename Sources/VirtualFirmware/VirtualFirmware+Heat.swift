/// A command that waits for a temperature, and how far it has come.
struct HeatWait: Sendable {
  enum Part: Sendable, Equatable {
    case hotEnd
    case bed
  }

  var part: Part
  /// `S` waits for heating only, `R` for cooling as well.
  var waitsForCooling: Bool
  /// When the temperature came close enough; it must stay so for 10 s.
  var closeSince: Int64?
  var nextReport: Int64
  var target = -1.0
  var wantsToCool = false
  var nextCoolingCheck: Int64?
  var oldTemperature = 9999.0
  var firstTurn = true
}

private let residency: Int64 = 10_000_000_000

/// Heaters, fans and the waits for them.
extension VirtualFirmware {
  /// M104 to M109, M140, M190; false for another code.
  mutating func executeHeatM() -> Bool {
    if words.number == 104 || words.number == 109, let tool = value("T"), tool >= 1 {
      put("echo:M")
      put(Int64(words.number))
      put(" Invalid extruder ")
      put(tool, decimals: 0)
      endLine()
      finish()
      return true
    }
    switch words.number {
    case 104:
      if let target = value("S") { setHotEnd(target) }
      finish()
    case 140:
      if let target = value("S") { setBed(target) }
      finish()
    case 106:
      modes.fan = Int64(max(0, min(255, value("S") ?? 255)))
      finish()
    case 107:
      modes.fan = 0
      finish()
    case 109:
      if let target = value("S") ?? value("R") { setHotEnd(target) }
      startHeatWait(.hotEnd)
    case 190:
      if let target = value("S") ?? value("R") { setBed(target) }
      startHeatWait(.bed)
    default: return false
    }
    return true
  }

  private mutating func setHotEnd(_ target: Double) {
    hotEnd.setTarget(target, now: clock)
    if target > 0, modes.jobStartedAt == nil { modes.jobStartedAt = clock }
    noteHeaters(now: clock)
  }

  private mutating func setBed(_ target: Double) {
    bed.setTarget(target, now: clock)
    noteHeaters(now: clock)
  }

  private mutating func startHeatWait(_ part: HeatWait.Part) {
    modes.expectsMotion = false
    if profile.lineRules != .marlin1, value("S") == nil, value("R") == nil {
      finish()
      return
    }
    let cools = value("S") == nil && value("R") != nil
    var wait = HeatWait(part: part, waitsForCooling: cools, nextReport: clock)
    if profile.lineRules == .marlin1 || profile.lineRules == .prusa {
      wait.nextReport = clock + 1_000_000_000
      wait.waitsForCooling = cools || part == .hotEnd
      let heater = part == .hotEnd ? hotEnd : bed
      wait.wantsToCool = heater.temperature > heater.target
      wait.target = heater.target
    }
    activity = .heat(wait)
  }

  /// One turn of the loop inside `M109` and `M190`; true when it has ended.
  mutating func waitForHeat(_ wait: HeatWait) -> Bool {
    var wait = wait
    hotEnd.advance(to: clock)
    bed.advance(to: clock)
    modes.lastCommand = clock
    let ended: Bool
    switch profile.lineRules {
    case .marlin2: ended = turnMarlin2(&wait)
    case .marlin1, .prusa: ended = turnMarlin1(&wait)
    case .repetier, .repRapFirmware, .smoothie, .klipper: ended = turnOthers(&wait)
    }
    if ended {
      finish()
    } else {
      activity = .heat(wait)
    }
    return ended
  }

  private mutating func turnMarlin2(_ wait: inout HeatWait) -> Bool {
    let target = wait.part == .hotEnd ? hotEnd.target : bed.target
    let temperature = wait.part == .hotEnd ? hotEnd.temperature : bed.temperature
    if wait.target != target {
      wait.wantsToCool = temperature > target
      wait.target = target
      if !wait.waitsForCooling && wait.wantsToCool { return true }
    }
    if clock >= wait.nextReport {
      wait.nextReport = clock + 1_000_000_000
      put(" ")
      putTemperatures()
      put(" W:")
      putRemaining(wait)
      endLine()
    }
    noteCloseness(&wait, temperature, target, firstCounts: wait.firstTurn)
    wait.firstTurn = false
    if wait.wantsToCool {
      if wait.nextCoolingCheck.map({ clock >= $0 }) ?? true {
        if wait.oldTemperature - temperature < 1.5 { return true }
        wait.nextCoolingCheck = clock + 60_000_000_000
        wait.oldTemperature = temperature
      }
    }
    guard let since = wait.closeSince else { return false }
    return clock >= since + residency
  }

  /// The 10 s begin when the target is 1 °C away and begin again whenever it is more than 3 °C away.
  private func noteCloseness(
    _ wait: inout HeatWait, _ temperature: Double, _ target: Double, firstCounts: Bool
  ) {
    let difference = abs(target - temperature)
    if wait.closeSince == nil {
      if difference < 1 { wait.closeSince = clock - (firstCounts ? residency * 2 / 3 : 0) }
    } else if difference > 3 {
      wait.closeSince = clock
    }
  }

  private mutating func putRemaining(_ wait: HeatWait) {
    if let since = wait.closeSince {
      put(max(0, (residency - (clock - since)) / 1_000_000_000))
    } else {
      put("?")
    }
  }

  /// A report each second, and on as soon as the temperature is there.
  private mutating func turnOthers(_ wait: inout HeatWait) -> Bool {
    let heater = wait.part == .hotEnd ? hotEnd : bed
    if heater.target <= 0 || heater.temperature >= heater.target - 1 && !wait.waitsForCooling { return true }
    if abs(heater.temperature - heater.target) <= 1 { return true }
    if clock >= wait.nextReport {
      wait.nextReport = clock + 1_000_000_000
      if profile.lineRules == .smoothie {
        putHeater(wait.part == .hotEnd ? "T:" : "B:", heater, 1)
        put(" @")
        put(heater.power * 2)
      } else {
        putTemperatures()
      }
      endLine()
    }
    return false
  }

  private mutating func turnMarlin1(_ wait: inout HeatWait) -> Bool {
    let heater = wait.part == .hotEnd ? hotEnd : bed
    if clock > wait.nextReport {
      wait.nextReport = clock + 1_000_000_000
      put("T:")
      put(hotEnd.temperature, decimals: wait.part == .hotEnd ? 1 : 2)
      put(" E:0 ")
      if wait.part == .hotEnd {
        put("W:")
        putRemaining(wait)
      } else {
        put("B:")
        put(bed.temperature, decimals: 1)
      }
      endLine()
    }
    if wait.part == .bed {
      let arrived =
        wait.wantsToCool ? heater.temperature <= heater.target : heater.temperature >= heater.target
      return arrived || wait.wantsToCool && !wait.waitsForCooling
    }
    let near =
      wait.wantsToCool ? heater.temperature <= heater.target + 1 : heater.temperature >= heater.target - 1
    if wait.closeSince == nil ? near : abs(heater.temperature - heater.target) > 3 { wait.closeSince = clock }
    guard let since = wait.closeSince else { return false }
    return clock >= since + (profile.lineRules == .prusa ? 3_000_000_000 : residency)
  }

  /// `T:21.88 /0.00 B:21.88 /0.00 @:0 B@:0`, or what Marlin 1.0 says.
  mutating func putTemperatures() {
    hotEnd.advance(to: clock)
    bed.advance(to: clock)
    switch profile.lineRules {
    case .marlin2:
      putHeater("T:", hotEnd, 2)
      putHeater(" B:", bed, 2)
      putPowers(" @:", " B@:")
    case .marlin1, .prusa:
      putHeater("T:", hotEnd, 1)
      putHeater(" B:", bed, 1)
      putHeater(" T0:", hotEnd, 1)
      putPowers(" @:", " B@:")
      if profile.lineRules == .prusa { put(" P:0.0 A:0.0") }
    case .repetier:
      putHeater("T:", hotEnd, 2, targetDecimals: 0)
      putHeater(" B:", bed, 2, targetDecimals: 0)
      put(" B@:")
      put(bed.power * 2)
      put(" @:")
      put(hotEnd.power * 2)
    case .repRapFirmware:
      putHeater("T:", hotEnd, 1)
      putHeater(" T0:", hotEnd, 1)
      putHeater(" B:", bed, 1)
    case .smoothie:
      putHeater("T:", hotEnd, 1)
      put(" @")
      put(hotEnd.power * 2)
      putHeater(" B:", bed, 1)
      put(" @")
      put(bed.power * 2)
      put(" ")
    case .klipper:
      putHeater("B:", bed, 1)
      putHeater(" T0:", hotEnd, 1)
    }
  }

  private mutating func putPowers(_ hot: StaticString, _ flat: StaticString) {
    put(hot)
    put(hotEnd.power)
    put(flat)
    put(bed.power)
  }

  private mutating func putHeater(
    _ label: StaticString, _ heater: Heater, _ decimals: Int, targetDecimals: Int? = nil
  ) {
    put(label)
    put(heater.temperature, decimals: decimals)
    put(" /")
    put(heater.target, decimals: targetDecimals ?? decimals)
  }
}
