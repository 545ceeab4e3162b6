/// The firmware's bytes on their way out, each with the time at which it has left.
struct TransmitLine: Sendable {
  private struct Stretch: Sendable {
    var count: Int
    var nextLeave: Int64
  }

  /// Duration of one byte on the wire, ns.
  var byteTime: Int64
  /// Bytes that the transmitter holds.
  private let buffer: Int
  private var bytes: [UInt8] = []
  private var head = 0
  private var stretches: [Stretch] = []
  private var stretchHead = 0
  private var lineFree: Int64 = 0

  init(byteTime: Int64, buffer: Int) {
    self.byteTime = byteTime
    self.buffer = buffer
  }

  /// When the next byte will have left, nil when nothing is to be sent.
  var nextLeave: Int64? {
    stretchHead < stretches.count ? stretches[stretchHead].nextLeave : nil
  }

  /// When the last byte of the oldest stretch will have left.
  var stretchEnd: Int64? {
    guard stretchHead < stretches.count else { return nil }
    return stretches[stretchHead].nextLeave + Int64(stretches[stretchHead].count - 1) * byteTime
  }

  /// Puts bytes on the wire from `time` on and returns when the CPU may go on: when no more wait than fit the buffer.
  mutating func send(_ piece: ArraySlice<UInt8>, at time: Int64) -> Int64 {
    if piece.isEmpty { return time }
    let start = max(time, lineFree)
    lineFree = start + Int64(piece.count) * byteTime
    if stretchHead < stretches.count, byteTime == 0, stretches[stretches.count - 1].nextLeave == start {
      stretches[stretches.count - 1].count += piece.count
    } else {
      stretches.append(Stretch(count: piece.count, nextLeave: start + byteTime))
    }
    bytes.append(contentsOf: piece)
    return max(time, lineFree - Int64(buffer) * byteTime)
  }

  /// Appends to `sink` what has left by `time`.
  mutating func take(upTo time: Int64, into sink: inout [UInt8]) {
    while stretchHead < stretches.count, stretches[stretchHead].nextLeave <= time {
      let stretch = stretches[stretchHead]
      var count = stretch.count
      if byteTime > 0 { count = min(count, Int((time - stretch.nextLeave) / byteTime) + 1) }
      sink.append(contentsOf: bytes[head..<head + count])
      head += count
      if count == stretch.count {
        stretchHead += 1
      } else {
        stretches[stretchHead].count -= count
        stretches[stretchHead].nextLeave += Int64(count) * byteTime
      }
    }
    if stretchHead == stretches.count { clear() }
  }

  /// Drops what has not left.
  mutating func clear() {
    bytes.removeAll(keepingCapacity: true)
    stretches.removeAll(keepingCapacity: true)
    head = 0
    stretchHead = 0
  }
}
