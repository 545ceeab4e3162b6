import DriverInterface
import Glibc

/// How far a driver's events were taken in, so that a supervisor that starts anew asks only for the rest.
struct SeenEvents: Equatable, Sendable {
  /// The driver's incarnation; sequences are comparable only within one.
  var incarnation: UInt64
  /// The last sequence taken in.
  var sequence: Int64

  /// Reads what a supervisor before this one wrote; nil where there is nothing to read.
  static func read(_ path: String) -> SeenEvents? {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return nil }
    defer { close(file) }
    var bytes = [UInt8](repeating: 0, count: 80)
    let count = bytes.withUnsafeMutableBytes { Glibc.read(file, $0.baseAddress, $0.count) }
    let words = String(decoding: bytes.prefix(max(0, count)), as: UTF8.self).split { $0 == " " || $0 == "\n" }
    guard words.count == 2, let incarnation = UInt64(words[0], radix: 16), let sequence = Int64(words[1])
    else {
      return nil
    }
    return SeenEvents(incarnation: incarnation, sequence: sequence)
  }

  /// Writes it in one step; where that fails events come twice, which does no harm.
  func write(_ path: String) {
    let temporary = path + ".new"
    let file = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o640)
    guard file >= 0 else { return }
    let text = Array("\(String(incarnation, radix: 16)) \(sequence)\n".utf8)
    let count = text.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
    close(file)
    if count == text.count { rename(temporary, path) }
  }
}
