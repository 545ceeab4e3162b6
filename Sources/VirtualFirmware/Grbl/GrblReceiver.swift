/// The host's bytes on their way in: the wire with its speed, the UART, and the ring.
///
/// Realtime bytes never reach the ring: they are handed out with the time of their arrival. What finds the ring full is
/// lost, and so is all but the UART's three bytes of what arrives while interrupts are off.
struct GrblReceiver: Sendable {
  /// Duration of one byte on the wire, ns.
  let byteTime: Int64
  /// Bytes that found the ring full.
  private(set) var overruns: Int64 = 0
  /// Bytes that arrived while interrupts were off, and were too many.
  private(set) var unheard: Int64 = 0
  /// Interrupts are off until then.
  var deafUntil: Int64 = -1

  /// The most bytes that ever lay in the ring.
  private(set) var fullest = 0
  /// Set when a byte was read that is not what the host sent, or that has lost its neighbour; the reader clears it.
  var readDamage = false

  private static let damaged: UInt16 = 0x100
  /// Bytes with `damaged` where something was changed or is missing before them.
  private var wire: [UInt16] = []
  /// Something before the next byte vanished on the wire, or here.
  private var losesNeighbour = false
  private var hasLost = false
  private var arrivals: [Int64] = []
  private var wireHead = 0
  private var wireFree: Int64 = 0
  /// Arrivals that the CPU must not sleep through.
  private var notable: [Int64] = []
  private var notableHead = 0
  private var sinceNotable = 0
  private var heldBack = 0

  private var ring: [UInt16]
  private var ringHead = 0
  private var ringCount = 0

  init(capacity: Int, byteTime: Int64) {
    ring = [UInt16](repeating: 0, count: max(capacity, 1))
    self.byteTime = byteTime
  }

  /// Bytes for which the ring has room.
  var room: Int { ring.count - ringCount }
  var isEmpty: Bool { ringCount == 0 }

  /// When something arrives for which the CPU must be awake.
  var nextNotable: Int64? {
    guard notableHead < notable.count else { return nil }
    return max(notable[notableHead], deafUntil)
  }

  /// When the last byte on the wire will have arrived.
  var lastArrival: Int64? { wireHead < wire.count ? arrivals[arrivals.count - 1] : nil }

  /// The host starts to send at `now`, behind what it has sent already.
  mutating func send(_ byte: UInt8, now: Int64, isDamaged: Bool = false) {
    let arrival = max(now, wireFree) + byteTime
    wireFree = arrival
    wire.append(isDamaged || losesNeighbour ? UInt16(byte) | Self.damaged : UInt16(byte))
    losesNeighbour = false
    arrivals.append(arrival)
    sinceNotable += 1
    if byte == 10 || byte == 13 || isRealtime(byte) || sinceNotable >= 48 {
      notable.append(arrival)
      sinceNotable = 0
    }
  }

  /// A byte takes its time on the wire and never arrives.
  mutating func lose(now: Int64) {
    losesNeighbour = true
    wireFree = max(now, wireFree) + byteTime
  }

  /// Lets bytes arrive up to `time` or to the first realtime byte, which is returned.
  mutating func deliver(upTo time: Int64) -> (byte: UInt8, time: Int64)? {
    if time < deafUntil { return nil }
    while wireHead < wire.count, arrivals[wireHead] <= time {
      let word = wire[wireHead]
      let byte = UInt8(truncatingIfNeeded: word)
      let arrival = arrivals[wireHead]
      wireHead += 1
      while notableHead < notable.count, notable[notableHead] <= arrival { notableHead += 1 }
      if arrival < deafUntil {
        heldBack += 1
        if heldBack > 3 {
          unheard += 1
          hasLost = true
          continue
        }
      } else {
        heldBack = 0
      }
      if isRealtime(byte) {
        // One that damage has made a realtime byte is missing in its line.
        if word & Self.damaged != 0 { hasLost = true }
        return (byte, max(arrival, deafUntil))
      }
      store(word)
    }
    if wireHead == wire.count, wireHead > 0 { clearWire() }
    if wireHead > 4096 { compact() }
    return nil
  }

  private mutating func compact() {
    wire.removeSubrange(..<wireHead)
    arrivals.removeSubrange(..<wireHead)
    notable.removeSubrange(..<notableHead)
    wireHead = 0
    notableHead = 0
  }

  private mutating func clearWire() {
    wire.removeAll(keepingCapacity: true)
    arrivals.removeAll(keepingCapacity: true)
    notable.removeAll(keepingCapacity: true)
    wireHead = 0
    notableHead = 0
    sinceNotable = 0
  }

  /// The oldest byte of the ring.
  mutating func read() -> UInt8? {
    if ringCount == 0 { return nil }
    let word = ring[ringHead]
    ringHead += 1
    if ringHead == ring.count { ringHead = 0 }
    ringCount -= 1
    if word & Self.damaged != 0 { readDamage = true }
    return UInt8(truncatingIfNeeded: word)
  }

  /// Empties the ring; what is on the wire still arrives.
  mutating func flush() { ringCount = 0 }

  /// Nothing survives: the cable is out, or nobody listens.
  mutating func clear() {
    flush()
    clearWire()
    wireFree = 0
    deafUntil = -1
    heldBack = 0
  }

  private func isRealtime(_ byte: UInt8) -> Bool {
    byte > 0x7f || byte == 0x18 || byte == UInt8(ascii: "?") || byte == UInt8(ascii: "!")
      || byte == UInt8(ascii: "~")
  }

  private mutating func store(_ word: UInt16) {
    if ringCount == ring.count {
      overruns += 1
      hasLost = true
      return
    }
    var tail = ringHead + ringCount
    if tail >= ring.count { tail -= ring.count }
    ring[tail] = hasLost ? word | Self.damaged : word
    hasLost = false
    ringCount += 1
    fullest = max(fullest, ringCount)
  }
}
