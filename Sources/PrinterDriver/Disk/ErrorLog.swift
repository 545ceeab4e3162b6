import Glibc

/// The driver's log: one event a line on standard error, with local time and the machine's name.
///
/// Written on the disk thread, because a pipe whose reader sleeps would hold up the writer.
struct ErrorLog {
  let machine: String

  /// Writes a line. `at` is in milliseconds since 1970.
  mutating func write(_ words: String, at: Int64) {
    let line = Array("\(localTime(at)) \(machine): \(words)\n".utf8)
    var done = 0
    while done < line.count {
      let count = line.withUnsafeBytes { Glibc.write(2, $0.baseAddress?.advanced(by: done), $0.count - done) }
      if count < 0, errno == EINTR { continue }
      if count <= 0 { return }  // nobody reads the log: nothing to be done about it
      done += count
    }
  }
}

/// ISO 8601 with milliseconds and the offset from UTC. `at` is in milliseconds since 1970.
func localTime(_ at: Int64) -> String {
  var seconds = time_t(at / 1000)
  var parts = tm()
  localtime_r(&seconds, &parts)
  let date = "\(parts.tm_year + 1900)-\(two(parts.tm_mon + 1))-\(two(parts.tm_mday))"
  let time = "\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec))"
  let thousandths = String(1000 + at % 1000).dropFirst()
  let offset = Int32(clamping: parts.tm_gmtoff)
  let zone = "\(offset < 0 ? "-" : "+")\(two(abs(offset) / 3600)):\(two(abs(offset) / 60 % 60))"
  return "\(date)T\(time).\(thousandths)\(zone)"
}

private func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
