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

  /// What stands before each line: the time, lowest byte first, the direction, the length.
  private struct Head {
    var bytes: (UInt64, UInt8, UInt8)

    init(time: Int64, direction: Direction, count: UInt8) {
      bytes = (UInt64(bitPattern: time).littleEndian, direction.rawValue, count)
    }
  }

  private static let longestLine = 200
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

  mutating func openTap(_ isOpen: Bool) { tap = isOpen ? (tap ?? []) : nil }

  mutating func drainTap() -> [(direction: Direction, line: String)] {
    guard let taken = tap, !taken.isEmpty else { return [] }
    tap = []
    return taken
  }

  /// Notes bytes that went out or came in at `now`.
  mutating func note(_ direction: Direction, _ bytes: UnsafeBufferPointer<UInt8>, now: Int64) {
    // The partial line is taken out and put back, so that whole lines can be appended meanwhile.
    var partial = Partial()
    if direction == .sent { swap(&partial, &sent) } else { swap(&partial, &received) }
    var start = 0
    while start < bytes.count, let base = bytes.baseAddress {
      if partial.bytes.isEmpty { partial.at = now }
      let rest = bytes.count - start
      let found = memchr(base + start, 10, rest)
      let length = found.map { UnsafeRawPointer($0) - UnsafeRawPointer(base + start) } ?? rest
      let kept = min(length, FlightRecorder.longestLine - partial.bytes.count)
      partial.bytes.append(contentsOf: UnsafeBufferPointer(start: base + start, count: kept))
      start += length
      guard found != nil else { break }
      start += 1
      if partial.bytes.last == 13 { partial.bytes.removeLast() }
      append(direction, partial.bytes, at: partial.at)
      partial.bytes.removeAll(keepingCapacity: true)
    }
    if direction == .sent { swap(&partial, &sent) } else { swap(&partial, &received) }
  }

  /// Notes something that happened.
  mutating func note(_ words: String, now: Int64) {
    append(.note, Array(words.utf8.prefix(FlightRecorder.longestLine)), at: now)
  }

  private mutating func append(_ direction: Direction, _ line: [UInt8], at time: Int64) {
    let needed = FlightRecorder.header + line.count
    while ring.count - used < needed { dropFirst() }
    var head = FlightRecorder.Head(time: time, direction: direction, count: UInt8(line.count))
    let position = first + used < ring.count ? first + used : first + used - ring.count
    withUnsafeBytes(of: &head.bytes) {
      put(UnsafeRawBufferPointer(rebasing: $0[..<FlightRecorder.header]), at: position)
    }
    let behind = position + FlightRecorder.header
    line.withUnsafeBytes { put($0, at: behind < ring.count ? behind : behind - ring.count) }
    used += needed
    if tap != nil { tap?.append((direction, FlightRecorder.text(direction, line, at: time))) }
  }

  /// Copies into the ring, around its end where need be.
  private mutating func put(_ bytes: UnsafeRawBufferPointer, at position: Int) {
    guard let source = bytes.baseAddress else { return }
    let size = ring.count
    let straight = min(bytes.count, size - position)
    ring.withUnsafeMutableBytes { ring in
      guard let target = ring.baseAddress else { return }
      memcpy(target + position, source, straight)
      memcpy(target, source + straight, bytes.count - straight)
    }
  }

  private mutating func dropFirst() {
    let length = FlightRecorder.header + Int(ring[(first + 9) % ring.count])
    first = (first + length) % ring.count
    used -= length
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
