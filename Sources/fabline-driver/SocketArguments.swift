import Glibc

/// Arguments that come over standard input instead of the command line: how a supervisor has systemd start a driver in a unit
/// of its own. Each connection to `fabline-driver.socket` starts one; the supervisor writes and ends its half.
///
/// The words end with a zero byte each; the first is the path of the log. The connection stays open as our standard input:
/// that it ends tells the supervisor that we did.
enum SocketArguments {
  static let option = "--from-socket"

  /// The words; empty where nothing sensible came.
  static func read() -> [String] {
    let words = words(from: 0)
    guard let log = words.first else { return [] }
    logTo(log)
    return Array(words.dropFirst())
  }

  /// What can be read until the end, each word to its zero byte; none where it is more than a megabyte.
  static func words(from descriptor: Int32) -> [String] {
    var words: [String] = []
    var word: [UInt8] = []
    var total = 0
    var piece = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = piece.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { break }
      total += count
      guard total <= 1 << 20 else { return [] }
      for byte in piece[..<count] {
        guard byte == 0 else {
          word.append(byte)
          continue
        }
        words.append(String(decoding: word, as: UTF8.self))
        word = []
      }
    }
    return words
  }

  /// Standard error is the machine's log from here on, as where a supervisor starts us itself.
  private static func logTo(_ path: String) {
    let file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o640)
    guard file >= 0 else { return }
    dup2(file, 2)
    close(file)
  }
}
