import Glibc

/// The last lines each way with monotonic times, always on.
///
/// A ring of 64 KB in memory: some 500 lines of a print each way. Noting a line copies its bytes and allocates nothing. Lines
/// are put together from the pieces in which they were written and read; more than 200 bytes of a line are not kept.
struct FlightRecorder {
  /// Who said it.
  enum Direction: UInt8 {
    case sent = 0x3E  // >
    case received = 0x3C  // <
    case note = 0x23  // #
  }

  private struct Partial {
    var bytes: [UInt8] = []
    var at: Int64 = 0
  }

  private static let longestLine = 200
  /// What stands before each line: the time, lowest byte first, the direction, the length.
  private static let header = 10
  private var ring: [UInt8]
  private var first = 0
  private var used = 0
  private var sent = Partial()
  private var received = Partial()
  /// Lines noted since the tap was opened, for the wire log; nil while it is closed.
  private(set) var tap: [(direction: Direction, line: String)]?

  init(capacity: Int = 64 * 1024) {
    ring = [UInt8](repeating: 0, count: capacity)
    sent.bytes.reserveCapacity(FlightRecorder.longestLine)
    received.bytes.reserveCapacity(FlightRecorder.longestLine)
  }

  var isTapped: Bool { tap != nil }

  mutating func openTap(_ isOpen: Bool) { tap = isOpen ? (tap ?? []) : nil }

  mutating func drainTap() -> [(direction: Direction, line: String)] {
    guard let taken = tap, !taken.isEmpty else { return [] }
    tap = []
    return taken
  }

  /// Notes bytes that went out or came in at `now`.
  mutating func note(_ direction: Direction, _ bytes: UnsafeBufferPointer<UInt8>, now: Int64) {
    var rest = bytes
    // Lines that come whole, as nearly all do, are copied once.
    while direction == .sent ? sent.bytes.isEmpty : received.bytes.isEmpty,
      let length = FlightRecorder.lineLength(rest)
    {
      var kept = min(length, FlightRecorder.longestLine)
      if kept > 0, rest[kept - 1] == 13 { kept -= 1 }
      append(direction, UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(rest)[..<kept]), at: now)
      rest = UnsafeBufferPointer(rebasing: rest[(length + 1)...])
    }
    if !rest.isEmpty { notePieces(direction, rest, now: now) }
  }

  /// The bytes before the first line feed; nil where there is none.
  private static func lineLength(_ bytes: UnsafeBufferPointer<UInt8>) -> Int? {
    guard let base = bytes.baseAddress, let found = memchr(base, 10, bytes.count) else { return nil }
    return UnsafeRawPointer(found) - UnsafeRawPointer(base)
  }

  /// Puts lines together from the pieces in which they were written and read.
  private mutating func notePieces(
    _ direction: Direction, _ bytes: UnsafeBufferPointer<UInt8>, now: Int64
  ) {
    // The partial line is taken out and put back, so that whole lines can be appended meanwhile.
    var partial = Partial()
    if direction == .sent { swap(&partial, &sent) } else { swap(&partial, &received) }
    var rest = bytes
    while !rest.isEmpty {
      if partial.bytes.isEmpty { partial.at = now }
      let length = FlightRecorder.lineLength(rest)
      let kept = min(length ?? rest.count, FlightRecorder.longestLine - partial.bytes.count)
      partial.bytes.append(contentsOf: rest[..<kept])
      guard let length else { break }
      rest = UnsafeBufferPointer(rebasing: rest[(length + 1)...])
      if partial.bytes.last == 13 { partial.bytes.removeLast() }
      partial.bytes.withUnsafeBytes { append(direction, $0, at: partial.at) }
      partial.bytes.removeAll(keepingCapacity: true)
    }
    if direction == .sent { swap(&partial, &sent) } else { swap(&partial, &received) }
  }

  /// Notes something that happened.
  mutating func note(_ words: String, now: Int64) {
    Array(words.utf8.prefix(FlightRecorder.longestLine)).withUnsafeBytes { append(.note, $0, at: now) }
  }

  /// Appends a line of at most `longestLine` bytes. (No sum here can overflow: none is larger than twice the ring.)
  private mutating func append(_ direction: Direction, _ line: UnsafeRawBufferPointer, at time: Int64) {
    let needed = FlightRecorder.header &+ line.count
    while ring.count &- used < needed { dropFirst() }
    let position = wrapped(first &+ used)
    used &+= needed
    if position &+ needed <= ring.count {
      ring.withUnsafeMutableBytes { ring in
        FlightRecorder.put(direction, line, time, into: ring, at: position)
      }
    } else {
      appendAroundEnd(direction, line, time, position)
    }
    if tap != nil { tap?.append((direction, FlightRecorder.text(direction, Array(line), at: time))) }
  }

  @inline(__always)
  private static func put(
    _ direction: Direction, _ line: UnsafeRawBufferPointer, _ time: Int64,
    into ring: UnsafeMutableRawBufferPointer, at position: Int
  ) {
    ring.storeBytes(of: time.littleEndian, toByteOffset: position, as: Int64.self)
    // Direction and length, lowest byte first.
    let mark = UInt16(direction.rawValue) | UInt16(truncatingIfNeeded: line.count) << 8
    ring.storeBytes(of: mark.littleEndian, toByteOffset: position &+ 8, as: UInt16.self)
    guard let source = line.baseAddress, let target = ring.baseAddress else { return }
    memcpy(target + (position &+ header), source, line.count)
  }

  /// The same where the ring's end lies within; rare, so that its buffer is no burden to all others.
  @inline(never)
  private mutating func appendAroundEnd(
    _ direction: Direction, _ line: UnsafeRawBufferPointer, _ time: Int64, _ position: Int
  ) {
    withUnsafeTemporaryAllocation(
      byteCount: FlightRecorder.header + FlightRecorder.longestLine, alignment: 8
    ) { whole in
      FlightRecorder.put(direction, line, time, into: whole, at: 0)
      for index in 0..<FlightRecorder.header + line.count { ring[wrapped(position + index)] = whole[index] }
    }
  }

  /// A place up to one turn behind the ring's end, within it.
  private func wrapped(_ position: Int) -> Int { position < ring.count ? position : position &- ring.count }

  private mutating func dropFirst() {
    let length = FlightRecorder.header &+ Int(ring[wrapped(first &+ 9)])
    first = wrapped(first &+ length)
    used &-= length
  }

  /// All lines as text, oldest first: seconds with nine decimals, a direction, the line; other bytes than ASCII as `\xNN`.
  func lines() -> [String] {
    var lines: [String] = []
    forEachLine { lines.append($0) }
    return lines
  }

  /// The same as the bytes of a file: one piece of memory instead of a thousand, given back whole.
  func file() -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(used * 3)
    forEachLine { line in
      bytes.append(contentsOf: line.utf8)
      bytes.append(10)
    }
    return bytes
  }

  private func forEachLine(_ body: (String) -> Void) {
    var position = first
    var left = used
    while left > 0 {
      var time: Int64 = 0
      for offset in 0..<8 { time |= Int64(ring[(position + offset) % ring.count]) << Int64(8 * offset) }
      let direction = Direction(rawValue: ring[(position + 8) % ring.count]) ?? .note
      let count = Int(ring[(position + 9) % ring.count])
      let line = (0..<count).map { ring[(position + FlightRecorder.header + $0) % ring.count] }
      body(FlightRecorder.text(direction, line, at: time))
      position = (position + FlightRecorder.header + count) % ring.count
      left -= FlightRecorder.header + count
    }
    for (direction, partial) in [(Direction.sent, sent), (.received, received)] where !partial.bytes.isEmpty {
      body(FlightRecorder.text(direction, partial.bytes, at: partial.at) + " (no end yet)")
    }
  }

  private static func text(_ direction: Direction, _ line: [UInt8], at time: Int64) -> String {
    let decimals = String(1_000_000_000 + time % 1_000_000_000).dropFirst()
    var text = "\(time / 1_000_000_000).\(decimals) "
    text.unicodeScalars.append(Unicode.Scalar(direction.rawValue))
    text += " "
    for byte in line {
      if byte >= 32, byte < 127 {
        text.unicodeScalars.append(Unicode.Scalar(byte))
      } else {
        text += "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
      }
    }
    return text
  }
}
