/// Bytes in, lines out, and what the firmware's reader thinks of their numbers and checksums.
///
/// The two dialects differ in nearly everything a damaged line can show: `lines` of both recordings side by side tell
/// how. What they share is the order: number, checksum, then the few commands that act before their turn.
struct LineReader: Sendable {
  /// What became of the byte just read.
  enum OnByte: Sendable, Equatable {
    /// More bytes are needed, or the line was empty, a comment, or dropped without a word.
    case nothing
    /// `line` holds a command for the queue.
    case command
    /// The line is rejected with this text.
    case rejected(Rejection)
  }

  /// Why a line was rejected.
  enum Rejection: Sendable, Equatable {
    case lineNumber
    case checksum
    case noChecksum
    /// Marlin 1.0 only: no `Resend` and no `ok` follow.
    case noLineNumber
  }

  /// Number of the last line taken; 32 bits as on the boards.
  var lastNumber: Int32 = 0
  /// The bytes of the line read last, valid after `.command`.
  private(set) var line: [UInt8] = []
  /// Lines dropped without any reply because their number had been seen.
  private(set) var repeatsDropped: Int64 = 0

  private let rules: FirmwareProfile.LineRules
  private let limit: Int
  private var pending: [UInt8] = []
  private var ignoring = false
  private var escaped = false

  init(rules: FirmwareProfile.LineRules, maxCommandSize: Int) {
    self.rules = rules
    limit = maxCommandSize - 1
  }

  mutating func read(_ byte: UInt8) -> OnByte {
    switch rules {
    case .marlin2: readMarlin2(byte)
    case .marlin1: readMarlin1(byte)
    }
  }

  /// Forgets the unfinished line, as after a rejection.
  mutating func dropPending() {
    pending.removeAll(keepingCapacity: true)
  }

  // MARK: Marlin 2.1

  private mutating func readMarlin2(_ byte: UInt8) -> OnByte {
    if byte == 10 || byte == 13 {
      ignoring = false
      escaped = false
      if pending.isEmpty { return .nothing }
      swap(&line, &pending)
      pending.removeAll(keepingCapacity: true)
      return judgeMarlin2()
    }
    if ignoring { return .nothing }
    if escaped {
      escaped = false
    } else if byte == UInt8(ascii: "\\") {
      escaped = true
      return .nothing
    } else if byte == UInt8(ascii: ";") {
      ignoring = true
      return .nothing
    }
    if byte == 8 {
      if !pending.isEmpty { pending.removeLast() }
    } else {
      pending.append(byte)
      if pending.count >= limit { ignoring = true }
    }
    return .nothing
  }

  private mutating func judgeMarlin2() -> OnByte {
    cutAtZero()
    let start = line.firstIndex { $0 != UInt8(ascii: " ") } ?? line.endIndex
    guard start < line.endIndex, line[start] == UInt8(ascii: "N") else { return .command }
    let setsNumber = position(of: "M110", from: start) != nil
    var numberMark = start
    if setsNumber, start + 4 <= line.endIndex,
      let second = line[(start + 4)...].firstIndex(of: UInt8(ascii: "N"))
    {
      numberMark = second
    }
    let number = leadingInteger(line[(numberMark + 1)...])
    if number != lastNumber &+ 1 && !setsNumber {
      if number == lastNumber || number == lastNumber &- 1 {
        repeatsDropped += 1
        return .nothing
      }
      return .rejected(.lineNumber)
    }
    guard let star = line.lastIndex(of: UInt8(ascii: "*")), star >= start else {
      return .rejected(.noChecksum)
    }
    if Int32(exclusiveOr(line[start..<star])) != leadingInteger(line[(star + 1)...]) {
      return .rejected(.checksum)
    }
    lastNumber = number
    return .command
  }

  // MARK: Marlin 1.0

  private mutating func readMarlin1(_ byte: UInt8) -> OnByte {
    let ends =
      byte == 10 || byte == 13 || (byte == UInt8(ascii: ":") && !ignoring) || pending.count >= limit
    if !ends {
      if byte == UInt8(ascii: ";") { ignoring = true }
      if !ignoring { pending.append(byte) }
      return .nothing
    }
    if pending.isEmpty {
      ignoring = false
      return .nothing
    }
    swap(&line, &pending)
    pending.removeAll(keepingCapacity: true)
    // The comment mode is left on: the next line is lost as well.
    return ignoring ? .nothing : judgeMarlin1()
  }

  private mutating func judgeMarlin1() -> OnByte {
    cutAtZero()
    let star = line.firstIndex(of: UInt8(ascii: "*"))
    guard let mark = line.firstIndex(of: UInt8(ascii: "N")) else {
      return star == nil ? .command : .rejected(.noLineNumber)
    }
    let number = leadingInteger(line[(mark + 1)...])
    if number != lastNumber &+ 1 && position(of: "M110", from: 0) == nil { return .rejected(.lineNumber) }
    guard let star else { return .rejected(.noChecksum) }
    if Int32(exclusiveOr(line[..<star])) != leadingInteger(line[(star + 1)...]) {
      return .rejected(.checksum)
    }
    lastNumber = number
    return .command
  }

  // MARK: Shared

  /// The line is a C string to the firmware: it ends at the first zero byte.
  private mutating func cutAtZero() {
    if let zero = line.firstIndex(of: 0) { line.removeSubrange(zero...) }
  }

  private func exclusiveOr(_ bytes: ArraySlice<UInt8>) -> UInt8 {
    var sum: UInt8 = 0
    for byte in bytes { sum ^= byte }
    return sum
  }

  private func position(of text: StaticString, from start: Int) -> Int? {
    let length = text.utf8CodeUnitCount
    if line.count - start < length { return nil }
    for candidate in start...(line.count - length) where line[candidate..<candidate + length].spells(text) {
      return candidate
    }
    return nil
  }
}

/// Reads an integer as C's `strtol` does on a board with 32-bit `long`: blanks, a sign, digits, clamped; 0 for none.
func leadingInteger(_ bytes: ArraySlice<UInt8>) -> Int32 {
  var value: Int64 = 0
  var negative = false
  var begun = false
  for byte in bytes {
    if isDigit(byte) {
      begun = true
      value = min(value * 10 + Int64(byte - UInt8(ascii: "0")), 1 << 40)
    } else if begun {
      break
    } else if byte == UInt8(ascii: "-") || byte == UInt8(ascii: "+") {
      negative = byte == UInt8(ascii: "-")
      begun = true
    } else if byte != UInt8(ascii: " ") && byte != 9 {
      break
    }
  }
  let signed = negative ? -value : value
  return Int32(max(Int64(Int32.min), min(Int64(Int32.max), signed)))
}
