import Foundation

/// Where a process's private memory is: `Private_Clean` and `Private_Dirty` of smaps, summed by the mapped file.
struct MemoryMappings {
  private struct Share {
    var clean = 0
    var dirty = 0
    var resident = 0
  }
  private var shares: [String: Share] = [:]

  init?(of pid: pid_t) {
    let lines = Self.lines("/proc/\(pid)/smaps")
    if lines.isEmpty { return nil }
    var name = ""
    for line in lines {
      let words = line.split(separator: " ", omittingEmptySubsequences: true)
      guard let first = words.first else { continue }
      if first.contains("-"), !first.hasSuffix(":"), words.count >= 5 {
        let path = words.count > 5 ? String(words[5...].joined(separator: " ")) : "anonymous"
        name = "\((path as NSString).lastPathComponent) \(words[1])"
        continue
      }
      guard words.count >= 2, let value = Int(words[1]), value > 0 else { continue }
      switch first {
      case "Private_Clean:": shares[name, default: Share()].clean += value
      case "Private_Dirty:": shares[name, default: Share()].dirty += value
      case "Rss:": shares[name, default: Share()].resident += value
      default: break
      }
    }
  }

  /// How many kB of a process are shared with this one, with no driver and with nothing that runs besides: of files that only
  /// the two have mapped.
  static func sharedWithUsAlone(_ pid: pid_t) -> Int {
    var common = files(of: pid).intersection(files(of: getpid())).subtracting(mappedElsewhere)
    for driver in DriverProcesses.all() where driver != pid { common.subtract(files(of: driver)) }
    var kilobytes = 0
    var isCommon = false
    for line in lines("/proc/\(pid)/smaps") {
      let words = line.split(separator: " ", omittingEmptySubsequences: true)
      guard let first = words.first else { continue }
      if first.contains("-"), !first.hasSuffix(":") {
        isCommon = words.count > 5 && common.contains(words[5...].joined(separator: " "))
      } else if isCommon, first == "Shared_Clean:" || first == "Shared_Dirty:", words.count > 1 {
        kilobytes += Int(words[1]) ?? 0
      }
    }
    return kilobytes
  }

  /// What processes that are not started from here have mapped: the C library, as on any system.
  private static let mappedElsewhere: Set<String> = {
    let entries = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    let others = entries.compactMap { pid_t($0) }.filter { !isOurs($0) }
    return others.reduce(into: []) { $0.formUnion(files(of: $1)) }
  }()

  /// Whether a process is this one, or was started by it, or by one that was.
  private static func isOurs(_ pid: pid_t) -> Bool {
    var pid = pid
    while pid > 1 {
      if pid == getpid() { return true }
      pid = DriverProcesses.parent(of: pid) ?? 0
    }
    return false
  }

  private static func files(of pid: pid_t) -> Set<String> {
    Set(
      lines("/proc/\(pid)/maps").compactMap { line in
        let words = line.split(separator: " ", omittingEmptySubsequences: true)
        guard words.count > 5, words[5].hasPrefix("/") else { return nil }
        return words[5...].joined(separator: " ")
      })
  }

  /// The kernel gives a few kilobytes a read, and whoever asks for the file's length is told 0: read to its end.
  private static func lines(_ path: String) -> [Substring] {
    guard let file = FileHandle(forReadingAtPath: path), let data = try? file.readToEnd() else { return [] }
    return String(decoding: data, as: UTF8.self).split(separator: "\n")
  }

  /// The largest, and the sum of what is left.
  var table: String {
    var text = "\(Row.left("mapping", 48))  clean kB  dirty kB    RSS kB\n"
    var rest = Share()
    let sorted = shares.sorted { ($0.value.clean + $0.value.dirty) > ($1.value.clean + $1.value.dirty) }
    for (index, (name, share)) in sorted.enumerated() {
      if index < 24 {
        text += Self.row(name, share)
      } else {
        rest.clean += share.clean
        rest.dirty += share.dirty
        rest.resident += share.resident
      }
    }
    return text + Self.row("\(max(0, sorted.count - 24)) others", rest)
  }

  private static func row(_ name: String, _ share: Share) -> String {
    Row.left(name, 48) + Row.right(Double(share.clean), 10, 0) + Row.right(Double(share.dirty), 10, 0)
      + Row.right(Double(share.resident), 10, 0) + "\n"
  }
}
