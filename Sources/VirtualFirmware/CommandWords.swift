/// One line taken apart: letter, number and the place of each parameter's value.
struct CommandWords: Sendable {
  /// `G`, `M` or `T`; 0 when the line holds no command.
  var letter: UInt8 = 0
  /// The number behind the letter.
  var number: Int32 = 0
  /// Where the command begins, behind blanks and line number.
  var start = 0
  /// End of the command: the checksum and the blanks before it are cut off.
  var end = 0
  /// Where the arguments begin.
  var arguments = 0
  /// The line's own number, when it has one.
  var lineNumber: Int32?

  /// Parameters seen.
  private(set) var parameters = 0

  private var places = InlineArray<26, Int32>(repeating: -1)

  /// Takes a line apart by the rules of the dialect.
  init(_ text: [UInt8], rules: FirmwareProfile.LineRules) {
    let line = Self.folded(text, rules: rules)
    var position = skipBlanks(line, 0)
    if position + 1 < line.count, line[position] == UInt8(ascii: "N"),
      isDigit(line[position + 1]) || line[position + 1] == UInt8(ascii: "-")
    {
      lineNumber = leadingInteger(line[(position + 1)...])
      position += 2
      while position < line.count, isDigit(line[position]) { position += 1 }
      position = skipBlanks(line, position)
    }
    start = position
    end = line.count
    if position < line.count,
      let star = line[min(position + 1, line.count)...].firstIndex(of: UInt8(ascii: "*"))
    {
      end = star
      while end > position + 1, line[end - 1] == UInt8(ascii: " ") { end -= 1 }
    }
    arguments = end
    switch rules {
    case .marlin2, .repRapFirmware, .smoothie, .klipper: readCode(line, at: position)
    case .marlin1, .prusa, .repetier: findCode(line, from: position)
    }
    if letter != 0 { findParameters(line) }
  }

  /// Small letters count as capitals where the firmware says so.
  private static func folded(_ line: [UInt8], rules: FirmwareProfile.LineRules) -> [UInt8] {
    switch rules {
    case .marlin2, .marlin1, .prusa, .smoothie: return line
    case .repetier, .repRapFirmware, .klipper: break
    }
    func isSmall(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "a") && byte <= UInt8(ascii: "z") }
    return line.contains(where: isSmall) ? line.map { isSmall($0) ? $0 & ~0x20 : $0 } : line
  }

  private mutating func readCode(_ line: [UInt8], at position: Int) {
    guard position < end else { return }
    let first = line[position]
    guard first == UInt8(ascii: "G") || first == UInt8(ascii: "M") || first == UInt8(ascii: "T") else {
      return
    }
    let digits = skipBlanks(line, position + 1)
    guard digits < end, isDigit(line[digits]) else { return }
    letter = first
    number = leadingInteger(line[digits..<end])
    arguments = digits
    while arguments < end, isDigit(line[arguments]) || line[arguments] == UInt8(ascii: ".") { arguments += 1 }
    arguments = min(skipBlanks(line, arguments), end)
  }

  /// Marlin 1.0 looks for a G anywhere in the line, then an M, then a T.
  private mutating func findCode(_ line: [UInt8], from position: Int) {
    for wanted in [UInt8(ascii: "G"), UInt8(ascii: "M"), UInt8(ascii: "T")] {
      guard let place = line[position..<end].firstIndex(of: wanted) else { continue }
      letter = wanted
      number = leadingInteger(line[(place + 1)..<end])
      arguments = place + 1
      while arguments < end, isDigit(line[arguments]) { arguments += 1 }
      arguments = min(skipBlanks(line, arguments), end)
      return
    }
  }

  private mutating func findParameters(_ line: [UInt8]) {
    var position = arguments
    while position < end {
      let byte = line[position]
      position += 1
      guard byte >= UInt8(ascii: "A"), byte <= UInt8(ascii: "Z") else { continue }
      let slot = Int(byte - UInt8(ascii: "A"))
      parameters += 1
      if places[slot] < 0 { places[slot] = Int32(min(skipBlanks(line, position), end)) }
    }
  }

  /// True for this command.
  func spells(letter: UInt8, _ number: Int32) -> Bool { self.letter == letter && self.number == number }

  /// True when the letter is among the arguments, with or without a value.
  func has(_ name: UInt8) -> Bool {
    places[Int(name - UInt8(ascii: "A"))] >= 0
  }

  /// The parameter's number; nil when absent or without a value.
  func value(_ name: UInt8, in line: [UInt8]) -> Double? {
    let place = Int(places[Int(name - UInt8(ascii: "A"))])
    if place < 0 { return nil }
    return leadingDecimal(line[place..<max(end, place)])
  }

  private func skipBlanks(_ line: [UInt8], _ from: Int) -> Int {
    var position = from
    while position < line.count, line[position] == UInt8(ascii: " ") { position += 1 }
    return position
  }
}

/// Reads `-12.5` at the start of the bytes; nil when there is no digit.
func leadingDecimal(_ bytes: ArraySlice<UInt8>) -> Double? {
  var mantissa: Int64 = 0
  var scale = 1.0
  var negative = false
  var digits = 0
  var inFraction = false
  for (offset, byte) in bytes.enumerated() {
    if isDigit(byte) {
      digits += 1
      if mantissa < 100_000_000_000_000 {
        mantissa = mantissa * 10 + Int64(byte - UInt8(ascii: "0"))
        if inFraction { scale *= 10 }
      } else if !inFraction {
        scale /= 10
      }
    } else if byte == UInt8(ascii: "."), !inFraction {
      inFraction = true
    } else if offset == 0, byte == UInt8(ascii: "-") || byte == UInt8(ascii: "+") {
      negative = byte == UInt8(ascii: "-")
    } else {
      break
    }
  }
  if digits == 0 { return nil }
  let value = Double(mantissa) / scale
  return negative ? -value : value
}
