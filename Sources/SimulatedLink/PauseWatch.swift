/// Makes the one fault that a measurement asks for, and takes the time until the stream goes on.
///
/// For a lost `ok`: from when it would have been read until the host writes the next line of the file. For a damaged line
/// end: from when the line was written until the firmware has taken it. The cable's own time is part of both.
public struct PauseWatch: Sendable {
  /// When the fault was made; nil before.
  public private(set) var madeAt: Int64?
  /// When the stream went on; nil before.
  public private(set) var overAt: Int64?

  private var oks = 0
  private var column = 0
  private var isDropping = false
  private var highest: Int64 = 0
  private var damaged: Int64?

  /// How long the stream stood; nil where no fault was made or the stream never went on.
  public var nanoseconds: Int64? {
    guard let madeAt, let overAt else { return nil }
    return overAt - madeAt
  }

  mutating func sees(sent bytes: inout [UInt8], cable: LinkFaults, now: Int64) {
    guard cable.losesOk != nil || cable.damagesLineEnd != nil, cable.marksOk == nil else { return }
    var start = 0
    while let end = bytes[start...].firstIndex(of: 10) {
      defer { start = end + 1 }
      guard let number = Self.fileLine(bytes[start..<end]), number > highest else { continue }
      highest = number
      if madeAt != nil, damaged == nil, overAt == nil { overAt = now }
      if madeAt == nil, let line = cable.damagesLineEnd, number > line {
        madeAt = now
        damaged = number
        bytes[end] ^= 0x40
      }
    }
  }

  mutating func sees(received bytes: inout [UInt8], cable: LinkFaults, now: Int64) {
    if let marked = cable.marksOk { return seesMark(bytes, marked, now) }
    guard let wanted = cable.losesOk, madeAt == nil || isDropping else { return }
    var kept: [UInt8] = []
    for byte in bytes {
      if column == 0, byte == UInt8(ascii: "o"), madeAt == nil {
        oks += 1
        isDropping = oks == wanted
        if isDropping { madeAt = now }
      }
      if !isDropping { kept.append(byte) }
      column = byte == 10 ? 0 : column + 1
      if byte == 10 { isDropping = false }
    }
    bytes = kept
  }

  private mutating func seesMark(_ bytes: [UInt8], _ marked: Int, _ now: Int64) {
    for byte in bytes {
      if column == 0, byte == UInt8(ascii: "o") {
        oks += 1
        if oks == marked { madeAt = now }
        if oks == marked + 1 { overAt = now }
      }
      column = byte == 10 ? 0 : column + 1
    }
  }

  mutating func sees(taken number: Int32, now: Int64) {
    if let damaged, overAt == nil, Int64(number) >= damaged { overAt = now }
  }

  /// The number of a line that carries one of the file's, which our own questions are not.
  private static func fileLine(_ line: ArraySlice<UInt8>) -> Int64? {
    guard line.first == UInt8(ascii: "N"), let blank = line.firstIndex(of: UInt8(ascii: " ")) else {
      return nil
    }
    var number: Int64 = 0
    for digit in line[(line.startIndex + 1)..<blank] { number = number * 10 + Int64(digit) - 48 }
    let text = line[(blank + 1)...]
    return OwnLine.isOne(text) ? nil : number
  }
}

/// Lines that the session sends on its own account; the files of this module hold none of them.
enum OwnLine {
  private static let words = [
    "M108", "M876", "M27", "M105", "M110", "M114", "M115", "M155", "M400", "M408",
  ].map { Array($0.utf8) }

  static func isOne(_ text: some Collection<UInt8>) -> Bool { words.contains { text.starts(with: $0) } }
}
