import Glibc

/// Moments as the API writes them, ISO 8601, and as people read them, in local time.
enum Timestamp {
  /// Milliseconds since 1970 of `2026-11-22T04:22:18.123Z` or `…+01:00`; nil for anything else.
  static func parse(_ text: String) -> Int64? {
    let bytes = Array(text.utf8)
    guard bytes.count >= 20, bytes[4] == 0x2D, bytes[7] == 0x2D, bytes[13] == 0x3A, bytes[16] == 0x3A,
      let year = number(bytes[0..<4]), let month = number(bytes[5..<7]), let day = number(bytes[8..<10]),
      let hour = number(bytes[11..<13]), let minute = number(bytes[14..<16]),
      let second = number(bytes[17..<19]), (1...12).contains(month), (1...31).contains(day)
    else { return nil }
    var rest = bytes[19...]
    let milliseconds = fraction(&rest)
    guard let offset = zone(rest) else { return nil }
    let days = daysSince1970(year: year, month: month, day: day)
    return ((days * 24 + hour) * 60 + minute - offset) * 60_000 + second * 1000 + milliseconds
  }

  /// `2026-11-22T04:22:18.123+01:00`: local time with its offset.
  static func iso(_ milliseconds: Int64) -> String {
    let local = localTime(milliseconds)
    let offset = Int64(local.tm_gmtoff) / 60
    let sign = offset < 0 ? "-" : "+"
    let zone = "\(sign)\(two(abs(offset) / 60)):\(two(abs(offset) % 60))"
    return "\(day(local))T\(time(local)).\(three(((milliseconds % 1000) + 1000) % 1000))\(zone)"
  }

  /// Local time for people: the hour for today, day and hour otherwise.
  static func local(_ text: String, now: Int64 = now()) -> String {
    guard let moment = parse(text) else { return text }
    let then = localTime(moment)
    let today = localTime(now)
    let clock = "\(two(Int64(then.tm_hour))):\(two(Int64(then.tm_min)))"
    return day(then) == day(today) ? clock : "\(day(then)) \(clock)"
  }

  /// Local time to the millisecond, for logs.
  static func logTime(_ text: String) -> String {
    guard let moment = parse(text) else { return text }
    return iso(moment)
  }

  /// Now, in milliseconds since 1970.
  static func now() -> Int64 {
    var moment = timespec()
    clock_gettime(CLOCK_REALTIME, &moment)
    return Int64(moment.tv_sec) * 1000 + Int64(moment.tv_nsec) / 1_000_000
  }

  /// A moment that a person typed: `10m` or `2h` (back from now where `past`, else ahead), `18:30` (today), a day, a day
  /// and an hour, or full ISO 8601. Milliseconds since 1970.
  static func typed(_ text: String, past: Bool, now: Int64 = now()) -> Int64? {
    if let seconds = DurationText.parse(text) { return past ? now - seconds * 1000 : now + seconds * 1000 }
    if let exact = parse(text) { return exact }
    var local = localTime(now)
    let parts = text.split(whereSeparator: { $0 == "T" || $0 == " " }).map(String.init)
    guard let first = parts.first, parts.count <= 2 else { return nil }
    let clock = parts.count == 2 ? parts[1] : first.contains(":") ? first : "00:00"
    if parts.count == 2 || !first.contains(":") {
      let date = first.split(separator: "-", omittingEmptySubsequences: false).map { Int32($0) }
      guard date.count == 3, let year = date[0], let month = date[1], let day = date[2],
        (1970...2400).contains(year), (1...12).contains(month), (1...31).contains(day)
      else { return nil }
      local.tm_year = year - 1900
      local.tm_mon = month - 1
      local.tm_mday = day
    }
    let hours = clock.split(separator: ":", omittingEmptySubsequences: false).map { Int32($0) }
    guard (2...3).contains(hours.count), let hour = hours[0], let minute = hours[1],
      (0...23).contains(hour), (0...59).contains(minute)
    else { return nil }
    local.tm_hour = hour
    local.tm_min = minute
    local.tm_sec = hours.count == 3 ? hours[2] ?? 0 : 0
    local.tm_isdst = -1
    return Int64(mktime(&local)) * 1000
  }

  private static func localTime(_ milliseconds: Int64) -> tm {
    var seconds = time_t(milliseconds >= 0 ? milliseconds / 1000 : (milliseconds - 999) / 1000)
    var parts = tm()
    localtime_r(&seconds, &parts)
    return parts
  }

  private static func day(_ parts: tm) -> String {
    "\(parts.tm_year + 1900)-\(two(Int64(parts.tm_mon) + 1))-\(two(Int64(parts.tm_mday)))"
  }

  private static func time(_ parts: tm) -> String {
    "\(two(Int64(parts.tm_hour))):\(two(Int64(parts.tm_min))):\(two(Int64(parts.tm_sec)))"
  }

  private static func two(_ value: Int64) -> String { value < 10 ? "0\(value)" : "\(value)" }
  private static func three(_ value: Int64) -> String { value < 100 ? "0" + two(value) : "\(value)" }

  private static func number(_ digits: ArraySlice<UInt8>) -> Int64? {
    digits.reduce(Int64?(0)) { sum, byte in
      guard let sum, (0x30...0x39).contains(byte) else { return nil }
      return sum * 10 + Int64(byte - 0x30)
    }
  }

  private static func fraction(_ rest: inout ArraySlice<UInt8>) -> Int64 {
    guard rest.first == 0x2E else { return 0 }
    rest.removeFirst()
    var value: Int64 = 0
    var places = 0
    while let digit = rest.first, (0x30...0x39).contains(digit) {
      if places < 3 { value = value * 10 + Int64(digit - 0x30) }
      places += 1
      rest.removeFirst()
    }
    while places < 3 {
      value *= 10
      places += 1
    }
    return value
  }

  /// The offset in minutes; nil where none is written.
  private static func zone(_ rest: ArraySlice<UInt8>) -> Int64? {
    if rest.elementsEqual([0x5A]) { return 0 }
    let digits = rest.dropFirst().filter { $0 != 0x3A }
    guard let sign = rest.first, sign == 0x2B || sign == 0x2D, digits.count == 4,
      let hours = number(digits[0..<2]), let minutes = number(digits[2..<4])
    else { return nil }
    return (sign == 0x2D ? -1 : 1) * (hours * 60 + minutes)
  }

  /// Days from 1970-01-01 by the civil calendar: years begin in March, so that the leap day is the last.
  private static func daysSince1970(year: Int64, month: Int64, day: Int64) -> Int64 {
    let shifted = month <= 2 ? year - 1 : year
    let era = shifted / 400
    let yearOfEra = shifted % 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }
}
