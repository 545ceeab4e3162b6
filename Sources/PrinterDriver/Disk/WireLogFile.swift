import DriverInterface
import Glibc

/// The wire log on demand: `FOLDER/wire.log`, and the three before it as `wire.log.1` to `.3`.
///
/// The format, which the flight recorder's dumps share and `virtual-printer --replay` reads: one line of text for each line on
/// the wire,
///
///     20591.123456789 > N42 G1 X10 Y5*85
///     20591.131072003 < ok
///     20591.131072003 # phase printing
///
/// First seconds and nanoseconds of the monotonic clock, when the line's first byte was written or read; then `>` for host to
/// firmware, `<` for firmware to host, `#` for a note of the driver's own; then the bytes. Those that are not printable ASCII
/// stand as `\xNN`; the line feed, and a carriage return before it, are left out; more than 200 bytes of a line are not kept,
/// which no firmware takes and some answer (M115). `(no end yet)` behind a line of a dump means that its end had not come. Lines
/// that begin with `#` and a blank are remarks.
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
