/// The host's bytes on their way in: the wire with its speed, and the UART's ring with its end.
///
/// Bytes arrive one by one at the baud rate whether or not anybody reads; what finds the ring full is lost. Arrival is
/// worked out when somebody looks: between two looks the ring only fills, so nothing is different from looking always.
struct ReceiveLine: Sendable {
  /// A stretch of bytes that follow one another without a gap.
  private struct Stretch: Sendable {
    var count: Int
    var nextArrival: Int64
  }

  /// Duration of one byte on the wire, ns.
  var byteTime: Int64
  /// Bytes that found the ring full.
  private(set) var overruns: Int64 = 0
  /// Bytes that arrived since the start.
  private(set) var received: Int64 = 0

  private var wire: [UInt8] = []
  private var wireHead = 0
  private var stretches: [Stretch] = []
  private var stretchHead = 0
  private var wireFree: Int64 = 0

  private var ring: [UInt8]
  private var ringHead = 0
  private var ringCount = 0

  init(capacity: Int, byteTime: Int64) {
    ring = [UInt8](repeating: 0, count: max(capacity - 1, 1))
    self.byteTime = byteTime
  }

  /// Bytes waiting in the ring.
  var available: Int { ringCount }

  /// When the next byte will have arrived, nil when none is on the wire.
  var nextArrival: Int64? {
    stretchHead < stretches.count ? stretches[stretchHead].nextArrival : nil
  }

  /// When the last byte of the oldest stretch will have arrived.
  var stretchEnd: Int64? {
    guard stretchHead < stretches.count else { return nil }
    return stretches[stretchHead].nextArrival + Int64(stretches[stretchHead].count - 1) * byteTime
  }

  /// The host starts to send at `now`, behind what it has sent already.
  mutating func send(_ byte: UInt8, now: Int64) {
    let start = max(now, wireFree)
    let last = stretches.count - 1
    if stretchHead <= last, start == wireFree, byteTime > 0 || stretches[last].nextArrival == start {
      stretches[last].count += 1
    } else {
      stretches.append(Stretch(count: 1, nextArrival: start + byteTime))
    }
    wireFree = start + byteTime
    wire.append(byte)
  }

  /// Lets every byte arrive that has done so by `time`; `emergency`, where there is one, sees each before it is stored.
  mutating func deliver(upTo time: Int64, emergency: inout EmergencyParser?) {
    while stretchHead < stretches.count, stretches[stretchHead].nextArrival <= time {
      let stretch = stretches[stretchHead]
      var count = stretch.count
      if byteTime > 0 { count = min(count, Int((time - stretch.nextArrival) / byteTime) + 1) }
      for _ in 0..<count {
        let byte = wire[wireHead]
        wireHead += 1
        received += 1
        emergency?.see(byte)
        store(byte)
      }
      if count == stretch.count {
        stretchHead += 1
      } else {
        stretches[stretchHead].count -= count
        stretches[stretchHead].nextArrival += Int64(count) * byteTime
      }
    }
    if stretchHead == stretches.count, stretchHead > 0 {
      stretches.removeAll(keepingCapacity: true)
      wire.removeAll(keepingCapacity: true)
      stretchHead = 0
      wireHead = 0
    }
  }

  /// The oldest byte of the ring.
  mutating func read() -> UInt8? {
    if ringCount == 0 { return nil }
    let byte = ring[ringHead]
    ringHead += 1
    if ringHead == ring.count { ringHead = 0 }
    ringCount -= 1
    return byte
  }

  /// Empties the ring; what is on the wire still arrives.
  mutating func flush() {
    ringCount = 0
  }

  /// Nothing survives: the cable is out, or nobody listens.
  mutating func clear() {
    flush()
    wire.removeAll(keepingCapacity: true)
    stretches.removeAll(keepingCapacity: true)
    stretchHead = 0
    wireHead = 0
    wireFree = 0
  }

  private mutating func store(_ byte: UInt8) {
    if ringCount == ring.count {
      overruns += 1
      return
    }
    var tail = ringHead + ringCount
    if tail >= ring.count { tail -= ring.count }
    ring[tail] = byte
    ringCount += 1
  }
}
