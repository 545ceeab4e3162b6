import CLinux

/// How fast the host is, seen from the printer's end of the cable: from the last byte of an `ok` to the last byte of the
/// next line, in life's time, and when the firmware was killed.
struct HostTiming {
  /// `CLOCK_MONOTONIC` in ns at which `Error:Printer halted` first went out; 0 where it did not.
  private(set) var killedAt: Int64 = 0
  private var turnarounds: [Int64] = []
  private var okAt: Int64?
  private var column = 0
  private var isOk = false
  private var matched = 0
  private static let lastWords = Array("Error:Printer halted".utf8)
  /// A day's print is long enough for any figure.
  private static let most = 4_000_000

  /// These bytes went to the host.
  mutating func sent(_ bytes: some Sequence<UInt8>) {
    for byte in bytes {
      if byte == 10 {
        if isOk { okAt = clinux_monotonic_ns() }
        column = 0
        matched = 0
        isOk = false
        continue
      }
      if column == 0 { isOk = byte == UInt8(ascii: "o") }
      if column == 1 { isOk = isOk && byte == UInt8(ascii: "k") }
      if matched == column, column < Self.lastWords.count, byte == Self.lastWords[column] {
        matched += 1
        if matched == Self.lastWords.count, killedAt == 0 { killedAt = clinux_monotonic_ns() }
      }
      column += 1
    }
  }

  /// These bytes came from the host.
  mutating func received(_ bytes: UnsafeBufferPointer<UInt8>) {
    guard let since = okAt, bytes.last == 10 else { return }
    okAt = nil
    if turnarounds.count < Self.most { turnarounds.append(clinux_monotonic_ns() - since) }
  }

  /// How many were taken, and in µs the time that this part of them did not exceed.
  func figures(_ parts: [Double]) -> (count: Int, microseconds: [Int64]) {
    let sorted = turnarounds.sorted()
    let values = parts.map { part in
      sorted.isEmpty ? 0 : sorted[min(sorted.count - 1, Int(Double(sorted.count) * part))] / 1000
    }
    return (sorted.count, values)
  }
}
