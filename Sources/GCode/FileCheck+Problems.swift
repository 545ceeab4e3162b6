extension FileCheck {
  mutating func report(tooLong line: LineSplitter.Line, _ cleaned: UnsafeBufferPointer<UInt8>) {
    let length = max(Int64(cleaned.count), line.isOverLong ? line.length : 0)
    guard admits(.lineTooLong) else { return }
    keep(
      .lineTooLong, line.number,
      "Line \(line.number) has \(length) characters without its comment; the firmware takes"
        + " \(limits.line.characters) with number and checksum, which leaves \(longestAllowed). It would be cut."
    )
  }

  mutating func report(numbered line: LineSplitter.Line) {
    guard admits(.numbered) else { return }
    keep(
      .numbered, line.number,
      "Line \(line.number) already carries a line number (N) or a checksum (*), which the host adds itself."
        + " Export the file again from the slicer, or remove them.")
  }

  mutating func report(twoCommands line: LineSplitter.Line) {
    guard !command.takesWords, admits(.twoCommands) else { return }
    keep(
      .twoCommands, line.number,
      "Line \(line.number) holds a second command behind \(command.name); the firmware does the first and skips the rest."
        + " Write each on a line of its own.")
  }

  mutating func report(arc line: Int64) {
    guard admits(.arc) else { return }
    keep(
      .arc, line,
      "Line \(line) draws an arc (\(command.name)), which this machine's firmware does not know. Turn off arc fitting in the"
        + " slicer.")
  }

  mutating func reportTooHot(
    _ line: LineSplitter.Line, _ heater: Heater, _ target: Double, _ limit: Double
  ) {
    guard admits(.tooHot) else { return }
    keep(
      .tooHot, line.number,
      "Line \(line.number) asks for \(degrees(target)) °C at the \(heater.rawValue) (\(command.name)); the machine's limit is"
        + " \(degrees(limit)) °C. Slice it for this machine; nothing lifts this limit.")
  }

  /// Control bytes and bytes above 126, in a command or in a comment.
  mutating func checkBytes(
    _ line: LineSplitter.Line, _ content: UnsafeBufferPointer<UInt8>, _ range: Range<Int>
  ) {
    var hasControl = false
    var hasForeign = false
    for index in 0..<content.count {
      let byte = content[index]
      if byte == ASCII.nul { return reportNUL(line) }
      guard range.contains(index) else { continue }
      if byte > 126 { hasForeign = true } else if byte < ASCII.space, byte != ASCII.tab { hasControl = true }
    }
    if hasControl { reportControl(line) }
    if hasForeign { reportForeign(line, UnsafeBufferPointer(rebasing: content[range])) }
  }

  private mutating func reportNUL(_ line: LineSplitter.Line) {
    guard admits(.nul) else { return }
    keep(
      .nul, line.number,
      "Line \(line.number) holds a NUL byte: the file was damaged, and more of it may be missing. Export or"
        + " copy it again.")
  }

  private mutating func reportControl(_ line: LineSplitter.Line) {
    guard admits(.controlByte) else { return }
    keep(
      .controlByte, line.number,
      "Line \(line.number) holds a control byte outside a comment, which a firmware may take for an order of"
        + " its own.")
  }

  private mutating func reportForeign(_ line: LineSplitter.Line, _ cleaned: UnsafeBufferPointer<UInt8>) {
    if line.number == 1, cleaned.starts(with: [0xEF, 0xBB, 0xBF]) {
      guard admits(.byteOrderMark) else { return }
      keep(
        .byteOrderMark, 1,
        "Line 1 begins with a UTF-8 byte order mark, which the firmware would take for a part of its command."
          + " Save the file without it.")
      return
    }
    if Command.takesText(cleaned) {
      guard admits(.foreignText) else { return }
      keep(
        .foreignText, line.number,
        "Line \(line.number) shows a text with characters outside ASCII; the printer's display may not have"
          + " them.")
      return
    }
    guard admits(.foreignByte) else { return }
    keep(
      .foreignByte, line.number,
      "Line \(line.number) holds characters outside ASCII in a command, where a firmware knows none.")
  }

  /// A line that is no command: words, a macro, a program's percent sign.
  mutating func checkWords(_ line: LineSplitter.Line, _ cleaned: UnsafeBufferPointer<UInt8>) {
    guard !limits.allowed.contains(.macros) else { return }
    guard admits(.notACommand) else { return }
    keep(
      .notACommand, line.number,
      "Line \(line.number) is no G-code command: \"\(excerpt(cleaned))\". The firmware would skip it.")
  }

  /// What only the whole file shows.
  mutating func checkWhole() {
    guard facts.commands > 0 else {
      let what = facts.lines == 0 ? "is empty" : "holds comments and blank lines only"
      guard admits(.noCommands) else { return }
      keep(
        .noCommands, nil, "The file \(what): there is no command to print. Export it from the slicer again.")
      return
    }
    guard let volume = limits.volume else { return }
    checkExtent("X", facts.x, volume.least.x, volume.most.x)
    checkExtent("Y", facts.y, volume.least.y, volume.most.y)
    checkExtent("Z", facts.z, volume.least.z, volume.most.z)
  }

  private mutating func checkExtent(
    _ axis: String, _ extent: FileFacts.Extent?, _ least: Double, _ most: Double
  ) {
    guard let extent else { return }
    // A tenth of a millimetre is a slicer's rounding, not a print beside the bed.
    let worst =
      extent.least.value < least - 0.1 ? extent.least : extent.most.value > most + 0.1 ? extent.most : nil
    guard let worst else { return }
    guard admits(.outsideVolume) else { return }
    keep(
      .outsideVolume, worst.line,
      "Line \(worst.line) prints at \(axis) \(millimetres(worst.value)) mm; the machine reaches from"
        + " \(millimetres(least)) to \(millimetres(most)) mm.")
  }
}

/// The first bytes of a line as text that is safe to show: other bytes than printable ASCII as `?`.
func excerpt(_ bytes: UnsafeBufferPointer<UInt8>) -> String {
  var text = ""
  for byte in bytes.prefix(40) {
    text.unicodeScalars.append(byte >= 32 && byte < 127 ? Unicode.Scalar(byte) : "?")
  }
  return bytes.count > 40 ? text + "..." : text
}

/// A temperature without needless decimals: 215, 62.5.
func degrees(_ value: Double) -> String { decimal(value, places: 1) }

/// A length with at most two decimals.
func millimetres(_ value: Double) -> String { decimal(value, places: 2) }

/// A number with at most `places` decimals, trailing zeros left out.
func decimal(_ value: Double, places: Int) -> String {
  guard value.magnitude < 1e15 else { return value < 0 ? "-1e15" : "1e15" }
  var factor: Int64 = 1
  for _ in 0..<places { factor &*= 10 }
  let scaled = Int64((value.magnitude * Double(min(factor, 1000))).rounded())
  var text = String(scaled / factor)
  var rest = scaled % factor
  if rest > 0 {
    text += "."
    while rest > 0 {
      factor /= 10
      text += String(rest / factor)
      rest %= factor
    }
  }
  return value < 0 && scaled > 0 ? "-" + text : text
}
