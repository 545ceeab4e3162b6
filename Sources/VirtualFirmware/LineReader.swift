/// Bytes in, lines out, and what the firmware's reader thinks of their numbers and checksums.
///
/// The firmwares differ in nearly everything a damaged line can show: that is where a host that knows only one of them is
/// wrong about another. Each has its rules in an extension of its own.
struct LineReader: Sendable {
  /// What became of the byte just read.
  enum OnByte: Sendable, Equatable {
    /// More bytes are needed, or the line was empty, a comment, or dropped without a word.
    case nothing
    /// `line` holds a command for the queue.
    case command
    /// The line is rejected with this text.
    case rejected(Rejection)
    /// The line has done its work (`M110`, nothing at all) and gets its `ok` at once.
    case done
    /// Repetier only: the number has been seen, `skip n` and `ok` follow.
    case skipped(Int32)
    /// Smoothieware only: a number with nothing behind it was counted, and gets no answer.
    case counted
    /// Smoothieware only: `ok - ignored`.
    case ignored
    /// RepRapFirmware only: too long to be executed.
    case tooLong
  }

  /// Why a line was rejected.
  enum Rejection: Sendable, Equatable {
    case lineNumber
    case checksum
    case noChecksum
    /// Marlin 1.0: no `Resend` and no `ok` follow.
    case noLineNumber
    /// Repetier: the line did not come to its end.
    case unfinished
  }

  /// Number of the last line taken; 32 bits as on the boards.
  var lastNumber: Int32 = 0
  /// The same before the line just read (Prusa).
  var numberBefore: Int32 = 0
  /// The bytes of the line read last, valid after `.command`.
  var line: [UInt8] = []
  /// Lines dropped without any reply because their number had been seen.
  var repeatsDropped: Int64 = 0

  /// Lines out of turn that are still skipped after a resend; negative when none was asked for.
  var staleLinesLeft = -1

  let rules: FirmwareProfile.LineRules
  let limit: Int
  let staleLines: Int
  var pending: [UInt8] = []
  var ignoring = false
  var escaped = false

  init(_ profile: FirmwareProfile) {
    rules = profile.lineRules
    limit = profile.maxCommandSize - 1
    staleLines = profile.staleLines
  }

  mutating func read(_ byte: UInt8) -> OnByte {
    switch rules {
    case .marlin2: readMarlin2(byte)
    case .marlin1: readMarlin1(byte)
    case .prusa: readPrusa(byte)
    case .repetier: readRepetier(byte)
    case .repRapFirmware: readRepRap(byte)
    case .smoothie, .klipper: readWhole(byte)
    }
  }

  /// Forgets the unfinished line, as after a rejection.
  mutating func dropPending() {
    pending.removeAll(keepingCapacity: true)
  }

  /// Half a line has been read.
  var isInLine: Bool { !pending.isEmpty }

  /// What was pending is the line now.
  mutating func takePending() {
    swap(&line, &pending)
    pending.removeAll(keepingCapacity: true)
  }

  // MARK: Shared

  /// The line is a C string to the firmware: it ends at the first zero byte.
  mutating func cutAtZero() {
    if let zero = line.firstIndex(of: 0) { line.removeSubrange(zero...) }
  }

  func exclusiveOr(_ bytes: ArraySlice<UInt8>) -> UInt8 {
    var sum: UInt8 = 0
    for byte in bytes { sum ^= byte }
    return sum
  }

  func position(of text: StaticString, from start: Int) -> Int? {
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
