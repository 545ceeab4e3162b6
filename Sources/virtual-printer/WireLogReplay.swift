import Glibc
import VirtualFirmware

/// A driver's wire log played again: the host's lines go to a virtual firmware at their times, and its replies are
/// compared with the recorded ones.
///
/// A line of the log is `SECONDS.NNNNNNNNN > TEXT` (sent), `<` (received) or `#` (a note); bytes that are no printable
/// ASCII stand as `\xNN`. Only `opened` and `lost` matter among the notes: the port was opened, the cable was out.
/// What a line says of temperatures, places and rooms in buffers is not compared, since no two machines agree there;
/// nor are GRBL's status reports, because the log joins each `?` to the line that follows it.
struct WireLogReplay {
  /// What is to be printed.
  private(set) var text = ""
  /// Some reply is not as recorded.
  private(set) var differs = false

  private struct Entry {
    enum Kind { case sent, received, opened, lost }
    var kind: Kind
    /// ns since the log's first line.
    var time: Int64
    var bytes: [UInt8]
  }

  private struct Reply {
    var time: Int64
    var text: [UInt8]
  }

  /// The recorder keeps so many bytes of a line.
  private static let longestLine = 200
  /// The log's tail is given so long to be answered, ns.
  private static let tail: Int64 = 5_000_000_000
  /// How far ahead a reply is looked for when the two sides have come apart.
  private static let lookAhead = 64

  init(_ path: String, options: Options) throws(Failure) {
    let entries = try Self.read(path)
    let replies = Self.play(entries, to: Controller(options))
    let recorded = entries.filter { $0.kind == .received }.map { Reply(time: $0.time, text: $0.bytes) }
    compare(
      recorded.filter { !Self.isReport($0) }, replies.filter { !Self.isReport($0) },
      sent: entries.count { $0.kind == .sent }, end: entries.last?.time ?? 0)
  }

  private static func isReport(_ reply: Reply) -> Bool {
    reply.text.first == UInt8(ascii: "<") && reply.text.last == UInt8(ascii: ">")
  }

  // MARK: Reading

  private static func read(_ path: String) throws(Failure) -> [Entry] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    if descriptor < 0 { throw Failure("cannot read \(path)", error: errno) }
    defer { close(descriptor) }
    var entries: [Entry] = []
    var line: [UInt8] = []
    var first: Int64?
    var piece = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = piece.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      if count < 0 { throw Failure("cannot read \(path)", error: errno) }
      for byte in piece.prefix(count) {
        if byte != 10 {
          line.append(byte)
          continue
        }
        if var entry = entry(line) {
          let start = first ?? entry.time
          first = start
          entry.time = max(0, entry.time - start)
          entries.append(entry)
        }
        line.removeAll(keepingCapacity: true)
      }
      if count == 0 { break }
    }
    // A received line bears the time of its first byte, a sent one too: in the log they may stand out of turn.
    return entries.enumerated().sorted { ($0.element.time, $0.offset) < ($1.element.time, $1.offset) }
      .map { $0.element }
  }

  private static func entry(_ line: [UInt8]) -> Entry? {
    var index = 0
    var seconds: Int64 = 0
    var nanoseconds: Int64 = 0
    while index < line.count, let digit = digit(line[index]), index < 12 {
      seconds = seconds * 10 + digit
      index += 1
    }
    guard index > 0, index + 12 < line.count, line[index] == UInt8(ascii: ".") else { return nil }
    for place in 1...9 {
      guard let digit = digit(line[index + place]) else { return nil }
      nanoseconds = nanoseconds * 10 + digit
    }
    index += 10
    guard line[index] == 32, line[index + 2] == 32 else { return nil }
    let time = seconds * 1_000_000_000 + nanoseconds
    let rest = line[(index + 3)...]
    // The flight recorder's last words: a piece of a line.
    if line.suffix(13).elementsEqual(" (no end yet)".utf8) { return nil }
    switch line[index + 1] {
    case UInt8(ascii: ">"): return Entry(kind: .sent, time: time, bytes: unescaped(rest))
    case UInt8(ascii: "<"): return Entry(kind: .received, time: time, bytes: unescaped(rest))
    case UInt8(ascii: "#"):
      if rest.starts(with: "opened ".utf8) { return Entry(kind: .opened, time: time, bytes: []) }
      if rest.starts(with: "lost: ".utf8) { return Entry(kind: .lost, time: time, bytes: []) }
      return nil
    default: return nil
    }
  }

  private static func digit(_ byte: UInt8) -> Int64? {
    byte >= 48 && byte <= 57 ? Int64(byte - 48) : nil
  }

  private static func unescaped(_ text: ArraySlice<UInt8>) -> [UInt8] {
    var bytes: [UInt8] = []
    var rest = text
    while let byte = rest.popFirst() {
      let digits = rest.dropFirst().prefix(2)
      guard byte == UInt8(ascii: "\\"), rest.first == UInt8(ascii: "x"), digits.count == 2,
        let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 16)
      else {
        bytes.append(byte)
        continue
      }
      bytes.append(value)
      rest = rest.dropFirst(3)
    }
    return bytes
  }

  // MARK: Playing

  private static func play(_ entries: [Entry], to controller: Controller) -> [Reply] {
    var firmware = controller
    var replies: [Reply] = []
    var pending: [UInt8] = []
    func advance(to time: Int64) {
      while let next = firmware.nextDeadline, next <= time {
        firmware.run(until: next)
        gather(at: next)
      }
      firmware.run(until: time)
      gather(at: time)
    }
    func gather(at time: Int64) {
      var fresh: [UInt8] = []
      firmware.takeOutput(upTo: time, into: &fresh)
      for byte in fresh where byte != 13 {
        if byte != 10 {
          pending.append(byte)
          continue
        }
        replies.append(Reply(time: time, text: Array(pending.prefix(longestLine))))
        pending = []
      }
    }
    for entry in entries {
      if entry.kind == .received { continue }
      advance(to: entry.time)
      switch entry.kind {
      case .opened: firmware.hostOpened(now: entry.time)
      case .lost: firmware.hostClosed(now: entry.time)
      case .sent, .received:
        (entry.bytes + [10]).withUnsafeBufferPointer { firmware.receive($0, now: entry.time) }
      }
    }
    advance(to: (entries.last?.time ?? 0) + tail)
    return replies
  }

  // MARK: Comparing

  private mutating func compare(_ recorded: [Reply], _ replayed: [Reply], sent: Int, end: Int64) {
    var played = replayed
    // What comes by itself after the log's end is no difference.
    while played.count > recorded.count, let last = played.last, last.time > end { played.removeLast() }
    let wanted = recorded.map { Self.comparable($0.text) }
    let got = played.map { Self.comparable($0.text) }
    var (left, right, same) = (0, 0, 0)
    while left < wanted.count || right < got.count {
      if left < wanted.count, right < got.count, wanted[left] == got[right] {
        (left, right, same) = (left + 1, right + 1, same + 1)
        continue
      }
      let (missing, extra) = Self.apart(wanted[left...], got[right...])
      for index in left..<left + missing { note("recorded only", recorded[index]) }
      for index in right..<right + extra { note("replayed only", played[index]) }
      left += missing
      right += extra
    }
    text +=
      "\(sent) lines played, \(wanted.count) replies recorded, \(got.count) replayed, \(same) the same\n"
  }

  /// How many to skip on either side until they agree again: as few as possible together.
  private static func apart(
    _ wanted: ArraySlice<[UInt8]>, _ got: ArraySlice<[UInt8]>
  ) -> (missing: Int, extra: Int) {
    for skipped in 1...lookAhead {
      for missing in 0...skipped {
        let extra = skipped - missing
        guard missing < wanted.count, extra < got.count else { continue }
        if wanted[wanted.startIndex + missing] == got[got.startIndex + extra] { return (missing, extra) }
      }
    }
    return (min(wanted.count, lookAhead), min(got.count, lookAhead))
  }

  private mutating func note(_ what: String, _ reply: Reply) {
    differs = true
    let decimals = String(1_000_000_000 + reply.time % 1_000_000_000).dropFirst()
    text +=
      "\(reply.time / 1_000_000_000).\(decimals) \(what): \(String(decoding: reply.text, as: UTF8.self))\n"
  }

  /// The line with `#` for numbers with a point, and for every number of a report or of an `ok` that tells of rooms.
  private static func comparable(_ line: [UInt8]) -> [UInt8] {
    let isReport = line.first == UInt8(ascii: "<") || line.contains(UInt8(ascii: "@"))
    let isOk = line.starts(with: "ok ".utf8)
    var masked: [UInt8] = []
    var index = 0
    while index < line.count {
      let byte = line[index]
      let follows = index > 0 ? line[index - 1] : 32
      guard digit(byte) != nil || byte == UInt8(ascii: "-") else {
        masked.append(byte)
        index += 1
        continue
      }
      var end = index + 1
      while end < line.count, digit(line[end]) != nil || line[end] == UInt8(ascii: ".") { end += 1 }
      let isRoom = isOk && (follows == UInt8(ascii: "P") || follows == UInt8(ascii: "B"))
      if isReport || isRoom || line[index..<end].contains(UInt8(ascii: ".")) {
        masked.append(UInt8(ascii: "#"))
      } else {
        masked.append(contentsOf: line[index..<end])
      }
      index = end
    }
    return masked
  }
}
