import Glibc

/// Points in time as people and files write them.
public enum LocalTime {
  /// Now, in milliseconds since 1970.
  public static func now() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
  }

  /// ISO 8601 with milliseconds and the local offset: `2026-03-01T14:05:09.042+01:00`.
  ///
  /// The corresponding call is `localtime_r`; no date formatter, which would cost megabytes.
  public static func iso8601(_ milliseconds: Int64) -> String {
    let floored = milliseconds >= 0 ? milliseconds : milliseconds - 999
    var seconds = time_t(floored / 1000)
    var parts = tm()
    localtime_r(&seconds, &parts)
    let offset = Int(parts.tm_gmtoff) / 60
    let sign = offset < 0 ? "-" : "+"
    let month = "\(pad(Int(parts.tm_year) + 1900, 4))-\(pad(Int(parts.tm_mon) + 1, 2))"
    let date = "\(month)-\(pad(Int(parts.tm_mday), 2))"
    let clock = "\(pad(Int(parts.tm_hour), 2)):\(pad(Int(parts.tm_min), 2)):\(pad(Int(parts.tm_sec), 2))"
    let fraction = pad(Int(milliseconds - Int64(seconds) * 1000), 3)
    return "\(date)T\(clock).\(fraction)\(sign)\(pad(abs(offset) / 60, 2)):\(pad(abs(offset) % 60, 2))"
  }

  /// Reads ISO 8601: a date, or a date and a time with or without seconds, fraction and offset. Local where no offset is
  /// given. Nil for anything else.
  public static func parse(_ text: String) -> Int64? {
    var reader = FieldReader(text.utf8[...])
    guard let year = reader.number(4), reader.skip("-"), let month = reader.number(2),
      (1...12).contains(month), reader.skip("-"), let day = reader.number(2), (1...31).contains(day)
    else { return nil }
    var parts = tm()
    parts.tm_year = Int32(year - 1900)
    parts.tm_mon = Int32(month - 1)
    parts.tm_mday = Int32(day)
    parts.tm_isdst = -1
    var milliseconds = 0
    if !reader.isAtEnd {
      guard reader.skip("T") || reader.skip(" "), let hour = reader.number(2), hour < 24, reader.skip(":"),
        let minute = reader.number(2), minute < 60
      else { return nil }
      parts.tm_hour = Int32(hour)
      parts.tm_min = Int32(minute)
      if reader.skip(":") {
        guard let second = reader.number(2), second <= 60 else { return nil }
        parts.tm_sec = Int32(second)
        if reader.skip(".") {
          guard let fraction = reader.fraction() else { return nil }
          milliseconds = fraction
        }
      }
    }
    guard let offset = reader.offset() else {
      return reader.isAtEnd ? Int64(mktime(&parts)) * 1000 + Int64(milliseconds) : nil
    }
    return (Int64(timegm(&parts)) - Int64(offset) * 60) * 1000 + Int64(milliseconds)
  }

  private static func pad(_ value: Int, _ width: Int) -> String {
    let digits = String(value)
    return digits.count >= width ? digits : String(repeating: "0", count: width - digits.count) + digits
  }
}

/// Reads fields of fixed width.
private struct FieldReader {
  var rest: Substring.UTF8View

  init(_ text: Substring.UTF8View) { rest = text }

  var isAtEnd: Bool { rest.isEmpty }

  mutating func number(_ width: Int) -> Int? {
    let field = rest.prefix(width)
    guard field.count == width, field.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) else { return nil }
    rest = rest.dropFirst(width)
    return field.reduce(0) { $0 * 10 + Int($1 - 0x30) }
  }

  mutating func skip(_ character: Character) -> Bool {
    guard let first = rest.first, first == character.asciiValue else { return false }
    rest = rest.dropFirst()
    return true
  }

  /// Milliseconds from one to nine digits.
  mutating func fraction() -> Int? {
    let digits = rest.prefix { $0 >= 0x30 && $0 <= 0x39 }
    guard (1...9).contains(digits.count) else { return nil }
    rest = rest.dropFirst(digits.count)
    let three = (Array(digits) + [0x30, 0x30]).prefix(3)
    return three.reduce(0) { $0 * 10 + Int($1 - 0x30) }
  }

  /// Minutes east of Greenwich, when the rest is exactly an offset; nil where there is none or something else.
  mutating func offset() -> Int? {
    var trial = self
    if trial.skip("Z"), trial.isAtEnd {
      self = trial
      return 0
    }
    trial = self
    let east = trial.skip("+")
    guard east || trial.skip("-"), let hours = trial.number(2) else { return nil }
    _ = trial.skip(":")
    guard let minutes = trial.number(2), trial.isAtEnd, hours < 24, minutes < 60 else { return nil }
    self = trial
    return (east ? 1 : -1) * (hours * 60 + minutes)
  }
}
