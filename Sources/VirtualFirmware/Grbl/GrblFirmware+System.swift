/// Lines that begin with `$`.
extension GrblFirmware {
  /// Returns the code of the error or 0, with `parts` still to be done.
  mutating func executeSystemLine(_ line: [UInt8]) -> UInt8 {
    guard line.count > 1 else {
      say("[HLP:$$ $# $G $I $N $x=val $Nx=line $J=line $SLP $C $X $H ~ ! ? ctrl-x]")
      return 0
    }
    switch line[1] {
    case UInt8(ascii: "J"):
      if state != .idle, state != .jog { return 8 }
      guard line.count > 2, line[2] == UInt8(ascii: "=") else { return 3 }
      return interpret(line, from: 3, isJog: true)
    case UInt8(ascii: "$"), UInt8(ascii: "G"), UInt8(ascii: "C"), UInt8(ascii: "X"):
      if line.count > 2 { return 3 }
      return executeShort(line[1])
    default:
      if state != .idle, state != .alarm { return 8 }
      return executeResting(line)
    }
  }

  private mutating func executeShort(_ letter: UInt8) -> UInt8 {
    switch letter {
    case UInt8(ascii: "$"):
      if state == .run || state == .hold { return 8 }
      if profile.isHAL { sayHALSettings() } else { saySettings() }
    case UInt8(ascii: "G"): sayModes()
    case UInt8(ascii: "C"):
      if state == .check {
        softReset(at: clock)
        say("[MSG:Disabled]")
      } else {
        if state != .idle { return 8 }
        state = .check
        say("[MSG:Enabled]")
      }
    default:
      if state == .alarm, !isStuck {
        say("[MSG:Caution: Unlocked]")
        state = .idle
      }
    }
    return 0
  }

  /// What is done only while nothing moves.
  private mutating func executeResting(_ line: [UInt8]) -> UInt8 {
    switch line[1] {
    case UInt8(ascii: "#"):
      if line.count > 2 { return 3 }
      if profile.isHAL { sayHALOffsets() } else { sayOffsets() }
      return 0
    case UInt8(ascii: "H"):
      if !memory.settings.homing { return 5 }
      state = .homing
      if line.count > 2 { return 3 }
      parts.append(.home)
      return 0
    case UInt8(ascii: "S"):
      guard line[...].spells("$SLP") else { return 3 }
      flags.insert(.sleep)
      return 0
    case UInt8(ascii: "I"): return executeBuild(line)
    case UInt8(ascii: "R"): return restoreDefaults(line)
    case UInt8(ascii: "N"): return executeStartupLine(line)
    case UInt8(ascii: "E"):
      guard profile.isHAL, line[...].spells("$EG") else { return store(line) }
      sayHALGroups()
      return 0
    default: return store(line)
    }
  }

  private mutating func executeBuild(_ line: [UInt8]) -> UInt8 {
    if profile.isHAL, line.count == 2 || line.count == 3 && line[2] == UInt8(ascii: "+") {
      sayHALBuild()
      return 0
    }
    if line.count == 2 {
      sayBuild()
      return 0
    }
    if line[2] != UInt8(ascii: "=") { return 3 }
    memory.note = Array(line[3...])
    parts.append(.remember(bytes: line.count - 2))
    return 0
  }

  private mutating func restoreDefaults(_ line: [UInt8]) -> UInt8 {
    guard line.count == 6, line[...].prefix(5).spells("$RST=") else { return 3 }
    switch line[5] {
    case UInt8(ascii: "$"): memory.settings = profile.settings
    case UInt8(ascii: "#"): memory.offsets = [GrblVector](repeating: .zero, count: 11)
    case UInt8(ascii: "*"): memory = GrblMemory(settings: profile.settings)
    default: return 3
    }
    say("[MSG:Restoring defaults]")
    softReset(at: clock)
    return 0
  }

  private mutating func executeStartupLine(_ line: [UInt8]) -> UInt8 {
    if line.count == 2 {
      for index in memory.startupLines.indices {
        put("$N")
        put(Int64(index))
        put("=")
        put(memory.startupLines[index])
        endLine()
      }
      return 0
    }
    if state != .idle { return 8 }
    var position = 2
    guard let number = grblNumber(line, &position) else { return 2 }
    guard position < line.count, line[position] == UInt8(ascii: "=") else { return 3 }
    let text = Array(line[(position + 1)...])
    let code = interpret(text, from: 0, isJog: false)
    if code != 0 { return code }
    guard number < Double(memory.startupLines.count), number >= 0 else { return 0 }
    memory.startupLines[Int(number)] = text
    parts.append(.remember(bytes: text.count + 1))
    return 0
  }

  private mutating func store(_ line: [UInt8]) -> UInt8 {
    var position = 1
    guard let number = grblNumber(line, &position) else { return 2 }
    guard position < line.count, line[position] == UInt8(ascii: "=") else { return 3 }
    position += 1
    guard let value = grblNumber(line, &position) else { return 2 }
    if position < line.count || number > (profile.isHAL ? 1000 : 255) { return 3 }
    let before = memory.settings
    var code = memory.settings.set(Int(max(0, number)), value)
    if profile.isHAL, code == 3 { code = memory.more.set(Int(max(0, number)), value) }
    if code != 0 { return code }
    if number == 13 { parts.append(.offsetsChanged) }
    let override = output.override
    loadOutput()
    output.override = override
    parts.append(.remember(bytes: memory.settings.bytesChanged(from: before)))
    return 0
  }
}
