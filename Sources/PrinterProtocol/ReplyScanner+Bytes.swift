/// Reading bytes, words and numbers.
extension ReplyScanner {
  @inline(__always)
  mutating func skipSpaces() {
    while position < bytes.count, bytes[position] == ASCII.space || bytes[position] == ASCII.tab {
      position += 1
    }
  }

  /// Moves behind `text` where it stands at `position`.
  @inline(__always)
  mutating func take(_ text: StaticString) -> Bool {
    let length = text.utf8CodeUnitCount
    guard matches(text, at: position) else { return false }
    position += length
    return true
  }

  @discardableResult
  mutating func takeByte(_ byte: UInt8) -> Bool {
    guard position < bytes.count, bytes[position] == byte else { return false }
    position += 1
    return true
  }

  @inline(__always)
  func matches(_ text: StaticString, at start: Int) -> Bool {
    let length = text.utf8CodeUnitCount
    guard start + length <= bytes.count else { return false }
    for index in 0..<length where bytes[start + index] != text.utf8Start[index] { return false }
    return true
  }

  /// Whether `text` is all that is left but for blanks.
  func rest(is text: StaticString) -> Bool {
    var copy = self
    guard copy.take(text) else { return false }
    copy.skipSpaces()
    return copy.position == bytes.count
  }

  func ends(with text: StaticString) -> Bool {
    matches(
      text, at: bytes.count - text.utf8CodeUnitCount < 0 ? bytes.count : bytes.count - text.utf8CodeUnitCount)
  }

  /// Where `text` stands from `position` on, or nil.
  func find(_ text: StaticString) -> Int? {
    let length = text.utf8CodeUnitCount
    var start = position
    while start + length <= bytes.count {
      if matches(text, at: start) { return start }
      start += 1
    }
    return nil
  }

  func contains(_ text: StaticString) -> Bool { find(text) != nil }

  /// The whole number behind the first `text` from `position` on.
  func number(behind text: StaticString) -> Int64? {
    guard let start = find(text) else { return nil }
    var copy = self
    copy.position = start + text.utf8CodeUnitCount
    copy.skipSpaces()
    return copy.wholeNumber()
  }

  /// A whole number of up to 18 digits, blanks before it allowed; nil where none stands there.
  mutating func wholeNumber() -> Int64? {
    skipSpaces()
    let isNegative = takeByte(ASCII.minus)
    let first = position
    var value: Int64 = 0
    while position < bytes.count, ASCII.isDigit(bytes[position]) {
      guard position - first < 18 else { return nil }
      value = value &* 10 &+ Int64(bytes[position] &- ASCII.zero)
      position += 1
    }
    guard position > first else { return nil }
    return isNegative ? -value : value
  }

  /// A decimal number such as `-21.88`; nil where none stands there.
  mutating func decimalNumber() -> Double? {
    skipSpaces()
    let isNegative = takeByte(ASCII.minus)
    var value: Double = 0
    var scale: Double = 1
    var digits = 0
    var isFraction = false
    while position < bytes.count {
      let byte = bytes[position]
      if ASCII.isDigit(byte) {
        value = value * 10 + Double(byte &- ASCII.zero)
        if isFraction { scale *= 10 }
        digits += 1
      } else if byte == ASCII.point, !isFraction {
        isFraction = true
      } else {
        break
      }
      position += 1
    }
    guard digits > 0, digits < 18 else { return nil }
    return isNegative ? -value / scale : value / scale
  }

  /// Whether at least one byte in eight is none that a firmware prints.
  func isNoise() -> Bool {
    var noise = 0
    for byte in bytes where byte < 32 && byte != ASCII.tab || byte > 126 { noise += 1 }
    return noise * 8 >= bytes.count
  }

  /// Whether the first bytes, up to `end`, are all unprintable: what a UART makes of a board's reset.
  func isNoise(upTo end: Int) -> Bool {
    for index in 0..<max(0, end) where bytes[index] >= 32 && bytes[index] <= 126 { return false }
    return true
  }
}
