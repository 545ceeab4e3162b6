import Glibc

/// Gives out event numbers that rise across restarts: a small file names the first number that nobody may have seen yet.
///
/// The file is written once for every block of numbers, not for each; a restart skips what is left of a block.
struct EventNumbers {
  private var next: Int64
  private var reserved: Int64
  private let path: String?
  private let block: Int64

  /// Starts behind the last block that the file at `path` names, or at 1 in memory only where there is no path.
  init(path: String?, block: Int64 = 10_000) {
    self.path = path
    self.block = block
    self.next = path.flatMap { EventNumbers.read($0) } ?? 1
    self.reserved = next
  }

  /// The next number.
  mutating func take() -> Int64 {
    if next >= reserved {
      reserved = next + block
      if let path { EventNumbers.write(reserved, to: path) }
    }
    defer { next += 1 }
    return next
  }

  /// The highest number given out, or one below the first.
  var last: Int64 { next - 1 }

  private static func read(_ path: String) -> Int64? {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return nil }
    defer { close(file) }
    var bytes = [UInt8](repeating: 0, count: 24)
    let count = bytes.withUnsafeMutableBytes { Glibc.read(file, $0.baseAddress, $0.count) }
    let digits = bytes.prefix(max(0, count)).prefix { $0 >= 0x30 && $0 <= 0x39 }
    let number = Int64(String(decoding: digits, as: UTF8.self)) ?? 0
    return (1..<(1 << 52)).contains(number) ? number : nil
  }

  private static func write(_ number: Int64, to path: String) {
    let temporary = path + ".new"
    let file = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o640)
    guard file >= 0 else { return }
    let text = Array("\(number)\n".utf8)
    let count = text.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
    close(file)
    if count == text.count { rename(temporary, path) }
  }
}
