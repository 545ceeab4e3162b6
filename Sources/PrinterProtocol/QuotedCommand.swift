/// What a firmware quotes when it does not know a command: `"G! X1"`, or the whole line with number and checksum.
struct QuotedCommand: Equatable, Sendable {
  /// The command without number, checksum and outer blanks.
  let text: [UInt8]

  /// Nil where the words hold no quote.
  init?(_ words: ArraySlice<UInt8>) {
    guard let open = words.firstIndex(of: ASCII.quote), let close = words.lastIndex(of: ASCII.quote),
      open < close
    else { return nil }
    var said = words[(open + 1)..<close]
    if said.first == UInt8(ascii: "N"), let blank = said.firstIndex(of: ASCII.space) {
      said = said[(blank + 1)...]
      if let star = said.lastIndex(of: ASCII.star) { said = said[..<star] }
    }
    while said.last == ASCII.space { said.removeLast() }
    text = Array(said)
  }

  /// Whether it is that line's command, whatever became of the parameters: then the firmware knows no such command at all.
  func isCommand(of line: ArraySlice<UInt8>) -> Bool {
    let word = Self.word(text[...])
    return word.count > 1 && Self.word(line).elementsEqual(word) || line.elementsEqual(text)
  }

  /// Whether it is the end of that line: its number was lost, and the firmware did not count it.
  func isPiece(of line: ArraySlice<UInt8>) -> Bool {
    text.count < line.count && line.suffix(text.count).elementsEqual(text)
  }

  /// Whether it is that line, as it went out, with another byte in place of its `N`, up to its checksum or whole: the firmware
  /// found no number in it, and did not count it.
  func isNumberless(_ line: ArraySlice<UInt8>) -> Bool {
    guard text.count > 1, text.first != UInt8(ascii: "N"), line.first == UInt8(ascii: "N") else {
      return false
    }
    let said = text.dropFirst()
    let sent = line.dropFirst()
    guard sent.starts(with: said) else { return false }
    let rest = sent.dropFirst(said.count)
    return rest.isEmpty || rest.first == ASCII.star
  }

  /// How many bytes it has in common with that line, counted from either end: a byte more or less moves all others.
  func likeness(to line: ArraySlice<UInt8>) -> Int {
    max(zip(text, line).count { $0 == $1 }, zip(text.reversed(), line.reversed()).count { $0 == $1 })
  }

  /// The letter and the number at the beginning, subcode included.
  private static func word(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    guard let first = line.first, first | 0x20 >= UInt8(ascii: "a"), first | 0x20 <= UInt8(ascii: "z") else {
      return line.prefix(0)
    }
    let rest = line.dropFirst().prefix { $0 >= 48 && $0 <= 57 || $0 == UInt8(ascii: ".") }
    return line.prefix(1 + rest.count)
  }
}
