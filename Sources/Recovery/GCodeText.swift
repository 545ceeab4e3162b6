/// Numbers as a firmware and a person read them, without Foundation.
enum GCodeText {
  /// A number with at most `places` decimals (up to 6), without zeros behind them.
  static func number(_ value: Double, places: Int = 4) -> String {
    guard value.isFinite, value.magnitude < 1e12 else { return "0" }
    var factor: Int64 = 1
    for _ in 0..<min(6, max(0, places)) { factor &*= 10 }
    let scaled = Int64((value * Double(factor)).rounded())
    let magnitude = Int64(scaled.magnitude)
    var text = (scaled < 0 ? "-" : "") + String(magnitude / factor)
    var rest = magnitude % factor
    guard rest > 0 else { return text }
    text += "."
    while rest > 0 {
      factor /= 10
      text += String(rest / factor)
      rest %= factor
    }
    return text
  }

  /// Millimetres for a sentence: at most two decimals.
  static func mm(_ value: Double) -> String { number(value, places: 2) + " mm" }

  /// Text that is safe in a comment: one line of printable ASCII, at most 80 characters.
  static func comment(_ text: String) -> String {
    var kept = ""
    for scalar in text.unicodeScalars.prefix(80) {
      kept.unicodeScalars.append(scalar.value >= 32 && scalar.value < 127 ? scalar : "?")
    }
    return kept
  }
}
