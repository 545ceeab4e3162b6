import DriverInterface
import Glibc

/// The wire log on demand: `FOLDER/wire.log`, and the three before it as `wire.log.1` to `.3`.
struct WireLogFile {
  /// The size at which a new one is begun, in bytes.
  static let longest: Int64 = 16 << 20

  private let path: String
  private var descriptor: Int32 = -1
  private var size: Int64 = 0

  init(folder: String) { path = folder + "/wire.log" }

  /// Turns it on or off; a fault where it cannot be opened.
  mutating func turn(_ isOn: Bool) -> Fault? {
    guard isOn else {
      closeFile()
      return nil
    }
    return descriptor >= 0 ? nil : openFile()
  }

  /// Appends lines; a fault, once, where the disk does not take them: the log is then off.
  mutating func append(_ lines: [String]) -> Fault? {
    guard descriptor >= 0 else { return nil }
    if size > WireLogFile.longest, let fault = rotate() { return fault }
    var bytes: [UInt8] = []
    for line in lines {
      bytes += line.utf8
      bytes.append(10)
    }
    guard bytes.withUnsafeBytes({ write(descriptor, $0.baseAddress, $0.count) }) == bytes.count else {
      let fault = Journal.fault("write", path, errno)
      closeFile()
      return fault
    }
    size += Int64(bytes.count)
    return nil
  }

  private mutating func rotate() -> Fault? {
    closeFile()
    for number in [2, 1] { rename("\(path).\(number)", "\(path).\(number + 1)") }
    rename(path, path + ".1")
    return openFile()
  }

  private mutating func openFile() -> Fault? {
    descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { return Journal.fault("open", path, errno) }
    size = Int64(lseek(descriptor, 0, SEEK_END))
    return nil
  }

  private mutating func closeFile() {
    if descriptor >= 0 { close(descriptor) }
    descriptor = -1
  }
}
