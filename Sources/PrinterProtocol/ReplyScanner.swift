/// Reads one line of the firmware: which of the known replies it is, and the numbers in it.
///
/// Lives only inside one call of the parser; `position` never leaves the line.
struct ReplyScanner {
  let bytes: UnsafeBufferPointer<UInt8>
  var position = 0
  var wordsStart = 0
  /// Where a report of temperatures begins.
  var reportStart = 0

  init(bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

  /// What the line is. The commonest replies come first.
  mutating func read() -> Reply {
    skipSpaces()
    wordsStart = position
    guard position < bytes.count else { return .text }
    switch bytes[position] {
    case UInt8(ascii: "o"): if take("ok") { return .ok(acknowledgement()) }
    case UInt8(ascii: "T"), UInt8(ascii: "B"), UInt8(ascii: "C"):
      if takeReport() { return .temperatures }
    case UInt8(ascii: "e"): if take("echo:") { return echo() }
    case UInt8(ascii: "/"): if let action = action() { return .action(action) }
    case UInt8(ascii: "X"): if let report = positionReport() { return .position(report) }
    default: break
    }
    return readRare()
  }

  private mutating func readRare() -> Reply {
    if take("Resend") || take("resend") || take("rs ") { return .resend(resendNumber()) }
    if take("Error") || take("!!") {
      // Halted, Smoothie answers nothing else.
      if position == 2, rest(is: "") { return .error(.killed) }
      takeByte(ASCII.colon)
      wordsStart = position
      return .error(firmwareError())
    }
    if take("busy:") { return .busy(busyReason()) }
    if take("fatal:") {
      // Repetier, to every line until M999: its heaters are off.
      wordsStart = position
      return .error(contains("eater") || contains("emp") ? .heater : .killed)
    }
    if rest(is: "wait") { return .wait }
    if take("skip "), wholeNumber() != nil { return .skip }
    if ends(with: "start"), isNoise(upTo: bytes.count - 5) { return .start }
    if take("FIRMWARE_NAME:") { return .firmware }
    if take("Cap:") { return capability() }
    if take("SD printing byte ") { return sdPrinting() }
    if take("Not SD printing") || take("Done printing file") { return .notSDPrinting }
    if take("Line:"), let number = wholeNumber() { return .lineNumber(number) }
    if isBanner() { return .banner }
    return readWords()
  }

  /// What is left: complaints without `Error:` or `echo:` in front, words, or noise.
  private mutating func readWords() -> Reply {
    if let start = find("Unknown command: \"") {
      // From the quote on.
      wordsStart = start + 17
      return .unknownCommand
    }
    if contains("Last Line:") {
      return .error(.line(.unreadable, lastLine: number(behind: "Last Line:")))
    }
    // Marlin 1.0 breaks `Error:0` and `: Extruder switched off. MAXTEMP triggered !` into two lines.
    if contains("TEMP triggered") { return .error(.heater) }
    return isNoise() ? .garbage : .text
  }

  /// Behind `echo:`.
  private mutating func echo() -> Reply {
    wordsStart = position
    if take("busy:") { return .busy(busyReason()) }
    if take("Unknown command:") {
      wordsStart = position
      return .unknownCommand
    }
    if take("Home "), contains(" First") || contains(" first") { return .homeFirst }
    return isBanner() ? .banner : .text
  }

  /// A line that only a booting firmware prints; also what is left of one behind `echo:`.
  private func isBanner() -> Bool {
    var rest = self
    rest.skipSpaces()
    return rest.take("Marlin ") || rest.take("Marlin1") || rest.take("Last Updated:")
      || rest.take("Free Memory:") || rest.contains("PlannerBufferBytes:")
      || rest.take("Smoothie Running") || rest.rest(is: "Smoothie") || rest.contains(" is up and running")
      || rest.take("Info:External Reset") || rest.take("Info:PowerUp")
  }

  private mutating func busyReason() -> BusyReason {
    skipSpaces()
    if take("paused for user") { return .pausedForUser }
    return take("paused for input") ? .pausedForInput : .processing
  }

  private mutating func capability() -> Reply {
    wordsStart = position
    while position < bytes.count, bytes[position] != ASCII.colon { position += 1 }
    takeByte(ASCII.colon)
    return .capability(isOn: rest(is: "1"))
  }

  private mutating func sdPrinting() -> Reply {
    guard let byte = wholeNumber(), takeByte(ASCII.slash), let size = wholeNumber() else { return .text }
    return .sdPrinting(byte: byte, of: size)
  }

  /// The number behind `Resend`, `Resend:`, `rs `, with or without `N`; nil where there is none.
  ///
  /// RepRapFirmware says `rs Checksum error on line 42`.
  private mutating func resendNumber() -> Int64? {
    if let number = number(behind: "error on line") { return number }
    while position < bytes.count, !ASCII.isDigit(bytes[position]) {
      let byte = bytes[position]
      guard byte == ASCII.colon || byte == ASCII.space || byte == ASCII.upperN || byte == ASCII.minus else {
        return nil
      }
      if byte == ASCII.minus { break }
      position += 1
    }
    return wholeNumber()
  }
}
