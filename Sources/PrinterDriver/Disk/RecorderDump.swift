import CLinux
import DriverInterface
import Glibc

/// The flight recorder's files in the state folder: `recorder-2026-11-22T04-10-00.123+00-00.txt`, the latest twenty.
enum RecorderDump {
  static let kept = 20

  /// Writes one; its path.
  static func write(_ text: [UInt8], reason: String, folder: String) throws(Fault) -> String {
    let now = clinux_realtime_ns() / 1_000_000
    let stamp = String(localTime(now).map { $0 == ":" ? "-" : $0 })
    let path = "\(folder)/recorder-\(stamp).txt"
    let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard file >= 0 else { throw Journal.fault("open", path, errno) }
    defer { close(file) }
    var bytes: [UInt8] = Array(
      "# \(reason)\n# seconds of the monotonic clock, > to the firmware, < from it\n".utf8)
    bytes += text
    guard bytes.withUnsafeBytes({ Glibc.write(file, $0.baseAddress, $0.count) }) == bytes.count else {
      throw Journal.fault("write", path, errno)
    }
    prune(folder)
    return path
  }

  private static func prune(_ folder: String) {
    guard let listing = opendir(folder) else { return }
    defer { closedir(listing) }
    var names: [String] = []
    while let entry = readdir(listing) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) {
        String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name.hasPrefix("recorder-"), name.hasSuffix(".txt") { names.append(name) }
    }
    for name in names.sorted().dropLast(kept) { unlink("\(folder)/\(name)") }
  }
}
