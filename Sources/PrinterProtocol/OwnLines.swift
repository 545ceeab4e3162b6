import GCode

/// Lines that the session composes itself.
enum OwnLine {
  /// The bytes of a fixed line.
  static func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

  /// A command with words that are numbers: `move("G1", [("X", 10), ("F", 6000)])` is `G1 X10 F6000`.
  static func words(_ name: String, _ words: [(letter: String, value: Double)]) -> [UInt8] {
    var line = Array(name.utf8)
    for word in words {
      line.append(ASCII.space)
      line.append(contentsOf: word.letter.utf8)
      append(word.value, to: &line)
    }
    return line
  }

  /// A number with up to four decimals and no zeros behind them.
  static func append(_ value: Double, to line: inout [UInt8]) {
    let held = max(-1e9, min(1e9, value.isFinite ? value : 0))
    let scaled = Int64((held * 10_000).rounded())
    if scaled < 0 { line.append(ASCII.minus) }
    let magnitude = Int64(scaled.magnitude)
    appendDecimal(magnitude / 10_000, to: &line)
    var rest = magnitude % 10_000
    guard rest > 0 else { return }
    line.append(ASCII.point)
    var divisor: Int64 = 1000
    while rest > 0 {
      line.append(ASCII.zero + UInt8(rest / divisor))
      rest %= divisor
      divisor /= 10
    }
  }

  /// A number as people read it.
  static func text(_ value: Double) -> String {
    var bytes: [UInt8] = []
    append(value, to: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }
}
