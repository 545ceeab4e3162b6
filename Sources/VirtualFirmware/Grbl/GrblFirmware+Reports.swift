/// What the controller says about itself when asked.
extension GrblFirmware {
  /// `<Idle|MPos:0.000,0.000,0.000|FS:0,0|WCO:...>`: offsets and overrides come in turns, and at once when they change.
  mutating func sayStatus(full: Bool) {
    put("<")
    putState()
    let offset = interpreter.offset
    let isMachine = memory.settings.reportsMachinePosition
    var place = stepper.position(at: clock) / memory.settings.stepsPerMillimetre
    if !isMachine { place = place - offset }
    put(isMachine ? "|MPos:" : "|WPos:")
    put(place)
    if memory.settings.reportsBuffers {
      put("|Bf:")
      put(Int64(planner.free))
      put(",")
      put(Int64(rx.room))
    }
    put("|FS:")
    putRate(isInMotionState ? stepper.speed * 60 : 0)
    put(",")
    put(output.shown, decimals: 0)
    if profile.isHAL {
      putHALFields(full: full)
    } else {
      putTurns()
    }
    put(">")
    endLine()
  }

  private mutating func putTurns() {
    if offsetsDueIn == 0 {
      offsetsDueIn = isBusyState ? 29 : 9
      if overridesDueIn == 0 { overridesDueIn = 1 }
      put("|WCO:")
      put(interpreter.offset)
    } else {
      offsetsDueIn -= 1
    }
    if overridesDueIn == 0 {
      overridesDueIn = isBusyState ? 19 : 9
      putOverrideNumbers()
      if beam.power > 0 || flood { putAccessories() }
    } else {
      overridesDueIn -= 1
    }
  }

  private var isInMotionState: Bool {
    switch state {
    case .run, .homing, .hold, .jog, .door: true
    case .idle, .alarm, .check, .sleep: false
    }
  }

  private var isBusyState: Bool { isInMotionState }

  mutating func putOverrideNumbers() {
    put("|Ov:")
    put(Int64(planner.feedOverride))
    put(",")
    put(Int64(planner.rapidOverride))
    put(",")
    put(Int64(output.override))
  }

  mutating func putAccessories() {
    put("|A:")
    if beam.power > 0 { put(pinDirection == .counterclockwise ? "C" : "S") }
    if flood { put("F") }
  }

  private mutating func putState() {
    switch state {
    case .idle: put("Idle")
    case .run: put("Run")
    case .hold: put(suspend.contains(.holdComplete) ? "Hold:0" : "Hold:1")
    case .jog: put("Jog")
    case .homing: put("Home")
    case .alarm: put("Alarm")
    case .check: put("Check")
    case .door:
      put("Door:")
      if suspend.contains(.restoring) {
        put("3")
      } else if suspend.contains(.outputsOff) {
        put(suspend.contains(.doorAjar) ? "1" : "0")
      } else {
        put("2")
      }
    case .sleep: put("Sleep")
    }
  }

  mutating func saySettings() {
    for number in GrblSettings.numbers {
      guard let value = memory.settings.value(number) else { continue }
      put("$")
      put(Int64(number))
      put("=")
      put(value, decimals: GrblSettings.decimals(number))
      endLine()
    }
  }

  mutating func sayOffsets() {
    let names: [StaticString] = ["G54", "G55", "G56", "G57", "G58", "G59", "G28", "G30"]
    for (index, name) in names.enumerated() { sayPlace(name, memory.offsets[index]) }
    sayPlace("G92", interpreter.extraOffset)
    put("[TLO:")
    putLength(interpreter.toolLength)
    put("]")
    endLine()
    sayProbe()
  }

  mutating func sayPlace(_ name: StaticString, _ place: GrblVector) {
    put("[")
    put(name)
    put(":")
    put(place)
    put("]")
    endLine()
  }

  mutating func sayProbe() {
    put("[PRB:")
    put(probePlace / memory.settings.stepsPerMillimetre)
    put(probeFound ? ":1]" : ":0]")
    endLine()
  }

  mutating func sayModes() {
    let modes = interpreter.modes
    put("[GC:G")
    switch modes.motion {
    case .rapid: put("0")
    case .linear: put("1")
    case .clockwiseArc: put("2")
    case .counterclockwiseArc: put("3")
    case .probe(let kind):
      put("38.")
      put(Int64(kind))
    case .none: put("80")
    }
    put(" G")
    putCoordinates()
    put(" G")
    put(Int64(17 + modes.plane))
    put(modes.inches ? " G20" : " G21")
    put(modes.incremental ? " G91" : " G90")
    put(modes.inverseTime ? " G93" : " G94")
    if profile.isHAL { put(modes.hasToolLength ? " G40 G43.1 G98 G50" : " G40 G49 G98 G50") }
    switch modes.spindle {
    case .off: put(" M5")
    case .clockwise: put(" M3")
    case .counterclockwise: put(" M4")
    }
    put(modes.flood ? " M8 T" : " M9 T")
    put(Int64(interpreter.tool))
    put(" F")
    putRate(interpreter.feed)
    put(" S")
    put(interpreter.spindleSpeed, decimals: 0)
    put(profile.isHAL ? ".]" : "]")
    endLine()
  }

  /// `54` to `59`, and `59.1` to `59.3`.
  mutating func putCoordinates() {
    let coordinates = interpreter.modes.coordinates
    if coordinates < 6 {
      put(Int64(54 + coordinates))
    } else {
      put("59.")
      put(Int64(coordinates - 7))
    }
  }

  mutating func sayBuild() {
    put("[VER:1.1h.20190830:")
    put(memory.note)
    put("]")
    endLine()
    put("[OPT:V,")
    put(Int64(profile.plannerBlocks))
    put(",")
    put(Int64(profile.receiveBuffer))
    put("]")
    endLine()
  }
}
