/// Lengths of time as people write them.
enum DurationText {
  /// `45 s`, `12 min`, `3 h 05 min`, `2 d 4 h`.
  static func short(_ seconds: Int64) -> String {
    let seconds = max(0, seconds)
    switch seconds {
    case ..<60: return "\(seconds) s"
    case ..<3600: return "\((seconds + 30) / 60) min"
    case ..<86_400:
      let minutes = (seconds + 30) / 60
      return "\(minutes / 60) h \(twoDigits(minutes % 60)) min"
    default:
      let hours = (seconds + 1800) / 3600
      return "\(hours / 24) d \(hours % 24) h"
    }
  }

  /// `0:45`, `12:05`, `3:05:09`.
  static func clock(_ seconds: Int64) -> String {
    let seconds = max(0, seconds)
    let minutes = seconds / 60
    let tail = ":" + twoDigits(seconds % 60)
    return minutes < 60 ? "\(minutes)\(tail)" : "\(minutes / 60):\(twoDigits(minutes % 60))\(tail)"
  }

  /// Reads `90s`, `10m`, `2h`, `3d`, `1h30m`, with or without blanks; seconds. Nil for anything else.
  static func parse(_ text: String) -> Int64? {
    var total: Int64 = 0
    var digits = ""
    var any = false
    for character in text where character != " " {
      if character.isASCII, character.isNumber {
        digits.append(character)
        continue
      }
      guard let unit = unit(character), let value = Int64(digits) else { return nil }
      let (product, overflow) = value.multipliedReportingOverflow(by: unit)
      guard !overflow, product < Int64.max / 4, total < Int64.max / 4 else { return nil }
      total += product
      digits = ""
      any = true
    }
    return any && digits.isEmpty ? total : nil
  }

  private static func unit(_ character: Character) -> Int64? {
    switch character {
    case "s": 1
    case "m": 60
    case "h": 3600
    case "d": 86_400
    case "w": 604_800
    default: nil
    }
  }

  private static func twoDigits(_ value: Int64) -> String {
    value < 10 ? "0\(value)" : "\(value)"
  }
}
