import Foundation
import Glibc

/// What a living process has used, as the kernel tells it. The corresponding files are `/proc/PID/stat` and `statm`.
struct ProcessSample: Equatable, Sendable {
  /// User and system seconds of all its threads.
  var cpuSeconds: Double
  /// Bytes in memory, what it shares with others included.
  var residentBytes: Double
  /// Bytes of address space.
  var virtualBytes: Double
  /// Its threads.
  var threads: Double
  /// When it began, in seconds since 1970.
  var startedAt: Double

  /// Reads the text of `stat`; nil where that is torn or of another system.
  init?(stat: String, bootedAt: Double, ticks: Double, page: Double) {
    // The name in parentheses may hold blanks and parentheses itself.
    guard let close = stat.lastIndex(of: ")") else { return nil }
    let fields = stat[stat.index(after: close)...].split(separator: " ")
    guard fields.count > 21, let user = Double(fields[11]), let system = Double(fields[12]),
      let threads = Double(fields[17]), let start = Double(fields[19]), let size = Double(fields[20]),
      let pages = Double(fields[21])
    else { return nil }
    cpuSeconds = (user + system) / ticks
    residentBytes = pages * page
    virtualBytes = size
    self.threads = threads
    startedAt = bootedAt + start / ticks
  }

  /// Looks at a process; nil where there is none.
  static func of(_ pid: pid_t) -> ProcessSample? {
    guard let stat = read("/proc/\(pid)/stat") else { return nil }
    return ProcessSample(
      stat: stat, bootedAt: bootedAt, ticks: Double(sysconf(Int32(_SC_CLK_TCK))),
      page: Double(sysconf(Int32(_SC_PAGESIZE))))
  }

  /// This process's open descriptors, and how many it may have.
  static func descriptors() -> (open: Double, most: Double)? {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0,
      let entries = try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")
    else { return nil }
    // The listing itself has one open.
    return (Double(max(0, entries.count - 1)), Double(limit.rlim_cur))
  }

  /// When the system started, in seconds since 1970; 0 where it does not tell.
  private static let bootedAt: Double = {
    guard let stat = read("/proc/stat") else { return 0 }
    let line = stat.split(separator: "\n").first { $0.hasPrefix("btime ") }
    return line.flatMap { Double($0.dropFirst(6)) } ?? 0
  }()

  private static func read(_ path: String) -> String? {
    FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) }
  }
}
