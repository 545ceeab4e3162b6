/// Reports: what stands behind `ok`, temperatures, positions, errors and host actions.
extension ReplyScanner {
  /// Behind `ok`: `N42 P15 B3`, temperatures, or nothing.
  mutating func acknowledgement() -> Acknowledgement {
    var result = Acknowledgement()
    if position == bytes.count { return result }
    if bytes[position] != ASCII.space { result.isClean = false }
    if rest(is: " - ignored") {
      result.isIgnored = true
      return result
    }
    // Repetier's `ok 42`.
    var copy = self
    if bytes[position] == ASCII.space, position + 1 < bytes.count, ASCII.isDigit(bytes[position + 1]),
      let number = copy.wholeNumber(), copy.position == bytes.count
    {
      result.lineNumber = number
      return result
    }
    while position < bytes.count {
      skipSpaces()
      guard position < bytes.count else { break }
      if takeReport() {
        result.hasTemperatures = true
        break
      }
      if !takeField(into: &result) {
        result.isClean = false
        while position < bytes.count, bytes[position] != ASCII.space { position += 1 }
      }
    }
    return result
  }

  /// One of `N42`, `P15`, `B3`; false, with `position` anywhere within the word, for anything else.
  private mutating func takeField(into result: inout Acknowledgement) -> Bool {
    let letter = bytes[position]
    guard letter == ASCII.upperN || letter == UInt8(ascii: "P") || letter == UInt8(ascii: "B") else {
      return false
    }
    position += 1
    guard position < bytes.count, ASCII.isDigit(bytes[position]), let value = wholeNumber(),
      position == bytes.count || bytes[position] == ASCII.space
    else { return false }
    switch letter {
    case ASCII.upperN: result.lineNumber = value
    case UInt8(ascii: "P"): result.plannerFree = Int32(clamping: value)
    default: result.bufferFree = Int32(clamping: value)
    }
    return true
  }

  /// Moves behind temperatures that begin here, `T:21.9 /0.0 B:21.9 /0.0 @:0`, for `temperatures` to read them.
  mutating func takeReport() -> Bool {
    guard startsHeater() else { return false }
    reportStart = position
    position = bytes.count
    return true
  }

  /// The temperatures that `reportStart` found.
  mutating func temperatures() -> TemperatureReport {
    position = reportStart
    var report = TemperatureReport()
    var active = TemperatureReport.Reading()
    var isWithoutTarget = true
    while position < bytes.count {
      skipSpaces()
      let key = takeKey()
      guard key.length > 0 else {
        position += 1
        continue
      }
      guard let value = decimalNumber() else {
        if key.letter == UInt8(ascii: "W") { report.isWaiting = true }
        continue
      }
      var reading = TemperatureReport.Reading()
      reading.current = value
      reading.target = takeTarget()
      if !reading.target.isNaN { isWithoutTarget = false }
      switch key.letter {
      case UInt8(ascii: "T"): Self.note(reading, tool: key.index, in: &report, active: &active)
      case UInt8(ascii: "B"): report.bed = reading
      case UInt8(ascii: "C"): report.chamber = reading
      case UInt8(ascii: "W"): report.isWaiting = true
      // Marlin 1.0 names the tool it waits for so, and gives no target.
      case UInt8(ascii: "E"): report.isWaiting = report.isWaiting || isWithoutTarget
      default: break
      }
    }
    if report.tools[0].current.isNaN { report.tools[0] = active }
    return report
  }

  /// `T:` is the active tool, which several tools' reports name once more by its number.
  private static func note(
    _ reading: TemperatureReport.Reading, tool: Int?, in report: inout TemperatureReport,
    active: inout TemperatureReport.Reading
  ) {
    guard let tool else {
      active = reading
      return
    }
    if tool < TemperatureReport.maximumTools { report.tools[tool] = reading }
  }

  /// Whether `T:`, `T0:`, `B:` or `C:` stands here with a number behind it.
  private func startsHeater() -> Bool {
    guard position < bytes.count else { return false }
    let letter = bytes[position]
    guard letter == UInt8(ascii: "T") || letter == UInt8(ascii: "B") || letter == UInt8(ascii: "C") else {
      return false
    }
    var copy = self
    let key = copy.takeKey()
    return key.length > 0 && key.length < 3 && copy.decimalNumber() != nil
  }

  /// A key up to its colon: its first letter, the number behind it, its length; length 0 where none stands here.
  private mutating func takeKey() -> (letter: UInt8, index: Int?, length: Int) {
    var end = position
    while end < bytes.count, bytes[end] != ASCII.colon, bytes[end] != ASCII.space, bytes[end] != ASCII.slash {
      end += 1
    }
    guard end > position, end < bytes.count, bytes[end] == ASCII.colon else {
      position = max(position, end == position ? position : end - 1)
      return (0, nil, 0)
    }
    let length = end - position
    let letter = bytes[position]
    var index: Int?
    if length == 2, ASCII.isDigit(bytes[position + 1]) { index = Int(bytes[position + 1] &- ASCII.zero) }
    // `B@` is the bed's power, not its temperature.
    let isPlain = length == 1 || index != nil
    position = end + 1
    return (isPlain ? letter : 0, index, length)
  }

  /// `/200.0` behind a temperature; nan where it is missing.
  private mutating func takeTarget() -> Double {
    var copy = self
    copy.skipSpaces()
    guard copy.takeByte(ASCII.slash), let target = copy.decimalNumber() else { return .nan }
    position = copy.position
    return target
  }

  /// `X:10.00 Y:5.00 Z:0.20 E:1.23 Count X:800 …`; nil, with `position` unmoved, for anything else.
  mutating func positionReport() -> PositionReport? {
    var copy = self
    guard copy.take("X:"), let x = copy.decimalNumber() else { return nil }
    copy.skipSpaces()
    guard copy.take("Y:"), let y = copy.decimalNumber() else { return nil }
    copy.skipSpaces()
    guard copy.take("Z:"), let z = copy.decimalNumber() else { return nil }
    copy.skipSpaces()
    let e = copy.take("E:") ? copy.decimalNumber() : nil
    position = copy.position
    return PositionReport(x: x, y: y, z: z, e: e)
  }

  /// Behind `Error:`: by how far it reaches.
  func firmwareError() -> FirmwareError {
    if contains("kill() called") || contains("Printer halted") { return .killed }
    // RepRapFirmware says it to every command and then `ok`: believed, a print would run to its end and nothing of it.
    if contains(": Machine is halted") { return .killed }
    if contains("stopped due to errors") { return .stopped }
    if let line = lineError() { return .line(line, lastLine: number(behind: "Last Line:")) }
    let isHeater =
      contains("MAXTEMP") || contains("MINTEMP") || contains("Heating failed") || contains("Thermal Runaway")
      || contains("THERMAL RUNAWAY") || contains("decoupled") || contains("system stopped")
      || contains("Thermal malfunction")
    return isHeater ? .heater : .other
  }

  private func lineError() -> LineError? {
    if contains("checksum mismatch") { return .checksum }
    if contains("Line Number is not") { return .number }
    if contains("No Checksum with") { return .noChecksum }
    if contains("No Line Number with") { return .noNumber }
    // Damaged on its way, but nothing else complains of these.
    let hasWords =
      contains("hecksum") || contains("Last Line") || contains("Line Number") || contains("Last Li")
    return hasWords ? .unreadable : nil
  }

  /// `//action:NAME words`, also with a space behind the slashes; nil for other lines that begin with a slash.
  mutating func action() -> HostAction? {
    var copy = self
    guard copy.take("//") else { return nil }
    copy.skipSpaces()
    guard copy.take("action:") else { return nil }
    copy.skipSpaces()
    let start = copy.position
    while copy.position < bytes.count, bytes[copy.position] != ASCII.space { copy.position += 1 }
    let end = copy.position
    copy.skipSpaces()
    wordsStart = copy.position
    position = copy.position
    return name(from: start, to: end)
  }

  private func name(from start: Int, to end: Int) -> HostAction {
    func isWord(_ text: StaticString) -> Bool {
      end - start == text.utf8CodeUnitCount && matches(text, at: start)
    }
    if isWord("pause") { return .pause }
    if isWord("paused") { return .paused }
    if isWord("resume") { return .resume }
    if isWord("resumed") { return .resumed }
    if isWord("cancel") { return .cancel }
    if isWord("prompt_begin") { return .promptBegin }
    if isWord("prompt_choice") || isWord("prompt_button") { return .promptChoice }
    if isWord("prompt_show") { return .promptShow }
    if isWord("prompt_end") { return .promptEnd }
    if isWord("notification") { return .notification }
    if isWord("poweroff") || isWord("shutdown") { return .powerOff }
    return isWord("disconnect") ? .disconnect : .other
  }
}
