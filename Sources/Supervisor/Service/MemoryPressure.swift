import Glibc

/// Who goes first when memory runs out: the supervisor, which comes back and loses nothing, before any driver, which prints.
///
/// The score belongs to a process and is inherited. Raising it is always allowed, lowering it only down to where a privileged
/// process had put it: the unit sets a low one, the supervisor raises its own, and gives each driver the unit's back. The file
/// is `/proc/PID/oom_score_adj`.
public enum MemoryPressure {
  /// How much sooner the supervisor goes than a driver, in thousandths of the memory that there is.
  static let distance = 200

  /// Raises this process's score; returns the one that it was started with, which drivers keep.
  public static func stepBack() -> Int? {
    guard let given = score(of: "self") else { return nil }
    set(min(1000, given + distance), of: "self")
    return given
  }

  /// Gives a process its score; false where that is not allowed.
  @discardableResult
  static func set(_ score: Int, of process: String) -> Bool {
    let file = open("/proc/\(process)/oom_score_adj", O_WRONLY | O_CLOEXEC)
    guard file >= 0 else { return false }
    defer { close(file) }
    let text = Array("\(score)".utf8)
    return text.withUnsafeBytes { write(file, $0.baseAddress, $0.count) } == text.count
  }

  /// A process's score.
  static func score(of process: String) -> Int? {
    let file = open("/proc/\(process)/oom_score_adj", O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return nil }
    defer { close(file) }
    var bytes = [UInt8](repeating: 0, count: 16)
    let count = bytes.withUnsafeMutableBytes { read(file, $0.baseAddress, $0.count) }
    return Int(String(decoding: bytes.prefix { $0 > 0x20 }.prefix(max(0, count)), as: UTF8.self))
  }
}
