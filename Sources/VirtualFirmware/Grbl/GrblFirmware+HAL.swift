/// What grblHAL says where GRBL says something else.
extension GrblFirmware {
  mutating func sayHALBuild() {
    put("[VER:1.1f.20260817:")
    put(memory.note)
    put("]")
    endLine()
    put("[OPT:VNML+,")
    put(Int64(profile.plannerBlocks))
    put(",")
    put(Int64(profile.receiveBuffer + 1))
    put(",3,0]")
    endLine()
    say("[AXS:3:XYZ]")
    say("[NEWOPT:ENUMS,RT+,TC,SED]")
    say("[FIRMWARE:grblHAL]")
    say("[SIGNALS:D]")
    say("[NVS STORAGE:*EEPROM]")
    say("[DRIVER:Simulator]")
    say("[DRIVER VERSION:260324]")
  }

  mutating func sayHALSettings() {
    for index in 0..<memory.more.count {
      let row = memory.more.row(index, memory.settings)
      put("$")
      put(Int64(row.number))
      put("=")
      put(row.value, decimals: row.decimals)
      endLine()
    }
  }

  mutating func sayHALGroups() {
    let groups: [StaticString] = [
      "0|0|Root", "1|0|General", "2|0|Control signals", "3|0|Limits", "5|0|Coolant", "6|0|Spindle",
      "9|0|Tool change", "11|0|Homing", "12|0|Probing", "13|0|Parking/Safety door", "14|0|Jogging",
      "35|0|Stepper", "42|0|Axis", "43|42|X-axis", "44|42|Y-axis", "45|42|Z-axis",
    ]
    for group in groups {
      put("[SETTINGGROUP:")
      put(group)
      put("]")
      endLine()
    }
  }

  mutating func sayHALOffsets() {
    let names: [StaticString] = ["G54", "G55", "G56", "G57", "G58", "G59"]
    for (index, name) in names.enumerated() { sayPlace(name, memory.offsets[index]) }
    let more: [StaticString] = ["G59.1", "G59.2", "G59.3"]
    for (index, name) in more.enumerated() { sayPlace(name, memory.offsets[8 + index]) }
    sayPlace("G28", memory.offsets[6])
    sayPlace("G30", memory.offsets[7])
    sayPlace("G92", interpreter.extraOffset)
    sayPlace("TLO", GrblVector(0, 0, interpreter.toolLength))
    sayProbe()
  }

  /// The end of a report: what has changed since the last, or all of it.
  mutating func putHALFields(full: Bool) {
    let tellsOverrides = full || overridesDueIn == 0
    if full || offsetsDueIn == 0 && !tellsOverrides {
      put("|WCO:")
      put(interpreter.offset)
    }
    if full || offsetsDueIn == 0 {
      // Beside the overrides there is no room for the offsets: they come with the next report.
      offsetsDueIn = tellsOverrides && !full ? 0 : isMoving ? 29 : 9
    } else {
      offsetsDueIn -= 1
    }
    if full {
      put("|WCS:G")
      putCoordinates()
    }
    if tellsOverrides {
      overridesDueIn = isMoving ? 19 : 9
      putOverrideNumbers()
    } else {
      overridesDueIn -= 1
    }
    let isFirst = isFreshlyStarted
    isFreshlyStarted = false
    if full || isFirst || tellsOverrides && (beam.power > 0 || flood) { putAccessories() }
    if full { put("|Sc:|MPG:0") }
    if full || tellsHomed && !isFirst {
      tellsHomed = false
      put("|H:0")
    }
    if full { put("|T:0|P:0") }
    if full || isFirst { put("|TLR:0") }
    if full { put("|FW:grblHAL") }
  }

  private var isMoving: Bool {
    state == .run || state == .hold || state == .jog || state == .homing || state == .door
  }

  /// After a critical alarm reports are given and `$` lines are obeyed; true when something was done.
  mutating func pollWhileStuck() -> Bool {
    if flags.contains(.report) {
      flags.subtract([.report, .fullReport])
      sayStatus(full: false)
      return true
    }
    while let byte = rx.read() {
      if byte != 10, byte != 13 {
        lineReader.take(byte, limit: profile.lineBuffer)
        continue
      }
      let text = lineReader.text
      lineReader.clear()
      if text.isEmpty {
        answer(0)
      } else if text[0] == UInt8(ascii: "$") {
        answer(executeSystemLine(text))
      } else {
        answer(9)
      }
      return true
    }
    return false
  }
}
