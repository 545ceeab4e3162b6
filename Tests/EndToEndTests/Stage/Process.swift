import CLinux
import Glibc

/// A program that runs in a session of its own, its output in files.
final class Process: Sendable {
  let name: String
  let pid: Int32
  private let outPath: String
  private let errorPath: String

  init(name: String, pid: Int32, out: String, error: String) {
    self.name = name
    self.pid = pid
    outPath = out
    errorPath = error
  }

  /// What it wrote so far.
  var out: String { Text.file(outPath) ?? "" }
  var error: String { Text.file(errorPath) ?? "" }

  /// Sends a signal to it alone.
  func signal(_ number: Int32) { kill(pid, number) }

  /// How it ended; nil while it runs. A signal is told as its negative number.
  func status() -> Int32? {
    var end = clinux_exit()
    guard clinux_pid_wait(pid, 0, &end) == 0, end.pid != 0 else { return nil }
    return end.signal != 0 ? -end.signal : end.status
  }

  /// Waits for its end.
  func end(seconds: Double = 120) async throws -> Ended {
    let status = try await Deadline.wait(
      seconds: seconds, for: "end of \(name)", explain: { self.out + self.error }
    ) { self.status() }
    return Ended(status: status, out: out, error: error)
  }
}

/// A program that ended.
struct Ended: Sendable {
  var status: Int32
  var out: String
  var error: String
}

/// Small files as text.
enum Text {
  static func file(_ path: String) -> String? {
    bytes(path).map { String(decoding: $0, as: UTF8.self) }
  }

  static func bytes(_ path: String) -> [UInt8]? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var all: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = piece.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
      guard count > 0 else { return count == 0 ? all : nil }
      all += piece[..<count]
    }
  }

  static func write(_ bytes: some Collection<UInt8>, to path: String) {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { return }
    defer { close(descriptor) }
    var rest = Array(bytes)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      guard count > 0 else { return }
      rest = rest.dropFirst(count)
    }
  }
}
