import Glibc

/// The driver's log: one event a line on standard error, with local time and the machine's name.
///
/// Written on the disk thread. A pipe whose reader sleeps gets nothing rather than holding up the journal; how many lines it
/// missed is told when it reads again.
struct ErrorLog {
  let machine: String
  private var missed = 0

  init(machine: String) { self.machine = machine }

  /// Writes a line. `at` is in milliseconds since 1970.
  mutating func write(_ words: String, at: Int64) {
    // A pipe that is ready takes a whole page at least, so a line of less than that goes out without waiting.
    var pipe = pollfd(fd: 2, events: Int16(POLLOUT), revents: 0)
    guard poll(&pipe, 1, 0) == 1, pipe.revents & Int16(POLLOUT) != 0 else {
      missed += 1
      return
    }
    if missed > 0 {
      let count = missed
      missed = 0
      write("\(count) lines are missing here", at: at)
    }
    let line = Array("\(localTime(at)) \(machine): \(words)".utf8.prefix(4000)) + [10]
    _ = line.withUnsafeBytes { Glibc.write(2, $0.baseAddress, $0.count) }
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
