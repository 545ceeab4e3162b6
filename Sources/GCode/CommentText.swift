/// The value of a comment, as text, numbers or a duration.
struct CommentText {
  /// No name or type is longer; a longer one is cut.
  static let longest = 120
  private let bytes: UnsafeBufferPointer<UInt8>

  init(_ line: UnsafeBufferPointer<UInt8>, from start: Int) {
    var first = min(start, line.count)
    var end = line.count
    while first < end, ASCII.isBlank(line[first]) { first &+= 1 }
    while end > first, ASCII.isBlank(line[end &- 1]) || line[end &- 1] == ASCII.carriageReturn { end &-= 1 }
    bytes = UnsafeBufferPointer(rebasing: line[first..<end])
  }

  /// The value as text without quotes; nil where there is none.
  var text: String? { Self.text(bytes[...]) }

  /// The values of a list that `;` parts, in quotes or not: `PLA;PETG`, `"Prusa PLA";"Generic PETG"`. Simplify3D uses `|`.
  var texts: [String] {
    var list: [String] = []
    for part in bytes.split(whereSeparator: { $0 == ASCII.semicolon || $0 == UInt8(ascii: "|") })
    where list.count < 16 {
      if let text = Self.text(part) { list.append(text) }
    }
    return list
  }

  /// The words that blanks part, without commas at their ends.
  var words: [String] {
    var list: [String] = []
    for part in bytes.split(whereSeparator: { ASCII.isBlank($0) || $0 == ASCII.comma }) where list.count < 16
    {
      if let text = Self.text(part) { list.append(text) }
    }
    return list
  }

  /// The numbers of a list that `,`, `;`, `|` or blanks part; units behind them are skipped: `1.2m, 0m`.
  ///
  /// What stands in parentheses is the same in another unit: `1234.5 mm (1.23 m)`.
  var numbers: [Double] {
    var list: [Double] = []
    var position = 0
    while position < bytes.count, bytes[position] != ASCII.openParenthesis, list.count < 16 {
      let before = position
      if let value = DecimalNumber.read(bytes, &position) {
        list.append(value)
        // The unit, up to what parts the list.
        while position < bytes.count, !Self.parts(bytes[position]) { position &+= 1 }
      }
      if position == before { position &+= 1 }
    }
    return list
  }

  /// The first number, where it is above 0.
  var positive: Double? { numbers.first.flatMap { $0 > 0 ? $0 : nil } }

  /// The first number, where it is a layer's height in mm and no percentage.
  var thickness: Double? { bytes.last == UInt8(ascii: "%") ? nil : positive.flatMap { $0 < 10 ? $0 : nil } }

  /// The first number as a count.
  var count: Int32? { positive.flatMap { $0 < 1e9 ? Int32($0) : nil } }

  /// `1d 2h 3m 4s`, `1 hour 30 minutes`, `40m:36s` or bare seconds; nil where there is no number.
  var duration: Double? {
    var seconds: Double = 0
    var position = 0
    var hasNumber = false
    while position < bytes.count, bytes[position] != ASCII.semicolon {
      guard let value = DecimalNumber.read(bytes, &position) else {
        position &+= 1
        continue
      }
      hasNumber = true
      while position < bytes.count, ASCII.isBlank(bytes[position]) { position &+= 1 }
      seconds += value * (position < bytes.count ? Self.seconds(unit: bytes[position]) : 1)
      while position < bytes.count, ASCII.upper(bytes[position]) &- ASCII.upperA < 26 { position &+= 1 }
    }
    return hasNumber && seconds >= 0 ? min(seconds, DecimalNumber.limit) : nil
  }

  /// The value behind a word, such as `0.4` behind `.NOZZLE.DIAMETER:` in `0.NOZZLE.DIAMETER:0.4`.
  func part(behind word: StaticString) -> CommentText? {
    for start in 0..<bytes.count {
      if let end = bytes.behind(word, at: start) { return CommentText(bytes, from: end) }
    }
    return nil
  }

  /// The text behind a word.
  func text(behind word: StaticString) -> String? { part(behind: word)?.text }

  /// The first number behind a word.
  func number(behind word: StaticString) -> Double? { part(behind: word)?.numbers.first }

  private static func parts(_ byte: UInt8) -> Bool {
    byte == ASCII.comma || byte == ASCII.semicolon || byte == UInt8(ascii: "|")
      || byte == ASCII.openParenthesis
      || ASCII.isBlank(byte)
  }

  private static func seconds(unit: UInt8) -> Double {
    switch ASCII.upper(unit) {
    case UInt8(ascii: "D"): 86400
    case UInt8(ascii: "H"): 3600
    case ASCII.upperM: 60
    default: 1
    }
  }

  private static func text(_ bytes: Slice<UnsafeBufferPointer<UInt8>>) -> String? {
    var first = bytes.startIndex
    var end = bytes.endIndex
    while first < end, ASCII.isBlank(bytes[first]) || bytes[first] == ASCII.quote { first &+= 1 }
    while end > first, ASCII.isBlank(bytes[end &- 1]) || bytes[end &- 1] == ASCII.quote { end &-= 1 }
    guard first < end else { return nil }
    return String(decoding: bytes[first..<min(end, first &+ longest)], as: UTF8.self)
  }
}
