/// Reads one line of a GRBL: which of the known replies it is, and the numbers in it.
struct GrblReplyScanner {
  let bytes: UnsafeBufferPointer<UInt8>
  let range: Range<Int>
  var position: Int
  /// Where the words of the reply stand.
  var words = 0..<0

  init(bytes: UnsafeBufferPointer<UInt8>, range: Range<Int>) {
    self.bytes = bytes
    self.range = range
    position = range.lowerBound
  }

  /// What the line is; nil where it is none of the known ones.
  mutating func read() -> GrblReply? {
    guard position < range.upperBound else { return nil }
    switch bytes[position] {
    case UInt8(ascii: "o"):
      return range.count == 2 && bytes[position + 1] == UInt8(ascii: "k") ? .ok(isClean: true) : nil
    case UInt8(ascii: "e"): return code("error:").map { .error($0) }
    case UInt8(ascii: "A"): return code("ALARM:").map { .alarm($0) }
    case UInt8(ascii: "<"): return status()
    case UInt8(ascii: "$"): return setting()
    case UInt8(ascii: "["): return bracket()
    case UInt8(ascii: "G"):
      if take("GrblHAL ") { return .banner(isHAL: true) }
      return take("Grbl ") ? .banner(isHAL: false) : nil
    default: return nil
    }
  }

  /// A line that is none of the known ones: an answer of which a bit was flipped, words, or noise.
  mutating func readDamaged() -> GrblReply {
    if range.count == 2, isNear("ok") { return .ok(isClean: false) }
    if isNear("error:"), range.count <= 9 { return .error(number(from: range.lowerBound + 6) ?? -1) }
    if isNear("ALARM:"), range.count <= 9 { return .alarm(number(from: range.lowerBound + 6) ?? -1) }
    if isNear("Grbl ") { return .banner(isHAL: false) }
    if isNear("GrblHAL ") { return .banner(isHAL: true) }
    if let code = errorBehindPiece() { return .error(code) }
    for index in range where bytes[index] < 32 || bytes[index] > 126 {
      return .garbage(couldBeAnswer: !looksLikeStatus)
    }
    if looksLikeStatus { return .garbage(couldBeAnswer: false) }
    // Startup lines are echoed: `>G21:ok`, `>:error:7`.
    if bytes[range.lowerBound] == UInt8(ascii: ">") { return .text }
    return range.count < 9 ? .garbage(couldBeAnswer: true) : .text
  }

  /// `oerror:24`, `<Run|MPos:0.6error:2`: what is left of another answer stands in front of a refusal. Messages are in brackets.
  private func errorBehindPiece() -> Int32? {
    guard range.count > 7, !"[>".utf8.contains(bytes[range.lowerBound]),
      !"]>".utf8.contains(bytes[range.upperBound - 1])
    else { return nil }
    for start in range.dropFirst() {
      var scanner = GrblReplyScanner(bytes: bytes, range: start..<range.upperBound)
      if let code = scanner.code("error:") { return code }
    }
    return nil
  }

  private var looksLikeStatus: Bool {
    range.count > 12
      && (bytes[range.lowerBound] == UInt8(ascii: "<") || bytes[range.upperBound - 1] == UInt8(ascii: ">"))
  }

  /// Whether the line begins like `text` but for one bit.
  private func isNear(_ text: StaticString) -> Bool {
    guard range.count >= text.utf8CodeUnitCount else { return false }
    var wrong = 0
    for index in 0..<text.utf8CodeUnitCount {
      wrong += (bytes[range.lowerBound + index] ^ text.utf8Start[index]).nonzeroBitCount
    }
    return wrong <= 1
  }

  // MARK: Pieces

  mutating func take(_ text: StaticString) -> Bool {
    let count = text.utf8CodeUnitCount
    guard range.upperBound - position >= count else { return false }
    for index in 0..<count where bytes[position + index] != text.utf8Start[index] { return false }
    position += count
    return true
  }

  mutating func take(_ byte: UInt8) -> Bool {
    guard position < range.upperBound, bytes[position] == byte else { return false }
    position += 1
    return true
  }

  /// A whole number of up to six digits behind the place; nil where something else stands there.
  private func number(from start: Int) -> Int32? {
    guard start < range.upperBound, range.upperBound - start <= 6 else { return nil }
    var value: Int32 = 0
    for index in start..<range.upperBound {
      guard ASCII.isDigit(bytes[index]) else { return nil }
      value = value * 10 + Int32(bytes[index] - ASCII.zero)
    }
    return value
  }

  private mutating func code(_ word: StaticString) -> Int32? {
    guard take(word) else { return nil }
    // A damaged number is still an answer of this kind.
    return number(from: position) ?? -1
  }

  /// A number with sign, digits and point; nil where none stands there.
  mutating func decimal() -> Double? {
    let isNegative = take(ASCII.minus)
    var mantissa: Int64 = 0
    var divisor: Double = 1
    var digits = 0
    var isFraction = false
    while position < range.upperBound, digits < 17 {
      let byte = bytes[position]
      if byte == ASCII.point, !isFraction {
        isFraction = true
      } else if ASCII.isDigit(byte) {
        mantissa = mantissa * 10 + Int64(byte - ASCII.zero)
        if isFraction { divisor *= 10 }
        digits += 1
      } else {
        break
      }
      position += 1
    }
    guard digits > 0 else { return nil }
    return (isNegative ? -1 : 1) * Double(mantissa) / divisor
  }

  mutating func whole() -> Int32? {
    var value: Int32 = 0
    var digits = 0
    while position < range.upperBound, ASCII.isDigit(bytes[position]), digits < 8 {
      value = value * 10 + Int32(bytes[position] - ASCII.zero)
      digits += 1
      position += 1
    }
    return digits > 0 ? value : nil
  }

  /// `1.000,2.000,3.000` and further axes, which are skipped.
  private mutating func point() -> GrblPoint? {
    guard let x = decimal(), take(UInt8(ascii: ",")), let y = decimal(), take(UInt8(ascii: ",")),
      let z = decimal()
    else { return nil }
    while take(UInt8(ascii: ",")) { guard decimal() != nil else { return nil } }
    return GrblPoint(x: x, y: y, z: z)
  }

  // MARK: Replies

  private mutating func setting() -> GrblReply? {
    position += 1
    guard let number = whole(), take(UInt8(ascii: "=")) else {
      // `$N0=` lists the startup lines.
      return bytes[range.lowerBound] == UInt8(ascii: "$") && position < range.upperBound ? .text : nil
    }
    let value = decimal()
    guard let value, position == range.upperBound || bytes[position] == ASCII.space else { return .text }
    return .setting(number: number, value: value)
  }

  private mutating func bracket() -> GrblReply? {
    guard range.count > 2, bytes[range.upperBound - 1] == UInt8(ascii: "]") else { return nil }
    position += 1
    let end = range.upperBound - 1
    if take("GC:") { return words(to: end, .modes) }
    if take("MSG:") { return words(to: end, .message) }
    if take("VER:") { return words(to: end, .version) }
    if take("FIRMWARE:") { return words(to: end, .firmware) }
    if take("OPT:") {
      while position < end, bytes[position] != UInt8(ascii: ",") { position += 1 }
      guard take(UInt8(ascii: ",")), let blocks = whole(), take(UInt8(ascii: ",")), let buffer = whole()
      else {
        return .text
      }
      return .options(blocks: blocks, buffer: buffer)
    }
    if take("G"), let number = whole(), take(ASCII.colon), let offset = Self.offset(number) {
      guard let point = point(), position == end else { return nil }
      return .offset(offset, point)
    }
    return .text
  }

  private mutating func words(to end: Int, _ reply: GrblReply) -> GrblReply {
    words = position..<end
    return reply
  }

  private static func offset(_ number: Int32) -> GrblOffset? {
    switch number {
    case 54...59: GrblOffset(rawValue: UInt8(number - 54))
    case 28: .g28
    case 30: .g30
    case 92: .g92
    default: nil
    }
  }

  private mutating func status() -> GrblReply? {
    guard range.count > 4, bytes[range.upperBound - 1] == UInt8(ascii: ">") else { return nil }
    position += 1
    guard let state = state() else { return nil }
    var status = GrblStatus(state: state)
    let end = range.upperBound - 1
    while position < end {
      guard take(UInt8(ascii: "|")) else { return nil }
      if take("MPos:") {
        guard let point = point() else { return nil }
        status.machine = point
      } else if take("WPos:") {
        guard let point = point() else { return nil }
        status.work = point
      } else if take("WCO:") {
        guard let point = point() else { return nil }
        status.offset = point
      } else if take("Bf:") {
        guard let blocks = whole(), take(UInt8(ascii: ",")), let free = whole() else { return nil }
        status.plannerFree = blocks
        status.bufferFree = free
      } else if take("FS:") {
        guard let feed = decimal(), take(UInt8(ascii: ",")), let speed = decimal() else { return nil }
        status.feedrate = feed
        status.spindle = speed
        // grblHAL adds the measured speed.
        if take(UInt8(ascii: ",")) { guard decimal() != nil else { return nil } }
      } else if take("F:") {
        guard let feed = decimal() else { return nil }
        status.feedrate = feed
      } else if take("Pn:") {
        while position < end, bytes[position] != UInt8(ascii: "|") {
          if bytes[position] == UInt8(ascii: "H") { status.isHoldPressed = true }
          position += 1
        }
      } else if take("Ov:") {
        guard let feed = whole() else { return nil }
        status.feedOverride = feed
        skipField(end)
      } else {
        skipField(end)
      }
      guard position == end || bytes[position] == UInt8(ascii: "|") else { return nil }
    }
    return .status(status)
  }

  private mutating func skipField(_ end: Int) {
    while position < end, bytes[position] != UInt8(ascii: "|") { position += 1 }
  }

  private mutating func state() -> GrblState? {
    let state: GrblState
    if take("Idle") {
      state = .idle
    } else if take("Run") {
      state = .run
    } else if take("Hold:") {
      guard let part = whole() else { return nil }
      return part == 0 ? .held : .holding
    } else if take("Jog") {
      state = .jog
    } else if take("Alarm") {
      state = .alarm
      if take(ASCII.colon) { _ = whole() }
    } else if take("Door") {
      state = .door
      if take(ASCII.colon) { _ = whole() }
    } else if take("Check") {
      state = .check
    } else if take("Home") {
      state = .home
    } else if take("Sleep") {
      state = .sleep
    } else if take("Tool") {
      state = .tool
    } else {
      return nil
    }
    // grblHAL may add a substate.
    if take(ASCII.colon) { _ = whole() }
    return state
  }
}
