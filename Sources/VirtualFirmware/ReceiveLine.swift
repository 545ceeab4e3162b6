/// The host's bytes on their way in: the wire with its speed, and the UART's ring with its end.
///
/// Bytes arrive one by one at the baud rate whether or not anybody reads; what finds the ring full is lost. Arrival is
/// worked out when somebody looks: between two looks the ring only fills, so nothing is different from looking always.
struct ReceiveLine: Sendable {
  /// Bytes that follow one another without a gap, up to the end of a line: a CPU that waits has no use for half a line.
  private struct Stretch: Sendable {
    var count: Int
    var nextArrival: Int64
  }

  /// A waiting CPU looks at the latest after so many bytes, so that no ring overflows while it waits.
  private static let longest = 48

  /// Duration of one byte on the wire, ns.
  let byteTime: Int64
  /// Bytes that found the ring full.
  private(set) var overruns: Int64 = 0

  /// Set when a byte was read that is not what the host sent, or that has lost its neighbour; the reader clears it.
  var readDamage = false

  /// Bytes with `damaged` where something was changed or is missing before them.
  private var wire: [UInt16] = []
  private var wireHead = 0
  private var stretches: [Stretch] = []
  private var stretchHead = 0
  private var wireFree: Int64 = 0
  private var lastIsClosed = true

  private var losesNeighbour = false
  private static let damaged: UInt16 = 0x100

  private var ring: [UInt16]
  private var ringHead = 0
  private(set) var available = 0
  /// The most that it has held.
  private(set) var fullest = 0
  private var hasOverrun = false

  /// Bytes that act as they arrive and are not stored (Smoothieware: `?`, ^X, ^Y).
  private let takesRealtime: Bool
  /// The last of them.
  var realtime: UInt8?

  init(_ profile: FirmwareProfile, byteTime: Int64) {
    // Where the sender is held back, the ring never fills: what does not fit waits on the other side.
    let capacity = profile.flowControl ? 1 << 16 : profile.receiveBuffer
    ring = [UInt16](repeating: 0, count: max(capacity - 1, 1))
    takesRealtime = profile.lineRules == .smoothie
    self.byteTime = byteTime
  }

  /// When the next byte will have arrived, nil when none is on the wire.
  var nextArrival: Int64? {
    stretchHead < stretches.count ? stretches[stretchHead].nextArrival : nil
  }

  /// When the last byte of the oldest stretch will have arrived.
  var stretchEnd: Int64? {
    guard stretchHead < stretches.count else { return nil }
    return stretches[stretchHead].nextArrival + Int64(stretches[stretchHead].count - 1) * byteTime
  }

  /// Whether the ring holds as much as it can.
  var isFull: Bool { available == ring.count }

  /// The host starts to send at `now`, behind what it has sent already.
  mutating func send(_ byte: UInt8, now: Int64, isDamaged: Bool = false) {
    let start = max(now, wireFree)
    let last = stretches.count - 1
    let follows =
      start == wireFree && (byteTime > 0 || stretchHead <= last && stretches[last].nextArrival == start)
    if !lastIsClosed, stretchHead <= last, follows {
      stretches[last].count += 1
      lastIsClosed = stretches[last].count == Self.longest
    } else {
      stretches.append(Stretch(count: 1, nextArrival: start + byteTime))
      lastIsClosed = false
    }
    if byte == 10 || byte == 13 { lastIsClosed = true }
    wireFree = start + byteTime
    wire.append(isDamaged || losesNeighbour ? UInt16(byte) | Self.damaged : UInt16(byte))
    losesNeighbour = false
  }

  /// A byte takes its time on the wire and never arrives.
  mutating func lose(now: Int64) {
    losesNeighbour = true
    lastIsClosed = true
    wireFree = max(now, wireFree) + byteTime
  }

  /// Lets every byte arrive that has done so by `time`; `emergency`, where there is one, sees each before it is stored.
  mutating func deliver(upTo time: Int64, emergency: inout EmergencyParser?) {
    while stretchHead < stretches.count, stretches[stretchHead].nextArrival <= time {
      take(arrived(in: stretches[stretchHead], by: time), emergency: &emergency)
    }
    forgetTheDelivered()
  }

  /// The same for a CPU that has waited with nothing else to do since `time`: it reads each byte as it comes, which takes
  /// `cost` a byte. Returns when it has read the last.
  mutating func deliverToReader(
    upTo time: Int64, from idle: Int64, cost: Int64, emergency: inout EmergencyParser?
  ) -> Int64 {
    var free = idle
    while stretchHead < stretches.count, stretches[stretchHead].nextArrival <= time {
      let stretch = stretches[stretchHead]
      let count = arrived(in: stretch, by: time)
      let last = stretch.nextArrival + Int64(count - 1) * byteTime
      let work = Int64(count) * cost
      // Either it keeps up and is done just after the last byte, or each byte waits for the one before.
      free = cost <= byteTime ? max(free + work, last + cost) : max(free, stretch.nextArrival) + work
      take(count, emergency: &emergency)
    }
    forgetTheDelivered()
    return free
  }

  private func arrived(in stretch: Stretch, by time: Int64) -> Int {
    byteTime > 0 ? min(stretch.count, Int((time - stretch.nextArrival) / byteTime) + 1) : stretch.count
  }

  /// The first `count` bytes of the oldest stretch have arrived.
  private mutating func take(_ count: Int, emergency: inout EmergencyParser?) {
    for index in wireHead..<wireHead + count {
      let word = wire[index]
      let byte = UInt8(truncatingIfNeeded: word)
      emergency?.see(byte)
      if takesRealtime, byte == UInt8(ascii: "?") || byte == 0x18 || byte == 0x19 {
        realtime = byte
        continue
      }
      store(word)
    }
    wireHead += count
    if count == stretches[stretchHead].count {
      stretchHead += 1
    } else {
      stretches[stretchHead].count -= count
      stretches[stretchHead].nextArrival += Int64(count) * byteTime
    }
  }

  private mutating func forgetTheDelivered() {
    guard stretchHead == stretches.count, stretchHead > 0 else { return }
    stretches.removeAll(keepingCapacity: true)
    wire.removeAll(keepingCapacity: true)
    stretchHead = 0
    wireHead = 0
    lastIsClosed = true
  }

  /// The oldest byte of the ring.
  mutating func read() -> UInt8? {
    if available == 0 { return nil }
    let word = ring[ringHead]
    if word & Self.damaged != 0 { readDamage = true }
    ringHead += 1
    if ringHead == ring.count { ringHead = 0 }
    available -= 1
    return UInt8(truncatingIfNeeded: word)
  }

  /// Empties the ring; what is on the wire still arrives.
  mutating func flush() {
    available = 0
  }

  /// Nothing survives: the cable is out, or nobody listens.
  mutating func clear() {
    flush()
    wire.removeAll(keepingCapacity: true)
    stretches.removeAll(keepingCapacity: true)
    stretchHead = 0
    wireHead = 0
    wireFree = 0
    lastIsClosed = true
  }

  private mutating func store(_ word: UInt16) {
    if available == ring.count {
      overruns += 1
      hasOverrun = true
      return
    }
    var tail = ringHead + available
    if tail >= ring.count { tail -= ring.count }
    ring[tail] = hasOverrun ? word | Self.damaged : word
    hasOverrun = false
    available += 1
    if available > fullest { fullest = available }
  }
}
